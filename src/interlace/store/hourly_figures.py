"""Keeps how each connection stood, hour by hour: the newest counts of an hour, and its greatest lag."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from interlace.domain.integration_field_mapping import Direction
from interlace.store.database import Database
from interlace.store.encoding import JsonValue, from_json, time_from_text, time_to_text, to_json
from interlace.store.figure_tables import COUNTS, hourly_figure
from interlace.store.schema import integration_table_mapping, synch_error

_hour = hourly_figure.c
_LAGS = {Direction.TO_INTEGRATION_TABLE: "to_lag", Direction.FROM_INTEGRATION_TABLE: "from_lag"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How a connection stands at one moment."""

    taken_at: datetime
    coupled: int
    failed: int
    skipped: int
    conflicts: int
    lag_seconds: Mapping[Direction, int] = field(default_factory=dict)
    """By direction, where it can be told."""
    basis: Mapping[str, JsonValue] = field(default_factory=dict)
    """What the lag was reckoned from, for whoever reckons next, and what else is told of the hour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingErrors:
    """The records of one direction that stand on the error list."""

    failed: int = 0
    """Those that the next run takes up again."""
    failed_since: datetime | None = None
    """When the one of them that has waited longest failed last."""
    skipped: int = 0
    """Those that are left out until somebody helps."""
    skipped_since: datetime | None = None


class HourlyFigures:
    """Takes samples, and tells how it was."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, connection_id: str, sample: Sample) -> None:
        """Add a sample to its hour; of several servers that do so the newest sample is kept."""
        hour = time_to_text(sample.taken_at.replace(minute=0, second=0, microsecond=0))
        row: dict[str, object] = {
            "taken_at": time_to_text(sample.taken_at),
            "basis": to_json(sample.basis),
            **{name: getattr(sample, name) for name in COUNTS},
        }
        lags = {name: sample.lag_seconds.get(direction) for direction, name in _LAGS.items()}
        own = sa.and_(_hour.connection_id == connection_id, _hour.hour == hour)
        change = (
            sa.update(hourly_figure)
            .where(own)
            .values(**row, **{name: _greater(name, seconds) for name, seconds in lags.items()})
        )
        added = {"connection_id": connection_id, "hour": hour, **row, **lags}
        with self._database.write() as connection:
            if connection.execute(change).rowcount:
                return
            try:
                with connection.begin_nested():
                    connection.execute(sa.insert(hourly_figure).values(added))
            except sa.exc.IntegrityError:
                # Another server was faster.
                connection.execute(change)

    def of(self, connection_id: str, since: datetime) -> list[tuple[datetime, Sample]]:
        """Return the hours of a connection from a moment on, oldest first, each with its newest sample."""
        query = sa.select(hourly_figure).where(
            _hour.connection_id == connection_id, _hour.hour >= time_to_text(since)
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_hour.hour)).all()
        return [(time_from_text(row.hour), _sample(row)) for row in rows]

    def latest(self, connection_id: str) -> Sample | None:
        """Return the newest sample of a connection; its lag is the greatest of the hour."""
        query = sa.select(hourly_figure).where(_hour.connection_id == connection_id)
        with self._database.read() as connection:
            row = connection.execute(query.order_by(_hour.hour.desc()).limit(1)).first()
        return None if row is None else _sample(row)

    def forget_before(self, moment: datetime) -> int:
        """Forget the hours before a moment; gives how many."""
        old = sa.delete(hourly_figure).where(_hour.hour < time_to_text(moment))
        with self._database.write() as connection:
            return int(connection.execute(old).rowcount)

    def waiting(self, connection_id: str) -> dict[Direction, WaitingErrors]:
        """Return what stands on the error list, by direction."""
        mapping = integration_table_mapping.c
        told = (synch_error.c.direction, synch_error.c.skipped)
        query = (
            sa.select(*told, sa.func.count(), sa.func.min(synch_error.c.at))
            .join(integration_table_mapping, mapping.id == synch_error.c.mapping_id)
            .where(mapping.connection_id == connection_id)
            .group_by(*told)
        )
        found: dict[Direction, WaitingErrors] = {}
        with self._database.read() as connection:
            for direction, is_skipped, count, oldest in connection.execute(query):
                held, since = found.get(Direction(direction), WaitingErrors()), time_from_text(oldest)
                found[Direction(direction)] = (
                    replace(held, skipped=int(count), skipped_since=since)
                    if is_skipped
                    else replace(held, failed=int(count), failed_since=since)
                )
        return found


def _greater(name: str, seconds: int | None) -> sa.ColumnElement[int] | None:
    """Return the greater of what is stored and what was found; what was found once is not forgotten in its hour."""
    held = hourly_figure.c[name]
    if seconds is None:
        return held
    return sa.case((held > seconds, held), else_=seconds)


def _sample(row: sa.Row[tuple[object, ...]]) -> Sample:
    basis = from_json(row.basis)
    lags = {direction: getattr(row, name) for direction, name in _LAGS.items()}
    return Sample(
        taken_at=time_from_text(row.taken_at),
        lag_seconds={direction: seconds for direction, seconds in lags.items() if seconds is not None},
        basis=basis if isinstance(basis, dict) else {},
        **{name: getattr(row, name) for name in COUNTS},
    )
