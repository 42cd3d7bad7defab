"""Tries whether the disk takes what is remembered: a server that can only read does no work."""

import contextlib
import os
import threading
import time
from pathlib import Path
from typing import Final

PROBE: Final = "readyz.probe"
"""The file that is written and deleted again."""
_BYTES: Final = 1024 * 1024
"""What a step of a run writes in the database and in the journal, and more."""
_GOOD_FOR_SECONDS: Final = 10.0
"""So long one try counts: everybody may ask, and none of them is to keep the disk busy."""


class RoomToWrite:
    """Remembers when the state directory took what was written last."""

    def __init__(self, directory: Path) -> None:
        self._probe = directory / PROBE
        self._lock = threading.Lock()
        self._tried_at = float("-inf")

    def require(self) -> None:
        """Write as much as a step does, and delete it; raises OSError where the disk is full or can't be written to."""
        with self._lock:
            if time.monotonic() - self._tried_at < _GOOD_FOR_SECONDS:
                return
            try:
                with self._probe.open("wb") as file:
                    file.write(bytes(_BYTES))
                    file.flush()
                    os.fsync(file.fileno())
            finally:
                with contextlib.suppress(OSError):
                    self._probe.unlink()
            self._tried_at = time.monotonic()
