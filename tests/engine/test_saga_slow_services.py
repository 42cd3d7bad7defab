"""Documents get on however slow a service is: fewer are looked at together until their look is young enough."""

from typing import Any

import pytest
from tests.engine.conftest import SetClock
from tests.engine.saga_world import SagaWorld
from tests.engine.test_saga import couple_customer

from interlace.connectors.runner import run
from interlace.engine.saga import process_documents
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection, new_connection_id, store_connection
from interlace.store.database import Database


class SlowReads:
    """A CRM that takes a while for each request, and for each record that it is asked for."""

    def __init__(self, world: SagaWorld, *, each: float, whole: float) -> None:
        self.world = world
        self.each = each
        self.whole = whole
        self.sizes: list[int] = []
        """How many orders were asked for at once."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.crm, name)

    async def read_keys(self, view: Any, keys: tuple[str, ...]) -> Any:
        """Read records, slowly."""
        self.world.clock.seconds += self.whole + self.each * len(keys)
        if view.table == "order":
            self.sizes.append(len(keys))
        return await self.world.crm.read_keys(view, keys)


@pytest.fixture
def world(database: Database) -> SagaWorld:
    """Return services with one coupled customer."""
    connection, clock = new_connection_id(), SetClock()
    with database.write() as writing:
        store_connection(writing, StoredConnection(id=connection, name="test"), clock.now())
    store = ConnectionStore(database, connection, clock=clock.now)
    couple_customer(store)
    return SagaWorld(store=store, clock=clock)


@pytest.mark.parametrize(("each", "whole"), [(2.0, 5.0), (25.0, 0.0), (0.0, 50.0)])
async def test_all_orders_arrive_and_none_is_held(world: SagaWorld, each: float, whole: float) -> None:
    """Looks that take too long together become smaller; where one order alone takes too long it goes all the same."""
    for number in range(12):
        world.submit(f"o{number}")
    crm: Any = SlowReads(world, each=each, whole=whole)
    await run(process_documents(world.setup(), seconds=1e9), world.erp, crm, world.clock)
    seen = [world.tracked(f"o{number}") for number in range(12)]
    assert [(it.stage, it.problems) for it in seen] == [("Open", ())] * 12
    assert len(world.erp.creates) == len(set(world.erp.creates)) == 12
    assert world.store.open_intents(world.setup().mapping) == []


async def test_a_look_at_one_order_is_repeated_before_it_may_be_old(world: SagaWorld) -> None:
    """One old look may be an accident of this process: only one that is always old has to do."""
    world.submit("o1")
    crm: Any = SlowReads(world, each=0.0, whole=50.0)
    setup, sizes = world.setup(batch_size=1), crm.sizes
    await run(process_documents(setup, seconds=1e9), world.erp, crm, world.clock)
    # Created, noted, named, at rest; each request that was put off three times is sent, and so are those behind it.
    assert len(sizes) == 3 + 4
    world.submit("o2")
    crm.whole = 20.0
    await run(process_documents(world.setup(batch_size=1), seconds=1e9), world.erp, crm, world.clock)
    assert len(sizes) == 7 + 1 + 4


async def test_many_are_looked_at_together_again_once_the_service_is_fast(world: SagaWorld) -> None:
    """What slowed it down may pass: the batch grows back."""
    for number in range(80):
        world.submit(f"o{number:02d}")
    crm: Any = SlowReads(world, each=4.0, whole=0.0)
    work = process_documents(world.setup(batch_size=40), seconds=1e9)

    class Clock(SetClock):
        """Makes the service fast again after some looks."""

        def elapsed(self) -> float:
            """The time that has passed."""
            crm.each = 4.0 if len(crm.sizes) < 12 else 0.0
            return world.clock.elapsed()

    await run(work, world.erp, crm, Clock())
    assert crm.sizes[0] == 40
    assert min(crm.sizes) == 5
    assert max(crm.sizes[12:]) == 40
    assert len(world.erp.keys("Header")) == 80
