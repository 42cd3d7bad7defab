"""Which records are not synchronized, and why: the lists of errors and of skipped records."""

from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.jobs import DIRECTION_CHOICES
from interlace.management.listing import Choice, ListAnswer, ListAsked, ListColumn, ListRow
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

ERROR_STATES: Final = (
    Choice(value="failed", caption=translatable("Failed")),
    Choice(value="skipped", caption=translatable("Skipped")),
)
"""Whether the next run takes a record up again, or leaves it out until somebody helps."""

ERROR_COLUMNS: Final = (
    ListColumn(
        name="at",
        caption=translatable("Date/Time"),
        tooltip=translatable("When the record failed last."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="mapping",
        caption=translatable("Integration Table Mapping Name"),
        tooltip=translatable("The mapping in which the record failed."),
    ),
    ListColumn(
        name="direction",
        caption=translatable("Synch. Direction"),
        tooltip=translatable("Where the change was to go."),
        kind=FieldKind.CHOICE,
        choices=DIRECTION_CHOICES,
    ),
    ListColumn(
        name="source_key",
        caption=translatable("Record"),
        tooltip=translatable("What identifies the record on the side that the change comes from."),
        is_searched=True,
    ),
    ListColumn(
        name="code",
        caption=translatable("Error Code"),
        tooltip=translatable("What kind of error it is."),
        is_searched=True,
    ),
    ListColumn(
        name="message",
        caption=translatable("Error Message"),
        tooltip=translatable("What is wrong, and what to do."),
        is_searched=True,
    ),
    ListColumn(name="field", caption=translatable("Field"), tooltip=translatable("The field that is wrong.")),
    ListColumn(
        name="times",
        caption=translatable("No. of Failures"),
        tooltip=translatable("In how many jobs the record failed for the same reason."),
        kind=FieldKind.NUMBER,
    ),
    ListColumn(
        name="state",
        caption=translatable("State"),
        tooltip=translatable(
            "Whether the next run takes the record up again, or leaves it out until somebody helps."
        ),
        kind=FieldKind.CHOICE,
        choices=ERROR_STATES,
    ),
    ListColumn(
        name="job_id",
        caption=translatable("Job"),
        tooltip=translatable("The job in which the record failed last."),
    ),
)


class ErrorRow(ListRow, frozen=True, kw_only=True):
    """One record with an error; times are ISO 8601 in UTC."""

    mapping: str
    direction: str
    source_key: str
    """Parts of a composite key have a comma between them."""
    code: str
    message: str
    field: str
    times: int
    at: str
    job_id: str
    is_skipped: bool
    state: str
    """A value of ERROR_STATES."""
    next_try: str
    """Blank: with the next run, or when a person says so if it is skipped."""
    waits_for_mapping: str
    waits_for_key: str
    record_key: str
    """The source key as other operations want it."""


class ErrorsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of errors."""

    rows: tuple[ErrorRow, ...] = ()


LIST_ERRORS: Final = Operation(
    name="errors.list",
    asked=ListAsked,
    answer=ErrorsListed,
    permission=Permission.READ,
    caption=translatable("Integration Synch. Errors"),
    tooltip=translatable("Show which records are not synchronized, and why."),
    command="errors list",
)
LIST_SKIPPED: Final = Operation(
    name="errors.skipped",
    asked=ListAsked,
    answer=ErrorsListed,
    permission=Permission.READ,
    caption=translatable("Coupled Data Synchronization Errors"),
    tooltip=translatable("Show the records that are left out until somebody lets them take part again."),
    command="errors list",
)

OPERATIONS: Final = (LIST_ERRORS, LIST_SKIPPED)
