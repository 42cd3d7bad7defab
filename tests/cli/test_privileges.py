"""Missing privileges are named, with the remedy, before anything is written; and a role holds what is needed."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.both_ends import NAME, BothEnds, Ended, Interlace
from tests.cli.test_conflicts import CONFLICT, store

from interlace.domain.conflict import ConflictKind, SideOfConflict
from interlace.sandbox.crm import CrmSandbox, role_privileges


@contextmanager
def without(crm: CrmSandbox, *names: str) -> Iterator[None]:
    """Take privileges from the integration user's roles, and give them back."""
    records = crm.records
    user = records.store.read_state("integration_user")
    table = records.schema.tables["systemuser"]
    roles = [
        str(role["roleid"]) for role in records.members_of(table, str(user), "systemuserroles_association")
    ]
    held = {role: role_privileges.of_role(records, role) for role in roles}
    with records.store.transaction():
        for role in roles:
            role_privileges.revoke(records, role, names)
    try:
        yield
    finally:
        with records.store.transaction():
            for role in roles:
                role_privileges.replace(records, role, held[role])


def test_a_missing_privilege_is_named_by_every_check(connected: Interlace, both_ends: BothEnds) -> None:
    """`connection test`, `doctor` and `privileges check` name it with who needs it, and end as wrong set-ups do."""
    with without(both_ends.crm, "prvCreateAccount"):
        for command in (("connection", "test"), ("doctor",), ("privileges", "check")):
            ended = connected(*command, "--json")
            assert ended.code == 4
            assert "prvCreateAccount" in ended.out
            assert "CUSTOMER" in ended.out
            assert "interlace solution import" in ended.out
    assert connected("privileges", "check").code == 0


@pytest.mark.parametrize("command", [("synch", "CUSTOMER"), ("synch", "--full")])
def test_a_run_writes_nothing_without_its_privileges(
    synchronized: Interlace, both_ends: BothEnds, command: tuple[str, ...]
) -> None:
    """All that is missing is named at once, before the first request that writes."""
    before = both_ends.crm.requests.written
    with without(both_ends.crm, "prvCreateAccount", "prvAppendAccount"):
        ended = synchronized(*command)
    assert ended.code == 4
    assert "Nothing was written." in ended.err
    assert "prvCreateAccount" in ended.err
    assert "prvAppendAccount" in ended.err
    assert both_ends.crm.requests.written == before


def test_a_run_of_other_mappings_goes_on(synchronized: Interlace, both_ends: BothEnds) -> None:
    """What CUSTOMER lacks does not hold up CURRENCY."""
    with without(both_ends.crm, "prvCreateAccount"):
        assert synchronized("synch", "CURRENCY").code == 0


def test_what_is_only_shown_on_a_card_stops_no_run(synchronized: Interlace, both_ends: BothEnds) -> None:
    """Without the right to read quotes the check says so, and customers are synchronized all the same."""
    with without(both_ends.crm, "prvReadQuote"):
        checked = synchronized("privileges", "check")
        assert checked.code == 4
        assert "prvReadQuote" in checked.out
        assert "the CRM statistics on the cards of customers" in checked.out
        assert synchronized("synch", "CUSTOMER").code in {0, 3}


def refused(ended: Ended, name: str) -> bool:
    """Tell whether a command wrote nothing for want of a privilege, and says so."""
    return ended.code == 4 and "Nothing was written." in ended.err and name in ended.err


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("orders", "process"), "prvCreateNote"),
        (("statistics",), "prvCreateilc_AccountStatistics"),
        (("availability", "publish"), "prvCreateilc_Connection"),
    ],
)
def test_no_command_writes_without_its_privileges(
    synchronized: Interlace, both_ends: BothEnds, command: tuple[str, ...], name: str
) -> None:
    """What `synch` refuses, the commands that write for one purpose refuse, too."""
    assert synchronized("orders", "settings", "--order-integration").code == 0
    before = both_ends.crm.requests.written
    with without(both_ends.crm, name):
        assert refused(synchronized(*command), name)
    assert both_ends.crm.requests.written == before


