"""Both ends on premises: Windows accounts only, and a CRM below its organization's name that is older."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.cli.both_ends import Interlace
from tests.cli.set_up import CUSTOMERS, Ends, prepared_erp, start_ends

from interlace.bootstrap.application import Application
from interlace.bootstrap.record_links import crm_record_link
from interlace.cli.exit_codes import ExitCode
from interlace.sandbox.windows_accounts import (
    ACCOUNTS_VARIABLE,
    ADMINISTRATOR_ACCOUNT,
    INTEGRATION_ACCOUNT,
    PASSWORD,
    accounts_file,
    windows_name,
)
from interlace.settings import load_config

ORGANIZATION = "contoso"
ACCOUNT = windows_name(INTEGRATION_ACCOUNT)
_MAPPINGS = ("SALESPEOPLE", "CURRENCY", "PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT", "CUSTOMER")


@pytest.fixture
def ends(tmp_path: Path, interlace: Interlace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    """A prepared ERP and a bare CRM, both behind what asks for Windows accounts."""
    monkeypatch.setenv(ACCOUNTS_VARIABLE, str(accounts_file(tmp_path)))
    with ExitStack() as stack:
        erp = prepared_erp(tmp_path / "erp", stack, by_windows=True)
        chosen = {"organization": ORGANIZATION, "windows_sign_in": True}
        both = start_ends(erp, tmp_path, interlace, stack, **chosen)
        password = both.secret_file("password.txt", PASSWORD)
        both.answers = {
            **{
                key: both.answers[key]
                for key in ("erp.address", "erp.company", "crm.address", "tables.leave_out")
            },
            **{
                f"{end}.{name}": value
                for end in ("erp", "crm")
                for name, value in _signed_in(password).items()
            },
            "administrator.sign_in": "ntlm",
            "administrator.user": windows_name(ADMINISTRATOR_ACCOUNT),
            "administrator.secret_file": password,
        }
        yield both


def _signed_in(password: str) -> dict[str, str]:
    return {"sign_in": "ntlm", "user": ACCOUNT, "password_file": password}


def test_they_are_set_up_and_synchronized(ends: Ends, interlace: Interlace) -> None:
    """From the organization's address the version is found out; solution, records and links go below its name."""
    ended = ends.set_up("--json", "--until", "enable")
    assert ended.code == ExitCode.OK, ended.out + ended.err
    shown = interlace("connection", "show", "main", "--json").only
    assert shown["crm_address"] == f"{ends.crm_address}/{ORGANIZATION}"
    assert (shown["crm_api_version"], shown["crm_authentication"]) == ("9.1", "ntlm")

    run = interlace("synch", "--full", *_MAPPINGS, "--json")
    assert run.code in {ExitCode.OK, ExitCode.REMAINING}, run.out + run.err
    inserted = {each["mapping"]: each["inserted"] for each in run.objects if each["inserted"]}
    assert 0 < inserted["CUSTOMER"] <= CUSTOMERS
    # An organization on premises has no bulk messages: records came in batches.
    assert not [each for each in ends.crm.requests if each.path.endswith("CreateMultiple")]
    written = [each for each in ends.crm.requests.writes() if each.path.startswith("accounts(")]
    assert len(written) >= inserted["CUSTOMER"]
    assert all(each.in_batch for each in written)

    with Application(
        load_config(overrides={"state.directory": str(ends.directory / "state")})
    ) as application:
        link = crm_record_link(application.connection("main").settings, "account", "of-a-customer")
    assert link.startswith(f"{ends.crm_address}/{ORGANIZATION}/main.aspx?")
    assert ends.crm.call("GET", link).status == 302

    ends.forget_requests()
    again = ends.set_up("--json", "--until", "enable")
    assert again.code == ExitCode.OK, again.out + again.err
    assert ends.written == {"erp": 0, "crm": 0}
    assert interlace("connection", "show", "main", "--json").only["crm_api_version"] == "9.1"


def test_a_connection_made_by_hand_is_tested(ends: Ends, interlace: Interlace) -> None:
    """A wrong password is sent once and named; with the right one, the address as people see it is enough."""
    told = ends.answers
    page = f"{told['crm.address']}/main.aspx?pagetype=dashboard"
    right, wrong = (
        str(ends.directory / name) for name in ("password.txt", ends.secret_file("old.txt", "Kessel"))
    )
    erp = ("--erp", str(told["erp.address"]), "--company", str(told["erp.company"]))
    sign_in = ("--erp-sign-in", "ntlm", "--erp-user", ACCOUNT, "--erp-password-file", wrong)
    crm = ("--crm", page, "--crm-sign-in", "ntlm", "--crm-user", ACCOUNT, "--crm-password-file", right)
    made = interlace("connection", "add", "main", *erp, *sign_in, *crm)
    assert made.code == 0, made.out + made.err
    tested = interlace("connection", "test", "main")
    said = " ".join(tested.out.split())
    assert f"refuses the Windows account {ACCOUNT}" in said
    assert "--erp-password-file FILE" in said
    assert ends.erp.gate is not None
    assert ends.erp.gate.refused == 1

    assert interlace("connection", "change", "main", "--erp-password-file", right).code == 0
    tested = interlace("connection", "test", "main", "--json")
    subjects = {each["check"]: each["state"] for each in tested.objects}
    assert (subjects["ERP sign-in"], subjects["ERP company"]) == ("ok", "ok")
    shown = interlace("connection", "show", "main", "--json").only
    assert (shown["crm_address"], shown["crm_api_version"]) == (told["crm.address"], "9.1")
