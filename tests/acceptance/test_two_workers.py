"""Two workers on one PostgreSQL database: one is killed and never started again, the other takes over."""

import signal
import time
from pathlib import Path

from tests.acceptance.conftest import CUSTOMERS, Installation, connection_of
from tests.postgresql import empty_postgresql_url

from interlace.bootstrap.demo import demo_connection, demo_sandboxes
from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.domain.full_synch_review import is_over

__all__ = ["empty_postgresql_url"]

PATIENCE_SECONDS = 120


def test_the_surviving_worker_finishes_the_full_synchronization(
    tmp_path: Path, empty_postgresql_url: str
) -> None:
    """The review ends, both sides are equal, nothing is there twice."""
    settings = {"INTERLACE_STATE__DATABASE_URL": empty_postgresql_url}
    with demo_sandboxes(tmp_path, CUSTOMERS, (0, 0)) as ends:
        held = Installation(state=tmp_path, ends=ends, settings=settings)
        with held.opened() as application:
            demo_connection(application, ends)
        doomed = held.start("full-synch", "start", worker="doomed")
        _wait_until_begun(held)
        survivor = held.start("full-synch", "start", worker="survivor")
        time.sleep(1.0)
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
        assert survivor.wait(PATIENCE_SECONDS) == 3
        with held.opened() as application:
            review = FullSynchronization(application=application).latest(connection_of(application))
        assert review is not None
        assert is_over(review.lines)
        ended = held.interlace("verify")
        assert ended.returncode == 0, ended.stderr


def _wait_until_begun(held: Installation) -> None:
    """Wait until a line of the review is at work."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with held.opened() as application:
        while time.monotonic() < deadline:
            review = FullSynchronization(application=application).latest(connection_of(application))
            if review is not None and any(line.is_open for line in review.lines):
                return
            time.sleep(0.1)
    raise AssertionError("the full synchronization did not begin")
