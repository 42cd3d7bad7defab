"""Takes a sample of every connection once a minute, beside everything else that a server does."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.lag import Lag, lags_of, looked_at
from interlace.domain.keys import MappingName
from interlace.store.encoding import JsonValue
from interlace.store.hourly_figures import Sample

KEPT: Final = timedelta(days=31)
"""Older hours are forgotten."""
_SECONDS: Final = 60.0
_LOOKED: Final = "looked"


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def keep_figures(application: Application) -> None:
    """Take samples for ever."""
    while True:
        await asyncio.to_thread(take_samples, application)
        await asyncio.sleep(_SECONDS)


def take_samples(application: Application, now: Callable[[], datetime] = utc_now) -> None:
    """Take a sample of every connection, and forget what is old."""
    kept = application.state.hourly_figures
    for connection in application.connections():
        kept.take(connection.id, sample_of(application, connection, now()))
    kept.forget_before(now() - KEPT)


def sample_of(application: Application, connection: Connection, now: datetime) -> Sample:
    """Count what people see on Home, and reckon the lag."""
    queries = application.state.queries
    errors = queries.count_errors(connection.id)
    looked = _looked(application, connection)
    lags = _lags(application, connection, looked)
    seconds = {each.direction: each.seconds(now) for each in lags}
    told: dict[str, JsonValue] = {name: at.isoformat() for name, at in looked.items()}
    return Sample(
        taken_at=now,
        coupled=sum(queries.count_couplings(connection.id).values()),
        failed=sum(count for (_, is_skipped), count in errors.items() if not is_skipped),
        skipped=sum(count for (_, is_skipped), count in errors.items() if is_skipped),
        conflicts=queries.count_conflicts(connection.id),
        lag_seconds={direction: found for direction, found in seconds.items() if found is not None},
        basis={_LOOKED: told},
    )


def present_lags(application: Application, connection: Connection) -> list[Lag]:
    """Reckon the lag of each direction as it is now."""
    return _lags(application, connection, _looked(application, connection))


def _lags(
    application: Application, connection: Connection, looked: Mapping[MappingName, datetime]
) -> list[Lag]:
    mappings = application.mappings(connection)
    part = [mappings[name] for name in application.taking_part(connection)]
    return lags_of(part, looked, application.state.hourly_figures.waiting(connection.id))


def _looked(application: Application, connection: Connection) -> dict[MappingName, datetime]:
    latest = application.state.hourly_figures.latest(connection.id)
    told = latest.basis.get(_LOOKED) if latest is not None else None
    known = (
        {MappingName(name): datetime.fromisoformat(str(at)) for name, at in told.items()}
        if isinstance(told, dict)
        else {}
    )
    return looked_at(application.state.job_queue_entries.list(connection.id), known)
