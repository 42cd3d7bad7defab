"""The journal as a list: filtered by any of its columns, sorted by its entries, exported."""

from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.journal import FieldWritten
from interlace.management.listing import Choice, ListAnswer, ListAsked, ListColumn, SequencedRow
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

ACTION_CHOICES: Final = (
    Choice(value="insert", caption=translatable("Created")),
    Choice(value="modify", caption=translatable("Changed")),
    Choice(value="delete", caption=translatable("Deleted")),
    Choice(value="remove", caption=translatable("Removed")),
    Choice(value="agree", caption=translatable("Agreed")),
    Choice(value="couple", caption=translatable("Coupled")),
    Choice(value="uncouple", caption=translatable("Uncoupled")),
    Choice(value="perform", caption=translatable("Done")),
    Choice(value="restore", caption=translatable("Restored")),
    Choice(value="undo", caption=translatable("Taken back")),
    Choice(value="erase", caption=translatable("Erased")),
)
_ALIKE: Final = {"create": "insert", "change": "modify", "removecoupling": "uncouple"}

JOURNAL_COLUMNS: Final = (
    ListColumn(
        name="sequence",
        caption=translatable("Entry"),
        tooltip=translatable("The entry's place in the journal."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="at",
        caption=translatable("When"),
        tooltip=translatable("When it was written."),
        kind=FieldKind.MOMENT,
    ),
    ListColumn(
        name="mapping",
        caption=translatable("Mapping"),
        tooltip=translatable("The mapping whose records were synchronized."),
        is_searched=True,
    ),
    ListColumn(
        name="action",
        caption=translatable("Action"),
        tooltip=translatable("What was done to the record."),
        kind=FieldKind.CHOICE,
        choices=ACTION_CHOICES,
    ),
    ListColumn(
        name="side",
        caption=translatable("Side"),
        tooltip=translatable("The system that was written to."),
        kind=FieldKind.CHOICE,
        choices=(
            Choice(value="erp", caption=translatable("ERP")),
            Choice(value="crm", caption=translatable("CRM")),
        ),
    ),
    ListColumn(
        name="record",
        caption=translatable("Record"),
        tooltip=translatable("The record that was written; the filter finds it by its partner's key, too."),
        is_searched=True,
    ),
    ListColumn(
        name="fields",
        caption=translatable("Fields"),
        tooltip=translatable("The fields that were written; the filter finds entries with one such field."),
    ),
    ListColumn(
        name="changes",
        caption=translatable("Changes"),
        tooltip=translatable("Each field with what it held before and holds now."),
        is_filtered=False,
    ),
    ListColumn(
        name="job_id",
        caption=translatable("Job"),
        tooltip=translatable("The job that wrote it."),
    ),
)


class JournalRow(SequencedRow, frozen=True, kw_only=True):
    """One entry; the time is ISO 8601 in UTC."""

    at: str
    mapping: str
    action: str
    side: str
    record: str
    partner: str
    """Key of the record on the other side, where the entry tells it."""
    fields: str
    changes: str
    job_id: str
    written: tuple[FieldWritten, ...]
    is_erased: bool = False
    """Its values were erased for good."""


class JournalListed(ListAnswer, frozen=True, kw_only=True):
    """A page of the journal."""

    rows: tuple[JournalRow, ...] = ()


LIST_JOURNAL: Final = Operation(
    name="journal.list",
    asked=ListAsked,
    answer=JournalListed,
    permission=Permission.READ,
    caption=translatable("Journal"),
    tooltip=translatable("List what Interlace wrote, by any column: time, record, field, action, job."),
    command="journal show",
)

OPERATIONS = (LIST_JOURNAL,)


def action_kind(action: str) -> str:
    """Return which of the choices an entry's action is; one that is none of them as it is."""
    verb = action.replace(":", " ").split()[0] if action.strip(": ") else ""
    kind = _ALIKE.get(verb, verb)
    return kind if any(each.value == kind for each in ACTION_CHOICES) else action
