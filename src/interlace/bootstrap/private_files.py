"""Keeps what the state directory holds from other users of the machine, also where it was made before."""

import os
import stat
from contextlib import suppress
from pathlib import Path

PRIVATE = 0o077
"""The mask under which everything is made: for its owner only."""
_OF_OWNER = 0o600
_PATTERNS = ("*.db", "*.db-wal", "*.db-shm", "*.jsonl")


def keep_private(directory: Path) -> None:
    """Make the directory, and let nobody else read the databases in it; files of other users stay as they are."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for pattern in _PATTERNS:
        for file in directory.glob(pattern):
            # Another process may delete it at this moment, and root's file isn't for us to change.
            with suppress(OSError):
                held = file.lstat()
                if stat.S_ISREG(held.st_mode) and held.st_uid == os.geteuid() and held.st_mode & PRIVATE:
                    file.chmod(_OF_OWNER)
