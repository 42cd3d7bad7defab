"""Everything that the model store remembers, with the rules by which errors repeat and leases pass on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from interlace.domain.coupling import Coupling
from interlace.domain.errors import ErrorClass, RecordError
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import SafetyHalt
from interlace.domain.side import Side
from interlace.domain.synch_job import SynchJob
from interlace.domain.values import Value
from interlace.engine.memory import Intent, JournalEntry, MarkerState, SynchError

_SKIPPED_WHEN_REPEATED = frozenset({ErrorClass.DATA, ErrorClass.CONFLICT, ErrorClass.PERMISSION})

Loss = tuple[MappingName, Side, str, str, Value]
"""(mapping, side, key, field, value) of something that a write of ours overwrites."""

Body = tuple[tuple[str, Value], ...]


@dataclass(slots=True)
class MappingMemory:
    """What is remembered of one mapping."""

    couplings: dict[str, Coupling] = field(default_factory=dict)
    by_crm: dict[str, str] = field(default_factory=dict)
    layouts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    intents: dict[tuple[Side, str, int], Intent] = field(default_factory=dict)
    errors: dict[tuple[Direction, str], SynchError] = field(default_factory=dict)
    jobs: dict[str, SynchJob] = field(default_factory=dict)
    passes: dict[tuple[str, Direction], tuple[str, str | None, bool]] = field(default_factory=dict)
    """By run and direction: job id, place, finished."""
    cursors: dict[Side, str] = field(default_factory=dict)
    swept: datetime | None = None
    markers: dict[Side, MarkerState] = field(default_factory=dict)
    halt: SafetyHalt | None = None
    restorations: list[tuple[Side | None, datetime]] = field(default_factory=list)
    changes: int = 0
    """How often anything about the records was remembered."""

    def copy(self) -> "MappingMemory":
        """Copy for a backup; the values themselves never change."""
        return MappingMemory(
            couplings=dict(self.couplings),
            by_crm=dict(self.by_crm),
            layouts=dict(self.layouts),
            intents=dict(self.intents),
            errors=dict(self.errors),
            jobs=dict(self.jobs),
            passes=dict(self.passes),
            cursors=dict(self.cursors),
            swept=self.swept,
            markers=dict(self.markers),
            halt=self.halt,
            restorations=list(self.restorations),
            changes=self.changes,
        )


class Memory:
    """One connection's store, shared by all processes; the loser file stands beside it and is never restored."""

    def __init__(self, names: Sequence[MappingName]) -> None:
        self.mappings = {name: MappingMemory() for name in names}
        self.journal: list[JournalEntry] = []
        self.losses: set[Loss] = set()
        self.held_before: set[Loss] = set()
        """What announced writes found in the fields that they write."""
        self.announced: set[tuple[MappingName, Side, str, Body | None]] = set()
        """Every write that was ever announced, with its body where the intent tells it."""
        self.uncoupled: set[tuple[MappingName, Side, str]] = set()
        """Records that had a partner once, and whose coupling was removed."""
        self.leases: dict[MappingName, tuple[str, int, float | None]] = {}
        """Holder, fence, until."""
        self.leases_lost = 0
        """How often a worker was told that it had lost its lease, and its work to be done anew."""

    def backup(self) -> tuple[dict[MappingName, MappingMemory], list[JournalEntry]]:
        """Copy the database."""
        return {name: held.copy() for name, held in self.mappings.items()}, list(self.journal)

    def restore(self, copy: tuple[dict[MappingName, MappingMemory], list[JournalEntry]]) -> None:
        """Put a copy of the database in its place."""
        self.mappings = {name: held.copy() for name, held in copy[0].items()}
        self.journal = list(copy[1])

    def take_lease(self, mapping: MappingName, holder: str, now: float, duration: float) -> int | None:
        """Take a mapping: a fencing number, or None while another holder has it."""
        held_by, fence, until = self.leases.get(mapping, ("", 0, None))
        if until is not None and until > now and held_by != holder:
            return None
        self.leases[mapping] = (holder, fence + 1, now + duration)
        return fence + 1

    def release_lease(self, mapping: MappingName, fence: int) -> None:
        """Give a mapping up, if it is still held with this number."""
        held_by, current, _ = self.leases.get(mapping, ("", 0, None))
        if current == fence:
            self.leases[mapping] = (held_by, current, None)

    def next_error(self, known: SynchError | None, failed: SynchError) -> SynchError:
        """Merge a failure with what is remembered of the record, as the real store does."""
        if known is None or _fingerprint(known.error) != _fingerprint(failed.error):
            return failed
        again = known.job_id != failed.job_id
        repeated = again and failed.error.error_class in _SKIPPED_WHEN_REPEATED
        skipped = failed.skipped or known.skipped or repeated
        return replace(failed, times=known.times + (1 if again else 0), skipped=skipped)


def _fingerprint(error: RecordError) -> tuple[object, ...]:
    return (error.code, error.message, error.field, error.waits_for)


def body_of(values: Mapping[str, Value]) -> Body:
    """Return what a write says, in an order of its own."""
    return tuple(sorted(values.items()))


def losses_of(entry: JournalEntry, values: Mapping[str, Value]) -> list[Loss]:
    """Return values of the record that a journalled write is about."""
    return [(entry.mapping, entry.side, entry.key, name, value) for name, value in values.items()]
