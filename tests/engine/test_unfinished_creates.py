"""A create whose sender died: what the service takes only from an existing record is written by the next run."""

from typing import Any

import pytest
from tests.engine.conftest import BOTH, FIRMS, PEOPLE, TO, World

from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.side import Side
from interlace.domain.transformation_rule import Choose
from interlace.engine.memory import BatchResult
from interlace.engine.ports import Outcome, Write
from interlace.store.connection_store import ConnectionStore
from interlace.store.database import Database
from interlace.store.journal import JournalSelection
from interlace.store.queries import StoreQueries
from interlace.testing.fake_service import ScriptedAnswer


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
