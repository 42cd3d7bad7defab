"""A restored backup of either service, or of our own memory, is noticed before anything wrong is written."""

import copy
from typing import Any

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, TO, World

from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.side import Side
from interlace.engine.memory import Intent, JournalEntry
from interlace.engine.ports import Outcome, Record, TableView, Write, WriteResult
from interlace.engine.service import ServiceUnavailable
from interlace.store.database import Database
from interlace.store.journal import JournalSelection
from interlace.store.queries import StoreQueries
from interlace.testing.fake_service import FakeService, ScriptedAnswer


def backup(service: FakeService) -> dict[str, Any]:
    """Take a backup of a service: its records and its marker rows."""
    return copy.deepcopy({"_tables": service._tables, "markers": service.markers})  # noqa: SLF001


def restore(service: FakeService, taken: dict[str, Any]) -> None:
    """Put a backup back; feeds that were read further cannot tell anything of it."""
    for name, value in copy.deepcopy(taken).items():
        setattr(service, name, value)
    service.expire_cursors()


async def settled(world: World) -> None:
    """Couple everything and let the echo pass."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)


async def test_old_values_of_a_restored_crm_are_written_over(world: World) -> None:
    """The CRM's older value is known as one that was agreed on once; the ERP's newer one is written again."""
    await settled(world)
    partner = world.partner("C1")
    taken = backup(world.crm)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    await world.synch(FIRMS)
    restore(world.crm, taken)
    await world.synch(FIRMS)
    erp, crm = world.erp.get("Customer", "C1"), world.crm.get("account", partner)
    assert erp is not None
    assert crm is not None
    assert (erp["Phone"], crm["telephone"]) == ("+47 new", "+47 new")


async def test_old_values_of_a_restored_erp_do_not_spread(world: World) -> None:
    """The edit came from the CRM; the restored ERP gets it again, and the CRM keeps it."""
    await settled(world)
    partner = world.partner("C1")
    taken = backup(world.erp)
    world.crm.put("account", partner, {"telephone": "+47 new"})
    await world.synch(FIRMS)
    restore(world.erp, taken)
    await world.synch(FIRMS)
    erp, crm = world.erp.get("Customer", "C1"), world.crm.get("account", partner)
    assert erp is not None
    assert crm is not None
    assert (erp["Phone"], crm["telephone"]) == ("+47 new", "+47 new")


async def test_a_record_missing_since_a_restore_is_created_again(world: World) -> None:
    """The account was created after the backup was taken: its absence is no deletion."""
    await settled(world)
    taken = backup(world.crm)
    world.erp.put("Customer", "C9", {"Name": "Later", "Phone": "1", "Salesperson": "AA"})
    await world.full(FIRMS)
    partner = world.partner("C9")
    restore(world.crm, taken)
    assert world.crm.get("account", partner) is None
    await world.synch(FIRMS)
    assert world.crm.get("account", partner) is not None
    assert world.erp.get("Customer", "C9") is not None


async def test_a_value_entered_after_the_restore_is_a_conflict(world: World) -> None:
    """Who entered it never saw the newer value: a person decides, and neither side is written."""
    await settled(world)
    partner = world.partner("C1")
    taken = backup(world.crm)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    await world.synch(FIRMS)
    restore(world.crm, taken)
    world.crm.put("account", partner, {"telephone": "+47 typed"})
    result = await world.synch(FIRMS)
    erp, crm = world.erp.get("Customer", "C1"), world.crm.get("account", partner)
    assert erp is not None
    assert crm is not None
    assert (erp["Phone"], crm["telephone"]) == ("+47 new", "+47 typed")
    assert world.counters(result)["failed"] == 2


class Journal:
    """What the journal has told of a CRM record since a moment."""

    def __init__(self, world: World, database: Database) -> None:
        self._connection = world.connection
        self._queries = StoreQueries(database)
        told = self._queries.journalled_writes(self._connection, JournalSelection())
        self._after = max(each.sequence for each in told)

    def told_of(self, key: str) -> list[tuple[str, bool]]:
        """Return the action of each write of a record, and whether it is certain."""
        selection = JournalSelection(after=self._after)
        told = self._queries.journalled_writes(self._connection, selection)
        return [(each.entry.action, each.entry.certain) for each in told if each.entry.key == key]


def delivered_twice(second: Outcome) -> ScriptedAnswer:
    """Return the answer to a write that took effect by its first delivery: what the second one met."""
    return ScriptedAnswer(outcome=second, takes_effect=True)


async def test_a_create_delivered_twice_after_a_restore_is_told(world: World, database: Database) -> None:
    """The pair is in doubt, so its own record is not taken for proof; the journal tells of it all the same."""
    await settled(world)
    taken = backup(world.crm)
    world.erp.put("Customer", "C9", {"Name": "Later", "Phone": "1", "Salesperson": "AA"})
    await world.full(FIRMS)
    partner, journal = world.partner("C9"), Journal(world, database)
    restore(world.crm, taken)
    world.crm.script("account", partner, delivered_twice(Outcome.EXISTS))
    await world.synch(FIRMS)
    assert world.partner("C9") == partner
    assert world.crm.get("account", partner) is not None
    assert journal.told_of(partner)[0] == ("restore", False)
    assert world.store.open_intents(FIRMS) == []


async def test_an_update_delivered_twice_after_a_restore_is_told(world: World, database: Database) -> None:
    """A restored service may hold the same values by its age: so its entry is not certain."""
    await settled(world)
    partner = world.partner("C1")
    taken = backup(world.crm)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    await world.synch(FIRMS)
    journal = Journal(world, database)
    restore(world.crm, taken)
    world.crm.script("account", partner, delivered_twice(Outcome.STALE))
    await world.synch(FIRMS)
    account = world.crm.get("account", partner)
    assert account is not None
    assert account["telephone"] == "+47 new"
    assert journal.told_of(partner)[0] == ("modify", False)


async def test_a_refused_update_whose_values_are_there_is_told_as_uncertain(
    world: World, database: Database
) -> None:
    """Either its first delivery put them there, or somebody entered the very same ones, and refused it by that."""
    await settled(world)
    partner, journal = world.partner("C1"), Journal(world, database)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    world.crm.script("account", partner, delivered_twice(Outcome.STALE))
    await world.synch(FIRMS)
    assert journal.told_of(partner) == [("modify", False)]
    assert world.store.open_intents(FIRMS) == []


async def test_what_the_last_try_did_is_told_though_nobody_tries_again(
    world: World, database: Database
) -> None:
    """The record goes on the error list as changed meanwhile; its last update, delivered twice, had changed it."""
    await settled(world)
    partner, journal = world.partner("C1"), Journal(world, database)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    refused = ScriptedAnswer(outcome=Outcome.STALE)
    world.crm.script("account", partner, refused, refused, delivered_twice(Outcome.STALE))
    await world.synch(FIRMS)
    account = world.crm.get("account", partner)
    assert account is not None
    assert account["telephone"] == "+47 new"
    assert journal.told_of(partner)[0] == ("modify", False)


class AwayAfterRefusal(FakeService):
    """A service that can't be read once after it has refused a write."""

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Carry out writes; after a refusal the next read fails."""
        results = await super().write(view, writes)
        if any(each.outcome is not Outcome.DONE for each in results):
            self.fail_next_read(ServiceUnavailable("The CRM is away."))
        return results


def goes_away_after_refusal(world: World) -> None:
    """Let the CRM be away when a refused write's record is to be looked at."""
    away = AwayAfterRefusal()
    vars(away).update(vars(world.crm))
    world.crm = away


