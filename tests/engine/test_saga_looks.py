"""A run asks no more than its decisions need: some looks end when the document has its partner."""

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import SetClock
from tests.engine.saga_world import SAGA, SagaWorld
from tests.engine.test_saga import couple_customer

from interlace.connectors.runner import run
from interlace.domain.saga import Look, Saga
from interlace.domain.side import Side
from interlace.engine.saga import process_documents
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection, new_connection_id, store_connection
from interlace.store.database import Database

CREDIT = Look(
    name="credit", side=Side.ERP, table="Credit", fields=("Due",), start_field="customer", until_coupled=True
)
WARY = replace(SAGA, looks=(*SAGA.looks, CREDIT))


class CountedReads:
    """An ERP that notes for which tables it is asked."""

    def __init__(self, world: SagaWorld) -> None:
        self.world = world
        self.tables: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.world.erp, name)

    async def read_keys(self, view: Any, keys: tuple[str, ...]) -> Any:
        """Read records, and note it."""
        self.tables.append(view.table)
        return await self.world.erp.read_keys(view, keys)


@pytest.fixture
def world(database: Database) -> SagaWorld:
    """Return services with one coupled customer."""
    connection, clock = new_connection_id(), SetClock()
    with database.write() as writing:
        store_connection(writing, StoredConnection(id=connection, name="test"), clock.now())
    store = ConnectionStore(database, connection, clock=clock.now)
    couple_customer(store)
    return SagaWorld(store=store, clock=clock)


async def process(world: SagaWorld, saga: Saga = WARY) -> list[str]:
    """Run once; return the tables that the ERP was asked for by key."""
    erp: Any = CountedReads(world)
    setup = replace(world.setup(), saga=saga)
    await run(process_documents(setup, seconds=1e9), erp, world.crm, world.clock)
    tables: list[str] = erp.tables
    return tables


async def test_a_look_ends_with_the_coupling(world: SagaWorld) -> None:
    """What only creating needs is asked for before, and not while the partner is followed."""
    world.submit("o1")
    assert "Credit" in await process(world)
    assert world.tracked("o1").stage == "Open"
    following = await process(world)
    assert "Credit" not in following
    assert "Header" in following


async def test_it_is_taken_up_again_when_the_partner_is_gone(world: SagaWorld) -> None:
    """A document that is uncoupled in a run is looked at in full before the next decision."""
    world.submit("o1")
    await process(world)
    world.erp.remove("Header", "D001")
    assert "Credit" in await process(world)
    assert len(world.erp.keys("Header")) == 1


async def test_it_is_asked_for_a_document_that_is_gone(world: SagaWorld) -> None:
    """Whoever deletes a document may have left more behind than its partner."""
    world.submit("o1")
    await process(world)
    by_key = Look(name="left", side=Side.ERP, table="Left", fields=("X",), until_coupled=True)
    saga = replace(SAGA, looks=(*SAGA.looks, by_key))
    assert "Left" not in await process(world, saga)
    world.crm.remove("order", "o1")
    assert "Left" in await process(world, saga)
