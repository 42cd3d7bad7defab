"""Keeps what our writes overwrite or delete in append-only files, outside the database and durable before the write.

Every line carries a digest of itself and the lines before it. The database remembers how far each file had
got at the last commit: damage beyond that is the torn tail of a crash, damage before it is tampering.
"""

import contextlib
import os
import platform
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

import msgspec
import sqlalchemy as sa

from interlace.engine.memory import JournalEntry
from interlace.locale.translatable import translatable
from interlace.store.bulk import BulkStatements
from interlace.store.chain import START, next_digest
from interlace.store.encoding import time_to_text, to_canonical_json
from interlace.store.entry_text import EntryText, decoded, drawn_salt, entry_to_text
from interlace.store.erased_entries import ErasedEntries, line_name, read_erased
from interlace.store.schema import journal_file

_LINE = re.compile(rb'\{"digest":"([0-9a-f]{32})",(.+)\Z', re.DOTALL)
_COLUMNS = ("name", "host", "lines", "digest")
_NAMES = "journal-*.jsonl"
_EMPTIED = b'"erased":true}'
"""What is left of a line behind its digest."""


class JournalNotWritable(Exception):
    """What a write would overwrite could not be kept, so the write was not sent."""

    def __init__(self, path: Path, cause: OSError) -> None:
        super().__init__(
            translatable(
                "The journal file {file} can't be written ({problem}), so nothing was sent: what a write "
                "overwrites must be kept first. Make room or give the right to write there; then run it "
                "again.",
                file=str(path),
                problem=str(cause.strerror or cause),
            )
        )
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalFileVerification:
    """What reading one journal file from its first line to its last showed."""

    name: str
    lines: int
    """How many hold, from the first one on."""
    first_wrong: int | None = None
    """Number of the first line that does not hold, counted from 1."""
    torn: bool = False
    """A crash left half a line at the end; its write was never sent."""
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Tell whether nothing was changed, added or taken out."""
        return self.first_wrong is None


@dataclass(frozen=True, slots=True, kw_only=True)
class LostEntry:
    """A write that was about to overwrite or delete something, as a journal file tells of it."""

    connection_id: str
    at: datetime
    entry: JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """A line with its place."""

    path: Path
    number: int
    """Counted from 1."""
    start: int
    """Bytes before it."""
    length: int
    """Its bytes, with its end."""
    digest: str
    connection_id: str
    told: EntryText

    @property
    def name(self) -> str:
        """Return what it is named by where its erasure is told of."""
        return line_name(self.path.name, self.number)

    def empty(self) -> None:
        """Overwrite what it tells where it stands, for another process may be appending to its file."""
        left = b'{"digest":"%s",%s' % (self.digest.encode(), _EMPTIED)
        with self.path.open("r+b") as file:
            file.seek(self.start)
            file.write(left.ljust(self.length - 1) + b"\n")
            file.flush()
            os.fsync(file.fileno())


class JournalFiles:
    """The journal files of one directory; this process appends to files of its own, one a month."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._path: Path | None = None
        self._descriptor = -1
        self._month = ""
        self._lines = 0
        self._digest = START

    def keep(
        self,
        connection: sa.Connection,
        bulk: BulkStatements,
        connection_id: str,
        entries: Sequence[JournalEntry],
        at: datetime,
    ) -> None:
        """Append entries and wait until they are on disk; the transaction remembers how far the file has got."""
        start = f'{{"connection":{to_canonical_json(connection_id)},"entry":'
        bodies = [f"{start}{entry_to_text(entry, at, drawn_salt())}}}" for entry in entries]
        with self._lock:
            path = self._append(bodies, at)
            row = (path.name, platform.node(), self._lines, self._digest.hex())
            # Still under the lock: of two threads the one that got further must be stored last.
            bulk.upsert(connection, _COLUMNS, [row], table=journal_file, unique=("name",))

    def verify(self, connection: sa.Connection, *, every_host: bool) -> list[JournalFileVerification]:
        """Check every file that is here or, of the hosts asked about, should be here."""
        query = sa.select(journal_file).order_by(journal_file.c.name)
        if not every_host:
            query = query.where(journal_file.c.host == platform.node())
        known = {row.name: (int(row.lines), str(row.digest)) for row in connection.execute(query)}
        found = {path.name: path for path in self._directory.glob(_NAMES)}
        erased = read_erased(connection)
        return [
            _verified(found[name], *known.get(name, (0, "")), erased)
            if name in found
            else JournalFileVerification(
                name=name,
                lines=0,
                first_wrong=1,
                reason=translatable("the file is missing: put it back from a backup"),
            )
            for name in sorted(known.keys() | found.keys())
        ]

    def entries(self) -> Iterator[LostEntry]:
        """Return what every file tells of, file by file, leaving torn and emptied lines out."""
        for each in self.lines():
            yield LostEntry(connection_id=each.connection_id, at=each.told.moment(), entry=each.told.entry())

    def lines(self) -> Iterator["JournalLine"]:
        """Return the lines of every file that tell of an entry, leaving torn ones out."""
        for path in sorted(self._directory.glob(_NAMES)):
            with path.open("rb") as lines:
                start = 0
                for number, line in enumerate(lines, start=1):
                    if line.endswith(b"\n") and b'"entry":' in line:
                        kept = msgspec.json.decode(line, type=_KeptLine)
                        yield JournalLine(
                            path=path,
                            number=number,
                            start=start,
                            length=len(line),
                            digest=kept.digest,
                            connection_id=kept.connection,
                            told=decoded(bytes(kept.entry).decode()),
                        )
                    start += len(line)

    def close(self) -> None:
        """Close the file that is open."""
        with self._lock:
            self._forget()

    def _append(self, bodies: Sequence[str], at: datetime) -> Path:
        try:
            path = self._open(at)
            self._write(bodies)
        except OSError as cause:
            # How much of the tail is there is not known: the next entry begins a new file.
            failed = self._path or self._directory
            self._forget()
            raise JournalNotWritable(failed, cause) from cause
        return path

    def _open(self, at: datetime) -> Path:
        month = at.strftime("%Y%m")
        if self._path is not None and self._month == month:
            return self._path
        self._forget()
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"journal-{month}-{os.getpid()}-{token_hex(4)}.jsonl"
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
        self._path, self._month, self._lines, self._digest = path, month, 0, START
        self._write([to_canonical_json({"begun": time_to_text(at), "file": path.name})])
        # The file's name must survive a crash as well as its content.
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return path

    def _write(self, bodies: Sequence[str]) -> None:
        digest, lines = self._digest, []
        for body in bodies:
            rest = body[1:].encode()
            digest = next_digest(digest, rest)
            lines.append(b'{"digest":"%s",%s\n' % (digest.hex().encode(), rest))
        whole = b"".join(lines)
        written = 0
        while written < len(whole):
            written += os.write(self._descriptor, whole[written:])
        os.fsync(self._descriptor)
        self._digest, self._lines = digest, self._lines + len(lines)

    def _forget(self) -> None:
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(self._descriptor)
        self._path, self._descriptor = None, -1


