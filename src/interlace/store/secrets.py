"""Keeps credentials encrypted; the key lies in a file of its own, outside the database."""

import os
from pathlib import Path

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from interlace.store.schema import secret


class SecretUnreadable(Exception):
    """A stored secret can't be decrypted with the key file at hand."""


class SecretBox:
    """Encrypts with the first key of the key file and decrypts with any of them."""

    def __init__(self, keys: list[bytes]) -> None:
        self._box = MultiFernet([Fernet(key) for key in keys])

    @classmethod
    def from_file(cls, path: Path) -> "SecretBox":
        """Read the key file, one key a line, the newest first; a missing file is made, for its owner only."""
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls(path.read_bytes().split())
        with os.fdopen(descriptor, "wb") as file:
            file.write(Fernet.generate_key() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return cls(path.read_bytes().split())

    def encrypt(self, text: str) -> bytes:
        """Encrypt a secret."""
        return self._box.encrypt(text.encode())

    def decrypt(self, ciphertext: bytes, name: str) -> str:
        """Decrypt a secret."""
        try:
            return self._box.decrypt(ciphertext).decode()
        except InvalidToken as error:
            raise SecretUnreadable(
                f"The secret {name} was encrypted with another key. "
                "Put the key file back that belongs to this database, or enter the secret again."
            ) from error


def read_secret(connection: sa.Connection, box: SecretBox, connection_id: str, name: str) -> str | None:
    """Return a secret, or None if there is none of that name."""
    ciphertext = connection.execute(
        sa.select(secret.c.ciphertext).where(secret.c.connection_id == connection_id, secret.c.name == name)
    ).scalar()
    return None if ciphertext is None else box.decrypt(bytes(ciphertext), name)


def store_secret(
    connection: sa.Connection, box: SecretBox, connection_id: str, name: str, text: str | None
) -> None:
    """Store a secret; None forgets it."""
    where = sa.and_(secret.c.connection_id == connection_id, secret.c.name == name)
    connection.execute(sa.delete(secret).where(where))
    if text is not None:
        values = {"connection_id": connection_id, "name": name, "ciphertext": box.encrypt(text)}
        connection.execute(sa.insert(secret).values(values))
