"""A run asks no more than its decisions need: some looks end when the document has its partner."""

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import SetClock
from tests.engine.saga_world import SAGA, SagaWorld
from tests.engine.test_saga import couple_customer

from interlace.connectors.runner import run
from interlace.domain.saga import Changes, Insert, Look, Observation, OnlyWith, Rest, Saga, Step
from interlace.domain.side import Side
from interlace.engine.saga import process_documents
from interlace.engine.saga_setup import stages_of
from interlace.engine.service import ServiceFailure, ServiceMismatch, ServiceUnavailable, SignInRefused
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


# --- looks that depend on others, and tables that may be lacking


REMARKS = Look(
    name="remarks",
    side=Side.ERP,
    table="Remark",
    fields=("Text",),
    only_with=OnlyWith(look="lines", holds=lambda line: line.values["product"] == "P9"),
    may_lack=True,
)


class LacksTable(CountedReads):
    """An ERP that can't show one table."""

    failure: ServiceFailure

    async def read_keys(self, view: Any, keys: tuple[str, ...]) -> Any:
        """Read records, but for the table that is lacking."""
        read = await super().read_keys(view, keys)
        if view.table == "Remark":
            raise self.failure
        return read


async def process_lacking(
    world: SagaWorld, failure: ServiceFailure, keys: tuple[str, ...] = ("o1",)
) -> tuple[list[str], list[str]]:
    """Run once; return how often the table was asked for, and what was said to lack."""
    said: list[str] = []

    def decide(seen: Observation) -> Step:
        """Note what was lacking, then decide as ever."""
        assert seen.records("remarks") == ()
        said.extend(f"{name}: {words}" for name, words in seen.lacking.items())
        return SAGA.decide(seen)

    erp: Any = LacksTable(world)
    erp.failure = failure
    setup = replace(world.setup(), saga=replace(SAGA, looks=(*SAGA.looks, REMARKS), decide=decide), keys=keys)
    await run(process_documents(setup, seconds=1e9), erp, world.crm, world.clock)
    return [table for table in erp.tables if table == "Remark"], said


async def test_a_look_is_spared_for_whom_nothing_calls_for_it(world: SagaWorld) -> None:
    """Only orders with such a line cost the request."""
    saga = replace(SAGA, looks=(*SAGA.looks, REMARKS))
    world.submit("o1", "P1")
    assert "Remark" not in await process(world, saga)
    world.submit("o2", "P9")
    assert "Remark" in await process(world, saga)


@pytest.mark.parametrize("failure", [ServiceMismatch("no such page"), SignInRefused("not for you")])
async def test_a_table_that_is_lacking_stops_nothing(world: SagaWorld, failure: ServiceFailure) -> None:
    """The service's words reach the decision; the table is not asked for again and again."""
    world.submit("o1", "P9")
    asked, said = await process_lacking(world, failure)
    assert world.tracked("o1").stage == "Open"
    assert len(asked) == 1
    assert set(said) == {f"remarks: {failure}"}
    assert len(said) > 1


async def test_a_service_that_is_away_is_waited_for(world: SagaWorld) -> None:
    """That it does not answer now says nothing about its tables."""
    world.submit("o1", "P9")
    with pytest.raises(ServiceUnavailable):
        await process_lacking(world, ServiceUnavailable("away"))


async def test_a_look_can_only_depend_on_one_before_it(world: SagaWorld) -> None:
    """The declaration is refused otherwise, and the two are never read at the same time."""
    with pytest.raises(ValueError, match="comes later"):
        stages_of(replace(SAGA, looks=(REMARKS, *SAGA.looks)))
    stages = stages_of(replace(SAGA, looks=(*SAGA.looks, REMARKS)))
    place = {look.name: number for number, stage in enumerate(stages) for look in stage}
    assert place["lines"] < place["remarks"]


async def test_records_written_together_may_be_new(world: SagaWorld) -> None:
    """A step of several writes makes new records and changes old ones; each is told that has words."""
    world.submit("o1")
    await process(world, SAGA)

    def decide(seen: Observation) -> Step:
        """Insert the remark with its continuation."""
        if seen.records("remarks"):
            return Rest(stage="Remarked")
        insert = Insert(side=Side.ERP, table="Remark", key="o1", values={"Text": "new"}, tells="It is new.")
        silent = replace(insert, key="o1/2", tells="")
        return Changes(changes=(insert, silent))

    plain = replace(REMARKS, only_with=None, may_lack=False)
    saga = replace(SAGA, looks=(*SAGA.looks, plain), decide=decide)
    await process(world, saga)
    assert world.tracked("o1").stage == "Remarked"
    assert world.erp.keys("Remark") == ["o1", "o1/2"]
    assert world.told("o1").count("inserted") == 2
    texts = [event.text for event in world.store.timeline(SAGA.name, "o1")]
    assert texts.count("It is new.") == 1
    assert "" not in texts
