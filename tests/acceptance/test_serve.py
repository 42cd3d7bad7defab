"""`interlace serve` as a process: it ends in order and in time, and goes on after a kill."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

import pytest
from tests.acceptance.conftest import Installation, clean_environment, connection_of, run_command

from interlace.bootstrap.background_full_synch import BackgroundFullSynch
from interlace.bootstrap.job_place import working
from interlace.domain.full_synch_review import FullSynchReview, is_over
from interlace.domain.job_queue_entry import JobQueueEntryStatus

STOP_SECONDS = 10.0


@dataclass(kw_only=True)
class Serving:
    """A server that answers."""

    process: subprocess.Popen[str]
    address: str
    first_start: str | None

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Ask for a page."""
        request = urllib.request.Request(self.address + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    def stop(self, number: signal.Signals) -> int:
        """Tell it to stop; gives its exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


@contextmanager
def serving(
    state: Path, *options: str, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[Serving]:
    """Start a server and wait until it answers."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "interlace",
            "serve",
            "--port",
            "0",
            "--json",
            "--state",
            str(state),
            *options,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=clean_environment() | dict(environment),
    )
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        yield Serving(process=process, address=told["address"], first_start=told["first_start"])
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()


def until(holds: Callable[[], bool], what: str, seconds: float = 200.0) -> None:
    """Wait for something to become true."""
    give_up = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up, f"did not come: {what}"
        time.sleep(0.1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_on_a_fresh_machine_answers_and_ends_in_order(
    tmp_path: Path, number: signal.Signals
) -> None:
    """It is healthy without any connection, tells how to become administrator, and shows nothing to others."""
    with serving(tmp_path / "state") as server:
        assert server.first_start is not None
        assert server.first_start.startswith(f"{server.address}/first-start?code=")
        assert server.get("/healthz") == (200, "live\n")
        assert server.get("/readyz") == (200, "ready\n")
        status, figures = server.get("/metrics")
        assert status == 200
        assert "interlace_build_info" in figures
        assert server.get(server.first_start.removeprefix(server.address))[0] == 200
        assert server.get("/webhooks/guessed")[0] == 404
        readable = [each for each in (tmp_path / "state").rglob("*") if each.stat().st_mode & 0o077]
        assert readable == []
        assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
        assert server.stop(number) == 0


def _is_reached(address: str, port: int) -> bool:
    """Tell whether anything listens there."""
    try:
        socket.create_connection((address, port), timeout=5).close()
    except ConnectionRefusedError:
        return False
    return True


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.2 is no address of this machine")
def test_security_a1_others_reach_it_once_somebody_administers(tmp_path: Path) -> None:
    """Whatever it is told to listen on, it is 127.0.0.1 alone, and no proxy's, until there is an administrator."""
    state, public = tmp_path / "state", "interlace.example"
    environment = {
        "INTERLACE_SERVER__HOST": "0.0.0.0",  # noqa: S104 - what is asked for is what must not be
        "INTERLACE_SERVER__PUBLIC_ADDRESS": f"https://{public}",
        "INTERLACE_USER_PASSWORD": "seven quiet otters",
    }
    with serving(state, environment=environment) as server:
        assert server.first_start is not None
        assert server.first_start.startswith("http://127.0.0.1:")
        port = int(server.address.rpartition(":")[2])
        assert (_is_reached("127.0.0.1", port), _is_reached("127.0.0.2", port)) == (True, False)
        status, text = server.get("/sign-in", Host=public)
        assert (status, "interlace users add" in text) == (421, True)
        assert server.get("/sign-in")[0] == 200
        assert server.stop(signal.SIGTERM) == 0
    added = run_command(
        "users", "add", "ada", "-p", "INTERLACE ADMIN", "--state", str(state), settings=environment
    )
    assert added.returncode == 0, added.stderr
    with serving(state, "--port", str(port), environment=environment) as server:
        assert (server.first_start, server.address) == (None, f"https://{public}")
        assert _is_reached("127.0.0.2", port)
        assert replace(server, address=f"http://127.0.0.1:{port}").get("/sign-in", Host=public)[0] == 200


@pytest.mark.slow
def test_a_killed_server_goes_on_with_the_full_synchronization(installation: Installation) -> None:
    """Killed while mappings are at work and started again: the same review ends, and both ends are equal."""
    with installation.opened() as application, serving(installation.state) as first:
        connection = connection_of(application)

        def latest() -> FullSynchReview:
            review = application.state.reviews.latest(connection.id)
            assert review is not None
            return review

        with working(application) as place:
            assert not place.is_here
            review = BackgroundFullSynch(application, place.client).start(connection)
            at_work = JobQueueEntryStatus.IN_PROCESS
            until(lambda: any(line.status is at_work for line in latest().lines), "a mapping at work")
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait()
        assert not is_over(latest().lines)
        with serving(installation.state) as second:
            until(lambda: is_over(latest().lines), "the end of the full synchronization")
            assert latest().run_id == review.run_id
            assert second.get("/readyz")[0] == 200
            ended = installation.interlace("full-synch", "start")
            assert ended.returncode == 3, ended.stderr
            assert second.stop(signal.SIGTERM) == 0
    ended = installation.interlace("verify")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.slow
def test_a_server_that_is_told_to_stop_at_work_stops_in_time(installation: Installation) -> None:
    """What was at work goes on at the next start."""
    with installation.opened() as application:
        connection = connection_of(application)
        with serving(installation.state) as server:
            with working(application) as place:
                review = BackgroundFullSynch(application, place.client).start(connection)
            time.sleep(1.0)
            assert server.stop(signal.SIGTERM) == 0
        with serving(installation.state) as server:

            def is_done() -> bool:
                latest = application.state.reviews.read(review.run_id)
                return latest is not None and is_over(latest.lines)

            until(is_done, "the end of the full synchronization")
            assert server.stop(signal.SIGTERM) == 0
        latest = application.state.reviews.read(review.run_id)
        assert latest is not None
        assert {line.status for line in latest.lines} == {JobQueueEntryStatus.FINISHED}
