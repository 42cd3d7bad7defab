"""Heads of the audit log, one a day, in a file beside the database: a log that was written anew as a whole shows."""

import os
import threading
from pathlib import Path

import msgspec


class AuditHead(msgspec.Struct, frozen=True, kw_only=True):
    """How far the log had come at a time."""

    at: str
    sequence: int
    digest: str


class AuditHeads:
    """The file of heads; without a path nothing is kept."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._noted_day = ""
        self._lock = threading.Lock()

    def note(self, at: str, sequence: int, digest: bytes) -> None:
        """Keep the head of before, if it is the first one of its day; `at` begins with the day."""
        if self._path is None or sequence == 0:
            return
        with self._lock:
            day = at[:10]
            if self._noted_day == day:
                return
            held = self.every()
            if not held or held[-1].at[:10] != day:
                self._append(AuditHead(at=at, sequence=sequence, digest=digest.hex()))
            self._noted_day = day

    def every(self) -> list[AuditHead]:
        """Return every head, oldest first; a line that was torn by a crash is left out."""
        if self._path is None or not self._path.exists():
            return []
        heads = []
        for line in self._path.read_bytes().splitlines():
            try:
                heads.append(msgspec.json.decode(line, type=AuditHead))
            except msgspec.DecodeError:
                continue
        return heads

    def _append(self, head: AuditHead) -> None:
        assert self._path is not None, "asked before"
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.write(msgspec.json.encode(head) + b"\n")
            file.flush()
            os.fsync(file.fileno())