async def test_an_update_delivered_twice_is_told_though_nobody_could_look(
    world: World, database: Database
) -> None:
    """The run ends before the look that would have shown it; the next one looks, and tells."""
    await settled(world)
    partner, journal = world.partner("C1"), Journal(world, database)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    world.crm.script("account", partner, delivered_twice(Outcome.STALE))
    goes_away_after_refusal(world)
    with pytest.raises(ServiceUnavailable):
        await world.synch(FIRMS)
    account = world.crm.get("account", partner)
    assert account is not None
    assert account["telephone"] == "+47 new"
    assert len(world.store.open_intents(FIRMS)) == 1
    await world.synch(FIRMS)
    assert [action for action, _ in journal.told_of(partner)] == ["modify"]
    assert world.store.open_intents(FIRMS) == []


async def test_a_lost_update_is_not_proved_by_what_a_restored_service_holds(
    world: World, database: Database
) -> None:
    """The backup holds by its age what was to be written; that counts as proof neither now nor in a later run."""
    await settled(world)
    partner = world.partner("C1")
    taken = backup(world.crm)
    held = world.crm.get("account", partner)
    assert held is not None
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    await world.synch(FIRMS)
    journal = Journal(world, database)
    entry = JournalEntry(
        mapping=FIRMS,
        side=Side.CRM,
        key=partner,
        action="modify",
        job_id="job",
        before={"telephone": "+47 new"},
        after={"telephone": held["telephone"]},
        lost={},
        source_key="C1",
    )
    intent = Intent(
        mapping=FIRMS, side=Side.CRM, source_key="C1", key=partner, creates=False, job_id="job", entry=entry
    )
    world.store.announce([intent])
    world.erp.put("Customer", "C1", {"Phone": held["telephone"]})
    restore(world.crm, taken)
    for _ in range(3):
        await world.synch(FIRMS)
    assert [told for told in journal.told_of(partner) if told[0] == "modify"] == [("modify", False)]
    assert world.store.open_intents(FIRMS) == []


