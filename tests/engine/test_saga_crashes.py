"""A process may die between any two statements, with a request on its way: there is one document in the end."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
from tests.engine.conftest import SetClock
from tests.engine.saga_world import ORDERS, SagaWorld
from tests.engine.test_saga import couple_customer

from interlace.connectors.runner import _Executor
from interlace.domain.side import Side
from interlace.engine.interpret import under
from interlace.engine.ports import Call, CreateDocument, DeleteRecords, PerformMessage, Together, WriteRecords
from interlace.engine.saga import process_documents
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection, new_connection_id, store_connection
from interlace.store.database import open_database

_STORED = frozenset({"announce", "remember_documents"})
_WRITES = (CreateDocument, WriteRecords, DeleteRecords, PerformMessage)


class Died(BaseException):
    """A process ended without warning."""


@dataclass(kw_only=True)
class Death:
    """When a process dies: at this many edges from now."""

    edges_left: int
    met: bool = False

    def edge(self) -> None:
        """Come to a moment at which a process may die."""
        self.edges_left -= 1
        if self.edges_left < 0:
            self.met = True
            raise Died


class MortalStore:
    """A store whose process may die before and after each transaction that writes."""

    def __init__(self, store: ConnectionStore, death: Death) -> None:
        self._store = store
        self._death = death

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name not in _STORED:
            return method

        def between(*given: Any) -> Any:
            """Carry out one transaction."""
            self._death.edge()
            result = method(*given)
            self._death.edge()
            return result

        return between


class MortalExecutor(_Executor):
    """A runner whose process may die before a write reaches its service, and before its answer is taken."""

    death: Death

    async def answer(self, call: Call) -> object:
        """Carry out a call; those that are made together take effect one after the other."""
        if isinstance(call, Together):
            return [await self.answer(each) for each in call.calls]
        if not isinstance(call, _WRITES):
            return await super().answer(call)
        self.death.edge()
        result = await super().answer(call)
        self.death.edge()
        return result


async def mortal_run(world: SagaWorld, edges: int, process: str) -> bool:
    """Run the saga in a process that dies after some edges; tell whether it died."""
    death = Death(edges_left=edges)
    executor = MortalExecutor(world.erp, world.crm, world.clock)
    executor.death = death
    setup = world.setup(store=MortalStore(world.store, death), process=process, at_a_time=2)
    work: Coroutine[Call, Any, Any] = process_documents(setup, seconds=1000.0)
    try:
        await under(executor, work)
    except Died:
        return True
    return False


def new_world() -> SagaWorld:
    """Return services and an empty memory with one coupled customer."""
    database, clock = open_database("sqlite://"), SetClock()
    connection = new_connection_id()
    with database.write() as writing:
        store_connection(writing, StoredConnection(id=connection, name="test"), clock.now())
    store = ConnectionStore(database, connection, clock=clock.now)
    couple_customer(store)
    world = SagaWorld(store=store, clock=clock)
    for key in ("o1", "o2", "o3"):
        world.submit(key, "P1", "P2")
    return world


def number_of(world: SagaWorld, key: str) -> str:
    """Return the number of an order's ERP document."""
    return world.store.partner_keys(ORDERS, Side.CRM, [key])[key]


def assert_each_once(world: SagaWorld) -> None:
    """Each order has one document, named in the CRM, noted, and journalled once."""
    headers = {key: world.erp.get("Header", key) for key in world.erp.keys("Header")}
    marks = sorted(str(header["Mark"]) for header in headers.values() if header)
    assert marks == sorted(world.mark(key) for key in ("o1", "o2", "o3"))
    for key in ("o1", "o2", "o3"):
        order, number = world.crm.get("order", key), number_of(world, key)
        assert order is not None
        assert order["partner"] == number
        assert world.crm.get("note", f"note {key}") == {"order": key, "text": number}
        assert world.tracked(key).partner == number
    created = [
        entry.source_key
        for entry in world.store.last_writes(ORDERS, Side.ERP)
        if entry.action == "create document:Header"
    ]
    assert sorted(created) == ["o1", "o2", "o3"]
    assert world.store.open_intents(ORDERS) == []


@pytest.mark.parametrize("process", ["p1", "p2"])
async def test_death_between_any_two_statements_leaves_one_document_each(process: str) -> None:
    """For every moment at which the first process may die, another one brings all orders to their end."""
    edges = 0
    while True:
        world = new_world()
        died = await mortal_run(world, edges, "p1")
        for _ in range(2):
            world.clock.seconds += 2.0
            await world.process(process=process)
        assert_each_once(world)
        for key in ("o1", "o2", "o3"):
            world.ship(number_of(world, key))
        await mortal_run(world, edges, "p1")
        for _ in range(2):
            world.clock.seconds += 2.0
            await world.process(process=process)
        assert_each_once(world)
        assert {world.tracked(key).stage for key in ("o1", "o2", "o3")} == {"Shipped"}
        assert sorted(world.crm.performed) == [("Fulfill", key) for key in ("o1", "o2", "o3")]
        if not died:
            break
        edges += 1
    assert edges > 15


async def test_every_process_dies_and_all_orders_arrive() -> None:
    """Each process lives a little longer than the one before; the last one finds everything done."""
    world = new_world()
    edges = 1
    while await mortal_run(world, edges, f"p{edges}"):
        world.clock.seconds += 2.0
        edges += 1
        assert edges < 60
    world.clock.seconds += 2.0
    await world.process(process="last")
    world.clock.seconds += 2.0
    await world.process(process="last")
    assert_each_once(world)
