"""A create whose sender died: what the service takes only from an existing record is written by the next run."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import BOTH, FIRMS, PEOPLE, TO, World

from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.side import Side
from interlace.domain.transformation_rule import Choose
from interlace.domain.values import Value
from interlace.engine.memory import BatchResult, Intent
from interlace.engine.ports import Changes, Outcome, TableView, Write
from interlace.store.connection_store import ConnectionStore
from interlace.store.database import Database
from interlace.store.journal import JournalSelection
from interlace.store.queries import StoreQueries
from interlace.testing.fake_service import ScriptedAnswer

STATE = IntegrationFieldMapping(
    erp_field="Closed",
    crm_field="statecode",
    direction=BOTH,
    not_null=True,
    after_insert=True,
    opening_value=0,
    to_rules=(Choose(pairs=((False, 0), (True, 1))),),
    from_rules=(Choose(pairs=((0, False), (1, True))),),
)
"""As products have it: draft (2) and under revision (3) say nothing about the ERP record."""


class Died(Exception):
    """The process ends here."""


class MortalStore:
    """The store, but for the moment at which the process dies before it has remembered a batch of writes."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def remember(self, result: BatchResult) -> None:
        """Die instead of remembering a batch that wrote something."""
        if result.finished_intents:
            raise Died
        self._store.remember(result)


class MortalAfter(MortalStore):
    """The store, but the process dies before an update that would follow what was remembered of a create."""

    def __init__(self, store: ConnectionStore, *, updates: int = 0) -> None:
        super().__init__(store)
        self._left = updates

    def announce(self, intents: Sequence[Intent]) -> None:
        """Die instead of announcing an update, once so many were announced."""
        if any(not each.creates for each in intents):
            if self._left == 0:
                raise Died
            self._left -= 1
        self._store.announce(intents)

    def remember(self, result: BatchResult) -> None:
        """Remember every batch."""
        self._store.remember(result)


async def one_firm(world: World, *, closed: bool) -> None:
    """Leave one customer, whose state is carried in both directions."""
    world.change(FIRMS, fields=(*world.mappings[FIRMS].fields, STATE))
    await world.full(PEOPLE)
    world.erp.put("Customer", "C1", {"Closed": closed})
    world.erp.remove("Customer", "C2")
    world.erp.remove("Customer", "C3")


async def die(world: World, store: MortalStore) -> None:
    """Run until the process dies."""
    mortal: Any = store
    with pytest.raises(Died):
        await world.full(FIRMS, store=mortal)


def states_written(world: World) -> list[Value]:
    """Return the states that were written since the writes were cleared."""
    written = [write.values for _, write in world.crm.writes if isinstance(write, Write)]
    return [values["statecode"] for values in written if "statecode" in values]


def state_of(world: World, key: str) -> Value:
    """Return the state that an account holds."""
    account = world.crm.get("account", key)
    assert account is not None
    return account["statecode"]


async def rests(world: World) -> bool:
    """Tell whether a run of everything finds nothing to write."""
    world.crm.writes.clear()
    world.erp.writes.clear()
    await world.full(FIRMS)
    return (world.crm.writes, world.erp.writes) == ([], [])


@pytest.mark.parametrize("compare_all", [True, False])
@pytest.mark.parametrize(("closed", "states"), [(False, [0]), (True, [0, 1])])
@pytest.mark.parametrize("dies_twice", [True, False])
async def test_a_coupled_create_is_opened_though_nobody_announced_it(
    world: World, *, dies_twice: bool, closed: bool, states: list[int], compare_all: bool
) -> None:
    """The process dies between remembering the pair and the opening write, after an adoption or its own create."""
    await one_firm(world, closed=closed)
    if dies_twice:
        await die(world, MortalStore(world.store))
        world.crm.put("account", world.crm.keys("account")[0], {"statecode": 2})
    await die(world, MortalAfter(world.store))
    [key] = world.crm.keys("account")
    world.crm.put("account", key, {"statecode": 2})
    assert world.partner("C1") == key
    world.crm.writes.clear()
    world.erp.writes.clear()
    await world.synch(FIRMS, compare_all=compare_all)
    assert states_written(world) == states
    assert state_of(world, key) == states[-1]
    assert world.erp.writes == []
    assert await rests(world)


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("dies_twice", [True, False])
async def test_a_look_at_a_new_record_does_not_agree_that_it_stays_unopened(
    world: World, monkeypatch: pytest.MonkeyPatch, *, dies_twice: bool, closed: bool
) -> None:
    """The CRM's feed alone names the pair, for the ERP's has moved on: the pass that opens the record is told of it."""
    await one_firm(world, closed=closed)
    customer = world.erp.get("Customer", "C1")
    assert customer is not None
    world.erp.remove("Customer", "C1")
    await world.full(FIRMS)
    world.erp.put("Customer", "C1", customer)
    if dies_twice:
        await die(world, MortalStore(world.store))
        world.crm.put("account", world.crm.keys("account")[0], {"statecode": 2})
    await die(world, MortalAfter(world.store))
    [key] = world.crm.keys("account")
    world.crm.put("account", key, {"statecode": 2})

    async def silent(_view: TableView, cursor: str | None) -> Changes:
        """Write nothing."""
        return Changes(keys=(), deleted=(), cursor=cursor, complete=True)

    monkeypatch.setattr(world.erp, "read_changes", silent)
    await world.synch(FIRMS)
    assert state_of(world, key) == int(closed)
    assert await rests(world)


