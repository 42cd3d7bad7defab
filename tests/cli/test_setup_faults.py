"""Whatever is wrong with the ends or the answers is named with its remedy before anything is written to them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.cli.both_ends import Ended, Interlace, served
from tests.cli.set_up import Ends, Erp, Start, prepared_erp, start_ends

from interlace.cli.exit_codes import ExitCode
from interlace.sandbox.crm import role_privileges
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.solution.build import build_solution, pack
from interlace.solution.source_files import read_sources

ROLES = ("Interlace Integration User", "Interlace Integration Administrator")
READY: Mapping[str, object] = {
    "solutions": (build_solution().content,),
    "integration_user": True,
    "integration_roles": ROLES,
}
"""A CRM in which the solution is imported and our account has its roles."""
SWEDISH = ("SEK", "Swedish krona", "kr", 2)
NEWER = pack(replace(read_sources(), version="7.0.0.0"), managed=True)


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Erp]:
    """An ERP that its administrator has prepared; no test here writes to it."""
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


def refused(ends: Ends, step: str, setting: str, *texts: str, code: int, **changed: object) -> None:
    """Run the set-up: it stops at a step, names the answer and what to do, and has written nothing."""
    ends.forget_requests()
    ended = ends.set_up("--json", "--until", "enable", **changed)
    assert ended.code == code, ended.out + ended.err
    last = ended.objects[-1]
    assert (last["step"], last["state"]) == (step, "problem"), ended.out
    told = [f"{each['what']} {each['remedy']}" for each in last["problems"]]
    assert all(each["remedy"] for each in last["problems"])
    assert setting in [each["setting"] for each in last["problems"]]
    for text in texts:
        assert any(text in each for each in told), (text, told)
    assert ends.written == {"erp": 0, "crm": 0}
    people = ends.set_up("--until", "enable", **changed)
    assert people.code == code
    assert "What to do: " in people.err


ANSWERS: list[tuple[str, dict[str, object], str, str, int]] = [
    # what is wrong, the answers, the step, the answer that is named and a word of the text, the exit code
    ("erp.address", {"erp.address": "http://127.0.0.1:1999/BC"}, "sign-in", "does not answer", 4),
    ("crm.address", {"crm.address": "http://127.0.0.1:1999"}, "sign-in", "does not answer", 4),
    ("erp.address", {"erp.address": "http://erp.example.com/BC"}, "addresses", "in the clear", 4),
    ("erp.address", {"erp.address": "nowhere at all"}, "addresses", "is no web address", 4),
    ("erp.company", {"erp.company": "Südlicht"}, "sign-in", "has no company “Südlicht”", 4),
    ("erp.user", {"erp.user": ""}, "sign-in", "Not answered: ERP user", 4),
    ("erp.key_file", {"erp.user": "NOBODY"}, "sign-in", "does not accept our sign-in", 5),
    (
        "crm.client_id",
        {"crm.client_id": "0a0b0c0d-0000-4000-8000-000000000001"},
        "sign-in",
        "AADSTS700016",
        5,
    ),
    ("crm.token_url", {"crm.token_url": "http://127.0.0.1:1999/token"}, "sign-in", "does not answer", 4),
    ("tables.leave_out", {"tables.leave_out": ["CUSTOMERS"]}, "tables", "no mapping CUSTOMERS", 4),
    ("orders.two_way", {"orders.two_way": True}, "orders", "exclude each other", 4),
    ("orders.key_file", {"orders.user": "CLERK"}, "orders", "key of the sales order user CLERK", 4),
    (
        "orders.write_in_number",
        {"orders.write_in_type": "item", "orders.write_in_number": "NONE"},
        "orders",
        "has no item NONE",
        4,
    ),
    ("administrator.client_id", {"administrator.client_id": ""}, "solution", "administrator", 4),
]


@pytest.mark.parametrize(("setting", "changed", "step", "text", "code"), ANSWERS)
def test_wrong_answers_are_named(
    start: Start, setting: str, changed: dict[str, object], step: str, text: str, code: int
) -> None:
    """Each answer that can't be used is told by its key."""
    ends = start()
    ends.answers |= changed
    refused(ends, step, setting, text, code=code)


def test_a_wrong_secret_is_named(start: Start) -> None:
    """A secret or a key that nobody knows is told by its file, and not shown."""
    ends = start()
    wrong = ends.secret_file("wrong.txt", "surely-not-the-secret")
    refused(
        ends, "sign-in", "crm.secret_file", "AADSTS7000215", code=ExitCode.SIGN_IN, crm__secret_file=wrong
    )
    ended = ends.set_up(crm__secret_file=wrong, erp__key_file=wrong)
    assert "erp.key_file" in ended.err
    assert "crm.secret_file" in ended.err, "both ends are told at once"
    assert "surely-not-the-secret" not in ended.out + ended.err
    refused(
        ends,
        "solution",
        "administrator.client_id",
        "AADSTS7000215",
        code=ExitCode.SIGN_IN,
        administrator__secret_file=wrong,
    )


