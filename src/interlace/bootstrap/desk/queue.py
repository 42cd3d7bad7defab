"""Carries out what is asked about the job queue."""

from collections.abc import Callable
from typing import Final

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.short_list import ShortList
from interlace.bootstrap.recurring import JobQueueRow
from interlace.bootstrap.serving import Server
from interlace.domain.keys import MappingName
from interlace.jobs.schedules import IntervalNotPossible
from interlace.locale.translatable import text_of
from interlace.management import queue
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.listing import HeldValue, held_values
from interlace.management.noted_changes import note_changes
from interlace.management.queue import (
    QUEUE_COLUMNS,
    JobChanged,
    OneJob,
    Queue,
    QueueRow,
    SetMinutes,
    ShowQueue,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable


def _values(each: QueueRow, name: str) -> tuple[HeldValue, ...]:
    """Find work beside the mappings by what it is called, and a job by what holds it."""
    match name:
        case "mapping":
            return each.mapping, each.caption
        case "message":
            return each.message, each.held_because
        case _:
            return held_values(each, name)


_LIST: Final[ShortList[QueueRow, Queue]] = ShortList(
    columns=QUEUE_COLUMNS, answer=Queue, key_of=lambda each: each.id, values_of=_values
)


def add_queue(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    work = _Queue(server)
    works.add(queue.LIST, work.show)
    works.add(queue.RUN, work.run)
    works.add(queue.HOLD, work.hold)
    works.add(queue.RESUME, work.resume)
    works.add(queue.SET_MINUTES, work.set_minutes)


class _Queue:
    """The job queue of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._schedules = server.schedules

    async def show(self, caller: Caller, asked: ShowQueue) -> Queue:
        held = await connection_of(self._server.application, caller, asked)
        entries = await off_loop(self._schedules.entries, held)
        return _LIST.page(caller, asked, [_row(each) for each in entries])

    async def run(self, caller: Caller, asked: OneJob) -> JobChanged:
        held, name = await self._job(caller, asked)
        begun = await off_loop(self._server.begin_recurring, held, name)
        if begun.is_new:
            return JobChanged(message=translatable("{mapping} runs in the background.", mapping=name))
        return JobChanged(message=translatable("{mapping} is waiting or at work already.", mapping=name))

    async def hold(self, caller: Caller, asked: OneJob) -> JobChanged:
        held, name = await self._job(caller, asked)
        await off_loop(self._noted, held, name, lambda: self._schedules.hold(held, name))
        return JobChanged(message=translatable("{mapping} is on hold.", mapping=name))

    async def resume(self, caller: Caller, asked: OneJob) -> JobChanged:
        held, name = await self._job(caller, asked)
        await off_loop(self._noted, held, name, lambda: self._schedules.resume(held, name))
        return JobChanged(message=translatable("{mapping} is ready.", mapping=name))

    async def set_minutes(self, caller: Caller, asked: SetMinutes) -> JobChanged:
        held, name = await self._job(caller, asked)
        try:
            await off_loop(
                self._noted, held, name, lambda: self._schedules.set_minutes(held, name, asked.minutes)
            )
        except IntervalNotPossible as problem:
            raise Refused(
                RefusalKind.INVALID,
                translatable("This interval is not possible"),
                why=text_of(problem),
                fields={"minutes": text_of(problem)},
            ) from problem
        return JobChanged(
            message=translatable(
                "{mapping} runs every {minutes} minutes.", mapping=name, minutes=asked.minutes
            )
        )

    def _noted(self, held: Connection, name: MappingName, work: Callable[[], None]) -> None:
        """Change when a job runs, and note what is other than before."""
        before = self._told(held, name)
        work()
        note_changes(name, before, self._told(held, name))

    def _told(self, held: Connection, name: MappingName) -> dict[str, object]:
        rows = [each for each in self._schedules.listed(held) if each.mapping == name]
        return {"status": rows[0].status.value, "minutes": rows[0].minutes} if rows else {}

    async def _job(self, caller: Caller, asked: OneJob | SetMinutes) -> tuple[Connection, MappingName]:
        """Return what is meant; the name of work beside the mappings is taken as it is, and refused by its owner."""
        held = await connection_of(self._server.application, caller, asked)
        known = {each.mapping for each in await off_loop(self._schedules.listed, held)}
        name = MappingName(asked.mapping)
        if name not in known:
            raise Refused(
                RefusalKind.NOT_FOUND,
                translatable("There is no such recurring job"),
                next_step=translatable("The list of job queue entries shows them all."),
            )
        return held, name


def _row(each: JobQueueRow) -> QueueRow:
    return QueueRow(
        id=each.id,
        mapping=each.mapping or "",
        caption=each.caption,
        kind=each.kind.value,
        status=each.status.value,
        is_recurring=each.is_recurring,
        minutes=each.minutes,
        next_at=each.next_at,
        run_id=each.run_id,
        started_at=each.started_at,
        finished_at=each.finished_at,
        message=each.message,
        held_because=each.held_because,
        is_paused=each.is_paused,
    )
