"""Keeps access keys by their id and a digest: what the database holds opens nothing."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from interlace.store.account_tables import access_token, user
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import (
    names_from_json,
    optional_time_from_text,
    time_from_text,
    time_to_text,
    to_json,
)
from interlace.store.users import StoredUser, user_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredToken:
    """An access key as it is stored."""

    id: str
    user_id: str
    name: str
    digest: bytes = field(repr=False)
    permissions: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    connections: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    used_at: datetime | None = None
    used_from: str = ""
    revoked_at: datetime | None = None


class Tokens:
    """Every access key."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find(self, token_id: str) -> tuple[StoredToken, StoredUser] | None:
        """Return a key with its owner as of now."""
        with self._database.read() as connection:
            row = connection.execute(_selected().where(access_token.c.id == token_id)).first()
        return None if row is None else (_token_of(row), user_of(row))

    def every(self, user_id: str | None = None) -> list[tuple[StoredToken, StoredUser]]:
        """Return the keys of a user or of everybody with their owners, the newest first."""
        query = _selected().order_by(access_token.c.created_at.desc(), access_token.c.id)
        if user_id is not None:
            query = query.where(access_token.c.user_id == user_id)
        with self._database.read() as connection:
            return [(_token_of(row), user_of(row)) for row in connection.execute(query)]

    def add(self, new: StoredToken, *, replaces: str = "", old_ends: datetime | None = None) -> None:
        """Add a key; the one that it replaces ends at that time, if not before."""
        with self._database.write() as connection:
            connection.execute(
                sa.insert(access_token).values(
                    id=new.id,
                    user_id=new.user_id,
                    name=new.name,
                    digest=new.digest,
                    permissions=to_json(new.permissions),
                    connections=to_json(new.connections),
                    addresses=to_json(new.addresses),
                    created_at=time_to_text(new.created_at),
                    expires_at=time_to_text(new.expires_at),
                )
            )
            if replaces and old_ends is not None:
                end = time_to_text(old_ends)
                where = sa.and_(access_token.c.id == replaces, access_token.c.expires_at > end)
                connection.execute(sa.update(access_token).where(where).values(expires_at=end))

    def revoke(self, token_id: str) -> bool:
        """Let a key open nothing any more; False: there is no valid one."""
        where = sa.and_(access_token.c.id == token_id, access_token.c.revoked_at.is_(None))
        with self._database.write() as connection:
            values = {"revoked_at": time_to_text(self._clock())}
            return bool(connection.execute(sa.update(access_token).where(where).values(values)).rowcount)

    def note_use(self, token_id: str, address: str) -> None:
        """Remember when and from where a key was used last."""
        values = {"used_at": time_to_text(self._clock()), "used_from": address}
        with self._database.write() as connection:
            connection.execute(sa.update(access_token).where(access_token.c.id == token_id).values(values))


def _selected() -> sa.Select[*tuple[object, ...]]:
    columns = [column.label(f"token_{column.name}") for column in access_token.c]
    return sa.select(*columns, user).join_from(access_token, user, access_token.c.user_id == user.c.id)


def _token_of(row: sa.Row[*tuple[object, ...]]) -> StoredToken:
    return StoredToken(
        id=row.token_id,
        user_id=row.token_user_id,
        name=row.token_name,
        digest=bytes(row.token_digest),
        permissions=names_from_json(row.token_permissions),
        connections=names_from_json(row.token_connections),
        addresses=names_from_json(row.token_addresses),
        created_at=time_from_text(row.token_created_at),
        expires_at=time_from_text(row.token_expires_at),
        used_at=optional_time_from_text(row.token_used_at),
        used_from=row.token_used_from,
        revoked_at=optional_time_from_text(row.token_revoked_at),
    )
