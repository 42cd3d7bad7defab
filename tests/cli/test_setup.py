"""`interlace setup`: from nothing to a running connection, and on from wherever it stopped."""

import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from tests.cli.both_ends import Interlace
from tests.cli.set_up import CUSTOMERS, Ends, Erp, Start, prepared_erp, start_ends

from interlace.bootstrap.sandbox_server import SandboxProcess
from interlace.bootstrap.setup.question import StepName
from interlace.bootstrap.setup.questions import QUESTIONS
from interlace.cli.exit_codes import ExitCode
from interlace.solution.build import build_solution

STEPS = [each.value for each in StepName]


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    """An ERP that its administrator has prepared."""
    with ExitStack() as stack:
        yield prepared_erp(tmp_path_factory.mktemp("erp"), stack)


@pytest.fixture
def start(erp: Erp, tmp_path: Path, interlace: Interlace) -> Iterator[Start]:
    """Return a function that starts a CRM of the test's own."""
    with ExitStack() as stack:

        def begin(**chosen: Any) -> Ends:
            """Start it, bare unless something else is chosen."""
            return start_ends(erp, tmp_path, interlace, stack, **chosen)

        yield begin


def states(ended: Any) -> dict[str, str]:
    """Return how the steps stand, as a command with --json told it."""
    return {each["step"]: each["state"] for each in ended.objects}


def test_bare_ends_become_a_running_connection(start: Start) -> None:
    """One command leads from nothing to synchronized ends; repeated, it finds everything done and writes nothing."""
    ends = start()
    ended = ends.set_up_alone("--json", availability__publish=True)
    assert ended.code in {ExitCode.OK, ExitCode.REMAINING}, ended.out + ended.err
    assert states(ended) == dict.fromkeys(STEPS, "done")
    performed = [each["step"] for each in ended.objects if each["performed"]]
    assert performed == ["solution", "enable", "publish", "full-synchronization"]
    accounts = ends.ask("GET", "accounts?$select=name,ilc_erpkey&$filter=ilc_erpkey ne null")["value"]
    assert 0 < len(accounts) <= CUSTOMERS
    [user] = ends.ask("GET", f"systemusers?$filter=systemuserid eq {ends.integration_user()}")["value"]
    assert user["isintegrationuser"] is True

    ends.forget_requests()
    again = ends.set_up("--json", availability__publish=True)
    assert again.code == ExitCode.OK, again.out + again.err
    assert not any(each["performed"] for each in again.objects)
    assert ends.written == {"erp": 0, "crm": 0}
    shown = ends.interlace("setup", "--show", "--json")
    assert (shown.code, states(shown)) == (ExitCode.OK, dict.fromkeys(STEPS, "done"))
    verified = ends.interlace("verify")
    assert verified.code == ExitCode.OK, verified.out + verified.err


def test_it_stops_where_it_is_told_and_goes_on_there(start: Start) -> None:
    """--until ends after a step; what was answered is kept, so that the next run needs no file."""
    ends = start()
    first = ends.set_up("--until", "ownership", "--json")
    assert first.code == ExitCode.OK, first.out + first.err
    assert list(states(first)) == STEPS[: STEPS.index("ownership") + 1]
    assert ends.written == {"erp": 0, "crm": 0}
    shown = ends.interlace("setup", "--show", "--json")
    assert shown.code == ExitCode.CHANGES_PENDING
    assert states(shown)["solution"] == "open"
    assert states(shown)["account"] == "waiting"
    stopped = ends.interlace("setup", "main")
    assert stopped.code == ExitCode.CONFIGURATION
    assert "nobody was named who may do that" in stopped.out + stopped.err
    assert ends.written == {"erp": 0, "crm": 0}
    only_administrator = {
        "administrator.client_id": ends.answers["administrator.client_id"],
        "administrator.secret_file": "admin.txt",
    }
    ends.answers = only_administrator
    rest = ends.set_up("--until", "enable", "--json")
    assert rest.code == ExitCode.OK, rest.out + rest.err
    assert states(rest)["enable"] == "done"


