"""`interlace connection`: each wrong setting is named with its remedy, and secrets are never shown."""

import io
import sqlite3
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Self

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace, served

from interlace.bootstrap.sandbox_server import LOOPBACK, listen
from interlace.sandbox.crm.sandbox import SandboxOptions, create_crm_sandbox
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import seed_company


def checks_of(interlace: Interlace) -> dict[str, dict[str, str]]:
    """The lines of `connection test` by what was checked."""
    return {each["check"]: each for each in interlace("connection", "test", "--json").objects}


def unused_address() -> str:
    """An address of this machine where nothing answers."""
    with listen(0) as held:
        port = held.getsockname()[1]
    return f"http://{LOOPBACK}:{port}"


def test_a_right_connection_passes_every_check(connected: Interlace) -> None:
    """Each of the things that must be right has a line of its own."""
    ended = connected("connection", "test", "--json")
    assert ended.code == 0
    assert {each["state"] for each in ended.objects} == {"ok"}
    assert [each["check"] for each in ended.objects] == [
        "ERP address",
        "ERP sign-in",
        "ERP company",
        "ERP web services",
        "CRM address",
        "CRM sign-in",
        "CRM organization",
        "CRM solution",
        "Privileges",
        "CRM change tracking",
        "Currency",
    ]


def test_testing_a_connection_does_not_enable_it(connected: Interlace) -> None:
    """A test only reads, and says how to go on."""
    assert "interlace connection enable main" in connected("connection", "test").err
    assert connected("connection", "show", "--json").only["enabled"] is False


@pytest.mark.parametrize(
    ("option", "wrong", "check", "words", "code"),
    [
        (
            "--erp",
            "{nowhere}/BC",
            "ERP address",
            "The ERP does not answer: {nowhere} can't be reached: Connection refused",
            4,
        ),
        ("--erp", "{erp_host}/Wrong", "ERP address", "Wrong", 4),
        ("--erp", "{crm}", "ERP address", "{crm}", 4),
        ("--company", "Sydlicht", "ERP company", "no company 'Sydlicht'", 4),
        ("--erp-user", "NOBODY", "ERP sign-in", "does not accept our sign-in", 5),
        ("--erp-key-file", "{wrong_file}", "ERP sign-in", "does not accept our sign-in", 5),
        ("--crm", "{nowhere}", "CRM address", "{nowhere} can't be reached", 4),
        ("--crm", "{erp_host}", "CRM address", "CRM", 4),
        ("--token-url", "{nowhere}/token", "CRM address", "{nowhere} can't be reached", 4),
        ("--token-url", "{crm}/nothing-here", "CRM sign-in", "no sign-in service at {crm}/nothing-here", 5),
        ("--client-id", "somebody", "CRM sign-in", "somebody: AADSTS700016", 5),
        ("--crm-secret-file", "{wrong_file}", "CRM sign-in", "AADSTS7000215: Invalid client secret", 5),
    ],
)
def test_a_wrong_setting_is_named_with_the_option_that_corrects_it(
    interlace: Interlace,
    both_ends: BothEnds,
    tmp_path: Path,
    option: str,
    wrong: str,
    check: str,
    words: str,
    code: int,
) -> None:
    """Wrong address, company, user, key, client or secret: one line says which, and what to run."""
    wrong_file = tmp_path / "wrong.txt"
    wrong_file.write_text("not-the-secret", encoding="utf-8")
    places = {
        "nowhere": unused_address(),
        "erp_host": both_ends.erp_address.removesuffix("/BC"),
        "crm": both_ends.crm_address,
        "wrong_file": str(wrong_file),
    }
    changed = {option.removeprefix("--").replace("-", "_"): wrong.format(**places)}
    assert interlace("connection", "add", NAME, *both_ends.options(**changed)).code == 0
    ended = interlace("connection", "test", "--json")
    (problem,) = [each for each in ended.objects if each["state"] == "problem"]
    assert problem["check"] == check
    assert words.format(**places) in problem["message"]
    assert option in problem["remedy"]
    assert "not-the-secret" not in ended.out + ended.err
    assert ended.code == code


def test_an_unknown_company_is_told_with_those_that_exist(interlace: Interlace, both_ends: BothEnds) -> None:
    """Whoever mistyped the name sees the right one."""
    interlace("connection", "add", NAME, *both_ends.options(company="Nordlich"))
    assert "It has: Nordlicht" in checks_of(interlace)["ERP company"]["remedy"]


