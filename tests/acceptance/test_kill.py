"""kill -9 in the middle of a full synchronization, at many moments: it goes on, nothing is lost or doubled."""

import random
import signal
import sqlite3
import time
from contextlib import closing

from tests.acceptance.conftest import Installation, connection_of

from interlace.bootstrap.full_synchronization import FullSynchronization
from interlace.domain.full_synch_review import is_over

KILLS = 10
SEED = 20261121
MOMENT_SECONDS = 0.02
PATIENCE_SECONDS = 20


def test_a_killed_full_synchronization_goes_on_where_it_stopped(installation: Installation) -> None:
    """Killed again and again at random moments, started again each time: one review, finished, verified."""
    moments = random.Random(SEED)
    killed = 0
    while killed < KILLS:
        process = installation.start("full-synch", "start")
        time.sleep(1.2 + moments.random() * 2.5)
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
    assert killed >= 2, "the full synchronization was over before it could be killed"
    assert installation.interlace("full-synch", "start").returncode == 3
    with installation.opened() as application:
        review = FullSynchronization(application=application).latest(connection_of(application))
        assert review is not None
        assert is_over(review.lines)
    ended = installation.interlace("verify")
    assert ended.returncode == 0, ended.stderr


def test_ctrl_c_ends_a_full_synchronization_at_once_and_says_how_to_go_on(installation: Installation) -> None:
    """The exit code is the documented one; the next start finishes."""
    process = installation.start("full-synch", "start")
    wait_until_at_work(installation)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_SECONDS) == 130
    assert installation.interlace("full-synch", "start").returncode == 3
    assert installation.interlace("verify").returncode == 0


def wait_until_at_work(installation: Installation) -> None:
    """Wait until a mapping's pass has begun; the look at its memory is quicker than any pass."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        with closing(sqlite3.connect(installation.state / "interlace.db")) as memory:
            if memory.execute("SELECT count(*) FROM pass_position").fetchone() != (0,):
                return
        time.sleep(MOMENT_SECONDS)
    msg = "no mapping's pass has begun"
    raise AssertionError(msg)
