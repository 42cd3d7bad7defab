"""The token of what people look at changes with it, whoever writes, and with nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.postgresql import postgresql_url

from interlace.domain.full_synch_review import ReviewLine
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.synch_job import Counters, SynchJob
from interlace.store.state_store import StateStore

__all__ = ["postgresql_url"]
CUSTOMER = MappingName("CUSTOMER")
NOW = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the store is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/interlace.db"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def state(url: str) -> Iterator[StateStore]:
    """An open store with one connection."""
    with StateStore.open(url) as opened:
        opened.add_connection("c", connection_id="c")
        yield opened


def job(**counted: int) -> SynchJob:
    """A job at work."""
    return SynchJob(
        id="job",
        mapping=CUSTOMER,
        direction=Direction.TO_INTEGRATION_TABLE,
        started_at=NOW,
        counters=Counters(**counted),
        run_id="run",
    )


def test_the_token_changes_with_what_people_look_at(url: str, state: StateStore) -> None:
    """Connections, jobs and their counters, reviews and the job queue: written here or by another process."""
    seen = [state.changes.now()]

    def changed() -> bool:
        """Tell whether the token is a new one."""
        seen.append(state.changes.now())
        return seen[-1] not in seen[:-1]

    assert not changed()
    store = state.connection_store("c")
    store.start_job(job())
    assert changed()
    with StateStore.open(url) as other:
        other.connection_store("c").finish_job(job(inserted=3))
        assert changed()
        assert not changed()
        line = ReviewLine(mapping=CUSTOMER, direction=Direction.TO_INTEGRATION_TABLE, depends_on=())
        other.reviews.create("r", "c", [line])
        assert changed()
        other.reviews.set_status("r", CUSTOMER, JobQueueEntryStatus.IN_PROCESS)
        assert changed()
        entry = JobQueueEntry(id="e", connection_id=ConnectionId("c"), kind=JobQueueEntryKind.RECURRING)
        other.job_queue_entries.store(entry)
        assert changed()
        other.enable_connection("c", enabled=True)
        assert changed()


def test_leases_change_no_token(state: StateStore) -> None:
    """What nobody looks at makes no page look again."""
    before = state.changes.now()
    fence = state.take_lease("c", CUSTOMER, "somebody")
    assert fence is not None
    state.release_lease("c", CUSTOMER, fence)
    assert state.changes.now() == before


def test_figures_add_up_what_jobs_did(state: StateStore) -> None:
    """Records by counter, the last success, and how long the last run took."""
    store = state.connection_store("c")
    store.start_job(job())
    store.finish_job(job(inserted=3, failed=1))
    [found] = state.figures().passes
    assert (found.connection, found.mapping, found.runs) == ("c", "CUSTOMER", 1)
    assert (found.records["inserted"], found.records["failed"], found.records["deleted"]) == (3, 1, 0)
    assert found.last_success is not None
    assert found.last_seconds > 0
    assert state.figures().queue == {}
