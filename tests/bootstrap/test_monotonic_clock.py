"""The name of the monotonic clock: shared by the processes that may compare what they stamped on it."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from interlace.bootstrap import monotonic_clock

ASK = "import time\nfrom interlace.bootstrap.monotonic_clock import clock_name\nprint(clock_name(), time.monotonic())"


def test_processes_of_one_machine_share_a_clock() -> None:
    """On Linux another process gives the same name, and its readings lie between this one's; not elsewhere."""
    before = time.monotonic()
    asked = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    name, reading = asked.stdout.split()
    is_shared = name == monotonic_clock.clock_name()
    assert is_shared == sys.platform.startswith("linux")
    assert not is_shared or before < float(reading) < time.monotonic()


def test_another_start_of_the_machine_is_another_clock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After a restart the clock begins anew, so stamps from before must tell nothing."""
    boot, names = tmp_path / "boot_id", set()
    monkeypatch.setattr(monotonic_clock, "_BOOT_ID", boot)
    monkeypatch.setattr(sys, "platform", "linux")
    for text in ("one\n", "two\n"):
        boot.write_text(text)
        names.add(monotonic_clock.clock_name())
    boot.unlink()
    names.add(monotonic_clock.clock_name())
    monkeypatch.setattr(sys, "platform", "win32")
    assert len(names) == 3
    assert monotonic_clock.clock_name() in names
