"""plan, apply and undo over both embedded services, judged by what the services themselves hold and log."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.cli.both_ends import Interlace
from tests.cli.two_services import PARTIES, Held, TwoServices, two_services

from interlace.cli.exit_codes import ExitCode
from interlace.domain.side import Side
from interlace.domain.values import same_value

CUSTOMERS = 20


@pytest.fixture
def services(tmp_path: Path, interlace: Interlace) -> Iterator[TwoServices]:
    """Both services, of this test's own."""
    with two_services(tmp_path, tmp_path / "state", interlace, customers=CUSTOMERS) as opened:
        yield opened


@pytest.fixture
def synchronized(services: TwoServices) -> TwoServices:
    """Both services, with nothing left to synchronize."""
    for _ in range(2):
        assert services.interlace("synch", *PARTIES, "--full").code in {ExitCode.OK, ExitCode.REMAINING}
    return services


def writes_of(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the writes of planned actions, from their JSON."""
    return [write for action in actions for write in action["writes"]]


def differing(before: Held, after: Held) -> dict[tuple[str, str], set[str]]:
    """Return the names of the fields that differ, by side and key; created and deleted records have all of theirs."""
    changed: dict[tuple[str, str], set[str]] = {}
    for place in before.keys() | after.keys():
        old, new = before.get(place, {}), after.get(place, {})
        names = {name for name in old.keys() | new.keys() if not same_value(old.get(name), new.get(name))}
        if names:
            changed.setdefault((place[0], place[2]), set()).update(names)
    return changed


def test_a_plan_reads_only(services: TwoServices, tmp_path: Path) -> None:
    """Neither service gets a request other than GET, but for the CRM's sign-in."""
    before = services.written
    counts = [services.erp.requests.counts.copy(), services.crm.requests.counts.copy()]
    ended = services.interlace("plan", *PARTIES, "--full", "--out", str(tmp_path / "it.plan"))
    assert ended.code == ExitCode.CHANGES_PENDING
    assert services.written == before
    asked = [services.erp.requests.counts - counts[0], services.crm.requests.counts - counts[1]]
    assert set(asked[0]) == {"GET"}
    assert set(asked[1]) <= {"GET", "POST"}
    assert asked[1]["POST"] <= 1


def test_applying_a_plan_changes_just_what_it_says(services: TwoServices, tmp_path: Path) -> None:
    """Records, fields and values that changed in the services are those of the plan's applied actions."""
    path = str(tmp_path / "it.plan")
    assert services.interlace("plan", *PARTIES, "--full", "--out", path).code == ExitCode.CHANGES_PENDING
    before = services.held()
    ended = services.interlace("apply", path, "--json")
    after = services.held()
    told = [json.loads(line, parse_float=Decimal) for line in ended.out.splitlines()]
    applied = [each for each in told if each["ending"] == "applied"]
    assert len(applied) > 2 * CUSTOMERS
    written: dict[tuple[str, str], dict[str, Any]] = {}
    for write in writes_of(applied):
        written.setdefault((write["side"], write["key"]), {}).update(write["after"])
    changed = differing(before, after)
    assert changed.keys() == written.keys()
    for (side, _, key), fields in after.items():
        for name, value in written.get((side, key), {}).items():
            assert name not in fields or same_value(fields[name], value), (side, key, name)
    again = services.interlace("plan", *PARTIES, "--full", "--json").objects
    assert {each["record"] for each in again if each["writes"]} <= {
        each["record"] for each in told if each["ending"] != "applied"
    }


def test_what_moved_since_the_plan_is_refused_and_named(synchronized: TwoServices, tmp_path: Path) -> None:
    """The moved record keeps what its users gave it; the other one is written; the exit code says that not all was."""
    synchronized.edit("CUSTOMER", Side.ERP, "C00010", {"Name": "Planned"})
    synchronized.edit("CUSTOMER", Side.ERP, "C00020", {"Name": "Planned too"})
    path = str(tmp_path / "it.plan")
    assert synchronized.interlace("plan", "CUSTOMER", "--out", path).code == ExitCode.CHANGES_PENDING
    synchronized.edit("CUSTOMER", Side.ERP, "C00020", {"Name": "Moved"})
    before = synchronized.held()
    ended = synchronized.interlace("apply", path)
    assert ended.code == ExitCode.REMAINING
    assert "name is 'Moved', not 'Planned too'" in ended.err
    written = differing(before, synchronized.held())
    assert written == {("crm", synchronized.partner("CUSTOMER", "C00010")): {"name"}}


def test_a_plan_that_was_changed_or_cut_off_is_refused(services: TwoServices, tmp_path: Path) -> None:
    """Nobody applies what nobody planned."""
    path = tmp_path / "it.plan"
    services.interlace("plan", "CURRENCY", "--full", "--out", str(path))
    whole = path.read_bytes()
    for spoiled in (whole.replace(b"create", b"change", 1), whole[: len(whole) // 2], b"no plan"):
        path.write_bytes(spoiled)
        before = services.written
        assert services.interlace("apply", str(path)).code == ExitCode.CONFIGURATION
        assert services.written == before


def test_undoing_a_whole_run_restores_both_services(services: TwoServices, tmp_path: Path) -> None:
    """All is as before but for choices, which stay, and what a person changed since, which is listed."""
    before = services.held()
    path = str(tmp_path / "it.plan")
    services.interlace("plan", *PARTIES, "--full", "--out", path)
    services.interlace("apply", path)
    edited = services.partner("CUSTOMER", "C00010")
    services.edit("CUSTOMER", Side.CRM, edited, {"name": "A person's word"})
    run = services.interlace("jobs", "CUSTOMER", "--json").objects[-1]["run_id"].partition(".")[0]
    ended = services.interlace("undo", run, "--yes")
    assert ended.code == ExitCode.REMAINING
    assert 'name is "A person\'s word"' in ended.out
    undone = services.held()
    left = {place for place in differing(before, undone) if "-" in place[1]}
    assert left == {("crm", edited)}
    for arguments in (["synch", *PARTIES], ["synch", *PARTIES, "--full"]):
        services.interlace(*arguments)
        redone = {place for place in differing(undone, services.held()) if place != ("crm", edited)}
        assert not {place for place in redone if place[0] == "crm"}
    services.interlace("errors", "retry", "USD", "--mapping", "CURRENCY")
    services.interlace("synch", "CURRENCY")
    assert services.partner("CURRENCY", "USD")


def test_undoing_an_undo_does_everything_again(services: TwoServices, tmp_path: Path) -> None:
    """References between restored records are filled in, and the pairs take part as if nothing had happened."""
    path = str(tmp_path / "it.plan")
    services.interlace("plan", *PARTIES, "--full", "--out", path)
    services.interlace("apply", path)
    done = services.held()
    run = services.interlace("jobs", "CUSTOMER", "--json").objects[-1]["run_id"].partition(".")[0]
    services.interlace("undo", run, "--yes")
    assert services.held() != done
    runs = {each["run_id"] for each in services.interlace("jobs", "CUSTOMER", "--json").objects}
    (undo,) = [each for each in runs if each.startswith("undo-")]
    assert services.interlace("undo", undo, "--yes").code == ExitCode.OK
    assert differing(done, services.held()) == {}
    planned = services.interlace("plan", *PARTIES, "--json").objects
    assert writes_of([each for each in planned if each["action"] != "create"]) == []


def test_the_loser_of_a_conflict_comes_back_and_stays(synchronized: TwoServices) -> None:
    """One field is undone; the next runs leave the pair alone until it changes."""
    changed = synchronized.interlace(
        "mappings", "set", "CUSTOMER", "update_conflict_resolution=Send Update to Integration"
    )
    assert changed.code == ExitCode.OK, changed.err
    account = synchronized.partner("CUSTOMER", "C00010")
    synchronized.edit("CUSTOMER", Side.ERP, "C00010", {"Name": "The ERP's"})
    synchronized.edit("CUSTOMER", Side.CRM, account, {"name": "The CRM's"})
    synchronized.interlace("synch", "CUSTOMER")
    place = ("crm", "account.", account)
    assert synchronized.held()[place]["name"] == "The ERP's"
    assert synchronized.interlace("undo", "C00010", "--field", "name", "--yes").code == ExitCode.OK
    assert synchronized.held()[place]["name"] == "The CRM's"
    for arguments in (["synch", "CUSTOMER"], ["synch", "CUSTOMER", "--full"]):
        synchronized.interlace(*arguments)
        assert synchronized.held()[place]["name"] == "The CRM's"
    listed = synchronized.interlace("errors", "list", "CUSTOMER", "--json").objects
    assert [each["code"] for each in listed if each["record"] == "C00010"] == ["IL-208"]
    synchronized.edit("CUSTOMER", Side.ERP, "C00010", {"Name": "The ERP's second"})
    synchronized.interlace("synch", "CUSTOMER")
    assert synchronized.held()[place]["name"] == "The ERP's second"