async def test_an_update_refused_to_an_edit_is_not_told_though_nobody_could_look(
    world: World, database: Database
) -> None:
    """A user's edit was the reason: the next run sends the update again, and tells of that one alone."""
    await settled(world)
    partner, journal = world.partner("C1"), Journal(world, database)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    world.crm.script("account", partner, ScriptedAnswer(outcome=Outcome.STALE))
    goes_away_after_refusal(world)
    with pytest.raises(ServiceUnavailable):
        await world.synch(FIRMS)
    world.clock.seconds += 2.0
    await world.synch(FIRMS)
    account = world.crm.get("account", partner)
    assert account is not None
    assert account["telephone"] == "+47 new"
    assert journal.told_of(partner) == [("modify", True)]
    assert world.store.open_intents(FIRMS) == []


async def test_a_create_delivered_twice_is_told_though_nobody_could_look(
    world: World, database: Database
) -> None:
    """Its source changed before the next run, so the account there does not hold any more what was sent."""
    await settled(world)
    journal = Journal(world, database)
    world.erp.put("Customer", "C9", {"Name": "Later", "Phone": "1", "Salesperson": "AA"})
    partner = world.setup(FIRMS).chosen_key(Side.CRM, "C9")
    world.crm.script("account", partner, delivered_twice(Outcome.EXISTS))
    goes_away_after_refusal(world)
    with pytest.raises(ServiceUnavailable):
        await world.full(FIRMS)
    assert world.crm.get("account", partner) is not None
    assert journal.told_of(partner) == [("insert", False)]
    assert world.store.open_intents(FIRMS) == []


@pytest.mark.parametrize("side", list(Side))
async def test_a_missing_marker_row_stops_the_mapping(world: World, side: Side) -> None:
    """A wiped table or another environment: nothing is written until a person has released the halt.

    The released run takes the service for a restored one: what was typed there since is a conflict.
    """
    await settled(world)
    service = world.erp if side is Side.ERP else world.crm
    service.markers = {}
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    before = len(world.erp.writes) + len(world.crm.writes)
    result = await world.synch(FIRMS)
    assert result.stopped
    assert len(world.erp.writes) + len(world.crm.writes) == before
    halt = world.store.halt(FIRMS)
    assert halt is not None
    assert halt.side is side
    world.store.release_halt(FIRMS, "Ada")
    await world.synch(FIRMS)
    crm = world.crm.get("account", world.partner("C1"))
    assert crm is not None
    assert crm["telephone"] == ("1" if side is Side.ERP else "+47 new")
    assert bool(world.store.retry_candidates(FIRMS, TO)) is (side is Side.ERP)
    assert world.store.halt(FIRMS) is None


async def test_what_a_restore_takes_away_under_a_run_is_not_told_as_our_deletion(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """1. The answer to a deletion was lost; the next run reads the marker rows, and all is well.

    2. The CRM is restored to a time at which the account was not there yet.
    3. The look for the account finds nothing: whose doing that is, only the marker rows tell now.
    """
    await settled(world)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
    taken = backup(world.crm)
    world.erp.put("Customer", "C9", {"Name": "Later", "Phone": "1", "Salesperson": "AA"})
    await world.full(FIRMS)
    partner, journal = world.partner("C9"), Journal(world, database)
    world.erp.remove("Customer", "C9")
    world.crm.script("account", partner, *[ScriptedAnswer(outcome=Outcome.UNKNOWN)] * 4)
    await world.synch(FIRMS)
    assert [each.key for each in world.store.open_intents(FIRMS)] == [partner]
    read = world.crm.read_keys

    async def restored(view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
        """Go back in time just before the account is looked for."""
        if view.table == "account" and partner in keys:
            monkeypatch.setattr(world.crm, "read_keys", read)
            restore(world.crm, taken)
        return await read(view, keys)

    monkeypatch.setattr(world.crm, "read_keys", restored)
    result = await world.synch(FIRMS)
    assert result.start_over
    assert journal.told_of(partner) == []
    for _ in range(3):
        world.clock.seconds += 60.0
        await world.full(FIRMS)
    assert ("delete", True) not in journal.told_of(partner)
    assert ("delete", False) in journal.told_of(partner)
    assert world.store.open_intents(FIRMS) == []
    assert world.crm.get("account", partner) is None
