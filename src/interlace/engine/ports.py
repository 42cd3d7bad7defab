"""What the engine asks of the two services, and what they answer.

The engine awaits nothing but the Call values below. A runner executes them: over HTTP in production,
in virtual time in the simulator.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from interlace.domain.errors import RecordError
from interlace.domain.side import Side
from interlace.domain.table_filter import EVERYTHING, TableFilter
from interlace.domain.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class TableView:
    """A table as one mapping reads and writes it: the fields in the order in which records carry them."""

    side: Side
    table: str
    fields: tuple[str, ...]
    filter: TableFilter = EVERYTHING
    """A hint: a connector may leave out records that fail it, but need not."""
    lookup_targets: tuple[tuple[str, str], ...] = ()
    """(lookup column, CRM table it points at)."""
    choice_column: str | None = None
    """The records are the choices of this column of `table`; their key is the choice's number, their fields
    are `value` and `label`."""


class Record(Protocol):
    """A record as it was read; its values are decoded only when asked for."""

    @property
    def key(self) -> str:
        """The record's key in its service."""

    @property
    def tag(self) -> str | None:
        """Version tag for preconditions; equal or different, never older or newer."""

    @property
    def digest(self) -> bytes:
        """Digest of the record as it came; equal means untouched."""

    def values(self) -> tuple[Value, ...]:
        """Return the values in the order of the view's fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of a listing, in the service's own key order; `next` is an opaque continuation."""

    records: Sequence[Record]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a feed says may differ since a cursor: hints only, the records are read again by key."""

    keys: tuple[str, ...]
    deleted: tuple[str, ...]
    cursor: str | None
    """Where the next reading starts; to be stored with the hints."""
    complete: bool
    """False: the feed can't tell (no stamp, expired token); the whole table must be compared."""


class Precondition(Enum):
    """What must hold for a write to take effect."""

    ABSENT = "absent"
    """Create only: the key must not exist."""
    MARKED = "marked"
    """Create only, where the service chooses the key: `key` is our mark, written into the table's mark field."""
    UNCHANGED = "unchanged"
    """The record must still carry the tag given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One write. With ABSENT the record is created under `key`; with UNCHANGED it is updated; with MARKED it is
    created under a key of the service's choosing, which the result tells.

    `values` names only the fields to write; a reference is the key of the record it points at.
    """

    key: str
    precondition: Precondition
    values: dict[str, Value]
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Delete one record if it still carries the tag."""

    key: str
    tag: str | None = None


class Outcome(Enum):
    """Every answer to a write is one of these (reliability: the outcome table)."""

    DONE = "done"
    EXISTS = "exists"
    """A record with the key of a create was there already; no effect."""
    STALE = "stale"
    """The record changed meanwhile; no effect: read again, decide again."""
    GONE = "gone"
    """No record with that key; no effect."""
    REJECTED = "rejected"
    """Refused for good; no effect; `error` says why."""
    RETRY_LATER = "retry later"
    """Refused for now; no effect."""
    UNKNOWN = "unknown"
    """The effect may have happened or may still happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteResult:
    """How one write ended."""

    outcome: Outcome
    key: str
    tag: str | None = None
    """The version tag of the write itself, where the answer carries one."""
    error: RecordError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a table can do; policies say what a missing capability means."""

    insert_with_key: bool
    conditional_update: bool
    reports_changes: bool
    reports_deletes: bool
    read_page_size: int
    write_batch_size: int
    max_request_life_seconds: float
    """How long after a time-out a request's effect may still appear."""
    mark_field: str | None = None
    """Where the service chooses keys: the field that carries our mark, by which a create is found again."""


class Call:
    """Something only a runner can do; awaiting it gives its result."""

    def __await__(self) -> Generator["Call", Any, Any]:
        """Hand the call to the runner and receive its result."""
        return (yield self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage(Call):
    """Read one page of a table; gives Page."""

    view: TableView
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadKeys(Call):
    """Read records by key, now; gives list[Record | None] in the order of the keys (None: not there)."""

    view: TableView
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindRecords(Call):
    """Find the records whose field equals one of the values (text compares without case); gives list[Record]."""

    view: TableView
    field: str
    values: tuple[str, ...]
    exact: bool = False
    """The values are spelled as the records hold them, so that a service may look them up in an index."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadChanges(Call):
    """Ask a table's feed what may differ since the cursor (None: start a new cursor now); gives Changes."""

    view: TableView
    cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRecords(Call):
    """Carry out writes; gives list[WriteResult] in their order."""

    view: TableView
    writes: tuple[Write, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteRecords(Call):
    """Carry out deletions; gives list[WriteResult] in their order."""

    view: TableView
    deletions: tuple[Deletion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDocument(Call):
    """Create a document with its lines in one request, all or nothing; gives WriteResult.

    The service chooses the number; the result's key is the document's as `view` reads it. `mark` stands among the
    values and is what the document is looked for by when the answer is lost.
    """

    view: TableView
    mark: str
    values: Mapping[str, Value]
    lines: tuple[Mapping[str, Value], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformMessage(Call):
    """Have a service carry out one of its messages on a record that still carries the tag; gives WriteResult.

    A parameter `Part.name` is the field `name` of the object `Part`. A tag is only as good as the message: not every
    service compares it.
    """

    view: TableView
    key: str
    tag: str | None
    message: str
    parameters: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequireThawed(Call):
    """Make sure that a side may be written to now, before a write is announced that would not be sent; gives None."""

    side: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCapabilities(Call):
    """Ask what a table can do; gives Capabilities."""

    view: TableView


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Call):
    """Wait; gives None."""

    seconds: float


@dataclass(frozen=True, slots=True)
class CurrentTime(Call):
    """The present moment; gives an aware UTC datetime. For people only: the clock may be set."""


@dataclass(frozen=True, slots=True)
class ElapsedTime(Call):
    """Seconds on a clock that never steps, counted from an arbitrary moment of this process; gives a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """The marker row of one mapping in one service: a counter that only Interlace advances."""

    value: int
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMarker(Call):
    """Read a mapping's marker row; gives Marker, value 0 when the row is not there, or None without such a table."""

    side: Side
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvanceMarker(Call):
    """Set a mapping's marker row, created when `tag` is None, else only if it still carries the tag; gives Outcome."""

    side: Side
    name: str
    value: int
    tag: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """Who changed a record last, and when, as its own service tells."""

    by: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadLastChange(Call):
    """Ask who changed a record last; gives LastChange."""

    view: TableView
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Together(Call):
    """Carry out several calls at the same time; gives their results in order."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Attempt(Call):
    """Carry out a call whose failure must not hide the others' results; gives its result or its ServiceFailure."""

    call: Call