def test_both_ends_problems_are_told_at_once(interlace: Interlace, both_ends: BothEnds) -> None:
    """Nobody has to correct one end to hear of the other."""
    options = both_ends.options(company="Sydlicht", client_id="somebody")
    interlace("connection", "add", NAME, *options)
    found = checks_of(interlace)
    assert {name for name, each in found.items() if each["state"] == "problem"} == {
        "ERP company",
        "CRM sign-in",
    }


def test_different_currencies_are_refused(interlace: Interlace, both_ends: BothEnds, tmp_path: Path) -> None:
    """A company that keeps its books in another currency than the CRM can't be connected."""
    erp = create_erp_sandbox(
        tmp_path / "erp", ErpSandboxOptions(seed=lambda: [("General_Ledger_Setup", {"LCY_Code": "GBP"})])
    )
    with served(erp) as address:
        interlace("connection", "add", NAME, *both_ends.options(erp=f"{address}/BC"))
        interlace("connection", "change", NAME, "--erp-key-file", _written(tmp_path, erp.access_key))
        currency = checks_of(interlace)["Currency"]
        refused = interlace("connection", "enable")
    erp.close()
    assert currency["state"] == "problem"
    assert "GBP" in currency["message"]
    assert "EUR" in currency["message"]
    assert refused.code == 4


