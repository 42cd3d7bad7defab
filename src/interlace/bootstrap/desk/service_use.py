"""Tells how much of what each service allows was used, in windows of five minutes."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.desk.carry_out import connection_of, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.service_limits import allowances
from interlace.domain.allowance import Allowance
from interlace.domain.side import Side
from interlace.management import requests
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.requests import USE_WINDOW, ShowUse, UseOfService, UseOfWindow, UseShown
from interlace.store.service_use import MinuteOfUse

_WINDOW_SECONDS: Final = int(USE_WINDOW.total_seconds())


def add_service_use(works: Works, place: ListingPlace) -> None:
    """Let the operation be carried out."""
    application = place.application

    async def show(caller: Caller, asked: ShowUse) -> UseShown:
        """Add up what was counted minute by minute."""
        held = await connection_of(application, caller, asked)
        return await off_loop(_shown, application, held, asked.hours)

    works.add(requests.USE, show)


def _shown(application: Application, held: Connection, hours: int) -> UseShown:
    # What was counted a moment ago is on its way to the store.
    application.requests.write()
    since = window_of(datetime.now(UTC)) - timedelta(hours=hours)
    used = application.state.service_use.of(held.id, since)
    allowed = allowances(application.config, held.settings)
    return UseShown(services=tuple(use_of_service(side, used[side], allowed[side]) for side in Side))


def window_of(moment: datetime) -> datetime:
    """Return the beginning of the five minutes that a moment lies in."""
    return datetime.fromtimestamp(moment.timestamp() // _WINDOW_SECONDS * _WINDOW_SECONDS, UTC)


def use_of_service(side: Side, minutes: Sequence[MinuteOfUse], allowance: Allowance | None) -> UseOfService:
    """Gather minutes, oldest first, into windows, and compare them with what the service allows."""
    windows: dict[datetime, list[MinuteOfUse]] = {}
    for each in minutes:
        windows.setdefault(window_of(each.minute), []).append(each)
    requests_max = seconds_max = None
    if allowance is not None:
        share = _WINDOW_SECONDS / allowance.window_seconds
        requests_max = max(1, round(allowance.requests * share))
        if math.isfinite(allowance.execution_seconds):
            seconds_max = max(1, round(allowance.execution_seconds * share))
    return UseOfService(
        side=side.value,
        requests_max=requests_max,
        seconds_max=seconds_max,
        windows=tuple(_windows(windows, requests_max, seconds_max)),
    )


def _windows(
    windows: dict[datetime, list[MinuteOfUse]], requests_max: int | None, seconds_max: int | None
) -> Iterator[UseOfWindow]:
    for at, minutes in windows.items():
        count = sum(each.requests for each in minutes)
        yield UseOfWindow(
            at=at,
            requests=count,
            percent=_percent(requests_max, _told([each.requests_left for each in minutes]), count),
            seconds=round(sum(each.milliseconds for each in minutes) / 1000),
            seconds_percent=_percent(seconds_max, _told([each.seconds_left for each in minutes]), None),
            at_once=max(each.at_once for each in minutes),
            refused=sum(each.refused for each in minutes),
        )


def _told(left: Sequence[int | None]) -> int | None:
    """Return the least that the service said was left."""
    return min((each for each in left if each is not None), default=None)


def _percent(most: int | None, left: int | None, own: int | None) -> int | None:
    """Return how much of an allowance was used: by us, or by all of its user where the service tells more."""
    if most is None or (left is None and own is None):
        return None
    return round(100 * max(own or 0, most - left if left is not None else 0) / most)