@pytest.mark.parametrize(
    ("whose", "step"), [("client_id", "sign-in"), ("administrator_client_id", "solution")]
)
def test_an_expired_secret_is_named(start: Start, whose: str, step: str) -> None:
    """The integration's and the administrator's: make a new one and enter its value."""
    ends = start()
    directory = ends.crm.identity.directory
    client_id = getattr(ends.crm.options, whose)
    registration = directory.application(client_id)
    assert registration is not None
    past = datetime.now(UTC) - timedelta(days=1)
    secrets = tuple(replace(each, expires=past) for each in registration.secrets)
    directory.keep_application(replace(registration, secrets=secrets))
    setting = "crm.secret_file" if step == "sign-in" else "administrator.client_id"
    refused(ends, step, setting, "expired. Make a new one", code=ExitCode.SIGN_IN)


def test_a_disabled_integration_user_is_named(start: Start) -> None:
    """The user must be enabled first."""
    ends = start(integration_user=True, integration_roles=())
    ends.ask("PATCH", f"systemusers({ends.integration_user()})", {"isdisabled": True})
    refused(ends, "sign-in", "crm.client_id", "Enable the user", code=ExitCode.SIGN_IN)


def test_an_integration_user_who_is_an_administrator_is_named(start: Start) -> None:
    """Nobody works with more rights than the roles of the solution give."""
    ends = start(**READY)
    reference = {"@odata.id": f"{ends.crm_address}/api/data/v9.2/roles({ends.role('System Administrator')})"}
    ends.ask("POST", f"systemusers({ends.integration_user()})/systemuserroles_association/$ref", reference)
    refused(ends, "sign-in", "crm.client_id", "Take that role away", code=ExitCode.CONFIGURATION)


def test_an_administrator_without_system_customizer_is_named(start: Start) -> None:
    """The account that imports must have both roles."""
    ends = start()
    administrator = ends.crm.records.store.read_state("administrator")
    customizer = ends.role("System Customizer")
    ends.ask("DELETE", f"systemusers({administrator})/systemuserroles_association({customizer})/$ref")
    refused(
        ends,
        "solution",
        "administrator.client_id",
        "lacks the role System Customizer",
        code=ExitCode.CONFIGURATION,
    )


def test_somebody_who_is_no_administrator_is_named(start: Start) -> None:
    """Our own account can't import: what it holds is told."""
    ends = start(integration_user=True, integration_roles=())
    changed = {
        "administrator__client_id": ends.crm.options.client_id,
        "administrator__secret_file": "crm-secret.txt",
    }
    ended = ends.set_up("--json", "--until", "enable", **changed)
    assert ended.objects[-1]["step"] == "solution"
    refused(ends, "solution", "administrator.client_id", "ystem Administrator", code=ended.code, **changed)


def test_a_missing_role_is_named(start: Start) -> None:
    """Somebody renamed a role of the solution: the administrator can't give it, and nothing is written."""
    ends = start(**{**READY, "integration_roles": ROLES[:1]})
    ends.ask("PATCH", f"roles({ends.role(ROLES[1])})", {"name": "Renamed"})
    refused(ends, "solution", "administrator.client_id", f"The role {ROLES[1]} is missing", code=4)


def test_a_role_that_our_account_lacks_is_given_by_itself(start: Start) -> None:
    """The solution is there, the account has none of its roles: the administrator gives them, nothing is imported."""
    ends = start(**{**READY, "integration_roles": ()})
    ended = ends.set_up("--json", "--until", "account")
    assert ended.code == ExitCode.OK, ended.out + ended.err
    path = f"systemusers({ends.integration_user()})?$expand=systemuserroles_association($select=name)"
    held = {each["name"] for each in ends.ask("GET", path)["systemuserroles_association"]}
    assert set(ROLES) <= held
    assert not any("ImportSolution" in line.path for line in ends.crm.requests)


def test_another_currency_is_named(start: Start) -> None:
    """The administrator sees the organization's currency before the solution is imported."""
    ends = start(base_currency=SWEDISH)
    refused(ends, "solution", "erp.company", "the CRM's base currency is SEK", code=ExitCode.CONFIGURATION)


def test_another_currency_is_seen_at_sign_in(start: Start) -> None:
    """Where our account may read the currency, nobody has to sign in as administrator first."""
    ends = start(**READY, base_currency=SWEDISH)
    refused(ends, "sign-in", "erp.company", "the CRM's base currency is SEK", code=ExitCode.CONFIGURATION)


