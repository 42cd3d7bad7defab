"""The key file: one master key a line, the newest first, for its owner only and never in the database or a backup."""

import base64
import binascii
import contextlib
import hashlib
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from interlace.locale.translatable import translatable

_KEY_BYTES = 32
_OTHERS = 0o037
"""Whoever else may read or write; a group that reads is let be: service supervisors need it."""
_FINGERPRINT_LENGTH = 8


class SecretUnreadable(Exception):
    """A stored secret can't be decrypted with the key file at hand, or was entered for other addresses."""


class KeyFileUnusable(SecretUnreadable):
    """The key file is missing, open to others, or holds no keys; the text says what to do."""


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One key of the file; what is used of it is derived for each purpose."""

    _material: bytes

    def __repr__(self) -> str:
        return f"MasterKey({self.key_id.hex()})"

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls(os.urandom(_KEY_BYTES))

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read a key as the file holds it; raises ValueError."""
        material = base64.b64decode(line, altchars=b"-_", validate=True)
        if len(material) != _KEY_BYTES:
            raise ValueError("a key has 32 bytes")
        return cls(material)

    def line(self) -> bytes:
        """Write the key as the file holds it."""
        return base64.urlsafe_b64encode(self._material)

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name the key and tell nothing of it."""
        return self._derived(b"interlace key id")[:8]

    @property
    def wrapping(self) -> bytes:
        """The key that wraps data keys."""
        return self._derived(b"interlace data key wrapping")

    def fingerprint(self, text: str) -> str:
        """Name a secret without telling anything of it to who lacks this key."""
        digest = hmac.new(self._derived(b"interlace fingerprint"), text.encode(), hashlib.sha256)
        return digest.hexdigest()[:_FINGERPRINT_LENGTH]

    def open_former(self, token: bytes) -> str | None:
        """Open what was encrypted before there were envelopes; None: not with this key."""
        try:
            return Fernet(self.line()).decrypt(token).decode()
        except InvalidToken:
            return None

    def _derived(self, purpose: bytes) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=purpose).derive(self._material)


class KeyFile:
    """The keys of one file, read when they are needed first and again when a key is missing among them."""

    def __init__(self, path: Path, *, is_made: bool = True, is_kept: bool = False) -> None:
        """`is_made`: a missing file is made with a new key. `is_kept`: a supervisor gives it, and nobody writes it."""
        self.path = path
        self.is_kept = is_kept
        self._is_made = is_made
        self._keys: Sequence[MasterKey] = ()

    def __repr__(self) -> str:
        return f"KeyFile({str(self.path)!r})"

    @property
    def newest(self) -> MasterKey:
        """The key that seals; raises KeyFileUnusable."""
        return self.every[0]

    @property
    def every(self) -> Sequence[MasterKey]:
        """Every key, the newest first; raises KeyFileUnusable."""
        if not self._keys:
            self._keys = self._read()
        return self._keys

    def find(self, key_id: bytes) -> MasterKey | None:
        """Return a key by its id; another process may have added it since the file was read."""
        for _ in range(2):
            for key in self.every:
                if key.key_id == key_id:
                    return key
            self._keys = self._read()
        return None

    def create(self) -> bool:
        """Make the file with a new key, for its owner only; False: there is one."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        _write(descriptor, [MasterKey.generate()])
        return True

    def replace(self, keys: Sequence[MasterKey]) -> None:
        """Write the file anew: whoever reads it meanwhile finds the old or the new one, whole."""
        fresh = self.path.with_name(f"{self.path.name}.new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        _write(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), keys)
        fresh.replace(self.path)
        _flush_directory(self.path.parent)
        self._keys = tuple(keys)

    def _read(self) -> Sequence[MasterKey]:
        if not self.path.exists():
            if not self._is_made:
                raise KeyFileUnusable(
                    translatable(
                        "There is no key file {file}. Put it where it belongs; `interlace keys create` makes "
                        "a new one, with which secrets must be entered again.",
                        file=str(self.path),
                    )
                )
            self.create()
        self._require_private()
        try:
            keys = [MasterKey.from_line(line) for line in self.path.read_bytes().split()]
        except (OSError, ValueError, binascii.Error) as problem:
            raise KeyFileUnusable(
                translatable(
                    "The key file {file} can't be read: {problem}. Put it back.",
                    file=str(self.path),
                    problem=str(problem),
                )
            ) from problem
        if not keys:
            raise KeyFileUnusable(
                translatable("The key file {file} holds no key. Put it back.", file=str(self.path))
            )
        return tuple(keys)

    def _require_private(self) -> None:
        if os.name != "posix" or self.is_kept:
            return
        mode = self.path.stat().st_mode & 0o777
        if mode & _OTHERS:
            raise KeyFileUnusable(
                translatable(
                    "Others may use the key file {file} (mode {mode}). Run {command}; if somebody may have read it, "
                    "run `interlace keys rotate` and renew the secrets afterwards.",
                    file=str(self.path),
                    mode=f"{mode:o}",
                    command=f"`chmod 600 {self.path}`",
                )
            )


def _write(descriptor: int, keys: Sequence[MasterKey]) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"".join(key.line() + b"\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())


def _flush_directory(directory: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
