"""Keeps connections: one ERP company with one CRM organization, their addresses and settings."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from uuid import uuid4

import sqlalchemy as sa

from interlace.domain.keys import ConnectionId
from interlace.locale.translatable import translatable
from interlace.store import journal
from interlace.store.encoding import JsonValue, from_json, time_to_text, to_json
from interlace.store.schema import connection as connection_table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredConnection:
    """A connection as it is stored; its secrets are kept apart."""

    id: ConnectionId
    name: str
    enabled: bool = False
    erp_address: str = ""
    erp_company: str = ""
    crm_address: str = ""
    settings: dict[str, JsonValue] = field(default_factory=dict)
    version: str = field(default="", compare=False)
    """Stands for the settings as they were read; blank: they were not read, and nobody else's are looked for."""


class ConnectionOutdated(Exception):
    """A connection is not any more as it was when it was read; whoever keeps it tells the person why."""

    def __init__(self, name: str, *, is_there: bool) -> None:
        super().__init__(name)
        self.is_there = is_there
        """Whether it was changed; else it was removed."""


class ConnectionNameTaken(Exception):
    """A connection with that name exists already."""

    def __init__(self, name: str) -> None:
        super().__init__(
            translatable(
                "A connection named {name} exists already. Choose another name, or change that one.",
                name=name,
            )
        )
        self.name = name


def new_connection_id() -> ConnectionId:
    """Choose the id of a new connection."""
    return ConnectionId(str(uuid4()))


def store_connection(connection: sa.Connection, stored: StoredConnection, now: datetime) -> str:
    """Insert or overwrite a connection, and return its version.

    Raises ConnectionNameTaken, or ConnectionOutdated for one that is not as it was read.
    """
    table = connection_table
    if stored.version:
        _require_as_read(connection, stored)
    taken = connection.execute(
        sa.select(table.c.id).where(table.c.name == stored.name, table.c.id != stored.id)
    ).first()
    if taken is not None:
        raise ConnectionNameTaken(stored.name)
    settings = to_json(stored.settings)
    values = {
        "name": stored.name,
        "enabled": stored.enabled,
        "erp_address": stored.erp_address,
        "erp_company": stored.erp_company,
        "crm_address": stored.crm_address,
        "settings": settings,
    }
    changed = connection.execute(sa.update(table).where(table.c.id == stored.id).values(values))
    if not changed.rowcount:
        connection.execute(sa.insert(table).values(id=stored.id, created_at=time_to_text(now), **values))
        journal.start_chain(connection, stored.id)
    return _version(settings)


def _require_as_read(connection: sa.Connection, stored: StoredConnection) -> None:
    table = connection_table
    # Nobody else changes the row between this look and the write.
    query = sa.select(table.c.settings).where(table.c.id == stored.id).with_for_update()
    now = connection.execute(query).scalar()
    if now is None or _version(now) != stored.version:
        raise ConnectionOutdated(stored.name, is_there=now is not None)


def _version(settings: str) -> str:
    return blake2b(settings.encode(), digest_size=16).hexdigest()


def read_connections(connection: sa.Connection) -> list[StoredConnection]:
    """Return every connection, by name."""
    rows = connection.execute(sa.select(connection_table).order_by(connection_table.c.name))
    found = []
    for row in rows:
        settings = from_json(row.settings)
        assert isinstance(settings, dict)
        found.append(
            StoredConnection(
                id=ConnectionId(row.id),
                name=row.name,
                enabled=row.enabled,
                erp_address=row.erp_address,
                erp_company=row.erp_company,
                crm_address=row.crm_address,
                settings=settings,
                version=_version(row.settings),
            )
        )
    return found


def delete_connection(connection: sa.Connection, connection_id: str) -> bool:
    """Delete a connection with everything remembered of it; the records on both sides stay."""
    deleted = connection.execute(sa.delete(connection_table).where(connection_table.c.id == connection_id))
    return bool(deleted.rowcount)
