"""Small files of the state directory that one process works on and others look at: always replaced whole."""

import contextlib
import hashlib
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from interlace.bootstrap.worker_lock import WorkerLock

T = TypeVar("T", bound=msgspec.Struct)
STATE_FILE = "kept.json"
"""Tells how far the work in a directory is."""
AT_WORK = "at-work"
"""Locked by the process that works in a directory, for as long as it does."""
STOP = "stop"
"""Its being there asks who works in a directory to stop."""
_PATIENCE_SECONDS = 2.0


def read_struct(path: Path, kind: type[T]) -> T | None:
    """Return what a file holds; None if there is none, or one of another version."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
        return None


def write_struct(path: Path, held: msgspec.Struct) -> None:
    """Replace a file by what a struct holds."""
    replace_file(path, msgspec.json.encode(held))


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.new")
    beside.write_bytes(content)
    beside.replace(path)


def take_work(directory: Path, purpose: str) -> WorkerLock | None:
    """Take the right to work in a directory; None while another process, or thread, does."""
    lock = WorkerLock(directory / AT_WORK)
    # Who only asks whether somebody works there holds the right for a moment.
    return lock if lock.take(purpose, patience_seconds=_PATIENCE_SECONDS) else None


def is_at_work(directory: Path) -> bool:
    """Tell whether somebody works in a directory now; a killed process does not."""
    lock = WorkerLock(directory / AT_WORK)
    if not directory.is_dir() or not lock.take(""):
        return directory.is_dir()
    lock.release()
    return False


class Told(Protocol):
    """Tells a text that changes with something."""

    def now(self) -> str:
        """Return the present text."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WithKeptFiles:
    """Tells a text that changes with the store, and with how far kept work is."""

    store: Told
    directories: tuple[Path, ...]
    """Each holds directories with a state file."""

    def now(self) -> str:
        """Return the present text."""
        held = [
            (each.parent.name, *_version(each))
            for directory in self.directories
            for each in sorted(directory.glob(f"*/{STATE_FILE}"))
        ]
        return f"{self.store.now()}-{hashlib.blake2b(repr(held).encode(), digest_size=6).hexdigest()}"


def _version(path: Path) -> tuple[int, ...]:
    """Return what differs after each writing, however soon; nothing for a file that has just gone."""
    with contextlib.suppress(FileNotFoundError):
        found = path.stat()
        return found.st_mtime_ns, found.st_ino, found.st_size
    return ()
