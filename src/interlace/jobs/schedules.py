"""Turns "every N minutes" into the cron expressions that the job engine stores."""

import hashlib
from datetime import UTC, datetime, timedelta

from interlace.locale.translatable import translatable

_MINUTES_A_DAY = 24 * 60


class IntervalNotPossible(ValueError):
    """No clock pattern has this interval."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            translatable(
                "A run every {count} minutes is not possible. Choose a number of minutes that divides an "
                "hour, a number of hours that divides a day, or 1440 for once a day.",
                count=minutes,
            )
        )
        self.minutes = minutes


def schedule_every(minutes: int, name: str) -> str:
    """Return a six-field cron expression, seconds first; the name decides the moment within the interval.

    Schedules of many mappings would otherwise all begin in the same second.
    """
    if minutes < 1:
        raise IntervalNotPossible(minutes)
    second, minute, spread = _spread(name)
    if minutes < 60 and 60 % minutes == 0:
        return f"{second} {minute % minutes}-59/{minutes} * * * *"
    hours, rest = divmod(minutes, 60)
    if rest == 0 and minutes <= _MINUTES_A_DAY and 24 % hours == 0:
        first = spread % hours
        return f"{second} {minute} {first}-23/{hours} * * *"
    raise IntervalNotPossible(minutes)


def next_begin(minutes: int, name: str, now: datetime) -> datetime:
    """Return when `schedule_every` fires next."""
    second, minute, spread = _spread(name)
    first = timedelta(minutes=minute % minutes, seconds=second)
    if minutes >= 60:
        first = timedelta(hours=spread % (minutes // 60), minutes=minute, seconds=second)
    midnight = datetime(now.year, now.month, now.day, tzinfo=UTC)
    every = timedelta(minutes=minutes)
    rounds = max((now - midnight - first) // every + 1, 0)
    return midnight + first + rounds * every


def _spread(name: str) -> tuple[int, int, int]:
    """Return a second, a minute and a number for the hour."""
    spread = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
    return spread % 60, spread // 60 % 60, spread // 3600
