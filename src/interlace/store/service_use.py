"""Keeps how much was asked of each service, minute by minute, whichever processes asked."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from interlace.domain.side import Side
from interlace.store.database import Database
from interlace.store.encoding import time_from_text, time_to_text
from interlace.store.request_tables import service_use

_use = service_use.c


@dataclass(frozen=True, slots=True, kw_only=True)
class MinuteOfUse:
    """What was asked of one service within a minute."""

    minute: datetime
    requests: int
    refused: int
    milliseconds: int
    at_once: int
    requests_left: int | None = None
    seconds_left: int | None = None


class ServiceUse:
    """Adds minutes up, and tells them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection_id: str, side: Side, used: MinuteOfUse) -> None:
        """Add to a minute; a connection that is removed meanwhile keeps nothing."""
        own = sa.and_(
            _use.connection_id == connection_id,
            _use.side == side.value,
            _use.minute == time_to_text(used.minute),
        )
        more = {name: _use[name] + getattr(used, name) for name in ("requests", "refused", "milliseconds")}
        least = {name: _least(name, getattr(used, name)) for name in ("requests_left", "seconds_left")}
        most = sa.case((_use.at_once > used.at_once, _use.at_once), else_=used.at_once)
        change = sa.update(service_use).where(own).values(**more, **least, at_once=most)
        added = {name: getattr(used, name) for name in (*more, *least, "at_once")}
        new = {"connection_id": connection_id, "side": side.value, "minute": time_to_text(used.minute)}
        with self._database.write() as connection:
            if connection.execute(change).rowcount:
                return
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(service_use).values(**new, **added))
            except sa.exc.IntegrityError:
                # Another process was faster, or the connection is gone and nothing is changed.
                connection.execute(change)

    def of(self, connection_id: str, since: datetime) -> dict[Side, list[MinuteOfUse]]:
        """Return the minutes of a connection from a moment on, by service, oldest first."""
        query = sa.select(service_use).where(
            _use.connection_id == connection_id, _use.minute >= time_to_text(since)
        )
        found: dict[Side, list[MinuteOfUse]] = {side: [] for side in Side}
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(_use.minute)):
                found[Side(row.side)].append(
                    MinuteOfUse(
                        minute=time_from_text(row.minute),
                        requests=row.requests,
                        refused=row.refused,
                        milliseconds=row.milliseconds,
                        at_once=row.at_once,
                        requests_left=row.requests_left,
                        seconds_left=row.seconds_left,
                    )
                )
        return found

    def forget_before(self, moment: datetime) -> int:
        """Forget older minutes; gives how many."""
        with self._database.write() as connection:
            old = sa.delete(service_use).where(_use.minute < time_to_text(moment))
            return int(connection.execute(old).rowcount)


def _least(name: str, told: int | None) -> sa.ColumnElement[int]:
    """Return the lesser of what is stored and what was told now."""
    held = service_use.c[name]
    if told is None:
        return held
    return sa.case((held < told, held), else_=told)
