"""Takes a sample of every connection once a minute, beside everything else that a server does."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.lag import Lag, lags_of, looked_at
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.store.encoding import JsonValue
from interlace.store.hourly_figures import Sample

KEPT: Final = timedelta(days=31)
"""Older hours are forgotten."""
_SECONDS: Final = 60.0
_HOUR: Final = timedelta(hours=1)
_LOOKED: Final = "looked"
_CLASSES: Final = "classes"
"""How many open errors there are of each class."""
_LAGS: Final = "lags"
"""The lags that the samples of the hour found so far, by direction."""


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
    latest = application.state.hourly_figures.latest(connection.id)
    looked = _looked(application, connection, latest)
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
        basis={
            _LOOKED: told,
            _CLASSES: dict(_classes(queries.count_error_codes(connection.id))),
            _LAGS: _lags_of_hour(latest, now, seconds),
        },
    )


def present_lags(application: Application, connection: Connection) -> list[Lag]:
    """Reckon the lag of each direction as it is now."""
    return _lags(application, connection, newest_good_runs(application, connection))


def newest_good_runs(application: Application, connection: Connection) -> dict[MappingName, datetime]:
    """Return when the newest run of each mapping that went through began; one that never did is left out."""
    latest = application.state.hourly_figures.latest(connection.id)
    return _looked(application, connection, latest)


def lag_ranks(sample: Sample, direction: Direction) -> tuple[int, int] | None:
    """Return under which lag a direction was for half of the samples of an hour, and for 95 % of them.

    None: no sample could tell, or the hour was kept before samples were.
    """
    lags = sample.basis.get(_LAGS)
    held = lags.get(direction.value) if isinstance(lags, dict) else None
    found = sorted(each for each in held if isinstance(each, int)) if isinstance(held, list) else []
    return (_at_rank(found, 50), _at_rank(found, 95)) if found else None


def _at_rank(found: Sequence[int], percent: int) -> int:
    """Return the least value that so many percent of all don't exceed."""
    return found[-(-len(found) * percent // 100) - 1]


def classes_of(sample: Sample) -> dict[str, int]:
    """Return how many open errors there were of each class."""
    held = sample.basis.get(_CLASSES)
    return {name: n for name, n in held.items() if isinstance(n, int)} if isinstance(held, dict) else {}


def _classes(codes: Mapping[str, int]) -> Counter[str]:
    classes = Counter[str]()
    for code, count in codes.items():
        classes[ERROR_DESCRIPTIONS[ErrorCode(code)].error_class.value] += count
    return classes


def _lags_of_hour(
    latest: Sample | None, now: datetime, seconds: Mapping[Direction, int | None]
) -> dict[str, JsonValue]:
    """Add the lags of now to those that the hour has had."""
    is_same_hour = latest is not None and (now - latest.taken_at) < _HOUR and now.hour == latest.taken_at.hour
    earlier = latest.basis.get(_LAGS) if latest is not None and is_same_hour else None
    told: dict[str, JsonValue] = {}
    for direction, found in seconds.items():
        held = earlier.get(direction.value) if isinstance(earlier, dict) else None
        told[direction.value] = [
            *(held if isinstance(held, list) else []),
            *([found] if found is not None else []),
        ]
    return told


def _lags(
    application: Application, connection: Connection, looked: Mapping[MappingName, datetime]
) -> list[Lag]:
    mappings = application.mappings(connection)
    part = [mappings[name] for name in application.taking_part(connection)]
    return lags_of(part, looked, application.state.hourly_figures.waiting(connection.id))


def _looked(
    application: Application, connection: Connection, latest: Sample | None
) -> dict[MappingName, datetime]:
    told = latest.basis.get(_LOOKED) if latest is not None else None
    known = (
        {MappingName(name): datetime.fromisoformat(str(at)) for name, at in told.items()}
        if isinstance(told, dict)
        else {}
    )
    return looked_at(application.state.job_queue_entries.list(connection.id), known)
