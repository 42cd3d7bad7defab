"""Carries out what is asked about freeze windows."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from interlace.bootstrap.application import Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.freezes import freezes_of, read_moment, with_freeze, without_freeze
from interlace.bootstrap.serving import Server
from interlace.domain.freeze_window import FreezeWindow
from interlace.management import freezes
from interlace.management.caller import Caller
from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.desk import Works
from interlace.management.freezes import AddFreeze, Freeze, Freezes, RemoveFreeze
from interlace.management.translatable import translatable


def add_freezes(works: Works, server: Server) -> None:
    """Let these operations be carried out."""
    application = server.application

    async def show(caller: Caller, asked: OneConnection) -> Freezes:
        """List the windows."""
        held, now = await connection_of(application, caller, asked), datetime.now(UTC)
        return Freezes(windows=tuple(_freeze(each, now) for each in freezes_of(held.settings)))

    async def add(caller: Caller, asked: AddFreeze) -> ConnectionChanged:
        """Keep one more."""
        held = await connection_of(application, caller, asked)
        window = await off_loop(_add, held, asked, caller)
        return ConnectionChanged(
            message=translatable(
                "The ERP is frozen from {begin} until {until}.", begin=window.begin, until=window.end
            )
        )

    async def remove(caller: Caller, asked: RemoveFreeze) -> ConnectionChanged:
        """Take one away."""
        held = await connection_of(application, caller, asked)
        await off_loop(_remove, held, asked.id)
        return ConnectionChanged(message=translatable("The window is removed."))

    def _add(held: Connection, asked: AddFreeze, caller: Caller) -> FreezeWindow:
        zone = ZoneInfo(caller.time_zone)
        settings, window = with_freeze(
            held.settings,
            begin=read_moment(asked.begin, zone),
            end=read_moment(asked.end, zone),
            reason=asked.reason,
            by=caller.name,
        )
        application.keep(replace(held, settings=settings))
        return window

    def _remove(held: Connection, window_id: str) -> None:
        settings, _ = without_freeze(held.settings, window_id)
        application.keep(replace(held, settings=settings))

    works.add(freezes.SHOW, show)
    works.add(freezes.ADD, add)
    works.add(freezes.REMOVE, remove)


def _freeze(window: FreezeWindow, now: datetime) -> Freeze:
    return Freeze(
        id=window.id,
        begin=window.begin,
        end=window.end,
        reason=window.reason,
        by=window.by,
        state=window.state(now).value,
    )
