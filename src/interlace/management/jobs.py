"""What ran: the list of synch jobs."""

from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.synch_job import Counters, SynchJobType
from interlace.management.listing import Choice, ListAnswer, ListAsked, ListColumn, ListRow, choices_of
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

DIRECTION_CHOICES: Final = (
    Choice(value=Direction.TO_INTEGRATION_TABLE.value, caption=translatable("To Integration Table")),
    Choice(value=Direction.FROM_INTEGRATION_TABLE.value, caption=translatable("From Integration Table")),
)
_COUNTERS: Final = (
    ("uncoupled", translatable("Uncoupled"), translatable("How many couplings were removed.")),
    ("coupled", translatable("Coupled"), translatable("How many records were coupled.")),
    ("inserted", translatable("Inserted"), translatable("How many records were created.")),
    ("modified", translatable("Modified"), translatable("How many records were changed.")),
    ("deleted", translatable("Deleted"), translatable("How many records were deleted.")),
    ("unchanged", translatable("Unchanged"), translatable("How many records were alike already.")),
    ("failed", translatable("Failed"), translatable("How many records could not be synchronized.")),
    (
        "skipped",
        translatable("Skipped"),
        translatable("How many records were left out after they had failed."),
    ),
)
"""In the order of the product's page."""
assert {name for name, *_ in _COUNTERS} == Counters().as_dict().keys()

JOB_COLUMNS: Final = (
    ListColumn(
        name="started_at",
        caption=translatable("Start Date/Time"),
        tooltip=translatable("When the job began."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="finished_at",
        caption=translatable("Finish Date/Time"),
        tooltip=translatable("When the job ended; blank while it runs, and if it was broken off."),
        kind=FieldKind.MOMENT,
    ),
    ListColumn(
        name="seconds",
        caption=translatable("Duration"),
        tooltip=translatable("How long the job took; blank while it runs, and if it was broken off."),
        kind=FieldKind.NUMBER,
        is_filtered=False,
    ),
    ListColumn(
        name="mapping",
        caption=translatable("Integration Table Mapping Name"),
        tooltip=translatable("The mapping whose records were synchronized."),
    ),
    *(
        ListColumn(name=name, caption=caption, tooltip=tooltip, kind=FieldKind.NUMBER)
        for name, caption, tooltip in _COUNTERS
    ),
    ListColumn(
        name="direction",
        caption=translatable("Synch. Direction"),
        tooltip=translatable("Where the changes went."),
        kind=FieldKind.CHOICE,
        choices=DIRECTION_CHOICES,
    ),
    ListColumn(
        name="type",
        caption=translatable("Type"),
        tooltip=translatable("Whether records were synchronized, coupled or uncoupled."),
        kind=FieldKind.CHOICE,
        choices=choices_of(SynchJobType),
    ),
    ListColumn(
        name="message",
        caption=translatable("Message"),
        tooltip=translatable("What ended the job early, if anything did."),
        is_searched=True,
    ),
    ListColumn(
        name="id",
        caption=translatable("Job"),
        tooltip=translatable("What identifies the job."),
        is_searched=True,
    ),
    ListColumn(
        name="run_id",
        caption=translatable("Run"),
        tooltip=translatable("The full synchronization that the job belongs to."),
    ),
)


BROKEN_OFF: Final = translatable("Broken Off")
"""What became of a job whose process ended before it; the next run goes on where it stopped."""


class JobRow(ListRow, frozen=True, kw_only=True):
    """One job; times are ISO 8601 in UTC."""

    id: str
    mapping: str
    direction: str
    type: str
    started_at: str
    finished_at: str
    """Blank: it runs, or was broken off."""
    seconds: int | None
    """How long it took; None: it runs, or was broken off."""
    status: str
    """Blank if it is finished, else In Process, On Hold or Broken Off."""
    message: str
    run_id: str
    inserted: int
    modified: int
    deleted: int
    unchanged: int
    skipped: int
    failed: int
    coupled: int
    uncoupled: int


class JobsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of jobs."""

    rows: tuple[JobRow, ...] = ()


LIST_JOBS: Final = Operation(
    name="jobs.list",
    asked=ListAsked,
    answer=JobsListed,
    permission=Permission.READ,
    caption=translatable("Integration Synch. Jobs"),
    tooltip=translatable("Show what ran, with what became of the records."),
    command="jobs",
)

OPERATIONS: Final = (LIST_JOBS,)
