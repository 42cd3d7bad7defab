"""A request that is refused because it was delivered twice: what its first delivery did stands in the journal."""

from dataclasses import dataclass

import pytest
from tests.engine.conftest import SetClock
from tests.engine.saga_world import ORDERS, SagaWorld
from tests.engine.test_saga import couple_customer

from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.keys import ConnectionId
from interlace.engine.ports import Outcome, TableView, Write, WriteResult
from interlace.engine.service import ServiceUnavailable
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection, new_connection_id, store_connection
from interlace.store.database import Database
from interlace.store.journal import JournalSelection
from interlace.store.queries import StoreQueries
from interlace.testing.fake_documents import FakeDocumentService
from interlace.testing.fake_service import ScriptedAnswer

NOTE = "insert:note"
CHANGE = "change:order"
FULFILL = "perform:order:Fulfill"


class AwayAfterRefusal(FakeDocumentService):
    """A service that can't be read once after it has refused a write."""

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Carry out writes; after a refusal the next read fails."""
        results = await super().write(view, writes)
        if any(each.outcome is not Outcome.DONE for each in results):
            self.fail_next_read(ServiceUnavailable("The CRM is away."))
        return results


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A saga between two services, and its journal."""

    world: SagaWorld
    connection: ConnectionId
    queries: StoreQueries

    def told_of(self, action: str) -> list[tuple[str, bool]]:
        """Return the key of each write of a kind that the journal tells of, and whether it is certain."""
        told = self.queries.journalled_writes(self.connection, JournalSelection())
        return [(each.entry.key, each.entry.certain) for each in told if each.entry.action == action]

    async def process(self) -> None:
        """Run twice: the first run may meet a service that is away."""
        try:
            await self.world.process()
        except ServiceUnavailable:
            await self.world.process()


def delivered_twice(second: Outcome) -> ScriptedAnswer:
    """Return the answer to a request that took effect by its first delivery: what the second one met."""
    words = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message="The order is not open.")
    return ScriptedAnswer(outcome=second, takes_effect=True, error=words)


@pytest.fixture
def scene(database: Database) -> Scene:
    """Return services with one coupled customer and one order."""
    connection, clock = new_connection_id(), SetClock()
    with database.write() as writing:
        store_connection(writing, StoredConnection(id=connection, name="test"), clock.now())
    store = ConnectionStore(database, connection, clock=clock.now)
    couple_customer(store)
    world = SagaWorld(store=store, clock=clock)
    world.submit("o1")
    return Scene(world=world, connection=connection, queries=StoreQueries(database))


def go_away_after_refusals(world: SagaWorld) -> None:
    """Let the CRM be away when a refused write's record is to be looked at."""
    away = AwayAfterRefusal()
    vars(away).update(vars(world.crm))
    world.crm = away


@pytest.mark.parametrize("goes_away", [False, True])
async def test_a_change_delivered_twice_is_told(scene: Scene, *, goes_away: bool) -> None:
    """The order names its partner, by whichever delivery; whether this run or the next one could look."""
    if goes_away:
        go_away_after_refusals(scene.world)
    scene.world.crm.script("order", "o1", delivered_twice(Outcome.STALE))
    await scene.process()
    order = scene.world.crm.get("order", "o1")
    assert order is not None
    assert order["partner"] == "D001"
    assert scene.told_of(CHANGE) == [("o1", False)]
    assert scene.world.store.open_intents(ORDERS) == []
    assert scene.world.tracked("o1").stage == "Open"


@pytest.mark.parametrize("goes_away", [False, True])
async def test_a_record_inserted_twice_is_told(scene: Scene, *, goes_away: bool) -> None:
    """The second delivery finds the note there."""
    if goes_away:
        go_away_after_refusals(scene.world)
    scene.world.crm.script("note", "note o1", delivered_twice(Outcome.EXISTS))
    await scene.process()
    assert scene.world.crm.get("note", "note o1") is not None
    assert scene.told_of(NOTE) == [("note o1", False)]
    assert scene.world.store.open_intents(ORDERS) == []


@pytest.mark.parametrize("second", [Outcome.STALE, Outcome.REJECTED])
async def test_a_message_delivered_twice_is_told(scene: Scene, second: Outcome) -> None:
    """The order is fulfilled; who is asked a second time refuses it, and the order isn't held for long."""
    await scene.world.process()
    scene.world.ship("D001")
    scene.world.crm.script_next("Fulfill", delivered_twice(second))
    for _ in range(2):
        await scene.world.process()
    assert scene.world.tracked("o1").stage == "Shipped"
    assert not scene.world.tracked("o1").held
    assert scene.told_of(FULFILL) == [("o1", False)]
    assert len(scene.world.crm.performed) == 1
    assert scene.world.store.open_intents(ORDERS) == []


async def test_a_message_that_was_refused_is_sent_again_at_once(scene: Scene) -> None:
    """Nothing waits for a refused message, and the journal tells of the one that went through alone."""
    await scene.world.process()
    scene.world.ship("D001")
    scene.world.crm.script_next("Fulfill", ScriptedAnswer(outcome=Outcome.REJECTED))
    await scene.world.process()
    assert scene.world.tracked("o1").held
    await scene.world.process()
    assert scene.world.tracked("o1").stage == "Shipped"
    assert scene.told_of(FULFILL) == [("o1", True)]
    assert scene.world.store.open_intents(ORDERS) == []


async def test_a_change_refused_to_an_edit_is_told_once(scene: Scene) -> None:
    """Somebody else's edit was the reason: only the change that was sent after it is told."""
    scene.world.crm.script("order", "o1", ScriptedAnswer(outcome=Outcome.STALE))
    await scene.process()
    assert scene.told_of(CHANGE) == [("o1", True)]
    assert scene.world.store.open_intents(ORDERS) == []


async def test_a_document_removed_twice_is_told(scene: Scene) -> None:
    """Its removal is told, and the order goes on its way."""
    await scene.world.process()
    scene.world.crm.put("order", "o1", {"total": 11})
    scene.world.erp.script("Header", "D001", delivered_twice(Outcome.GONE))
    await scene.world.process()
    assert scene.world.erp.get("Header", "D001") is None
    assert scene.told_of("delete document:Header") == [("D001", False)]
    assert scene.world.store.open_intents(ORDERS) == []
