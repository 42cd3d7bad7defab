"""One document's turn in a run, and what the turns of a batch change in our memory."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from interlace.domain.coupling import AgreedValues, Coupling
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.saga import FoundRecord, Observation, Problem, Step
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import Intent, JournalEntry
from interlace.engine.saga_memory import DocumentEvent, DocumentsResult, TrackedDocument
from interlace.engine.saga_setup import SagaSetup
from interlace.locale.translatable import joined

_BY_NAME = "by name"
"""Layout of what sagas agree on: pairs of a name and its value, where mappings have pairs of both sides' values."""


@dataclass(slots=True, kw_only=True)
class Turn:
    """What is known of a document while it is looked at and taken on."""

    key: str
    tracked: TrackedDocument
    coupling: Coupling | None
    announced: list[Intent]
    """Open intents of the document."""
    observation: Observation | None = None
    step: Step | None = None
    steps: int = 0
    put_off: int = 0
    """How often its request was not sent in this run although it was looked at alone: the look was old by then."""
    unanswered: int = 0
    """How many answers to its requests were lost in this run."""
    refused: bool = False
    """A service refused its last request for good."""
    created: bool = False
    changed: bool = False
    removed: bool = False

    @property
    def document(self) -> FoundRecord | None:
        """The document as it was looked at."""
        assert self.observation is not None
        return self.observation.document

    @property
    def agreed(self) -> dict[str, Value] | None:
        """What was remembered of the pair, by name."""
        held = None if self.coupling is None else self.coupling.agreed
        if held is None or held.layout != _BY_NAME:
            return None
        return {str(pair[0]): pair[1] for pair in held.pairs if pair is not None}

    @property
    def create_intent(self) -> Intent | None:
        """Our create of the partner whose outcome is not stored, if there is one."""
        return next((each for each in self.announced if each.marked), None)


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Gathers what steps change until it is stored in one transaction."""

    setup: SagaSetup
    job: SynchJob
    turns: dict[str, Turn] = field(default_factory=dict)
    events: list[DocumentEvent] = field(default_factory=list)
    couplings: list[Coupling] = field(default_factory=list)
    removed: list[Coupling] = field(default_factory=list)
    finished: list[Intent] = field(default_factory=list)
    unknown: list[Intent] = field(default_factory=list)
    journal: list[JournalEntry] = field(default_factory=list)

    def touch(self, turn: Turn, now: datetime, **changes: object) -> None:
        """Change what is remembered of a document."""
        turn.tracked = replace(turn.tracked, looked_at=now, **changes)  # type: ignore[arg-type]
        self.turns[turn.key] = turn

    def tell(self, turn: Turn, now: datetime, kind: str, text: str) -> None:
        """Add a line to a document's timeline."""
        self.turns[turn.key] = turn
        stage = turn.tracked.stage
        self.events.append(DocumentEvent(key=turn.key, at=now, kind=kind, text=text, stage=stage))

    def finish(self, turn: Turn, intents: Iterable[Intent]) -> None:
        """Forget announcements whose outcome is known."""
        for intent in list(intents):
            self.finished.append(intent)
            if intent in turn.announced:
                turn.announced.remove(intent)

    def couple(self, turn: Turn, partner: str) -> None:
        """Couple a document; an earlier partner is let go."""
        side = self.setup.saga.side
        erp, crm = (turn.key, partner) if side is Side.ERP else (partner, turn.key)
        self.release(turn)
        turn.coupling = Coupling(
            mapping=self.setup.mapping, erp_key=ErpKey(erp), crm_key=CrmKey(crm), agreed=None
        )
        self.couplings.append(turn.coupling)
        turn.tracked = replace(turn.tracked, partner=partner)

    def agree(self, turn: Turn, values: Mapping[str, Value]) -> None:
        """Remember what a coupled pair agreed on."""
        assert turn.coupling is not None
        agreed = AgreedValues(layout=_BY_NAME, pairs=tuple((name, values[name]) for name in sorted(values)))
        turn.coupling = replace(turn.coupling, agreed=agreed)
        self.turns[turn.key] = turn
        self.couplings.append(turn.coupling)

    def release(self, turn: Turn) -> None:
        """Uncouple a document."""
        if turn.coupling is not None:
            self.removed.append(turn.coupling)
        turn.coupling = None
        turn.tracked = replace(turn.tracked, partner=None)

    def hold(self, turn: Turn, problems: Sequence[Problem], now: datetime) -> None:
        """Note what keeps a document; the timeline tells it only when it is news."""
        news = tuple(problems) != turn.tracked.problems
        self.touch(turn, now, problems=tuple(problems))
        if news:
            self.touch(turn, now, since=now)
            text = joined(said for each in problems for said in (each.what, each.remedy))
            self.tell(turn, now, "held", text)

    def move(self, turn: Turn, stage: str, tells: str, now: datetime, *, finished: bool) -> None:
        """Note where a document is; the timeline tells it only when it is news."""
        tracked = turn.tracked
        news = stage != tracked.stage or finished != tracked.finished
        self.touch(turn, now, stage=stage, problems=(), finished=finished)
        if news or tracked.held:
            self.touch(turn, now, since=now)
        if news:
            self.tell(turn, now, "finished" if finished else "stage", tells or stage)

    def store(self) -> None:
        """Store everything, in one transaction."""
        documents = [each.tracked for each in self.turns.values()]
        if not (documents or self.events or self.finished or self.unknown or self.journal):
            return
        self.setup.store.remember_documents(
            DocumentsResult(
                job=self.job,
                documents=documents,
                events=self.events,
                couplings=self.couplings,
                removed_couplings=self.removed,
                finished_intents=self.finished,
                unknown_intents=self.unknown,
                journal=self.journal,
            )
        )
        self.turns = {}
        self.events, self.couplings, self.removed = [], [], []
        self.finished, self.unknown, self.journal = [], [], []