async def test_a_closed_record_is_closed_though_the_process_died_once_it_was_opened(world: World) -> None:
    """The opening is remembered, the last write was never announced: the next run takes the ERP record up again."""
    await one_firm(world, closed=True)
    await die(world, MortalAfter(world.store, updates=1))
    [key] = world.crm.keys("account")
    assert state_of(world, key) == 0
    await world.synch(FIRMS)
    assert state_of(world, key) == 1
    assert await rests(world)


async def test_a_reference_is_filled_though_the_process_died_in_the_middle_of_the_batch(world: World) -> None:
    """One pair is stored while another of its batch is still to be closed: that it waits is stored with it."""
    owner = replace(world.mappings[FIRMS].fields[0], clear_value_on_failed_sync=True)
    world.change(FIRMS, fields=(owner, *world.mappings[FIRMS].fields[1:], STATE))
    world.erp.put("Customer", "C1", {"Closed": False})
    world.erp.put("Customer", "C2", {"Closed": True})
    world.erp.remove("Customer", "C3")
    await die(world, MortalAfter(world.store, updates=1))
    listed = world.store.errors_of(FIRMS, TO, ["C1"])
    assert [each.error.code for each in listed.values()] == [ErrorCode.REFERENCE_CLEARED]
    await world.full(PEOPLE)
    await world.synch(FIRMS)
    account = world.crm.get("account", world.partner("C1"))
    assert account is not None
    assert account["ownerid"] == "u-a"
    assert world.store.errors_of(FIRMS, TO, ["C1", "C2"]) == {}
    assert await rests(world)


async def test_a_persons_draft_is_not_opened_though_its_erp_record_is_new(world: World) -> None:
    """The process dies between the creates from the CRM and a write that follows one of them."""
    await one_firm(world, closed=False)
    world.erp.remove("Customer", "C1")
    world.crm.put("account", "draft", {"name": "Draft", "statecode": 2})
    world.crm.put("account", "retired", {"name": "Retired", "statecode": 1})
    await die(world, MortalAfter(world.store))
    for key in world.erp.keys("Customer"):
        world.erp.put("Customer", key, {"Closed": False})
    world.crm.writes.clear()
    await world.full(FIRMS)
    assert states_written(world) == []
    assert [state_of(world, key) for key in ("draft", "retired")] == [2, 1]


@pytest.mark.parametrize("state", [2, 3])
async def test_a_record_that_a_person_put_back_to_draft_or_revision_stays_there(
    world: World, *, state: int
) -> None:
    """It was opened once, so nothing is owed to it: it says nothing about the ERP record, and is left alone."""
    await one_firm(world, closed=False)
    await world.full(FIRMS)
    key = world.partner("C1")
    assert state_of(world, key) == 0
    world.crm.put("account", key, {"statecode": state})
    await world.synch(FIRMS)
    assert state_of(world, key) == state
    assert await rests(world)
    world.erp.put("Customer", "C1", {"Phone": "2"})
    await world.synch(FIRMS)
    assert state_of(world, key) == state


