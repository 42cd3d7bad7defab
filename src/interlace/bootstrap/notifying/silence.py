"""What is long overdue: mappings none of whose runs go through, and connections in which no mapping does at all.

A mapping is behind by what the connection has lived on without it: compared is its newest run that went through with
the newest one of any mapping. So where nothing goes through any more, no mapping falls behind by itself, and one
message tells all of it. What people or windows hold on purpose is not overdue, and a halt is told by itself.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.due_intervals import due_intervals
from interlace.bootstrap.hourly_figures import newest_good_runs
from interlace.bootstrap.notifying.follow import Standing
from interlace.bootstrap.notifying.look import Look
from interlace.domain.keys import MappingName
from interlace.locale.translatable import translatable
from interlace.management.notifications import NotificationKind

_MISSED: Final = 2
"""So many intervals may pass before something counts as behind."""
_LEAST: Final = timedelta(minutes=30)
"""It is told after having been behind for one more interval, and never before so long: runs may take their time."""
_CONNECTION: Final = ""


def silence(application: Application, connection: Connection) -> Look:
    """Return what is behind; after a standstill of the server itself everything gets its time anew."""
    intervals = due_intervals(application, connection)
    if not intervals:
        return Look(kind=NotificationKind.SILENCE)
    runs = newest_good_runs(application, connection)
    good = {name: at for name, at in runs.items() if name in intervals}
    standing = _behind(intervals, good, application.state.clock())
    return Look(kind=NotificationKind.SILENCE, standing=tuple(standing))


def _behind(
    intervals: Mapping[MappingName, timedelta], good: Mapping[MappingName, datetime], now: datetime
) -> Iterator[Standing]:
    shortest = min(intervals.values())
    newest = max(good.values(), default=None)
    if newest is None or now - newest > _MISSED * shortest:
        yield _connection(shortest)
    if newest is None:
        return
    for name, interval in intervals.items():
        if name not in good or newest - good[name] > _MISSED * interval:
            yield _mapping(name, interval)


def _connection(interval: timedelta) -> Standing:
    settle = max(_LEAST, interval)
    return Standing(
        kind=NotificationKind.SILENCE,
        subject=_CONNECTION,
        message=translatable(
            "No mapping has been synchronized for {minutes} minutes or longer.",
            minutes=_minutes(_MISSED * interval + settle),
        ),
        page="/queue",
        over=translatable("The connection as a whole is overdue no more."),
        settle=settle,
    )


def _mapping(name: MappingName, interval: timedelta) -> Standing:
    settle = max(_LEAST, interval)
    return Standing(
        kind=NotificationKind.SILENCE,
        subject=str(name),
        message=translatable(
            "{mapping} has not been synchronized for {minutes} minutes or longer; it is to run every {interval} "
            "minutes.",
            mapping=name,
            minutes=_minutes(_MISSED * interval + settle),
            interval=_minutes(interval),
        ),
        page="/queue",
        over=translatable("{mapping} is overdue no more.", mapping=name),
        mappings=(str(name),),
        settle=settle,
    )


def _minutes(duration: timedelta) -> int:
    return round(duration / timedelta(minutes=1))
