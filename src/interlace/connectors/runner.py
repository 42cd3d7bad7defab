"""Executes the engine's Calls on one event loop: the production end of the engine's ports."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, Protocol

from interlace.domain.side import Side
from interlace.engine.interpret import Result, under
from interlace.engine.ports import (
    AdvanceMarker,
    Attempt,
    Call,
    CreateDocument,
    CurrentTime,
    DeleteRecords,
    ElapsedTime,
    FindRecords,
    Pause,
    PerformMessage,
    ReadChanges,
    ReadKeys,
    ReadLastChange,
    ReadMarker,
    ReadPage,
    RequireThawed,
    TableCapabilities,
    TableView,
    Together,
    WriteRecords,
)
from interlace.engine.service import Service, ServiceFailure

__all__ = ["Clock", "Service", "SystemClock", "run"]

_WRITES = (WriteRecords, DeleteRecords, CreateDocument, PerformMessage)


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...

    def elapsed(self) -> float:
        """Return seconds on a clock that never steps."""
        ...

    async def pause(self, seconds: float) -> None:
        """Return after some seconds."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Return seconds on a clock that never steps."""
        return time.monotonic()

    async def pause(self, seconds: float) -> None:
        """Return after some seconds."""
        await asyncio.sleep(seconds)


async def run(
    work: Coroutine[Call, Any, Result],
    erp_service: Service,
    crm_service: Service,
    clock: Clock,
    before_erp_write: Callable[[], None] = lambda: None,
) -> Result:
    """Drive engine code to its end; a failing call is raised inside it, where it awaits the call.

    `before_erp_write` is called before every request that writes records of the ERP, and may raise ErpFrozen instead.
    """
    return await under(_Executor(erp_service, crm_service, clock, before_erp_write), work)


class _Executor:
    def __init__(
        self,
        erp_service: Service,
        crm_service: Service,
        clock: Clock,
        before_erp_write: Callable[[], None] = lambda: None,
    ) -> None:
        self._services = {Side.ERP: erp_service, Side.CRM: crm_service}
        self._clock = clock
        self._before_erp_write = before_erp_write

    async def answer(self, call: Call) -> object:
        """Carry out one call."""
        match call:
            case Together():
                return await self._execute_together(call)
            case Attempt(call=attempted):
                try:
                    return await self.answer(attempted)
                except ServiceFailure as failure:
                    return failure
            case Pause():
                await self._clock.pause(call.seconds)
                return None
            case RequireThawed(side=side):
                if side is Side.ERP:
                    self._before_erp_write()
                return None
            case CurrentTime():
                return self._clock.now()
            case ElapsedTime():
                return self._clock.elapsed()
            case _:
                # Marker rows are no business records: they hold a counter of ours, so AdvanceMarker is none of these.
                if isinstance(call, _WRITES) and call.view.side is Side.ERP:
                    self._before_erp_write()
                return await self._ask_service(call)

    async def _ask_service(self, call: Call) -> object:
        match call:
            case ReadPage(view=view, after=after):
                return await self._of(view).read_page(view, after)
            case ReadKeys(view=view, keys=keys):
                return await self._of(view).read_keys(view, keys)
            case FindRecords(view=view, field=field, values=values, exact=exact):
                return await self._of(view).find_records(view, field, values, exact=exact)
            case ReadChanges(view=view, cursor=cursor):
                return await self._of(view).read_changes(view, cursor)
            case WriteRecords(view=view, writes=writes):
                return await self._of(view).write(view, writes)
            case DeleteRecords(view=view, deletions=deletions):
                return await self._of(view).delete(view, deletions)
            case TableCapabilities(view=view):
                return await self._of(view).capabilities(view)
            case ReadMarker(side=side, name=name):
                return await self._services[side].read_marker(name)
            case AdvanceMarker(side=side, name=name, value=value, tag=tag):
                return await self._services[side].advance_marker(name, value, tag)
            case ReadLastChange(view=view, key=key):
                return await self._of(view).read_last_change(view, key)
            case _:
                return await self._ask_for_document(call)

    async def _ask_for_document(self, call: Call) -> object:
        match call:
            case CreateDocument(view=view, mark=mark, values=values, lines=lines):
                return await self._of(view).create_document(view, mark, values, lines)
            case PerformMessage(view=view, key=key, tag=tag, message=message, parameters=parameters):
                return await self._of(view).perform(view, key, tag, message, parameters)
            case _:
                message = f"no runner knows the call {type(call).__name__}"
                raise TypeError(message)

    async def _execute_together(self, call: Together) -> list[object]:
        """Let every call come to its end before a failure is raised: no write is left behind."""
        tasks = [asyncio.ensure_future(self.answer(each)) for each in call.calls]
        await asyncio.gather(*tasks, return_exceptions=True)
        # A failure that an attempt gives as its result is not raised here.
        return [task.result() for task in tasks]

    def _of(self, view: TableView) -> Service:
        return self._services[view.side]