def test_a_newer_solution_is_left_alone(start: Start) -> None:
    """An older Interlace never puts its solution over a newer one's."""
    ends = start(**{**READY, "solutions": (NEWER,)})
    ended = ends.set_up("--json", "--until", "enable")
    setting = ended.objects[-1]["problems"][0]["setting"]
    refused(ends, "solution", setting, "has version 7.0.0.0", code=ExitCode.CONFIGURATION)


@pytest.mark.parametrize(
    "privilege", ["prvCreateAccount", "prvWriteContact", "prvCreateProduct", "prvWriteOrganization"]
)
def test_a_missing_privilege_is_named(start: Start, privilege: str) -> None:
    """One privilege taken from the roles: the preflight names it and what to do."""
    ends = start(**READY)
    records = ends.crm.records
    roles = [ends.role(name) for name in ROLES]
    with records.store.transaction():
        for role in roles:
            role_privileges.revoke(records, role, [privilege])
    refused(ends, "privileges", "crm.client_id", privilege, code=ExitCode.CONFIGURATION)


def test_a_privilege_that_the_set_up_itself_needs_is_named(start: Start) -> None:
    """Without it, our account can't even look: the CRM's words and what to do are told."""
    ends = start(**READY)
    records = ends.crm.records
    roles = [ends.role(name) for name in ROLES]
    with records.store.transaction():
        for role in roles:
            role_privileges.revoke(records, role, ["prvReadTransactionCurrency"])
    ended = ends.set_up("--json", "--until", "enable")
    assert ended.objects[-1]["step"] in {"sign-in", "privileges"}, ended.out
    assert "prvReadTransactionCurrency" in ended.out
    assert ends.written == {"erp": 0, "crm": 0}


def test_a_missing_permission_of_the_erp_is_named(start: Start, erp: Erp) -> None:
    """The ERP user may not change contacts: named with the table."""
    permissions = erp.sandbox.users.permissions
    held = dict(permissions.sets()["INTERLACE"])
    permissions.define("NO CONTACTS", {**held, "Contact": "R"})
    permissions.give("INTERLACE", ("NO CONTACTS",))
    try:
        ends = start(**READY)
        refused(ends, "privileges", "erp.user", "on the table Contact", code=ExitCode.CONFIGURATION)
    finally:
        permissions.give("INTERLACE", ("INTERLACE",))


def test_a_disabled_user_of_the_erp_and_an_expired_key_are_named(start: Start, erp: Erp) -> None:
    """Both are told at the sign-in, by the key's file; afterwards the set-up goes on."""
    ends = start(**READY)
    users, records, key = erp.sandbox.users, erp.sandbox.records, erp.sandbox.access_key
    user = users.find("INTERLACE")
    assert user is not None
    for changed in ({"Web_Service_Key_Expiry": "2020-01-01T00:00:00Z"}, {"State": "Disabled"}):
        with records.transaction():
            records.update(user, {**user.values, **changed})
        try:
            refused(ends, "sign-in", "erp.key_file", "does not accept our sign-in", code=ExitCode.SIGN_IN)
        finally:
            with records.transaction():
                records.update(user, user.values)
    assert users.has_key("INTERLACE", key)


def test_what_an_erp_does_not_tell_of_rights_is_not_claimed(tmp_path: Path, interlace: Interlace) -> None:
    """Without its page of permissions nobody knows what may be written: the tables are named, and what to publish."""
    with ExitStack() as stack:
        silent = prepared_erp(tmp_path / "erp", stack, unpublished=frozenset({"EffectivePermissions"}))
        ends = start_ends(silent, tmp_path, interlace, stack, **READY)
        ended = ends.set_up("--json", "--until", "privileges")
        assert ended.code == ExitCode.OK, ended.err
        [step] = [each for each in ended.objects if each["step"] == "privileges"]
        assert step["state"] == "done"
        assert "shows at the first write of" in step["text"]
        assert "Customer" in step["text"]
        assert "EffectivePermissions" in " ".join(step["details"])
        assert "shows at the first write of" in interlace("connection", "test").out


def test_a_bare_erp_is_named(tmp_path: Path, interlace: Interlace) -> None:
    """Nobody has published pages or given rights: the set-up says so and leaves the CRM alone."""
    with ExitStack() as stack:
        sandbox = create_erp_sandbox(tmp_path / "bare", ErpSandboxOptions(company="Nordlicht", bare=True))
        stack.callback(sandbox.close)
        bare = Erp(sandbox=sandbox, address=f"{stack.enter_context(served(sandbox))}/BC")
        ends = start_ends(bare, tmp_path, interlace, stack, **READY)
        ends.forget_requests()
        ended: Ended = ends.set_up("--json", "--until", "enable")
        assert ended.code != ExitCode.OK
        assert ended.objects[-1]["state"] == "problem"
        [problem] = ended.objects[-1]["problems"]
        assert "does not publish the page GeneralLedgerSetup" in problem["what"]
        assert "interlace erp-services check" in problem["remedy"]
        assert ends.written == {"erp": 0, "crm": 0}
