"""The whole product from outside: both services as processes, Interlace as a process, its state on disk."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.forked_program import run_program_forked

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.demo import DemoEnds, demo_connection, demo_sandboxes
from interlace.settings import load_config

CUSTOMERS = 40
COMMAND_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class Installation:
    """Running services and the state directory of the Interlace that connects them."""

    state: Path
    ends: DemoEnds
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment variables of ours, such as the database's address."""

    def interlace(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return run_command(*arguments, "--state", str(self.state), settings=self.settings)

    def start(self, *arguments: str, worker: str = "worker-1") -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "interlace", *arguments, "--state", str(self.state)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            env=clean_environment() | dict(self.settings) | {"INTERLACE_WORKER__NAME": worker},
        )

    def opened(self) -> Application:
        """Open Interlace's memory."""
        overrides = {"state.directory": str(self.state)}
        return Application(load_config(environment=self.settings, overrides=overrides))


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of ours, and without the width of whoever runs the tests."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("INTERLACE_") and name != "COLUMNS"
    }


def run_command(
    *arguments: str, settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program as a user would."""
    return run_program_forked(arguments, clean_environment() | dict(settings or {}), COMMAND_SECONDS)


def json_lines(text: str) -> list[dict[str, Any]]:
    """Read a command's JSON output."""
    return [json.loads(line) for line in text.splitlines()]


@contextmanager
def connected(state: Path) -> Iterator[Installation]:
    """Start both services with a small company, or with what the state directory holds of them, and connect them."""
    with demo_sandboxes(state, CUSTOMERS, (0, 0)) as ends:
        held = Installation(state=state, ends=ends)
        with held.opened() as application:
            demo_connection(application, ends)
        yield held


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Both services and what connects them; nothing is synchronized yet."""
    with connected(tmp_path) as held:
        yield held


@pytest.fixture(scope="session")
def synchronized_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state directory after the full synchronization: made once, by whichever process of this run asks first."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    made, unfinished = place / "synchronized", place / "synchronizing"
    with (place / "synchronized.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(unfinished, ignore_errors=True)
            with connected(unfinished) as held:
                ended = held.interlace("full-synch", "start")
                assert ended.returncode == 3, ended.stderr
            unfinished.rename(made)
    return made


@pytest.fixture
def synchronized_state(synchronized_once: Path, tmp_path: Path) -> Path:
    """A state directory of the test's own, after the full synchronization; nothing runs."""
    shutil.copytree(synchronized_once, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.fixture
def synchronized(synchronized_state: Path) -> Iterator[Installation]:
    """Both services and what connects them, after the full synchronization."""
    with connected(synchronized_state) as held:
        yield held


def connection_of(application: Application) -> Connection:
    """Return the demo's connection."""
    return application.connection(None)
