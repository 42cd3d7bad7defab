"""Which process works on the background jobs of a state directory: one at a time.

The operating system frees the lock however the process ends, so that work can go on at once after a kill.
"""

import fcntl
import os
import time
from pathlib import Path
from typing import IO

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.locale.translatable import as_sentence, translatable

_PAUSE_SECONDS = 0.1


class WorkerBusy(ConnectionProblem):
    """Another process works on the background jobs, and this one can't go on without doing so itself."""

    def __init__(self, holder: str) -> None:
        super().__init__(
            translatable(
                "{holder} works on the background jobs of this state directory already, and with SQLite only one may. "
                "Stop that one first, or give this one a state directory of its own; several servers work together on "
                "PostgreSQL (setting state.database_url).",
                holder=holder or as_sentence(translatable("Another process")),
            )
        )


class WorkerLock:
    """The right to work on the background jobs."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._file: IO[str] | None = None

    @property
    def is_held(self) -> bool:
        """Whether this process has the right."""
        return self._file is not None

    def take(self, purpose: str, *, patience_seconds: float = 0.0) -> bool:
        """Take the right; False while another process has it for longer than the patience."""
        until = time.monotonic() + patience_seconds
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="utf-8")
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    file.close()
                    return False
                time.sleep(_PAUSE_SECONDS)
                continue
            file.truncate(0)
            file.write(f"{purpose} (process {os.getpid()})")
            file.flush()
            self._file = file
            return True

    def holder(self) -> str:
        """Say who has the right, as far as is known."""
        try:
            return self._path.read_text(encoding="utf-8")
        except OSError:
            return ""

    def release(self) -> None:
        """Give the right up."""
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()
            self._file = None
