"""Embedded services as processes: refusals in words, and an end together with the one who started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from interlace.bootstrap.sandbox_server import LOOPBACK, SandboxNotStarted, SandboxProcess, listen
from interlace.bootstrap.sandboxes import load_company
from interlace.bootstrap.state_lock import held_alone

_STARTER = """
import sys
from pathlib import Path
from interlace.bootstrap.sandbox_server import SandboxProcess

state = Path(sys.argv[1])
SandboxProcess.start(["erp", "--state", str(state), "--port", "0"], state / "erp.log")
print("started", flush=True)
sys.stdin.read()
"""
_PATIENCE_SECONDS = 20.0


def test_a_service_ends_when_its_starter_was_killed(tmp_path: Path) -> None:
    """Its records are free for the next start."""
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == "started\n"
        with pytest.raises(SandboxNotStarted, match="Another process uses"), held_alone(tmp_path / "erp"):
            pass
        os.kill(starter.pid, signal.SIGKILL)
        with held_alone(tmp_path / "erp", patience_seconds=_PATIENCE_SECONDS):
            pass


def test_a_service_whose_records_are_in_use_says_so_in_one_sentence(tmp_path: Path) -> None:
    """What it wrote before that start is not repeated."""
    log = tmp_path / "erp.log"
    log.write_text("An older Traceback\n", encoding="utf-8")
    with held_alone(tmp_path / "erp"), pytest.raises(SandboxNotStarted) as refused:
        SandboxProcess.start(["erp", "--state", str(tmp_path), "--port", "0"], log)
    assert "Another process uses the records" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_patience_has_an_end(tmp_path: Path) -> None:
    """A directory that stays in use is refused after the time that was given."""
    began = time.monotonic()
    with (
        held_alone(tmp_path),
        pytest.raises(SandboxNotStarted, match="Stop it first"),
        held_alone(tmp_path, patience_seconds=0.2),
    ):
        pass
    assert time.monotonic() - began >= 0.2


def test_a_port_that_is_taken_or_no_port_is_refused() -> None:
    """The text names the port and the way out."""
    with listen(0) as taken:
        port = taken.getsockname()[1]
        taken.listen()
        with pytest.raises(SandboxNotStarted, match=f"Port {port} of {LOOPBACK} can't be used"):
            listen(port)
    with pytest.raises(SandboxNotStarted, match="ports end at 65535"):
        listen(65_536)


def test_loading_from_a_place_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    """Nothing is created for it."""
    with pytest.raises(SandboxNotStarted, match="is no directory"):
        load_company(tmp_path / "state", tmp_path / "absent")
    assert not (tmp_path / "state").exists()
