"""One worker per mapping: leases with fencing numbers, so that a process that wakes up late can't commit."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from interlace.locale.translatable import translatable
from interlace.store.encoding import time_to_text
from interlace.store.presence import Presence
from interlace.store.schema import integration_table_mapping, lease

_AT = "@"
"""Stands in a stored holder between who holds the lease and the process that it lives in."""
_OF_MAPPING = lease.c.mapping_id == sa.bindparam("of_mapping")
_HELD = sa.and_(_OF_MAPPING, lease.c.fence == sa.bindparam("of_fence"))
_TAKEN = sa.select(lease).where(_OF_MAPPING).with_for_update()
_FENCE = sa.select(lease.c.fence).where(_OF_MAPPING).with_for_update(read=True)
_CHANGE_HELD = sa.update(lease).where(_HELD)


class LeaseLost(Exception):
    """Another worker has taken this mapping over; nothing was stored."""

    def __init__(self, mapping: str, fence: int) -> None:
        super().__init__(
            translatable(
                "Another worker has taken over the mapping {mapping} (lease {fence} is no longer valid). "
                "Nothing was stored by this one; the other one goes on from the last stored position.",
                mapping=mapping,
                fence=fence,
            )
        )
        self.mapping = mapping
        self.fence = fence


def take(
    connection: sa.Connection,
    mapping_id: int,
    holder: str,
    *,
    now: datetime,
    duration: timedelta,
    presence: Presence | None = None,
) -> int | None:
    """Take the lease: gives a new fencing number, or None while another holder has it.

    The same holder may take it again (after a crash), and anybody once the holder's process is gone for certain;
    the older fencing number is void then.
    """
    found = connection.execute(_TAKEN, {"of_mapping": mapping_id}).first()
    stored = holder if presence is None else f"{holder}{_AT}{presence.token}"
    values = {"holder": stored, "until": time_to_text(now + duration)}
    if found is None:
        connection.execute(sa.insert(lease).values(mapping_id=mapping_id, fence=1, **values))
        return 1
    is_held = found.until is not None and found.until > time_to_text(now)
    if is_held and _parts(found.holder)[0] != holder and not _is_gone(found.holder, presence):
        return None
    fence = int(found.fence) + 1
    held = {"of_mapping": mapping_id, "of_fence": found.fence}
    connection.execute(_CHANGE_HELD, {**held, "fence": fence, **values})
    return fence


def held(connection: sa.Connection, *, now: datetime, presence: Presence | None = None) -> frozenset[int]:
    """Return the ids of the mappings that somebody holds, unless the holder's process is gone for certain."""
    query = sa.select(lease.c.mapping_id, lease.c.holder).where(lease.c.until > time_to_text(now))
    return frozenset(
        row.mapping_id for row in connection.execute(query) if not _is_gone(row.holder, presence)
    )


def renew(
    connection: sa.Connection, mapping_id: int, fence: int, *, now: datetime, duration: timedelta
) -> bool:
    """Hold the lease longer; False if it was taken over."""
    held = {"of_mapping": mapping_id, "of_fence": fence}
    renewed = connection.execute(_CHANGE_HELD, {**held, "until": time_to_text(now + duration)})
    return bool(renewed.rowcount)


def release(connection: sa.Connection, mapping_id: int, fence: int) -> None:
    """Give the lease up, if it is still held with this number."""
    connection.execute(_CHANGE_HELD, {"of_mapping": mapping_id, "of_fence": fence, "until": None})


def release_all(connection: sa.Connection, connection_id: str) -> None:
    """Give up every lease of a connection, whoever holds it."""
    own = sa.select(integration_table_mapping.c.id).where(
        integration_table_mapping.c.connection_id == connection_id
    )
    connection.execute(sa.update(lease).where(lease.c.mapping_id.in_(own)).values(until=None))


def is_current(connection: sa.Connection, mapping_id: int, fence: int) -> bool:
    """Tell whether the number is the newest; holds until the end of the transaction."""
    return connection.execute(_FENCE, {"of_mapping": mapping_id}).scalar() == fence


def _is_gone(holder: str, presence: Presence | None) -> bool:
    return presence is not None and presence.is_gone(_parts(holder)[1])


def _parts(stored: str) -> tuple[str, str]:
    """Return who holds a lease, and in which process."""
    who, at, process = stored.rpartition(_AT)
    return (who, process) if at else (stored, "")
