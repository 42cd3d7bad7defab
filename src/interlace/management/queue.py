"""Job Queue Entries: what runs by itself, when next, and what ran."""

from datetime import datetime
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.domain.job_queue_entry import JobQueueEntryKind, JobQueueEntryStatus
from interlace.management.listing import (
    YES_OR_NO,
    ListAnswer,
    ListAsked,
    ListColumn,
    ListRow,
    choices_of,
)
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

QUEUE_COLUMNS: Final = (
    ListColumn(
        name="mapping",
        caption=translatable("Job"),
        tooltip=translatable("The mapping that is synchronized, or what else is done."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="kind",
        caption=translatable("Kind"),
        tooltip=translatable("What the job does."),
        kind=FieldKind.CHOICE,
        choices=choices_of(JobQueueEntryKind),
    ),
    ListColumn(
        name="status",
        caption=translatable("Status"),
        tooltip=translatable("Where the job stands."),
        kind=FieldKind.CHOICE,
        choices=choices_of(JobQueueEntryStatus),
        is_sorted=True,
    ),
    ListColumn(
        name="is_recurring",
        caption=translatable("Recurring"),
        tooltip=translatable("Whether it runs by itself again and again."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
    ),
    ListColumn(
        name="minutes",
        caption=translatable("Every"),
        tooltip=translatable("Minutes between two runs."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="next_at",
        caption=translatable("Next run"),
        tooltip=translatable("When it runs by itself next."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="started_at",
        caption=translatable("Started"),
        tooltip=translatable("When its last run began."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="finished_at",
        caption=translatable("Finished"),
        tooltip=translatable("When its last run ended."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="message",
        caption=translatable("Message"),
        tooltip=translatable("What came of the last run, or what holds the job."),
        is_searched=True,
    ),
)


class QueueRow(ListRow, frozen=True, kw_only=True):
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
    is_paused: bool = False
    """Whether a person set it on hold, and so can let it go on."""
    run_id: str = ""
    """What the jobs of a single run have in common; blank for recurring ones."""


class Queue(ListAnswer, frozen=True, kw_only=True):
    """A page of entries: recurring ones, then those of single runs, the newest first."""

    rows: tuple[QueueRow, ...] = ()


class ShowQueue(ListAsked, frozen=True, kw_only=True):
    """Asks for a page of the job queue of a connection."""


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
