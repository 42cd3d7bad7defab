"""An encrypted file of backup: the database and the journal, under a passphrase of its own.

The keys of stored secrets are never in it: who restores it elsewhere puts the key file back or enters secrets again.
Layout: a line that says what it is, the parameters of the passphrase, then pieces of AES-256-GCM that each know
their place and the last of which says so: nothing can be cut off, left out or exchanged unnoticed.
"""

import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from interlace.locale.translatable import translatable

DATABASE_NAME = "interlace.db"
JOURNAL_NAME = "journal"
PASSPHRASE_MIN = 12
_TITLE = b"interlace backup 1, encrypted\n"
_PIECE_BYTES = 1024 * 1024
_TAG_BYTES = 16
_COST = 2**17
_COST_MAX = 2**20
_HEAD_BYTES_MAX = 4096


class BackupUnusable(Exception):
    """A backup can't be made or restored; the text says why and what to do."""


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    """How the key comes of the passphrase."""

    cost: int
    salt: bytes
    piece_bytes: int = _PIECE_BYTES


def make_backup(database: Path, journal: Path, target: Path, passphrase: str, *, cost: int = _COST) -> int:
    """Write an encrypted backup of the database, as it is at one moment, and of the journal; returns its size."""
    if len(passphrase) < PASSPHRASE_MIN:
        raise BackupUnusable(
            translatable(
                "The passphrase is too short. Choose one of at least {count} characters.",
                count=PASSPHRASE_MIN,
            )
        )
    if target.exists():
        raise BackupUnusable(translatable("There is a file {file}. Name another one.", file=str(target)))
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".backup-") as place:
        copy = Path(place) / DATABASE_NAME
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(copy)) as destination:
            source.backup(destination)
        archive = Path(place) / "archive.tar"
        with tarfile.open(archive, "w") as packed:
            packed.add(copy, DATABASE_NAME)
            if journal.is_dir():
                packed.add(journal, JOURNAL_NAME)
        fresh = target.with_name(f"{target.name}.new")
        with archive.open("rb") as plain, _private(fresh) as sealed:
            _seal(plain, sealed, passphrase, cost)
            sealed.flush()
            os.fsync(sealed.fileno())
        fresh.replace(target)
    return target.stat().st_size


def restore_backup(source: Path, directory: Path, passphrase: str) -> list[str]:
    """Unpack a backup into a directory that holds no database yet; returns the names of its files."""
    if (directory / DATABASE_NAME).exists():
        raise BackupUnusable(
            translatable(
                "There is a database in {directory}. Restore into another directory with --state, then "
                "compare.",
                directory=str(directory),
            )
        )
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory, prefix=".restore-") as place:
        archive = Path(place) / "archive.tar"
        with source.open("rb") as sealed, _private(archive) as plain:
            for piece in _opened(sealed, passphrase, str(source)):
                plain.write(piece)
        with tarfile.open(archive) as packed:
            members = [each for each in packed.getmembers() if _is_ours(each)]
            unpacked = Path(place) / "unpacked"
            packed.extractall(unpacked, members=members, filter="data")
        for each in sorted(unpacked.iterdir(), key=lambda found: found.name == DATABASE_NAME):
            # The database comes last: what was cut off before is no memory yet.
            each.rename(directory / each.name)
    return sorted(each.name for each in members if each.isfile())


def _is_ours(member: tarfile.TarInfo) -> bool:
    first = member.name.partition("/")[0]
    return first in {DATABASE_NAME, JOURNAL_NAME} and (member.isfile() or member.isdir())


def _private(path: Path) -> IO[bytes]:
    """Open a new file for its owner only."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _key(passphrase: str, head: _Head) -> AESGCM:
    return AESGCM(Scrypt(salt=head.salt, length=32, n=head.cost, r=8, p=1).derive(passphrase.encode()))


def _place(number: int, *, is_last: bool) -> bytes:
    """Return the nonce of a piece: its number, and whether it is the last one."""
    return number.to_bytes(11, "big") + (b"\x01" if is_last else b"\x00")


def _seal(plain: IO[bytes], sealed: IO[bytes], passphrase: str, cost: int) -> None:
    head = _Head(cost=cost, salt=os.urandom(16))
    written = msgspec.json.encode(head)
    sealed.write(_TITLE + written + b"\n")
    key = _key(passphrase, head)
    number, piece = 0, plain.read(_PIECE_BYTES)
    while True:
        following = plain.read(_PIECE_BYTES)
        sealed.write(key.encrypt(_place(number, is_last=not following), piece, _TITLE + written))
        if not following:
            return
        number, piece = number + 1, following


def _opened(sealed: IO[bytes], passphrase: str, name: str) -> Iterator[bytes]:
    if sealed.read(len(_TITLE)) != _TITLE:
        raise BackupUnusable(
            translatable(
                "{name} is no backup of Interlace. Name the file that `interlace backup make` wrote.",
                name=name,
            )
        )
    written = sealed.readline(_HEAD_BYTES_MAX).rstrip(b"\n")
    try:
        head = msgspec.json.decode(written, type=_Head)
    except msgspec.DecodeError as problem:
        raise BackupUnusable(
            translatable("The backup {name} is damaged. Take another one.", name=name)
        ) from problem
    if not 2**10 <= head.cost <= _COST_MAX or head.cost & (head.cost - 1) or head.piece_bytes != _PIECE_BYTES:
        raise BackupUnusable(translatable("The backup {name} is damaged. Take another one.", name=name))
    key = _key(passphrase, head)
    size = _PIECE_BYTES + _TAG_BYTES
    number, piece = 0, sealed.read(size)
    while True:
        following = sealed.read(size)
        try:
            yield key.decrypt(_place(number, is_last=not following), piece, _TITLE + written)
        except InvalidTag as problem:
            raise BackupUnusable(
                translatable(
                    "The passphrase is wrong, or the backup {name} is damaged or cut off. Nothing was restored.",
                    name=name,
                )
                if number == 0
                else translatable("The backup {name} is damaged or cut off. Nothing was restored.", name=name)
            ) from problem
        if not following:
            return
        number, piece = number + 1, following
