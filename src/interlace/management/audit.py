"""The audit log: who did or tried what, when and from where; entries are chained, so that changes show."""

from datetime import datetime
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import ListAnswer, ListColumn, SequencedRow, ServerListAsked
from interlace.management.operation import Answer, Asked, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

EXPORT_ROWS = 5000


DOOR_EVENTS = {
    "sign-in.in": translatable("Signed in"),
    "sign-in.out": translatable("Signed out"),
    "sign-in.password": translatable("Sign-in by password"),
    "sign-in.code": translatable("Sign-in by code"),
    "sign-in.again": translatable("Password entered again"),
    "sign-in.key": translatable("Access by key"),
    "sign-in.first-start": translatable("First administrator"),
    "sign-in.throttled": translatable("Made to wait"),
}
"""What happens at the door, by the name in the log; all else there is an operation."""


class AuditChange(Answer, frozen=True, kw_only=True):
    """A value before and after: a text, or else JSON; blank: there was, or is, none."""

    what: str
    before: str
    after: str


AUDIT_COLUMNS: Final = (
    ListColumn(
        name="sequence",
        caption=translatable("No."),
        tooltip=translatable("The entry's place in the log."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="at",
        caption=translatable("Time"),
        tooltip=translatable("When it was done or tried."),
        kind=FieldKind.MOMENT,
    ),
    ListColumn(
        name="user",
        caption=translatable("User"),
        tooltip=translatable("Who did it."),
        is_searched=True,
    ),
    ListColumn(
        name="operation",
        caption=translatable("Action"),
        tooltip=translatable("What was done; the filter takes the words of its page or its technical name."),
        is_searched=True,
    ),
    ListColumn(
        name="outcome",
        caption=translatable("Outcome"),
        tooltip=translatable(
            "Blank when it was done, else why not: '' finds what was done, <>'' what was refused."
        ),
    ),
    ListColumn(
        name="address",
        caption=translatable("From"),
        tooltip=translatable("The address that it came from."),
        is_searched=True,
    ),
    ListColumn(
        name="key",
        caption=translatable("Access Key"),
        tooltip=translatable("The access key with which a program came in; blank: there was none."),
    ),
    ListColumn(
        name="details",
        caption=translatable("Details"),
        tooltip=translatable("What was asked, without secrets."),
        is_searched=True,
    ),
)


class AuditEntry(SequencedRow, frozen=True, kw_only=True):
    """One entry."""

    at: datetime
    user: str
    door: str
    address: str
    key: str
    """Id of the access key, if that was the way in."""
    operation: str
    """An operation's name, or `sign-in.…` for what happens at the door."""
    outcome: str
    """Blank when it was done, else why not."""
    details: str
    """What was asked, as JSON, without secrets."""
    changes: tuple[AuditChange, ...] = ()
    """What is other than before; of secrets only that they are."""


class AuditEntries(ListAnswer, frozen=True, kw_only=True):
    """A page of entries, the newest first unless it is sorted otherwise."""

    rows: tuple[AuditEntry, ...] = ()


class ListEntries(ServerListAsked, frozen=True, kw_only=True):
    """Which entries are asked for beside the columns' filters; what is blank doesn't matter."""

    user: str = ""
    operation: str = ""
    """An operation's name, its area, or what it does in the words of its page, in the asker's language."""
    refused_only: bool = False
    since: datetime | None = None
    until: datetime | None = None


class VerifyEntries(Asked, frozen=True, kw_only=True):
    """Asks to have every entry's digest computed anew."""


class AuditVerification(Answer, frozen=True, kw_only=True):
    """What reading the log from its first entry to its last showed."""

    holds: bool
    entries: int
    head: str
    """Digest of the last entry: kept elsewhere, it proves later that nothing before it was changed."""
    first_wrong: int | None = None
    reason: str = ""


class ExportEntries(Asked, frozen=True, kw_only=True):
    """Asks for entries as they are stored, in order."""

    after: int = 0
    limit: int = EXPORT_ROWS


class ExportedEntry(Answer, frozen=True, kw_only=True):
    """An entry as it is stored: each digest is BLAKE2b-128 of the one before and the text."""

    sequence: int
    digest: str
    text: str


class ExportedEntries(Answer, frozen=True, kw_only=True):
    """Entries in order."""

    entries: tuple[ExportedEntry, ...]
    after: int | None
    """Ask with this for the next ones; None: these were the last."""


LIST = Operation(
    name="audit.list",
    asked=ListEntries,
    answer=AuditEntries,
    permission=Permission.ADMINISTER,
    caption=translatable("Audit Log"),
    tooltip=translatable("Show who did or tried what, when and from where."),
    command="audit list",
)
VERIFY = Operation(
    name="audit.verify",
    asked=VerifyEntries,
    answer=AuditVerification,
    permission=Permission.ADMINISTER,
    caption=translatable("Verify"),
    tooltip=translatable("Compute every entry's digest anew: what was changed, added or taken out shows."),
    command="audit verify",
)
EXPORT = Operation(
    name="audit.export",
    asked=ExportEntries,
    answer=ExportedEntries,
    permission=Permission.ADMINISTER,
    caption=translatable("Export"),
    tooltip=translatable("Take the entries out as they are stored, each with its digest."),
    command="audit export",
    is_kept_reading=True,
)

OPERATIONS = (LIST, VERIFY, EXPORT)
