"""A freeze window met by the engine: no write to the ERP is announced or sent, nothing is listed, nothing is lost."""

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

import pytest
from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, SetClock, World

from interlace.connectors.runner import run
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import (
    AdvanceMarker,
    Call,
    CreateDocument,
    DeleteRecords,
    Deletion,
    PerformMessage,
    Precondition,
    TableView,
    Write,
    WriteRecords,
)
from interlace.engine.service import ErpFrozen
from interlace.engine.synch_mapping import StepResult, synch_mapping
from interlace.testing.fake_service import FakeService

ERP = TableView(side=Side.ERP, table="Customer", fields=("Name",))
CRM = TableView(side=Side.CRM, table="account", fields=("name",))


@dataclass(slots=True)
class Window:
    """A freeze window that a test opens and shuts."""

    is_open: bool = True

    def require_thawed(self) -> None:
        """Refuse while it is open."""
        if self.is_open:
            raise ErpFrozen("frozen")


def held(service: FakeService, table: str, key: str) -> dict[str, Value]:
    """Return a record's fields."""
    found = service.get(table, key)
    assert found is not None
    return found


async def coupled(world: World) -> None:
    """Bring the world to its first agreement."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    world.erp.writes.clear()
    world.crm.writes.clear()


async def synch(world: World, window: Window, run_id: str) -> StepResult:
    """Run the customers; a run of the same id goes on where it stood."""
    work = synch_mapping(world.setup(FIRMS, run_id=run_id))
    return await run(work, world.erp, world.crm, world.clock, window.require_thawed)


async def test_a_run_that_meets_a_window_leaves_nothing_behind_and_goes_on_after_it(world: World) -> None:
    """No intent, no error, no write to the ERP; the same run carries every change over once afterwards."""
    await coupled(world)
    keys = [world.partner(f"C{number}") for number in (2, 1, 3)]
    for place, key in enumerate(keys):
        world.crm.put("account", key, {**held(world.crm, "account", key), "name": f"Renamed {place}"})
    window = Window()
    with pytest.raises(ErpFrozen):
        await synch(world, window, "run-frozen")
    assert world.erp.writes == []
    assert world.store.open_intents(FIRMS) == []
    for direction in (TO, FROM):
        assert world.store.errors_of(FIRMS, direction, ["C1", "C2", "C3", *keys]) == {}
    window.is_open = False
    await synch(world, window, "run-frozen")
    assert [held(world.erp, "Customer", key)["Name"] for key in ("C2", "C1", "C3")] == [
        "Renamed 0",
        "Renamed 1",
        "Renamed 2",
    ]
    assert sorted(write.key for _, write in world.erp.writes) == ["C1", "C2", "C3"]


async def test_what_goes_to_the_crm_alone_is_not_held(world: World) -> None:
    """The window is the ERP's: a run whose news are the ERP's writes to the CRM."""
    await coupled(world)
    world.erp.put("Customer", "C1", {**held(world.erp, "Customer", "C1"), "Name": "From the ERP"})
    await synch(world, Window(), "run-to-crm")
    assert held(world.crm, "account", world.partner("C1"))["name"] == "From the ERP"
    assert world.erp.writes == []


@pytest.mark.parametrize(
    "call",
    [
        WriteRecords(
            view=ERP, writes=(Write(key="C9", precondition=Precondition.ABSENT, values={"Name": "A"}),)
        ),
        DeleteRecords(view=ERP, deletions=(Deletion(key="C1"),)),
        CreateDocument(view=ERP, mark="m", values={}, lines=()),
        PerformMessage(view=ERP, key="C1", tag=None, message="Release"),
    ],
    ids=lambda call: type(call).__name__,
)
async def test_no_call_that_writes_records_reaches_a_frozen_erp(call: Call) -> None:
    """The runner refuses it, whoever forgot to ask before."""
    erp, crm = FakeService(), FakeService()
    erp.put("Customer", "C1", {"Name": "A"})

    async def work() -> Any:
        """Make the call."""
        return await call

    with pytest.raises(ErpFrozen):
        await _run(erp, crm, work())
    assert erp.keys("Customer") == ["C1"]
    assert erp.writes == []


async def test_the_crm_and_marker_rows_are_written_in_a_window() -> None:
    """Marker rows are no business records, and the CRM is not frozen."""
    erp, crm = FakeService(), FakeService()

    async def work() -> None:
        """Write both."""
        await AdvanceMarker(side=Side.ERP, name="mapping", value=1, tag=None)
        write = Write(key="a", precondition=Precondition.ABSENT, values={"name": "A"})
        await WriteRecords(view=CRM, writes=(write,))

    await _run(erp, crm, work())
    assert crm.keys("account") == ["a"]
    marker = await erp.read_marker("mapping")
    assert marker is None or marker.value == 1


async def _run(erp: FakeService, crm: FakeService, work: Coroutine[Call, Any, Any]) -> Any:
    return await run(work, erp, crm, SetClock(), Window().require_thawed)
