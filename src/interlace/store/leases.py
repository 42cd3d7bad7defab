"""One worker per mapping: leases with fencing numbers, so that a process that wakes up late can't commit."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from interlace.store.encoding import time_to_text
from interlace.store.presence import Presence
from interlace.store.schema import lease

_AT = "@"
"""Stands in a stored holder between who holds the lease and the process that it lives in."""


class LeaseLost(Exception):
    """Another worker has taken this mapping over; nothing was stored."""

    def __init__(self, mapping: str, fence: int) -> None:
        super().__init__(
            f"Another worker has taken over the mapping {mapping} (lease {fence} is no longer valid). "
            "Nothing was stored by this one; the other one goes on from the last stored position."
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
    found = connection.execute(
        sa.select(lease).where(lease.c.mapping_id == mapping_id).with_for_update()
    ).first()
    stored = holder if presence is None else f"{holder}{_AT}{presence.token}"
    values = {"holder": stored, "until": time_to_text(now + duration)}
    if found is None:
        connection.execute(sa.insert(lease).values(mapping_id=mapping_id, fence=1, **values))
        return 1
    if found.until is not None and found.until > time_to_text(now):
        who, _, process = found.holder.rpartition(_AT) if _AT in found.holder else (found.holder, "", "")
        if who != holder and (presence is None or not presence.is_gone(process)):
            return None
    fence = int(found.fence) + 1
    connection.execute(sa.update(lease).where(lease.c.mapping_id == mapping_id).values(fence=fence, **values))
    return fence


def renew(
    connection: sa.Connection, mapping_id: int, fence: int, *, now: datetime, duration: timedelta
) -> bool:
    """Hold the lease longer; False if it was taken over."""
    renewed = connection.execute(
        sa.update(lease)
        .where(lease.c.mapping_id == mapping_id, lease.c.fence == fence)
        .values(until=time_to_text(now + duration))
    )
    return bool(renewed.rowcount)


def release(connection: sa.Connection, mapping_id: int, fence: int) -> None:
    """Give the lease up, if it is still held with this number."""
    connection.execute(
        sa.update(lease).where(lease.c.mapping_id == mapping_id, lease.c.fence == fence).values(until=None)
    )


def is_current(connection: sa.Connection, mapping_id: int, fence: int) -> bool:
    """Tell whether the number is the newest; holds until the end of the transaction."""
    query = sa.select(lease.c.fence).where(lease.c.mapping_id == mapping_id)
    return connection.execute(query.with_for_update(read=True)).scalar() == fence