class _KeptLine(msgspec.Struct):
    digest: str
    connection: str
    entry: msgspec.Raw


def is_kept_outside(entry: JournalEntry) -> bool:
    """Tell whether a write destroys what someone had set."""
    return bool(entry.lost) or entry.action == "delete"


def _verified(
    path: Path, known_lines: int, known_digest: str, erased: ErasedEntries
) -> JournalFileVerification:
    digest, number, torn = START, 0, False
    with path.open("rb") as lines:
        for line in lines:
            torn = not line.endswith(b"\n")
            if torn:
                break
            match = _LINE.match(line.removesuffix(b"\n"))
            digest = b"" if match is None else _digest_behind(digest, match, path.name, number + 1, erased)
            if match is None or digest.hex().encode() != match[1]:
                changed = translatable(
                    "line {line} was changed, or lines before it were taken out", line=number + 1
                )
                return _wrong(path, number + 1, changed)
            if number == 0 and path.name.encode() not in line:
                return _wrong(path, 1, translatable("the first line names another file"))
            number += 1
            if number == known_lines and digest.hex() != known_digest:
                other = translatable("line {line} is not the one that was written there", line=number)
                return _wrong(path, number, other)
    if number < known_lines:
        missing = translatable(
            "line {line} is missing: {written} were written", line=number + 1, written=known_lines
        )
        return _wrong(path, number + 1, missing)
    reason = translatable("a crash left half a line at the end; its write was not sent") if torn else ""
    return JournalFileVerification(name=path.name, lines=number, torn=torn, reason=reason)


def _digest_behind(
    before: bytes, line: re.Match[bytes], file: str, number: int, erased: ErasedEntries
) -> bytes:
    """Return the digest that a line should have: of one that was emptied by an erasure, the one it had."""
    if line[2].rstrip(b" ") == _EMPTIED and erased.explain_line(file, number, line[1].decode()):
        return bytes.fromhex(line[1].decode())
    return next_digest(before, line[2])


def _wrong(path: Path, number: int, reason: str) -> JournalFileVerification:
    return JournalFileVerification(name=path.name, lines=number - 1, first_wrong=number, reason=reason)