def test_showing_changes_nothing(start: Start) -> None:
    """--show doesn't even keep the answers."""
    ends = start()
    shown = ends.set_up("--show", "--json")
    assert shown.code == ExitCode.CONFIGURATION
    assert states(shown)["addresses"] == "problem"
    assert "There is no connection yet" in ends.interlace("connection", "list").err


def test_a_team_owns_what_is_created(start: Start) -> None:
    """With a team as owner, the team is made, holds the role, and owns new accounts; salespeople take no part."""
    ends = start()
    ended = ends.set_up_alone("--json", ownership__model="team", ownership__team="Nordlicht sales")
    assert ended.code in {ExitCode.OK, ExitCode.REMAINING}, ended.out + ended.err
    path = (
        "teams?$select=teamid&$filter=name eq 'Nordlicht sales'&$expand=teamroles_association($select=name)"
    )
    [team] = ends.ask("GET", path)["value"]
    assert [each["name"] for each in team["teamroles_association"]] == ["Interlace Integration User"]
    accounts = ends.ask("GET", "accounts?$select=_ownerid_value&$filter=ilc_erpkey ne null")["value"]
    assert {each["_ownerid_value"] for each in accounts} == {team["teamid"]}
    contacts = ends.ask("GET", "contacts?$select=_ownerid_value&$filter=ilc_erpkey ne null")["value"]
    assert {each["_ownerid_value"] for each in contacts} == {team["teamid"]}
    assert "SALESPEOPLE" not in ends.interlace("full-synch", "status").out
    verified = ends.interlace("verify")
    assert verified.code == ExitCode.OK, verified.out + verified.err
    assert ends.interlace("synch", "--full").code in {ExitCode.OK, ExitCode.REMAINING}


def test_a_moved_address_is_signed_in_anew(start: Start) -> None:
    """Secrets are for the addresses they were given for: another address makes the set-up ask for them again."""
    ends = start()
    assert ends.set_up("--until", "ownership").code == ExitCode.OK
    token_url = str(ends.answers["crm.token_url"]).replace("127.0.0.1", "localhost")
    ended = ends.set_up("--until", "ownership", crm__token_url=token_url, crm__secret_file=None)
    assert ended.code == ExitCode.CONFIGURATION
    assert "crm.secret_file" in ended.err
    assert ends.set_up("--until", "ownership", crm__token_url=token_url).code == ExitCode.OK


def test_what_there_is_to_set_up_is_listed(interlace: Interlace) -> None:
    """Before anything is set up there is a connection to begin with, and no service is asked."""
    listed = interlace("setup", "--list", "--json")
    assert listed.code == ExitCode.OK
    assert [(each["guide"], each["state"]) for each in listed.objects] == [
        ("connection", "Not Completed"),
        ("users", "Not Completed"),
    ]
    assert "Begins with the addresses" in interlace("setup", "--list").out


def test_the_example_explains_every_key(interlace: Interlace) -> None:
    """The printed file is TOML, and every question stands in it, answered or as a remark."""
    ended = interlace("setup", "--example-answers")
    assert ended.code == ExitCode.OK
    sections = tomllib.loads(ended.out)
    assert sections["connection"]["name"] == "main"
    text, place = ended.out, 0
    for question in QUESTIONS:
        section, _, name = question.key.partition(".")
        place = text.index(f"[{section}]")
        assert f"\n{name} = " in text[place:] or f"\n# {name} = " in text[place:], question.key


def test_single_answers_come_before_the_files(start: Start) -> None:
    """Each by its key; texts are read as a file's values are, and what can't be is named."""
    ends = start()
    company, left_out = "erp.company=Südlicht", "tables.leave_out=CURRENCY, CONTACT"
    ended = ends.set_up("--until", "sign-in", "--answer", company, "--answer", left_out)
    assert ended.code == ExitCode.CONFIGURATION
    assert "Südlicht" in ended.out
    assert "Answer: erp.company" in ended.err
    for wrong, text in (
        ("erp.company", "KEY=VALUE"),
        ("erp.nothing=1", "erp.nothing"),
        ("orders.two_way=perhaps", "orders.two_way must be true or false"),
        ("erp.sign_in=by hand", "Choose one of"),
    ):
        refused = ends.interlace("setup", "main", "--answer", wrong)
        assert refused.code == ExitCode.CONFIGURATION
        assert text in refused.err


