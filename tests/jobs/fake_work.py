"""A synchronization that only counts: each batch takes up some records and stores where it stands."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from interlace.domain.full_synch_review import ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.memory import BatchResult
from interlace.jobs.ports import BatchProgress, SynchMode
from interlace.store.leases import LeaseLost
from interlace.store.state_store import StateStore

TO = Direction.TO_INTEGRATION_TABLE


class ServiceAway(Exception):
    """The service can't be reached for the moment."""


@dataclass(kw_only=True)
class FakeWork:
    """Work of so many batches a mapping; every batch done is a line in a file."""

    state: StateStore
    done: Path
    batches: int = 5
    seconds: float = 0.0
    stops: dict[str, str] = field(default_factory=dict)
    """Mappings that stop at their second batch, with the reason."""
    away: dict[str, int] = field(default_factory=dict)
    """How many attempts of a mapping find the service away."""
    at_rest: set[tuple[str, str]] = field(default_factory=set)
    """Mappings of connections whose recurring runs don't begin."""
    frozen: set[str] = field(default_factory=set)
    """Mappings whose ERP is frozen."""
    window: Path | None = None
    """A file with the names of further such mappings, for work in another process than the test's."""

    def run_batch(
        self, connection_id: str, mapping: str, mode: SynchMode, run_id: str, fence: int
    ) -> BatchProgress:
        """Do the next batch."""
        name = MappingName(mapping)
        store = self.state.connection_store(connection_id).fenced(name, fence)
        if self.away.get(mapping, 0) > 0:
            self.away[mapping] -= 1
            raise ServiceAway("The CRM does not answer.")
        position = store.pass_position(run_id, name, TO)
        if position is None:
            store.start_job(_new_job(run_id, name))
            position = store.pass_position(run_id, name, TO)
        assert position is not None
        number = int(position.after or 0)
        if number == 1 and self.is_frozen(connection_id, mapping):
            return BatchProgress(more=True, is_frozen=True)
        if mapping in self.stops and number == 1:
            return BatchProgress(more=False, stopped=self.stops[mapping])
        time.sleep(self.seconds)
        if position.finished:
            return BatchProgress(more=False)
        position.job.counters.inserted += 10
        last = number + 1 >= self.batches
        store.remember(BatchResult(job=position.job, position=str(number + 1), pass_finished=last))
        with self.done.open("a") as file:
            file.write(f"{mapping} {number} {mode.value}\n")
        if last:
            store.finish_job(position.job)
        return BatchProgress(more=not last)

    def may_recur(self, connection_id: str, mapping: str) -> bool:
        """Let every mapping run but those at rest."""
        return (connection_id, mapping) not in self.at_rest

    def is_frozen(self, connection_id: str, mapping: str) -> bool:
        """Let a mapping wait as long as a test says so; a file beside the window's shows that somebody waits."""
        if self.window is None or mapping not in self.window.read_text().splitlines():
            return mapping in self.frozen
        looked_at(self.window).touch()
        return True

    async def close(self) -> None:
        """Have nothing open."""

    def is_transient(self, error: BaseException) -> bool:
        """Tell whether waiting may heal the error."""
        return isinstance(error, ServiceAway | LeaseLost)


def _new_job(run_id: str, mapping: MappingName) -> SynchJob:
    return SynchJob(
        id=f"{run_id}-{mapping}",
        mapping=mapping,
        direction=TO,
        started_at=datetime.now(UTC),
        counters=Counters(),
        run_id=run_id,
    )


def line(mapping: str, *depends_on: str) -> ReviewLine:
    """Make a review line."""
    return ReviewLine(
        mapping=MappingName(mapping),
        direction=TO,
        depends_on=tuple(MappingName(parent) for parent in depends_on),
    )


def lines_of_three_waves() -> list[ReviewLine]:
    """Make lines in three waves."""
    return [
        line("SALESPEOPLE"),
        line("CURRENCY"),
        line("CUSTOMER", "SALESPEOPLE", "CURRENCY"),
        line("CONTACT", "CUSTOMER"),
    ]


def looked_at(window: Path) -> Path:
    """Return the file that is made whenever work finds a mapping in a window."""
    return window.with_suffix(".looked-at")


def batches_done(path: Path) -> list[tuple[str, int]]:
    """Read which batches were done, in order."""
    return [(name, int(number)) for name, number, _ in map(str.split, path.read_text().splitlines())]


def every_batch(mappings: Iterable[str], batches: int) -> list[tuple[str, int]]:
    """List the batches of these mappings, sorted."""
    return sorted((mapping, number) for mapping in mappings for number in range(batches))
