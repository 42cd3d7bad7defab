"""Undo plans the inverse of journalled writes, leaves what changed since, and holds what it took back."""

from typing import Any

import pytest
from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World
from tests.engine.test_restored_backups import goes_away_after_refusal

from interlace.connectors.runner import run
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.keys import MappingName
from interlace.domain.plan import PlannedAction, PlannedKind
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.apply_plan import ActionEnd, Ending
from interlace.engine.apply_undo import UndoApplication
from interlace.engine.ports import Outcome
from interlace.engine.synch_chosen import synch_chosen
from interlace.engine.undo import Journalled, plan_undo
from interlace.store.database import Database
from interlace.store.journal import JournalSelection
from interlace.store.queries import StoreQueries
from interlace.testing.fake_service import ScriptedAnswer


class Undoer:
    """Plans and applies undos in a world."""

    def __init__(self, world: World, database: Database) -> None:
        self.world = world
        self._queries = StoreQueries(database)
        self._undos = 0

    def last(self) -> int:
        """Return the number of the newest journal entry."""
        found = self._queries.journalled_writes(self.world.connection, JournalSelection())
        return found[-1].sequence if found else 0

    def entries(self, after: int, *, of_undo: bool = False) -> list[Journalled]:
        """Return the journal's entries behind a number."""
        found = self._queries.journalled_writes(self.world.connection, JournalSelection(after=after))
        return [
            Journalled(sequence=each.sequence, at=each.at, entry=each.entry, of_undo=of_undo)
            for each in found
        ]

    async def plan(
        self, entries: list[Journalled], mapping: MappingName = FIRMS, **options: Any
    ) -> list[PlannedAction]:
        """Plan the inverse of entries."""
        actions: list[PlannedAction] = []
        work = plan_undo(self.world.setup(mapping), entries, actions.append, **options)
        await run(work, self.world.erp, self.world.crm, self.world.clock)
        return actions

    async def apply(
        self, entries: list[Journalled], actions: list[PlannedAction], mapping: MappingName = FIRMS
    ) -> list[ActionEnd]:
        """Carry a planned undo out."""
        self._undos += 1
        told: list[ActionEnd] = []
        job = SynchJob(
            id=f"undo-{self._undos}",
            mapping=mapping,
            direction=TO,
            started_at=self.world.clock.now(),
            counters=Counters(),
            run_id=f"undo-{self._undos}",
        )
        undo = UndoApplication(
            run=self.world.setup(mapping),
            journal={each.sequence: each for each in entries},
            job=job,
            told=told.append,
        )
        await run(undo.carry_out(actions), self.world.erp, self.world.crm, self.world.clock)
        return told

    async def undo(self, after: int, **options: Any) -> list[ActionEnd]:
        """Undo everything behind a journal entry."""
        entries = self.entries(after, **options)
        return await self.apply(entries, await self.plan(entries))


@pytest.fixture
def undoer(world: World, database: Database) -> Undoer:
    """Return what undoes in the world."""
    return Undoer(world, database)


async def coupled(world: World) -> None:
    """Bring the world to its first agreement."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)


async def test_an_undone_change_is_held_until_the_record_changes(world: World, undoer: Undoer) -> None:
    """The account holds its old name again; no run renames it until the customer is changed once more."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    await world.synch(FIRMS)
    assert [each.ending for each in await undoer.undo(start)] == [Ending.APPLIED]
    account = world.partner("C1")
    agreed = world.store.couplings_by_key(FIRMS, Side.ERP, ["C1"])["C1"].agreed
    assert agreed is not None
    assert agreed.pairs[1] == ("Firm 1", "Firm 1")
    for _ in range(2):
        await world.synch(FIRMS)
        await world.full(FIRMS, retry_skipped=True)
        assert (world.crm.get("account", account) or {})["name"] == "Firm 1"
        assert (world.erp.get("Customer", "C1") or {})["Name"] == "Renamed"
    assert world.store.errors_of(FIRMS, TO, ["C1"])["C1"].error.code is ErrorCode.HELD_AFTER_UNDO
    world.erp.put("Customer", "C1", {"Name": "Renamed again"})
    await world.synch(FIRMS)
    assert (world.crm.get("account", account) or {})["name"] == "Renamed again"
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}


