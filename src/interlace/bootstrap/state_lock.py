"""One process at a time may hold an embedded service's records."""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from interlace.bootstrap.sandbox_server import SandboxNotStarted
from interlace.locale.translatable import translatable

_PAUSE_SECONDS = 0.1


@contextmanager
def held_alone(directory: Path, *, patience_seconds: float = 0.0) -> Iterator[None]:
    """Hold a directory; it is free again when the context or the process ends, however it ends.

    Raises SandboxNotStarted when another process holds it for longer than the patience, or when it can't be
    written.
    """
    until = time.monotonic() + patience_seconds
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = (directory / "lock").open("w", encoding="utf-8")
    except OSError as problem:
        msg = translatable(
            "The directory {directory} can't be used: {problem}. Choose another one with --state.",
            directory=str(directory),
            problem=str(problem.strerror),
        )
        raise SandboxNotStarted(msg) from problem
    with file:
        while not _locked(file):
            if time.monotonic() >= until:
                msg = translatable(
                    "Another process uses the records in {directory}. Stop it first, or choose another "
                    "--state.",
                    directory=str(directory),
                )
                raise SandboxNotStarted(msg)
            time.sleep(_PAUSE_SECONDS)
        yield


def _locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
