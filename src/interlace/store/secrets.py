"""Keeps credentials in sealed envelopes; the keys that open them lie in a file of their own, outside the database.

Each secret has a data key of its own; the newest key of the key file wraps that. A secret is sealed to what it was
entered for: its connection, its name, and the addresses it is sent to. Whoever changes an address can't use it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from interlace.locale.translatable import translatable
from interlace.store.key_file import KeyFile, MasterKey, SecretUnreadable
from interlace.store.schema import secret
from interlace.store.sealed_envelope import (
    Envelope,
    EnvelopeBroken,
    is_envelope,
    opened,
    rewrapped,
    sealed,
)

__all__ = ["Seal", "Seals", "SecretBox", "SecretTrace", "SecretUnreadable"]

Seal = Sequence[str]
"""What a secret was entered for: the addresses it is sent to."""
Seals = Callable[[str, str], Seal]
"""Tells what a connection's secret is for, by the ids of connection and secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretTrace:
    """What may be shown of a stored secret."""

    connection_id: str
    name: str
    fingerprint: str
    """Blank when it can't be opened."""
    entered_at: datetime | None
    """None: before that was noted."""
    key_id: str
    """Which key of the key file wraps it; blank: it is not in an envelope yet."""


class SecretBox:
    """Seals with the first key of the key file and opens with any of them."""

    def __init__(self, key_file: KeyFile) -> None:
        self._key_file = key_file

    @property
    def key_file(self) -> KeyFile:
        """Where the keys are."""
        return self._key_file

    def seal(self, text: str, context: Sequence[str], now: datetime) -> bytes:
        """Seal a secret to what it is for."""
        return sealed(text.encode(), context, self._key_file.newest, now)

    def open(self, ciphertext: bytes, context: Sequence[str], name: str) -> str:
        """Open a secret; raises SecretUnreadable."""
        if not is_envelope(ciphertext):
            return self._opened_token(ciphertext, name)
        try:
            key = self._key(Envelope.read(ciphertext).key_id, name)
            return opened(ciphertext, context, key).decode()
        except EnvelopeBroken as error:
            raise SecretUnreadable(
                translatable(
                    "The secret {name} was entered for other addresses or another way to sign in than the "
                    "connection has now, so it is not sent there. Enter it again, or correct the address.",
                    name=name,
                )
            ) from error

    def rewrap(self, ciphertext: bytes, name: str) -> bytes:
        """Wrap a secret's data key with the newest key; the secret itself is not looked at."""
        return rewrapped(ciphertext, self._key(Envelope.read(ciphertext).key_id, name), self._key_file.newest)

    def _key(self, key_id: bytes, name: str) -> MasterKey:
        key = self._key_file.find(key_id)
        if key is None:
            raise _of_another_key(name)
        return key

    def _opened_token(self, ciphertext: bytes, name: str) -> str:
        """Open what was stored before there were envelopes."""
        for key in self._key_file.every:
            text = key.open_former(ciphertext)
            if text is not None:
                return text
        raise _of_another_key(name)


def _of_another_key(name: str) -> SecretUnreadable:
    return SecretUnreadable(
        translatable(
            "The secret {name} was encrypted with another key. Put the key file back that belongs to this "
            "database, or enter the secret again.",
            name=name,
        )
    )


def _context(connection_id: str, name: str, seal: Seal) -> tuple[str, ...]:
    return (connection_id, name, *seal)


def read_secret(
    connection: sa.Connection, box: SecretBox, connection_id: str, name: str, seal: Seal
) -> str | None:
    """Return a secret, or None if there is none of that name."""
    ciphertext = connection.execute(_stored(connection_id, name)).scalar()
    if ciphertext is None:
        return None
    return box.open(bytes(ciphertext), _context(connection_id, name, seal), name)


def is_former(connection: sa.Connection, connection_id: str, name: str) -> bool:
    """Tell whether a secret is stored as it was before there were envelopes."""
    ciphertext = connection.execute(_stored(connection_id, name)).scalar()
    return ciphertext is not None and not is_envelope(bytes(ciphertext))


def is_stored(connection: sa.Connection, connection_id: str, name: str) -> bool:
    """Tell whether there is a secret of that name, readable or not."""
    return connection.execute(_stored(connection_id, name)).scalar() is not None


def store_secret(
    connection: sa.Connection,
    box: SecretBox,
    connection_id: str,
    name: str,
    text: str | None,
    *,
    seal: Seal,
    now: datetime,
) -> None:
    """Store a secret sealed to what it is for; None forgets it."""
    where = sa.and_(secret.c.connection_id == connection_id, secret.c.name == name)
    connection.execute(sa.delete(secret).where(where))
    if text is not None:
        ciphertext = box.seal(text, _context(connection_id, name, seal), now)
        values = {"connection_id": connection_id, "name": name, "ciphertext": ciphertext}
        connection.execute(sa.insert(secret).values(values))


def traces(connection: sa.Connection, box: SecretBox, seals: Seals) -> Iterator[SecretTrace]:
    """Show what may be shown of every stored secret."""
    for row in connection.execute(sa.select(secret).order_by(secret.c.connection_id, secret.c.name)):
        ciphertext, context = (
            bytes(row.ciphertext),
            _context(row.connection_id, row.name, seals(row.connection_id, row.name)),
        )
        envelope = Envelope.read(ciphertext) if is_envelope(ciphertext) else None
        try:
            fingerprint = box.key_file.newest.fingerprint(box.open(ciphertext, context, row.name))
        except SecretUnreadable:
            fingerprint = ""
        yield SecretTrace(
            connection_id=row.connection_id,
            name=row.name,
            fingerprint=fingerprint,
            entered_at=None if envelope is None else datetime.fromtimestamp(envelope.entered_at, UTC),
            key_id="" if envelope is None else envelope.key_id.hex(),
        )


def rewrap_all(connection: sa.Connection, box: SecretBox, seals: Seals, now: datetime) -> int:
    """Wrap every secret with the newest key, those from before envelopes in new ones; returns how many there are.

    Raises SecretUnreadable for one whose key is not at hand: nothing is changed then.
    """
    rows = connection.execute(sa.select(secret)).all()
    for row in rows:
        ciphertext = bytes(row.ciphertext)
        if is_envelope(ciphertext):
            renewed = box.rewrap(ciphertext, row.name)
        else:
            context = _context(row.connection_id, row.name, seals(row.connection_id, row.name))
            renewed = box.seal(box.open(ciphertext, context, row.name), context, now)
        where = sa.and_(secret.c.connection_id == row.connection_id, secret.c.name == row.name)
        connection.execute(sa.update(secret).where(where).values(ciphertext=renewed))
    return len(rows)


def _stored(connection_id: str, name: str) -> sa.Select[bytes]:
    return sa.select(secret.c.ciphertext).where(
        secret.c.connection_id == connection_id, secret.c.name == name
    )