@pytest.mark.parametrize(("blocked", "states"), [(False, [0]), (True, [0, 1])])
async def test_an_adopted_create_is_opened_and_gets_its_deferred_fields(
    world: World, *, blocked: bool, states: list[int]
) -> None:
    """The record is in draft, as its service makes new ones: it passes through the opening value, then gets its own."""
    row = IntegrationFieldMapping(
        erp_field="Closed",
        crm_field="statecode",
        direction=BOTH,
        after_insert=True,
        opening_value=0,
        to_rules=(Choose(pairs=((False, 0), (True, 1))),),
        from_rules=(Choose(pairs=((0, False), (1, True), (2, False))),),
    )
    world.change(FIRMS, fields=(*world.mappings[FIRMS].fields, row))
    await world.full(PEOPLE)
    world.erp.put("Customer", "C1", {"Closed": blocked})
    world.erp.remove("Customer", "C2")
    world.erp.remove("Customer", "C3")
    mortal: Any = MortalStore(world.store)
    with pytest.raises(Died):
        await world.full(FIRMS, store=mortal)
    [key] = world.crm.keys("account")
    world.crm.put("account", key, {"statecode": 2})
    world.crm.writes.clear()
    await world.full(FIRMS)
    assert world.partner("C1") == key
    written = [write.values for _, write in world.crm.writes if isinstance(write, Write)]
    assert [values["statecode"] for values in written if "statecode" in values] == states
    account = world.crm.get("account", key)
    assert account is not None
    assert account["statecode"] == states[-1]
    assert world.store.open_intents(FIRMS) == []
    world.crm.writes.clear()
    world.erp.writes.clear()
    await world.full(FIRMS)
    assert (world.crm.writes, world.erp.writes) == ([], [])


async def test_a_refusal_after_a_lost_answer_ends_when_the_lost_request_does(world: World) -> None:
    """Until then the first delivery may still take effect; its bytes are sent again, and then never again."""
    await world.full(PEOPLE)
    for key in ("C2", "C3"):
        world.erp.remove("Customer", key)
    key = world.setup(FIRMS).chosen_key(Side.CRM, "C1")
    lost, refused = ScriptedAnswer(outcome=Outcome.UNKNOWN), ScriptedAnswer(outcome=Outcome.REJECTED)
    world.crm.declare("account", max_request_life_seconds=600.0)
    world.crm.script("account", key, *[lost] * 4, refused, refused)
    await world.full(FIRMS)
    [first] = world.store.open_intents(FIRMS)
    world.erp.put("Customer", "C1", {"Name": "Corrected"})
    await world.synch(FIRMS)
    [again] = world.store.open_intents(FIRMS)
    assert again.sent == first.sent
    assert [each.error.code for each in world.store.errors_of(FIRMS, TO, ["C1"]).values()] == [
        ErrorCode.REJECTED_BY_SERVICE
    ]
    world.clock.seconds += 1000
    await world.synch(FIRMS)
    assert world.store.open_intents(FIRMS) == []
    bodies = [write.values["name"] for _, write in world.crm.writes if isinstance(write, Write)]
    assert bodies[-1] == "Corrected"
    assert len({*bodies[:-1]}) == 1
    account = world.crm.get("account", key)
    assert account is not None
    assert account["name"] == "Corrected"
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}


async def test_a_create_that_a_person_undid_before_it_was_seen_is_made_again(
    world: World, database: Database
) -> None:
    """A stated limit: it can't be told from a request that was lost, so the journal tells of one create."""
    await world.full(PEOPLE)
    key = world.setup(FIRMS).chosen_key(Side.CRM, "C1")
    lost = ScriptedAnswer(outcome=Outcome.UNKNOWN)
    world.crm.script("account", key, *[lost] * 3, ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True))
    await world.full(FIRMS)
    assert [intent.key for intent in world.store.open_intents(FIRMS)] == [key]
    world.crm.remove("account", key)
    await world.full(FIRMS)
    assert world.partner("C1") == key
    assert world.crm.get("account", key) is not None
    told = StoreQueries(database).journalled_writes(world.connection, JournalSelection())
    creates = [each.entry for each in told if (each.entry.key, each.entry.action) == (key, "insert")]
    assert [entry.certain for entry in creates] == [True]


async def test_an_update_of_a_record_that_was_deleted_and_made_anew_is_journalled(
    world: World, database: Database
) -> None:
    """What the new record holds says nothing of the old one, though it is what the old one held before the update."""
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.RESTORE_RECORDS)
    await world.full(PEOPLE)
    await world.full(FIRMS)
    key = world.partner("C1")
    first = world.erp.get("Customer", "C1")
    assert first is not None
    world.erp.put("Customer", "C1", {"Phone": "2"})
    await die(world, MortalStore(world.store))
    world.erp.put("Customer", "C1", {"Phone": first["Phone"]})
    world.crm.remove("account", key)
    await die(world, MortalStore(world.store))
    await world.full(FIRMS)
    told = StoreQueries(database).journalled_writes(world.connection, JournalSelection())
    actions = [(each.entry.action, each.entry.certain) for each in told if each.entry.key == key]
    assert sorted(actions) == [("insert", True), ("modify", False), ("restore", True)]
