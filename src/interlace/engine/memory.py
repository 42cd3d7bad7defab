"""What the engine has the store remember: announced writes, the journal, errors, markers, how far a run has got.

The store is called directly (`store_port`): each of its methods is one short transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from interlace.domain.conflict import Conflict
from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.errors import RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value


class IntentState(Enum):
    """How far a write that was announced has got."""

    SENT = "sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One write as it happened: run, rule, record, before and after, by field."""

    mapping: MappingName
    side: Side
    key: str
    action: str
    job_id: str
    before: dict[str, Value] | None
    after: dict[str, Value]
    lost: dict[str, Value] = field(default_factory=dict)
    """Values that someone had set and that this write overwrote."""
    source_key: str = ""
    """Key of the record of the other side that the write carried over."""
    agreed_before: dict[str, tuple[Value, Value] | None] = field(default_factory=dict)
    """(ERP value, CRM value) that both sides agreed on until this write, by row id, for the rows that it moved."""
    certain: bool = True
    """False: the answer was lost, and the record was changed by someone else before we looked at it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentStamp:
    """When a write was sent, on the clock of the process that sent it; worthless to any other process."""

    process: str
    elapsed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A write announced before it is sent: what a restart must look at first."""

    mapping: MappingName
    side: Side
    source_key: str
    """Key of the record that the write carries over."""
    key: str
    """Key of the record written; our mark where the service chooses the key."""
    creates: bool
    job_id: str
    state: IntentState = IntentState.SENT
    entry: JournalEntry | None = None
    """The write as the journal is to tell of it; `after` is the body, which is sent again byte for byte."""
    agreed: AgreedValues | None = None
    """What both sides agree on once the write has taken effect."""
    attempt: int = 0
    """Tells the writes of one record apart whose outcome is not known yet."""
    marked: bool = False
    """The service chooses the key: the create is looked for by its mark, and never sent twice at a time."""
    sent: SentStamp | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchError:
    """A record that could not be synchronized, as the error pages show it."""

    mapping: MappingName
    direction: Direction
    source_key: str
    error: RecordError
    job_id: str
    at: datetime
    times: int = 1
    skipped: bool = False
    """Left out of scheduled runs until its cause is gone, its time has come, or a person retries."""
    next_try: datetime | None = None
    """When a skipped record takes part again whatever happens; the store decides it."""
    source_digest: bytes | None = None
    """Digest of the record when it failed: a changed record is tried again."""
    partner_digest: bytes | None = None
    """Digest of its partner at that moment: tells which of two later changes came first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerState:
    """What we know of a marker row: `acknowledged` <= the row's value <= `sent`, or a service went back in time."""

    acknowledged: int = 0
    sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """Everything that one batch of records changes in our memory, to be stored in one transaction."""

    job: SynchJob
    """The job with its counters after this batch."""
    couplings: Sequence[Coupling] = ()
    removed_couplings: Sequence[Coupling] = ()
    finished_intents: Sequence[Intent] = ()
    unknown_intents: Sequence[Intent] = ()
    journal: Sequence[JournalEntry] = ()
    errors: Sequence[SynchError] = ()
    cleared_errors: Sequence[tuple[Direction, str]] = ()
    """(direction, source key) of records that went through."""
    conflicts: Sequence[Conflict] = ()
    """Pairs that a person must bring together; a pair's earlier conflict is replaced."""
    settled_pairs: Sequence[ErpKey] = ()
    """ERP keys of pairs whose conflict, if they had one, is over."""
    position: str | None = None
    """Where the pass goes on after this batch; None: where it stood. See PassPosition."""
    pass_finished: bool = False
    """The pass is complete with this batch: a restart leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassPosition:
    """How far one pass of a run has got: what a restart continues from."""

    job: SynchJob
    after: str | None
    """Continuation of the page that comes next; None: the first page, or none once `finished`."""
    finished: bool
