"""What a killed process held is free at once; what a living one, or one elsewhere, holds is not."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from interlace.store.presence import Presence
from interlace.store.state_store import StateStore

_HOLD = """
import sys, time
from pathlib import Path
from interlace.store.presence import Presence
presence = Presence(Path(sys.argv[1]))
print(presence.token, flush=True)
time.sleep(60)
"""


def test_a_killed_process_is_gone_and_a_living_one_is_not(tmp_path: Path) -> None:
    """The operating system frees the lock of a process that is killed; the file goes with the first who looks."""
    own = Presence(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    token = process.stdout.readline().strip()
    assert not own.is_gone(token)
    assert not own.is_gone(own.token)
    process.kill()
    process.wait()
    process.stdout.close()
    assert own.is_gone(token)
    assert own.is_gone(token)
    own.close()
    assert list(tmp_path.iterdir()) == []


def test_a_process_of_another_directory_is_never_judged(tmp_path: Path) -> None:
    """Its lock can't be seen from here."""
    here, there = Presence(tmp_path / "here"), Presence(tmp_path / "there")
    there.close()
    assert not here.is_gone(there.token)
    assert not here.is_gone("")
    here.close()


def test_a_lease_of_a_process_that_is_gone_is_taken_over(tmp_path: Path) -> None:
    """While it lives it keeps the lease; the number of the one that takes over is newer."""

    def open_store() -> StateStore:
        return StateStore.open(f"sqlite:///{tmp_path / 'x.db'}", processes_directory=tmp_path / "processes")

    first, second = open_store(), open_store()
    connection = first.add_connection("c").id
    hour = timedelta(hours=1)
    fence = first.take_lease(connection, "CUSTOMER", "run 1", duration=hour)
    assert fence is not None
    assert second.take_lease(connection, "CUSTOMER", "run 2", duration=hour) is None
    assert second.take_lease(connection, "CUSTOMER", "run 1", duration=hour) == fence + 1
    assert first.take_lease(connection, "CUSTOMER", "run 3", duration=hour) is None
    second.close()
    assert first.take_lease(connection, "CUSTOMER", "run 3", duration=hour) == fence + 2
    first.close()
