"""Job Queue Entries: what runs by itself, when next, and what ran."""

from datetime import datetime

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class QueueRow(Answer, frozen=True, kw_only=True):
    """One job queue entry; its status is the word that users know."""

    id: str
    mapping: str
    caption: str
    kind: str
    status: str
    is_recurring: bool
    minutes: int | None = None
    """Minutes between two runs."""
    next_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""
    held_because: str = ""


class Queue(Answer, frozen=True, kw_only=True):
    """Recurring entries, and those of single runs, the newest first."""

    recurring: tuple[QueueRow, ...]
    entries: tuple[QueueRow, ...]


class ShowQueue(OfConnection, frozen=True, kw_only=True):
    """Asks for the job queue of a connection."""

    status: str = ""
    """Only entries of this status, such as Error; blank: all of them."""


class OneJob(OfConnection, frozen=True, kw_only=True):
    """Asks about the recurring job of a mapping."""

    mapping: str


class SetMinutes(OfConnection, frozen=True, kw_only=True):
    """Asks for another interval."""

    mapping: str
    minutes: int


class JobChanged(Answer, frozen=True, kw_only=True):
    """What was done."""

    message: str


LIST = Operation(
    name="queue.list",
    asked=ShowQueue,
    answer=Queue,
    permission=Permission.READ,
    caption=translatable("Job Queue Entries"),
    tooltip=translatable("Show what runs by itself, when next, and what ran."),
    command="queue list",
)
RUN = Operation(
    name="queue.run",
    asked=OneJob,
    answer=JobChanged,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Run Now"),
    tooltip=translatable("Let the job run as soon as possible, besides its schedule."),
    effect=Effect.WRITES,
    command="queue run",
)
HOLD = Operation(
    name="queue.hold",
    asked=OneJob,
    answer=JobChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Set On Hold"),
    tooltip=translatable("Let the job not run by itself until it is set to ready."),
    effect=Effect.WRITES,
    command="queue hold",
)
RESUME = Operation(
    name="queue.resume",
    asked=OneJob,
    answer=JobChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Set Status to Ready"),
    tooltip=translatable("Let the job run by its schedule again."),
    effect=Effect.WRITES,
    command="queue resume",
)
SET_MINUTES = Operation(
    name="queue.set_minutes",
    asked=SetMinutes,
    answer=JobChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Let the job run at another interval."),
    effect=Effect.WRITES,
    command="queue every",
)

OPERATIONS = (LIST, RUN, HOLD, RESUME, SET_MINUTES)