def test_a_crm_without_the_solution_is_told(
    interlace: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """The columns that name the ERP partner come with our solution."""
    crm = create_crm_sandbox(tmp_path / "crm", SandboxOptions(enforces_privileges=False))
    with served(crm) as address:
        token_url = f"{address}/{crm.options.tenant_id}/oauth2/v2.0/token"
        interlace("connection", "add", NAME, *both_ends.options(crm=address, token_url=token_url))
        ended = interlace("connection", "test", "--json")
    crm.close()
    problems = [each for each in ended.objects if each["state"] == "problem"]
    assert {each["check"] for each in problems} == {"CRM solution"}
    assert any("account lacks the columns ilc_companyid" in each["message"] for each in problems)
    assert "Import the Interlace solution" in problems[0]["remedy"]


def test_enabling_learns_from_both_ends(connected: Interlace) -> None:
    """After that the connection knows company, organization, currency and default price list."""
    ended = connected("connection", "enable", "--json")
    assert ended.code == 0
    shown = connected("connection", "show", NAME, "--json").only
    assert shown == ended.only
    assert shown["enabled"] is True
    assert shown["local_currency_code"] == "EUR"
    assert all(shown[name] for name in ("erp_company_id", "crm_organization_id", "default_price_list_id"))


def test_enabling_a_wrong_connection_changes_nothing(interlace: Interlace, both_ends: BothEnds) -> None:
    """The problems are shown, and the connection stays as it was."""
    interlace("connection", "add", NAME, *both_ends.options(company="Sydlicht"))
    ended = interlace("connection", "enable")
    assert ended.code == 4
    assert "Sydlicht" in ended.out
    assert "Not enabled" in ended.err
    assert interlace("connection", "show", "--json").only["enabled"] is False


def test_a_disabled_connection_refuses_to_synchronize(synchronized: Interlace) -> None:
    """Disabling stops the use, not the memory."""
    assert synchronized("connection", "disable", "--json").only["enabled"] is False
    refused = synchronized("synch", "CURRENCY")
    assert refused.code == 4
    assert "interlace connection enable main" in refused.err
    assert synchronized("couplings", "list", "--json").objects[1]["couplings"] > 0


def test_security_s3_secrets_are_never_shown_nor_stored_in_the_clear(
    connected: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """Only whether they are stored is told."""
    secrets = [both_ends.erp_key_file.read_text().strip(), both_ends.crm_secret_file.read_text()]
    outputs = [
        connected("connection", "show", "--json"),
        connected("connection", "list"),
        connected("doctor"),
    ]
    assert outputs[0].only["erp_access_key"] == outputs[0].only["crm_client_secret"] == "stored"
    with sqlite3.connect(tmp_path / "state" / "interlace.db") as database:
        dump = "\n".join(database.iterdump())
    database.close()
    for secret in secrets:
        assert all(secret not in each.out + each.err for each in outputs)
        assert secret not in dump


def test_secrets_come_from_the_environment_or_standard_input(
    interlace: Interlace, both_ends: BothEnds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither ever stands on a command line."""
    options = both_ends.options()
    without_files = options[: options.index("--erp-key-file")]
    monkeypatch.setenv("INTERLACE_ERP_ACCESS_KEY", both_ends.erp_key_file.read_text())
    monkeypatch.setattr("sys.stdin", io.StringIO(both_ends.crm_secret_file.read_text()))
    assert interlace("connection", "add", NAME, *without_files, "--crm-secret-file", "-").code == 0
    assert interlace("connection", "test").code == 0


def test_a_missing_secret_is_told_with_both_ways_to_give_it(
    interlace: Interlace, both_ends: BothEnds
) -> None:
    """Option and environment variable are named for each."""
    options = both_ends.options()
    ended = interlace("connection", "add", NAME, *options[: options.index("--erp-key-file")])
    assert ended.code == 4
    for words in (
        "--erp-key-file",
        "INTERLACE_ERP_ACCESS_KEY",
        "--crm-secret-file",
        "INTERLACE_CRM_CLIENT_SECRET",
    ):
        assert words in ended.err


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"erp": "erp.example"}, "ERP address 'erp.example' is no web address"),
        ({"crm": "ftp://crm.example"}, "CRM address"),
        ({"token_url": "https://login:example/token"}, "token address"),
        ({"erp": "http://user:secret@erp.example/BC"}, "ERP address"),
        ({"company": " "}, "company is blank"),
        ({"erp_key_file": "/nowhere/key"}, "--erp-key-file"),
        ({"erp_key_file": "-", "crm_secret_file": "-"}, "standard input"),
    ],
)
def test_security_o1_unusable_arguments_are_refused_before_anything_is_stored(
    interlace: Interlace, both_ends: BothEnds, changed: dict[str, str], words: str
) -> None:
    """The text names the argument; no half connection is left."""
    ended = interlace("connection", "add", NAME, *both_ends.options(**changed))
    assert ended.code == 4
    assert words in ended.err
    assert "Traceback" not in ended.err
    assert interlace("connection", "list", "--json").objects == []


def test_a_name_is_given_once(connected: Interlace, both_ends: BothEnds) -> None:
    """A second connection of the same name is refused with what to do."""
    ended = connected("connection", "add", NAME, *both_ends.options())
    assert ended.code == 4
    assert "exists already" in ended.err


def test_another_address_disables_a_connection(synchronized: Interlace, both_ends: BothEnds) -> None:
    """It might lead to other records; only a new test lets it be used again."""
    moved = ("--erp", f"{unused_address()}/BC", "--erp-key-file", str(both_ends.erp_key_file))
    changed = synchronized("connection", "change", NAME, *moved, "--json")
    assert changed.only["enabled"] is False
    assert "interlace connection enable main" in changed.err


def test_security_s2_a_stored_secret_does_not_follow_to_another_address(
    connected: Interlace, both_ends: BothEnds
) -> None:
    """Whoever may change an address but doesn't know the secret can't have it sent to a host of his own."""
    elsewhere = unused_address()
    for option, wanted in (
        ("--erp", "--erp-key-file"),
        ("--crm", "--crm-secret-file"),
        ("--token-url", "--crm-secret-file"),
    ):
        refused = connected("connection", "change", NAME, option, f"{elsewhere}/BC")
        assert refused.code == 4
        assert f"Enter it again in the same command: {wanted} FILE" in refused.err
    shown = connected("connection", "show", "--json").only
    assert (shown["erp_address"], shown["enabled"]) == (both_ends.erp_address, False)


def test_security_s2_an_address_changed_in_the_database_gets_no_secret(
    connected: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """The secret is sealed to its address: it can't even be opened, whoever wrote the other one."""
    with sqlite3.connect(tmp_path / "state" / "interlace.db") as database:
        [(before,)] = database.execute("SELECT settings FROM connection").fetchall()
        after = before.replace(both_ends.erp_address, f"{unused_address()}/BC")
        database.execute("UPDATE connection SET settings = ?", (after,))
    database.close()
    ended = connected("connection", "test")
    assert ended.code == 4
    assert "entered for other addresses" in ended.err


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://10.0.0.5/BC", "--erp-internal-host"),
        ("https://[fd12::1]/BC", "--erp-internal-host"),
        ("https://169.254.169.254/BC", "no place where a service can be"),
        ("https://0x7f.1/BC", "written in an unusual way"),
        ("https://2130706433/BC", "written in an unusual way"),
        ("https://erp.example:22/BC", "written in an unusual way"),
    ],
)
def test_security_o1_o2_an_address_inside_the_own_network_must_be_allowed(
    interlace: Interlace, both_ends: BothEnds, address: str, words: str
) -> None:
    """Nothing is sent to hosts that nobody meant: the cloud's own services, machines beside us, other ports."""
    ended = interlace("connection", "add", NAME, *both_ends.options(erp=address))
    assert ended.code == 4
    assert words in ended.err
    assert interlace("connection", "list", "--json").objects == []


def test_an_internal_host_can_be_allowed(interlace: Interlace, both_ends: BothEnds) -> None:
    """An ERP on premises is inside the own network."""
    options = both_ends.options(erp="https://10.0.0.5:7048/BC")
    added = interlace("connection", "add", NAME, *options, "--erp-internal-host", "--json")
    assert added.only["erp_internal_host"] is True


def test_security_s4_keys_are_shown_and_rotated(connected: Interlace, tmp_path: Path) -> None:
    """After a rotation everything goes on, by a new key; no secret is ever shown."""
    before = connected("keys", "show", "--json")
    assert [each["secret"] for each in before.objects] == ["crm_client_secret", "erp_access_key"]
    assert {each["state"] for each in before.objects} == {"ok"}
    old = (tmp_path / "state" / "secret.key").read_bytes()
    rotated = connected("keys", "rotate", "--json")
    assert rotated.only["secrets"] == 2
    new = (tmp_path / "state" / "secret.key").read_bytes()
    assert len(new.split()) == 1
    assert new != old
    after = connected("keys", "show", "--json").objects
    assert {each["key"] for each in after} == {rotated.only["key"]}
    checks = checks_of(connected)
    assert (checks["ERP sign-in"]["state"], checks["CRM sign-in"]["state"]) == ("ok", "ok")


@pytest.mark.parametrize(
    ("days", "state"), [(180, "ok"), (181, "older than 180 days: renew it at its service")]
)
def test_security_s4_after_180_days_a_secret_should_be_renewed(
    connected: Interlace, monkeypatch: pytest.MonkeyPatch, days: int, state: str
) -> None:
    """Keys and doctor say so, with the command that stores the new one; a rotation makes no secret younger."""

    class Later(datetime):
        """The clock of that day."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            """Return the time so many days from now."""
            return super().now(tz) + timedelta(days=days, minutes=5)

    monkeypatch.setattr("interlace.bootstrap.secret_age.datetime", Later)
    for _ in range(2):
        assert [each["state"] for each in connected("keys", "show", "--json").objects] == [state] * 2
        assert connected("keys", "rotate").code == 0
    told = {
        each["message"]: each["remedy"]
        for each in connected("doctor", "--json").objects
        if each["check"] == "Secrets"
    }
    if days == 180:
        assert told == {}
        return
    assert list(told) == ["crm_client_secret is 181 days old.", "erp_access_key is 181 days old."]
    assert "`interlace connection change main --erp-key-file FILE`" in told["erp_access_key is 181 days old."]


def test_another_secret_keeps_a_connection_enabled(synchronized: Interlace, both_ends: BothEnds) -> None:
    """A renewed key is an everyday change."""
    key_file = str(both_ends.erp_key_file)
    changed = synchronized("connection", "change", NAME, "--erp-key-file", key_file, "--json")
    assert changed.only["enabled"] is True


def test_couplings_are_not_used_on_another_company(synchronized: Interlace, tmp_path: Path) -> None:
    """A company of the same name elsewhere has another id: its records are not the coupled ones."""
    options = ErpSandboxOptions(seed=lambda: seed_company(customers=1))
    erp = create_erp_sandbox(tmp_path / "erp", options)
    with served(erp) as address:
        key_file = _written(tmp_path, erp.access_key)
        synchronized("connection", "change", NAME, "--erp", f"{address}/BC", "--erp-key-file", key_file)
        refused = synchronized("connection", "enable")
    erp.close()
    assert refused.code == 4
    assert "couplings with another company" in refused.err


def test_removing_needs_consent_where_nobody_can_answer(
    synchronized: Interlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a terminal and without --yes nothing is removed."""
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    refused = synchronized("connection", "remove", NAME)
    assert refused.code == 4
    assert "--yes" in refused.err
    removed = synchronized("connection", "remove", NAME, "--yes", "--json").only
    assert removed["removed"] == NAME
    assert removed["couplings"] > 100
    assert "There is no connection yet" in synchronized("connection", "list").err


def test_an_unknown_connection_is_told_with_those_that_exist(connected: Interlace) -> None:
    """A mistyped name is answered with the right ones."""
    ended = connected("connection", "show", "mian")
    assert ended.code == 4
    assert "Connections: main" in ended.err


def _written(directory: Path, text: str) -> str:
    file = directory / "other-key.txt"
    file.write_text(text, encoding="utf-8")
    return str(file)
