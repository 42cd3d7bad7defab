"""A scheduled or waiting piece of work, as the job queue pages show it."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from interlace.domain.keys import ConnectionId, MappingName
from interlace.locale.translatable import translatable


class JobQueueEntryStatus(Enum):
    """Where a piece of work stands; the value is the word users know."""

    READY = translatable("Ready")
    IN_PROCESS = translatable("In Process")
    ERROR = translatable("Error")
    ON_HOLD = translatable("On Hold")
    FINISHED = translatable("Finished")


class JobQueueEntryKind(Enum):
    """What a piece of work does."""

    FULL_SYNCH = translatable("Full Synchronization")
    SYNCH_MAPPING = translatable("Synchronization")
    RECURRING = translatable("Recurring Synchronization")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQueueEntry:
    """One piece of work: of a run, or recurring."""

    id: str
    connection_id: ConnectionId
    kind: JobQueueEntryKind
    mapping: MappingName | None = None
    run_id: str | None = None
    status: JobQueueEntryStatus = JobQueueEntryStatus.READY
    minutes_between_runs: int | None = None
    """Only recurring work has an interval."""
    earliest_start: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    message: str = ""
