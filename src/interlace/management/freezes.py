"""Freeze windows: when nothing is written to the ERP, such as while a month is closed."""

from datetime import datetime

from interlace.management.connections import ConnectionChanged, OneConnection
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class Freeze(Answer, frozen=True, kw_only=True):
    """A window in which nothing is written to the ERP."""

    id: str
    begin: datetime
    end: datetime
    reason: str
    by: str
    """Who set it."""
    state: str
    """`to come`, `now` or `over`."""


class Freezes(Answer, frozen=True, kw_only=True):
    """The windows of a connection in their order."""

    windows: tuple[Freeze, ...]


class AddFreeze(OfConnection, frozen=True, kw_only=True):
    """Asks for a window; moments without an offset are of the caller's time zone."""

    begin: str
    """ISO 8601, such as 2026-11-30T18:00 or 2026-11-30T18:00+01:00."""
    end: str
    reason: str


class RemoveFreeze(OfConnection, frozen=True, kw_only=True):
    """Asks to take a window away; one that has begun ends at once."""

    id: str


SHOW = Operation(
    name="freezes.show",
    asked=OneConnection,
    answer=Freezes,
    permission=Permission.READ,
    caption=translatable("Freeze Windows"),
    tooltip=translatable("Show when nothing is written to the ERP."),
    command="freeze list",
)
ADD = Operation(
    name="freezes.add",
    asked=AddFreeze,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Add Window"),
    tooltip=translatable(
        "Write nothing to the ERP in this window; what is changed meanwhile is carried over afterwards."
    ),
    effect=Effect.WRITES,
    command="freeze add",
)
REMOVE = Operation(
    name="freezes.remove",
    asked=RemoveFreeze,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Remove Window"),
    tooltip=translatable(
        "Take the window away; one that has begun ends at once, and the ERP is written to again."
    ),
    effect=Effect.WRITES,
    command="freeze remove",
)

OPERATIONS = (SHOW, ADD, REMOVE)
