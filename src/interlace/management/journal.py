"""The journal: every write of Interlace, with what was there before."""

from datetime import datetime

from interlace.management.operation import Answer, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class FieldWritten(Answer, frozen=True, kw_only=True):
    """One field of a write, as text; None: there was no value."""

    name: str
    before: str | None
    after: str | None


class Write(Answer, frozen=True, kw_only=True):
    """One entry of the journal."""

    sequence: int
    at: datetime
    mapping: str
    action: str
    side: str
    key: str
    source_key: str
    job_id: str
    reason: str
    fields: tuple[FieldWritten, ...]
    is_erased: bool = False
    """Its values were erased for good."""


class Writes(Answer, frozen=True, kw_only=True):
    """Entries in the order in which they were written, or the newest first."""

    writes: tuple[Write, ...]
    next_after: int | None = None
    """Where the next part begins (`after`, or `before` if the newest come first); None: this is the end."""


class ShowJournal(OfConnection, frozen=True, kw_only=True):
    """Asks for entries; everything given must hold."""

    key: str = ""
    """Key of either record of a pair."""
    mapping: str = ""
    job_id: str = ""
    field: str = ""
    after: int = 0
    before: int = 0
    """Only entries with a lower number; 0: from the newest on."""
    newest_first: bool = False
    limit: int = 100


class VerifyJournal(OfConnection, frozen=True, kw_only=True):
    """Asks to compute the chain of digests anew."""


class JournalVerified(Answer, frozen=True, kw_only=True):
    """Whether the journal is as it was written."""

    holds: bool
    entries: int
    first_wrong: int | None = None
    reason: str = ""


SHOW = Operation(
    name="journal.show",
    asked=ShowJournal,
    answer=Writes,
    permission=Permission.READ,
    caption=translatable("Journal"),
    tooltip=translatable("Show what Interlace wrote, field by field, with what was there before."),
    command="journal show",
)
VERIFY = Operation(
    name="journal.verify",
    asked=VerifyJournal,
    answer=JournalVerified,
    permission=Permission.READ,
    caption=translatable("Verify"),
    tooltip=translatable(
        "Compute the chain of digests anew: it tells whether an entry was changed afterwards."
    ),
    command="journal verify",
)

OPERATIONS = (SHOW, VERIFY)
