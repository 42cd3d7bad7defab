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
EXISTENCE: Final = (
    Choice(value="yes", caption=translatable("Yes")),
    Choice(value="no", caption=translatable("No")),
)
"""Whether a record was there when it was looked for last; blank: nobody knows, or there is none."""

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
        name="description",
        caption=translatable("Description"),
        tooltip=translatable(
            "What the record was called when both sides were compared last; of one that was never coupled, what its "
            "service calls it now."
        ),
        is_filtered=False,
    ),
    ListColumn(
        name="exists",
        caption=translatable("Record Exists"),
        tooltip=translatable("Whether the record was there when it was looked for last, and when that was."),
        kind=FieldKind.CHOICE,
        choices=EXISTENCE,
        is_filtered=False,
    ),
    ListColumn(
        name="partner",
        caption=translatable("Coupled To"),
        tooltip=translatable("The record of the other side that it is coupled with."),
        is_filtered=False,
    ),
    ListColumn(
        name="partner_exists",
        caption=translatable("Coupled Record Exists"),
        tooltip=translatable(
            "Whether the coupled record was there when it was looked for last, and when that was."
        ),
        kind=FieldKind.CHOICE,
        choices=EXISTENCE,
        is_filtered=False,
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
    description: str = ""
    """The record's name when both sides were compared last, or as its service has it now; blank: nobody knows."""
    exists: str = ""
    """A value of EXISTENCE."""
    exists_at: str = ""
    """When that was seen."""
    partner: str = ""
    """The coupled record's name, or its key."""
    partner_key: str = ""
    """Blank: the record is not coupled."""
    partner_exists: str = ""
    """A value of EXISTENCE."""
    partner_exists_at: str = ""
    conflict_id: str = ""
    """The open conflict about a record that is gone; blank: there is none."""
    correlation_id: str = ""
    """Of the service's answer, by which its owner finds what happened; blank: no service told one."""
    place: str = ""
    """What names the record where several of them are settled at once."""


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
