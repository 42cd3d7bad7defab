"""The runner executes the engine's calls and raises failures where the engine awaits them."""

from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlace.connectors.runner import run
from interlace.domain.side import Side
from interlace.engine.ports import (
    Call,
    CurrentTime,
    DeleteRecords,
    Deletion,
    FindRecords,
    Outcome,
    Pause,
    Precondition,
    ReadChanges,
    ReadKeys,
    ReadPage,
    TableCapabilities,
    TableView,
    Together,
    Write,
    WriteRecords,
)
from interlace.engine.service import ServiceUnavailable
from interlace.testing.fake_service import FakeService, SetClock

ERP = TableView(side=Side.ERP, table="customer", fields=("Name",))
CRM = TableView(side=Side.CRM, table="account", fields=("name",))


class Ends:
    """Both ends and a clock."""

    def __init__(self) -> None:
        self.erp = FakeService()
        self.crm = FakeService()
        self.clock = SetClock(datetime(2026, 1, 1, tzinfo=UTC))

    async def run(self, work: Coroutine[Call, Any, Any]) -> Any:
        """Run engine code."""
        return await run(work, self.erp, self.crm, self.clock)


@pytest.fixture
def ends() -> Ends:
    """Two fakes."""
    return Ends()


async def test_calls_reach_the_side_of_their_view(ends: Ends) -> None:
    """Every call is carried out by the service of its view's side, and its result is what the await gives."""

    async def work() -> list[Any]:
        """Ask both sides."""
        write = Write(key="C1", precondition=Precondition.ABSENT, values={"Name": "A"})
        [written] = await WriteRecords(view=ERP, writes=(write,))
        page = await ReadPage(view=ERP)
        [record] = await ReadKeys(view=ERP, keys=("C1",))
        found = await FindRecords(view=ERP, field="Name", values=("a",))
        changes = await ReadChanges(view=ERP, cursor="0")
        capabilities = await TableCapabilities(view=CRM)
        [gone] = await DeleteRecords(view=ERP, deletions=(Deletion(key="C1"),))
        empty = await ReadPage(view=CRM)
        return [
            written.outcome,
            page.records[0].key,
            record.key,
            found[0].key,
            changes.keys,
            capabilities.insert_with_key,
            gone.outcome,
            list(empty.records),
        ]

    assert await ends.run(work()) == [Outcome.DONE, "C1", "C1", "C1", ("C1",), True, Outcome.DONE, []]


async def test_time_comes_from_the_clock(ends: Ends) -> None:
    """The present and pauses are the clock's."""

    async def work() -> timedelta:
        """Ask the time before and after a pause."""
        before: datetime = await CurrentTime()
        await Pause(seconds=90)
        after: datetime = await CurrentTime()
        return after - before

    assert await ends.run(work()) == timedelta(seconds=90)


async def test_failure_is_raised_where_the_call_is_awaited(ends: Ends) -> None:
    """Engine code may catch a failed call and go on."""
    ends.erp.fail_next_read(ServiceUnavailable("busy", 3.0))

    async def work() -> tuple[float | None, int]:
        """Wait out a service that is away."""
        try:
            await ReadPage(view=ERP)
        except ServiceUnavailable as failure:
            waited = failure.retry_after_seconds
        page = await ReadPage(view=ERP)
        return waited, len(page.records)

    assert await ends.run(work()) == (3.0, 0)


async def test_uncaught_failure_ends_the_run(ends: Ends) -> None:
    """A failure that the engine doesn't catch reaches the caller."""
    ends.erp.fail_next_read(ServiceUnavailable("busy"))

    async def work() -> None:
        """Ask a service that is away."""
        await ReadPage(view=ERP)

    with pytest.raises(ServiceUnavailable):
        await ends.run(work())


async def test_calls_together_give_results_in_order(ends: Ends) -> None:
    """Several calls at once give their results in the order of the calls."""
    ends.erp.put("customer", "C1", {"Name": "A"})
    ends.crm.put("account", "K1", {"name": "B"})

    async def work() -> list[str]:
        """Ask several things at once."""
        calls = (ReadPage(view=CRM), Together(calls=(ReadPage(view=ERP),)))
        crm_page, [erp_page] = await Together(calls=calls)
        return [crm_page.records[0].key, erp_page.records[0].key]

    assert await ends.run(work()) == ["K1", "C1"]


async def test_failure_among_calls_together_waits_for_the_others(ends: Ends) -> None:
    """A write beside a failing read is carried out to its end before the failure is raised."""
    ends.erp.fail_next_read(ServiceUnavailable("busy"))
    write = Write(key="K1", precondition=Precondition.ABSENT, values={"name": "A"})

    async def work() -> None:
        """Let one of two calls fail."""
        await Together(calls=(ReadPage(view=ERP), WriteRecords(view=CRM, writes=(write,))))

    with pytest.raises(ServiceUnavailable):
        await ends.run(work())
    assert ends.crm.get("account", "K1") == {"name": "A"}