async def test_an_undone_record_keeps_the_name_of_its_partner(world: World, undoer: Undoer) -> None:
    """What was sent over everything named the partner once more; the pair stays coupled, so that is not taken back."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    sent = synch_chosen(world.setup(FIRMS), {TO: ("C1",)}, overwrites=True)
    await run(sent, world.erp, world.crm, world.clock)
    assert [each.ending for each in await undoer.undo(start)] == [Ending.APPLIED]
    account = world.crm.get("account", world.partner("C1")) or {}
    assert (account["name"], account["ilc_erpkey"]) == ("Firm 1", "C1")
    # What both agreed on before is known again: the name that came back is no news for the customer.
    for _ in range(2):
        await world.synch(FIRMS)
        assert (world.erp.get("Customer", "C1") or {})["Name"] == "Renamed"
        assert (world.crm.get("account", world.partner("C1")) or {})["name"] == "Firm 1"


async def test_what_a_person_changed_since_is_left_and_told(world: World, undoer: Undoer) -> None:
    """One field goes back, the other one stays with its reason."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed", "Phone": "77"})
    await world.synch(FIRMS)
    account = world.partner("C1")
    world.crm.put("account", account, {"telephone": "a person's"})
    (action,) = await undoer.plan(undoer.entries(start))
    assert action.kind is PlannedKind.CHANGE
    assert action.writes[0].after == {"name": "Firm 1"}
    assert 'telephone is "a person\'s"' in action.reason
    world.crm.put("account", account, {"name": "a person's, too"})
    (action,) = await undoer.plan(undoer.entries(start))
    assert (action.kind, action.writes) == (PlannedKind.SKIP, ())


async def test_a_created_record_goes_only_if_nobody_touched_it(world: World, undoer: Undoer) -> None:
    """Two accounts are deleted and their pairs forgotten; the one that somebody changed stays."""
    await world.full(PEOPLE)
    start = undoer.last()
    await world.full(FIRMS)
    kept = world.partner("C2")
    world.crm.put("account", kept, {"telephone": "a person's"})
    ends = await undoer.undo(start)
    assert [each.ending for each in ends] == [Ending.APPLIED] * 2
    assert world.crm.keys("account") == [kept]
    assert world.store.count_couplings(FIRMS) == 1
    await world.full(FIRMS, retry_skipped=True)
    assert world.crm.keys("account") == [kept]


async def test_a_deletion_of_ours_is_taken_back_and_stays_back(world: World, undoer: Undoer) -> None:
    """The customer is created again under its number, coupled as before, and not deleted again."""
    await coupled(world)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
    before = world.erp.get("Customer", "C1")
    account = world.partner("C1")
    start = undoer.last()
    world.crm.remove("account", account)
    await world.synch(FIRMS)
    assert "C1" not in world.erp.keys("Customer")
    assert [each.ending for each in await undoer.undo(start)] == [Ending.APPLIED]
    restored = world.erp.get("Customer", "C1")
    assert restored is not None
    assert before is not None
    assert {name: restored.get(name) for name in ("Name", "Phone")} == {"Name": "Firm 1", "Phone": "1"}
    assert world.partner("C1") == account
    for _ in range(2):
        await world.synch(FIRMS)
        await world.full(FIRMS, retry_skipped=True)
        assert "C1" in world.erp.keys("Customer")
        assert world.crm.get("account", account) is None
    held = world.store.errors_of(FIRMS, FROM, [account])[account]
    assert held.error.code is ErrorCode.HELD_AFTER_UNDO


