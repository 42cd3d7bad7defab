"""What background jobs ask of the rest: the work itself, and the rows that tell people how it stands."""

from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from interlace.domain.full_synch_review import FullSynchReview
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable


class SynchMode(Enum):
    """How a run goes over a mapping."""

    INCREMENTAL = "incremental"
    """What changed since the last run."""
    FULL = "full"
    """Every record, uncoupled ones included."""
    COUPLE = "couple"
    """Every record, but none is created: coupled ones, and those that a match rule couples."""
    MATCH = "match"
    """Uncoupled records are coupled by the criteria that a person chose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchProgress:
    """What a batch of pages left to do."""

    more: bool
    """There is more to do: the next batch follows."""
    stopped: str = ""
    """Why the mapping can't go on (a safety halt, a wrong set-up), in words for users; blank: all is well."""
    is_frozen: bool = False
    """The ERP is frozen, so the run waits until it isn't, and goes on where it stands."""


class SynchWork(Protocol):
    """The synchronization itself, as the engine offers it; the jobs only say when."""

    def run_batch(
        self, connection_id: str, mapping: str, mode: SynchMode, run_id: str, fence: int
    ) -> "BatchProgress | Awaitable[BatchProgress]":
        """Synchronize the next pages of a run, one to five seconds' worth, from the stored position on.

        Whatever it stores must be bound to the fencing number (ConnectionStore.fenced). An awaitable is run
        on the job engine's event loop.
        """
        ...

    def may_recur(self, connection_id: str, mapping: str) -> bool:
        """Tell whether a recurring run may begin now: its connection is enabled and the mapping takes part."""
        ...

    def is_frozen(self, connection_id: str, mapping: str) -> bool:
        """Tell whether runs of the mapping must wait now, for they may write to an ERP that is frozen."""
        ...

    async def close(self) -> None:
        """Give up what the work keeps open between batches; called on the job engine's event loop."""
        ...

    def is_transient(self, error: BaseException) -> bool:
        """Tell whether waiting may heal the error (time-outs, unavailable services, a lost lease)."""
        ...


class Reviews(Protocol):
    """Full synch reviews, as the store keeps them."""

    def read(self, run_id: str) -> FullSynchReview | None:
        """Return a review."""
        ...

    def set_status(
        self,
        run_id: str,
        mapping: MappingName,
        status: JobQueueEntryStatus | None,
        *,
        message: str = "",
        job_queue_entry_id: str | None = None,
    ) -> bool:
        """Move a line to a status; a line of a review that is held doesn't begin. Tells whether it moved."""
        ...

    def hold(self, run_id: str, reason: str, *, before_their_turn: bool = False) -> None:
        """Put the lines that wait or are at work on hold; if there are none, perhaps those that never began."""
        ...

    def set_message(self, run_id: str, mapping: MappingName, message: str) -> None:
        """Say why a line stands where it stands."""
        ...

    def begin_anew(
        self, run_id: str, mappings: Iterable[MappingName], *, keep_positions: bool = False
    ) -> None:
        """Put lines back to never started."""
        ...

    def is_running(self, connection_id: str, mapping: str) -> bool:
        """Tell whether a full synchronization is at work on a mapping."""
        ...

    def delete_older(self, age: timedelta) -> int:
        """Forget old reviews."""
        ...


class JobQueueEntries(Protocol):
    """Job queue entries, as the store keeps them."""

    def store(self, entry: JobQueueEntry) -> None:
        """Insert or overwrite an entry."""
        ...

    def read(self, entry_id: str) -> JobQueueEntry | None:
        """Return an entry."""
        ...

    def list(self, connection_id: str, kind: JobQueueEntryKind | None = None) -> list[JobQueueEntry]:
        """Return a connection's entries."""
        ...

    def delete(self, entry_id: str) -> bool:
        """Delete an entry."""
        ...

    def delete_finished_before(self, moment: datetime) -> int:
        """Forget work that ended before this moment."""
        ...


class JobState(Protocol):
    """The rows that jobs read and update; the store's StateStore is one."""

    @property
    def reviews(self) -> Reviews:
        """Full synch reviews."""
        ...

    @property
    def job_queue_entries(self) -> JobQueueEntries:
        """Job queue entries."""
        ...

    def take_lease(self, connection_id: str, mapping: str, holder: str) -> int | None:
        """Take a mapping: gives a fencing number, or None while another holder has it."""
        ...

    def release_lease(self, connection_id: str, mapping: str, fence: int) -> None:
        """Give a mapping up."""
        ...


class NothingToRestart(Exception):
    """A full synchronization has no line that could be restarted, or is still at work."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            translatable(
                "The full synchronization {run} has no line to restart: either lines are still at work, or "
                "all have finished. Look at its status.",
                run=run_id,
            )
        )
        self.run_id = run_id
