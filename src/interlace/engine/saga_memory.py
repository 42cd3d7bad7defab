"""What is remembered of documents under way: where each is, what keeps it, and its timeline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from interlace.domain.coupling import Coupling
from interlace.domain.keys import MappingName
from interlace.domain.saga import Problem
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.engine.memory import Intent, JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedDocument:
    """One document under way, as it was left at the last look."""

    mapping: MappingName
    key: str
    title: str = ""
    """What names it for people; blank: nothing does."""
    owner: str = ""
    """Key of who is responsible for it, on its own side; blank: nobody is, or it was not looked at since we ask."""
    partner: str | None = None
    stage: str = ""
    problems: tuple[Problem, ...] = ()
    """What holds it; empty: nothing does."""
    since: datetime
    """When the stage, or what holds it, began."""
    first_seen: datetime
    looked_at: datetime
    finished: bool = False
    run_id: str = ""
    """The run that looked at it last."""
    created_digest: str = ""
    """Digest of the content with which the partner was created."""
    removed_digest: str = ""
    """Digest of the content of a partner that was created and taken back."""

    @property
    def held(self) -> bool:
        """Tell whether something keeps the document from going on."""
        return bool(self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent:
    """One line of a document's timeline."""

    key: str
    at: datetime
    kind: str
    """created, adopted, released, changed, inserted, performed, removed, held, stage, finished, unanswered."""
    text: str
    stage: str
    """Where the document was then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentsResult:
    """Everything that some documents' steps change in our memory, to be stored in one transaction."""

    job: SynchJob
    documents: Sequence[TrackedDocument] = ()
    events: Sequence[DocumentEvent] = ()
    couplings: Sequence[Coupling] = ()
    removed_couplings: Sequence[Coupling] = ()
    finished_intents: Sequence[Intent] = ()
    unknown_intents: Sequence[Intent] = ()
    journal: Sequence[JournalEntry] = ()


class DocumentStore(Protocol):
    """What a saga's run asks of its memory, for one connection; each method is one transaction."""

    def couplings_by_key(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, Coupling]:
        """Return the couplings of these keys of one side, by that key."""
        ...

    def partner_keys(self, mapping: MappingName, side: Side, keys: Sequence[str]) -> dict[str, str]:
        """Translate keys of one side into their coupled keys of the other side; uncoupled ones are missing."""
        ...

    def announce(self, intents: Sequence[Intent]) -> None:
        """Store intents durably before the first byte of their writes leaves."""
        ...

    def open_intents(self, mapping: MappingName) -> list[Intent]:
        """Return the intents whose outcome is not known."""
        ...

    def documents_by_key(self, mapping: MappingName, keys: Sequence[str]) -> dict[str, TrackedDocument]:
        """Return what is remembered of these documents, by key."""
        ...

    def documents_due(
        self, mapping: MappingName, run_id: str, limit: int, after: str = ""
    ) -> list[TrackedDocument]:
        """Return documents under way behind a key that the run has not looked at yet, in key order."""
        ...

    def remember_documents(self, result: DocumentsResult) -> None:
        """Store what steps changed: all or nothing."""
        ...
