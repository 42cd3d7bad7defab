"""Keeps requests to the services for a while: so many rows, so much text, so many days of each connection.

What must not be read by people is hidden before it comes here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from interlace.domain.keys import ConnectionId
from interlace.store.database import Database
from interlace.store.encoding import time_from_text, time_to_text
from interlace.store.request_tables import kept_whole, sent_request

ROWS_MAX: Final = 5_000
TEXT_MAX: Final = 40_000_000
"""Characters of what was sent and answered."""
KEPT: Final = timedelta(days=7)
_request = sent_request.c
_AS_KEPT: Final = (
    "side",
    "method",
    "address",
    "status",
    "milliseconds",
    "correlation_id",
    "run_id",
    "mapping",
    "record",
    "message",
    "exchange",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRequest:
    """A request with what came back."""

    number: int = 0
    """Its place; given when it is kept."""
    sent_at: datetime
    side: str
    method: str
    address: str
    status: int | None
    milliseconds: int
    correlation_id: str
    run_id: str
    mapping: str
    record: str
    """Key of the record, as far as the request names one."""
    message: str
    exchange: str
    """Headers and bodies of both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestSelection:
    """Which requests are read; their exchange is left out."""

    newest_first: bool = True
    beyond: int = 0
    """Only those behind this one in that order; 0: from its beginning."""
    limit: int = 1_000


class SentRequests:
    """The requests of all connections."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, connection_id: str, requests: Sequence[SentRequest]) -> None:
        """Keep requests of one connection; one that is removed meanwhile keeps none."""
        rows = [_row(connection_id, each) for each in requests]
        try:
            with self._database.write() as connection:
                connection.execute(sa.insert(sent_request), rows)
        except sa.exc.IntegrityError:
            # The connection is gone, and its requests would have gone with it.
            return

    def forget_old(self, now: datetime) -> int:
        """Forget what is beyond the limits; gives how many requests."""
        of, newest_first = _request.connection_id, _request.id.desc()
        counted = sa.select(
            _request.id,
            sa.func.row_number().over(partition_by=of, order_by=newest_first).label("place"),
            sa.func.sum(_request.size).over(partition_by=of, order_by=newest_first).label("text"),
        ).subquery()
        beyond = sa.select(counted.c.id).where(sa.or_(counted.c.place > ROWS_MAX, counted.c.text > TEXT_MAX))
        old = sa.or_(_request.sent_at < time_to_text(now - KEPT), _request.id.in_(beyond))
        with self._database.write() as connection:
            return int(connection.execute(sa.delete(sent_request).where(old)).rowcount)

    def selected(self, connection_id: str, selection: RequestSelection) -> list[SentRequest]:
        """Return requests of a connection without their exchange."""
        columns = [each for each in sent_request.columns if each.name != "exchange"]
        query = sa.select(*columns).where(_request.connection_id == connection_id)
        if selection.beyond:
            is_older = _request.id < selection.beyond
            query = query.where(is_older if selection.newest_first else _request.id > selection.beyond)
        order = _request.id.desc() if selection.newest_first else _request.id
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(order).limit(selection.limit))
            return [_sent({"exchange": "", **row}) for row in rows.mappings()]

    def one(self, connection_id: str, number: int) -> SentRequest | None:
        """Return a request with all that is kept of it."""
        query = sa.select(sent_request).where(_request.connection_id == connection_id, _request.id == number)
        with self._database.read() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _sent(dict(row))

    def keep_whole(self, connection_id: str, until: datetime) -> None:
        """Let the requests of a connection that go well be kept, too, until a moment."""
        with self._database.write() as connection:
            connection.execute(sa.delete(kept_whole).where(kept_whole.c.connection_id == connection_id))
            connection.execute(
                sa.insert(kept_whole).values(connection_id=connection_id, until=time_to_text(until))
            )

    def whole_until(self) -> dict[ConnectionId, datetime]:
        """Return until when all requests of a connection are kept, by its id; moments may have passed."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(kept_whole)).all()
        return {ConnectionId(row.connection_id): time_from_text(row.until) for row in rows}


def _row(connection_id: str, each: SentRequest) -> dict[str, object]:
    return {
        "connection_id": connection_id,
        "sent_at": time_to_text(each.sent_at),
        **{name: getattr(each, name) for name in _AS_KEPT},
        "size": len(each.address) + len(each.message) + len(each.exchange),
    }


def _sent(row: Mapping[str, Any]) -> SentRequest:
    return SentRequest(
        number=row["id"],
        sent_at=time_from_text(row["sent_at"]),
        **{name: row[name] for name in _AS_KEPT},
    )
