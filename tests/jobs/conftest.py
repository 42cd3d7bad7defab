"""Databases for jobs: SQLite files, and PostgreSQL where the tests ask for it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.postgresql import postgresql_url

from interlace.jobs.job_engine import WorkerOptions
from interlace.jobs.synch_mapping import JobPolicy
from interlace.store.state_store import StateStore

__all__ = ["postgresql_url"]

QUICK = WorkerOptions(
    queue_polling_seconds=0.05,
    take_over_seconds=0.3,
    policy=JobPolicy(
        batches_per_segment=3,
        attempts=3,
        first_delay_seconds=0.02,
        busy_delay_seconds=0.05,
        busy_attempts=4,
        frozen_delay_seconds=0.05,
        polling_seconds=0.05,
    ),
)


@pytest.fixture
def quick() -> WorkerOptions:
    """Options that make a worker poll often and give up early."""
    return QUICK


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """URLs of the store's and the job engine's database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/interlace.db", f"sqlite:///{tmp_path}/jobs.db"
    url: str = request.getfixturevalue("postgresql_url")
    return url, url


@pytest.fixture
def state(urls: tuple[str, str]) -> Iterator[StateStore]:
    """An open store with one connection named c."""
    with StateStore.open(urls[0]) as opened:
        opened.add_connection("c", connection_id="c")
        yield opened


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Return a function that waits for something to become true, for 30 seconds at most."""

    def wait(holds: Callable[[], bool], seconds: float = 30.0) -> None:
        give_up = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < give_up, "what was waited for did not come"
            time.sleep(0.05)

    return wait
