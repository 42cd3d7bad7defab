"""The whole product from outside: both services as processes, Interlace as a process, its state on disk."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
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


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """Start both services with a small company and connect them; nothing is synchronized yet."""
    with demo_sandboxes(tmp_path, CUSTOMERS, (0, 0)) as ends:
        held = Installation(state=tmp_path, ends=ends)
        with held.opened() as application:
            demo_connection(application, ends)
        yield held


def connection_of(application: Application) -> Connection:
    """Return the demo's connection."""
    return application.connection(None)