def test_names_must_agree(interlace: Interlace, tmp_path: Path) -> None:
    """A file for one connection is not taken for another."""
    file = tmp_path / "answers.toml"
    file.write_text('[connection]\nname = "other"\n', encoding="utf-8")
    ended = interlace("setup", "main", "--answers", str(file))
    assert ended.code == ExitCode.CONFIGURATION
    assert "for the connection other, not for main" in ended.err


def test_the_directory_signs_in_over_tls(start: Start, tmp_path: Path) -> None:
    """A bare CRM as its own command starts it, behind TLS of a private authority: both applications sign in by it."""
    ends = start()
    arguments = ["crm", "--bare", "--tls", "--port", "0", "--state", str(tmp_path / "served")]
    crm = SandboxProcess.start(arguments, tmp_path / "crm.log")
    told = crm.announcement
    try:
        ended = ends.set_up(
            "--until",
            "account",
            "--json",
            crm__address=told["crm_address"],
            crm__authority=told["crm_authority"],
            crm__ca_file=told["tls_authority_file"],
            crm__token_url=None,
            crm__sign_in="client-secret",
            crm__secret_file=ends.secret_file("served.txt", told["crm_client_secret"]),
            administrator__client_id=told["crm_administrator_client_id"],
            administrator__secret_file=ends.secret_file("admin.txt", told["crm_administrator_client_secret"]),
        )
    finally:
        crm.stop()
    assert ended.code == ExitCode.OK, ended.out + ended.err
    assert states(ended)["account"] == "done"


def test_business_central_online_signs_in_by_the_directory(
    start: Start, tmp_path: Path, interlace: Interlace
) -> None:
    """As the service is reached online: by tenant and environment, over TLS, as an application of Entra ID."""
    ends = start(
        solutions=(build_solution().content,),
        integration_user=True,
        integration_roles=("Interlace Integration User", "Interlace Integration Administrator"),
    )
    state = ["--state", str(tmp_path / "online"), "--seed-company", "--customers", "10"]
    online = SandboxProcess.start(["erp", "--tls", "--port", "0", *state], tmp_path / "erp.log")
    told = online.announcement
    tenant = told["erp_authority"].rpartition("/")[2]
    answers = {
        "erp__address": told["erp_address"].replace("/BC", f"/v2.0/{tenant}/BC"),
        "erp__company": told["erp_company"],
        "erp__sign_in": "client-secret",
        "erp__authority": told["erp_authority"],
        "erp__client_id": told["erp_client_id"],
        "erp__secret_file": ends.secret_file("online.txt", told["erp_client_secret"]),
        "erp__ca_file": told["tls_authority_file"],
        "erp__user": None,
        "erp__key_file": None,
    }
    try:
        wrong = answers | {"erp__client_id": "0a0b0c0d-0000-4000-8000-000000000001"}
        refused = ends.set_up("--until", "sign-in", "--json", **wrong)
        assert refused.code == ExitCode.SIGN_IN
        [problem] = refused.objects[-1]["problems"]
        assert (problem["setting"], "AADSTS700016" in problem["what"]) == ("erp.client_id", True)
        ended = ends.set_up("--until", "enable", "--json", **answers)
        assert ended.code == ExitCode.OK, ended.out + ended.err
        assert states(ended)["enable"] == "done"
        ended = interlace("synch", "SALESPEOPLE", "CURRENCY", "--full", "--json")
        assert ended.code in {ExitCode.OK, ExitCode.REMAINING}, ended.err
        assert {each["mapping"]: each["inserted"] for each in ended.objects}["CURRENCY"] > 0
    finally:
        online.stop()
