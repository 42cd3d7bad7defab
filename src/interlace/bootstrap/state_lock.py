"""One process at a time may hold an embedded service's records."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from interlace.bootstrap.sandbox_server import SandboxNotStarted


@contextmanager
def held_alone(directory: Path) -> Iterator[None]:
    """Hold a directory; it is free again when the context or the process ends, however it ends.

    Raises SandboxNotStarted while another process holds it, or when it can't be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = (directory / "lock").open("w", encoding="utf-8")
    except OSError as problem:
        msg = f"The directory {directory} can't be used: {problem.strerror}. Choose another one with --state."
        raise SandboxNotStarted(msg) from problem
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            msg = (
                f"Another process uses the records in {directory}. Stop it first, or choose another --state."
            )
            raise SandboxNotStarted(msg) from problem
        yield