async def test_an_undo_of_an_undo_leaves_nothing_held(world: World, undoer: Undoer) -> None:
    """The account is renamed again and both sides agree: the next run has nothing to do."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    await world.synch(FIRMS)
    middle = undoer.last()
    await undoer.undo(start)
    ends = await undoer.undo(middle, of_undo=True)
    assert [each.ending for each in ends] == [Ending.APPLIED]
    assert (world.crm.get("account", world.partner("C1")) or {})["name"] == "Renamed"
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}
    world.crm.writes.clear()
    await world.synch(FIRMS)
    await world.full(FIRMS)
    assert world.crm.writes == []


async def test_what_moved_between_plan_and_application_is_refused(world: World, undoer: Undoer) -> None:
    """An undo is a plan like any other."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    await world.synch(FIRMS)
    entries = undoer.entries(start)
    actions = await undoer.plan(entries)
    world.crm.put("account", world.partner("C1"), {"name": "Moved"})
    (end,) = await undoer.apply(entries, actions)
    assert (end.ending, end.reason) == (Ending.REFUSED, "changed since the plan was made: name")


async def test_an_undo_whose_answer_was_lost_is_settled_by_the_next_run(world: World, undoer: Undoer) -> None:
    """The repeated request is refused, because the first one took effect: the journal must tell of it."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    await world.synch(FIRMS)
    account = world.partner("C1")
    world.crm.script("account", account, ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True))
    (end,) = await undoer.undo(start)
    assert end.ending is Ending.FAILED
    assert "the answer was lost" in end.reason
    written = undoer.last()
    await world.synch(FIRMS)
    (entry,) = [each.entry for each in undoer.entries(written)]
    assert (entry.key, entry.action, entry.after) == (account, "undo", {"name": "Firm 1"})
    assert (world.crm.get("account", account) or {})["name"] == "Firm 1"
    assert world.store.errors_of(FIRMS, TO, ["C1"])["C1"].error.code is ErrorCode.HELD_AFTER_UNDO
    assert world.store.open_intents(FIRMS) == []


async def test_an_undo_that_was_delivered_twice_is_done(world: World, undoer: Undoer) -> None:
    """The answer is a refusal, but the record holds what the undo wrote: it is told, and not redone."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    await world.synch(FIRMS)
    account, written = world.partner("C1"), undoer.last()
    world.crm.script("account", account, ScriptedAnswer(outcome=Outcome.STALE, takes_effect=True))
    (end,) = await undoer.undo(start)
    assert end.ending is Ending.APPLIED
    (entry,) = [each.entry for each in undoer.entries(written)]
    assert (entry.key, entry.action, entry.certain) == (account, "undo", False)
    await world.synch(FIRMS)
    assert (world.crm.get("account", account) or {})["name"] == "Firm 1"
    assert world.store.open_intents(FIRMS) == []


async def test_an_undo_that_was_delivered_twice_and_not_looked_at_stays_in_doubt(
    world: World, undoer: Undoer
) -> None:
    """The next run finds out, and the journal tells of it then."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    await world.synch(FIRMS)
    account, written = world.partner("C1"), undoer.last()
    world.crm.script("account", account, ScriptedAnswer(outcome=Outcome.STALE, takes_effect=True))
    goes_away_after_refusal(world)
    (end,) = await undoer.undo(start)
    assert end.ending is Ending.FAILED
    assert "may have taken effect" in end.reason
    await world.synch(FIRMS)
    (entry,) = [each.entry for each in undoer.entries(written)]
    assert (entry.key, entry.action) == (account, "undo")
    assert world.store.errors_of(FIRMS, TO, ["C1"])["C1"].error.code is ErrorCode.HELD_AFTER_UNDO
    assert world.store.open_intents(FIRMS) == []


async def test_an_undo_that_met_an_edit_is_refused(world: World, undoer: Undoer) -> None:
    """The record does not hold what the undo wrote, so nothing was undone, and nothing is told."""
    await coupled(world)
    start = undoer.last()
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    await world.synch(FIRMS)
    account, written = world.partner("C1"), undoer.last()
    world.crm.script("account", account, ScriptedAnswer(outcome=Outcome.STALE))
    (end,) = await undoer.undo(start)
    assert end.ending is not Ending.APPLIED
    assert undoer.entries(written) == []
    assert world.store.open_intents(FIRMS) == []
