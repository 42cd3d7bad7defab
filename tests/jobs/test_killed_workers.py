"""Workers are killed or stopped in the middle of a full synchronization; nothing is lost and nothing is done twice.

"Done" is what the store holds: the fake work appends to its file after the store took the batch, so a kill
between the two may lose one line a mapping at work, and a batch that ran twice would show as a second line.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.jobs.fake_work import batches_done, every_batch, lines_of_three_waves, looked_at

from interlace.domain.job_queue_entry import JobQueueEntryStatus
from interlace.domain.keys import MappingName
from interlace.jobs.job_client import JobClient
from interlace.store.state_store import StateStore

BATCHES = 12
ROOT = Path(__file__).parents[2]
Start = Callable[[str], "subprocess.Popen[str]"]
Until = Callable[[Callable[[], bool]], None]

pytestmark = pytest.mark.slow


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """The file in which the fake work counts."""
    return tmp_path / "done"


@pytest.fixture
def window(tmp_path: Path) -> Path:
    """The file that names the mappings whose ERP is frozen: none yet."""
    file = tmp_path / "window"
    file.write_text("")
    return file


@pytest.fixture
def start(urls: tuple[str, str], state: StateStore, done: Path, window: Path) -> Iterator[Start]:
    """Return a function that starts a worker process of a name; what still runs is killed at the end."""
    started: list[subprocess.Popen[str]] = []

    def begin(name: str) -> "subprocess.Popen[str]":
        module = [sys.executable, "-m", "tests.jobs.worker_process"]
        command = [*module, *urls, name, str(done), str(BATCHES), str(window)]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        return process

    yield begin
    for process in started:
        kill(process)
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.stdout.close()


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill a process as a power cut would, and wait until it is gone."""
    if process.poll() is None:
        os.kill(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def stop(process: "subprocess.Popen[str]") -> None:
    """Let a process stop by itself, as for an update, and wait until it is gone."""
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=60) == 0


def count(done: Path) -> int:
    """Count the batches done so far."""
    return len(batches_done(done)) if done.exists() else 0


def all_finished(state: StateStore, done: Path, kills: int) -> None:
    """Check that each line is finished with every record counted once, and no batch was repeated."""
    lines = lines_of_three_waves()
    review = state.reviews.read("r1")
    assert review is not None
    assert {line.status for line in review.lines} == {JobQueueEntryStatus.FINISHED}
    assert [line.counters.inserted for line in review.lines] == [10 * BATCHES] * len(lines)
    batches, expected = batches_done(done), every_batch([line.mapping for line in lines], BATCHES)
    assert len(set(batches)) == len(batches)
    assert set(batches) <= set(expected)
    assert len(expected) - len(batches) <= 4 * kills


def test_a_killed_server_goes_on_where_it_stopped(
    urls: tuple[str, str], state: StateStore, start: Start, done: Path, until: Until
) -> None:
    """Killed at three moments and started again each time, it finishes."""
    state.reviews.create("r1", "c", lines_of_three_waves())
    process = start("server")
    with JobClient(urls[1], state) as client:
        client.start_full_synch("c", "r1")
        for batches in (3, 15, 30):
            wait_for(done, batches)
            kill(process)
            process = start("server")
        until(lambda: not client.full_synch_is_running("r1"))
    all_finished(state, done, kills=3)


@pytest.mark.parametrize("urls", ["postgresql"], indirect=True)
def test_another_worker_takes_over_from_one_that_does_not_come_back(
    urls: tuple[str, str], state: StateStore, start: Start, done: Path, until: Until
) -> None:
    """On PostgreSQL the second worker finishes what the first one had begun, coordinator included."""
    assert state.is_shared
    state.reviews.create("r1", "c", lines_of_three_waves())
    first = start("first")
    with JobClient(urls[1], state) as client:
        client.start_full_synch("c", "r1")
        wait_for(done, 3)
        second = start("second")
        kill(first)
        until(lambda: not client.full_synch_is_running("r1"))
        assert second.poll() is None
    all_finished(state, done, kills=1)


@pytest.mark.parametrize("end", [kill, stop])
def test_a_line_waits_on_in_its_freeze_window_when_the_worker_begins_anew(
    urls: tuple[str, str],
    state: StateStore,
    start: Start,
    done: Path,
    window: Path,
    until: Until,
    end: Callable[["subprocess.Popen[str]"], None],
) -> None:
    """The new process finds the window, writes nothing of the line, and goes on where it stood once it is over."""
    window.write_text("CURRENCY")
    state.reviews.create("r1", "c", lines_of_three_waves())

    def status(mapping: str) -> tuple[JobQueueEntryStatus | None, str]:
        """Return a line's status and message."""
        review = state.reviews.read("r1")
        assert review is not None
        line = review.line(MappingName(mapping))
        return line.status, line.message

    def waits() -> bool:
        """Tell whether the line says that it waits, and no other is at work any more."""
        is_last = status("SALESPEOPLE")[0] is JobQueueEntryStatus.FINISHED
        return is_last and "freeze window" in status("CURRENCY")[1] and looked_at(window).exists()

    process = start("server")
    with JobClient(urls[1], state) as client:
        client.start_full_synch("c", "r1")
        until(waits)
        end(process)
        looked_at(window).unlink()
        start("server")
        until(waits)
        assert status("CURRENCY")[0] is JobQueueEntryStatus.READY
        assert status("CUSTOMER")[0] is None
        assert ("CURRENCY", 1) not in batches_done(done)
        assert client.full_synch_is_running("r1")
        window.write_text("")
        until(lambda: not client.full_synch_is_running("r1"))
    all_finished(state, done, kills=0)


def wait_for(done: Path, batches: int) -> None:
    """Wait until so many batches were done."""
    give_up = time.monotonic() + 30
    while count(done) < batches:
        assert time.monotonic() < give_up
        time.sleep(0.02)