def test_couplings_by_hand_need_the_right_to_name_partners(
    synchronized: Interlace, both_ends: BothEnds
) -> None:
    """Nothing is uncoupled whose CRM record could not be told."""
    before, coupled = both_ends.crm.requests.written, synchronized("couplings", "list", "CUSTOMER", "--json")
    key = str(coupled.objects[0]["erp_key"])
    with without(both_ends.crm, "prvWriteAccount"):
        assert refused(synchronized("couplings", "remove", "CUSTOMER", key, "--yes"), "prvWriteAccount")
    assert both_ends.crm.requests.written == before
    assert synchronized("couplings", "list", "CUSTOMER", "--json").objects == coupled.objects


def test_a_decision_on_a_conflict_needs_what_its_mapping_needs(
    synchronized: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """The conflict stays open; a deletion is asked for although the mapping by itself deletes nothing."""
    gone = SideOfConflict(key="C00012", digest=None)
    crm = replace(CONFLICT.crm, key="id-2")
    deletion = replace(CONFLICT, kind=ConflictKind.DELETION, erp=gone, crm=crm, rows=())
    store(tmp_path / "state", CONFLICT, deletion)
    before = both_ends.crm.requests.written
    with without(both_ends.crm, "prvWriteAccount"):
        assert refused(synchronized("conflicts", "resolve", "C00010", "--choose", "erp"), "prvWriteAccount")
    with without(both_ends.crm, "prvDeleteAccount"):
        ended = synchronized("conflicts", "resolve", "C00012", "--choose", "delete", "--yes")
        assert refused(ended, "prvDeleteAccount")
    assert both_ends.crm.requests.written == before


def test_plans_and_undos_need_what_their_writes_need(
    synchronized: Interlace, both_ends: BothEnds, tmp_path: Path
) -> None:
    """Neither is begun: a plan needs its mapping's privileges, and an undo of a create that of deleting."""
    plan = str(tmp_path / "it.plan")
    ended = synchronized("plan", "CUSTOMER", "--full", "--out", plan)
    assert ended.code in {0, 2}
    before = both_ends.crm.requests.written
    with without(both_ends.crm, "prvCreateAccount"):
        assert refused(synchronized("apply", plan), "prvCreateAccount")
    jobs = synchronized("jobs", "CUSTOMER", "--json").objects
    creating = max(jobs, key=lambda each: int(str(each["inserted"])))
    with without(both_ends.crm, "prvDeleteAccount"):
        assert refused(synchronized("undo", str(creating["id"]), "--yes"), "prvDeleteAccount")
    assert both_ends.crm.requests.written == before


def test_what_is_needed_is_listed_without_asking(connected: Interlace) -> None:
    """Both sides, with the mappings that need it."""
    rows = connected("privileges", "show", "--json").objects
    by_name = {each["privilege"]: each for each in rows}
    assert "CUSTOMER" in str(by_name["prvCreateAccount"]["needed_by"])
    assert by_name["Read, Insert, Modify on Customer"]["side"] == "ERP"
    assert "prvDeleteAccount" not in by_name


def test_a_role_for_this_connection_is_written(connected: Interlace, tmp_path: Path) -> None:
    """A source file of the solution: no more than the connection needs."""
    file = tmp_path / "role.toml"
    assert connected("privileges", "role", "--out", str(file), "--name", "Small").code == 0
    shown = connected("privileges", "role", "--name", "Small", "--json").only
    assert (shown["role"], shown["file"], shown["text"]) == ("Small", None, file.read_text("utf-8"))
    role = tomllib.loads(shown["text"])
    assert role["name"] == "Small"
    assert role["privileges"]["Account"] == ["Read", "Create", "Write", "Append", "AppendTo", "Assign"]
    assert NAME not in role
