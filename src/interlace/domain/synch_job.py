"""One run over one mapping and direction, with its eight counters."""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable


class SynchJobType(Enum):
    """What a job does."""

    SYNCHRONIZATION = translatable("Synchronization")
    COUPLING = translatable("Coupling")
    UNCOUPLING = translatable("Uncoupling")


@dataclass(slots=True, kw_only=True)
class Counters:
    """How many records ended in which way; each record that a pass takes up is counted exactly once."""

    inserted: int = 0
    modified: int = 0
    deleted: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    coupled: int = 0
    uncoupled: int = 0

    @property
    def total(self) -> int:
        """The sum of all eight."""
        return sum(getattr(self, each.name) for each in fields(self))

    def add(self, other: "Counters") -> None:
        """Add another batch's counts to these."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name, in the users' order."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SynchJob:
    """A started or finished run of one pass."""

    id: str
    mapping: MappingName
    direction: Direction
    type: SynchJobType = SynchJobType.SYNCHRONIZATION
    started_at: datetime
    finished_at: datetime | None = None
    message: str = ""
    counters: Counters
    run_id: str | None = None
    """The full synchronization that the job belongs to, if any."""
