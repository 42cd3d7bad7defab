"""Turns "every N minutes" into the cron expressions that the job engine stores."""

import hashlib

_MINUTES_A_DAY = 24 * 60


class IntervalNotPossible(ValueError):
    """No clock pattern has this interval."""

    def __init__(self, minutes: int) -> None:
        super().__init__(
            f"A run every {minutes} minutes is not possible. Choose a number of minutes that divides an hour, "
            "a number of hours that divides a day, or 1440 for once a day."
        )
        self.minutes = minutes


def schedule_every(minutes: int, name: str) -> str:
    """Return a six-field cron expression, seconds first; the name decides the moment within the interval.

    Schedules of many mappings would otherwise all begin in the same second.
    """
    if minutes < 1:
        raise IntervalNotPossible(minutes)
    spread = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "big")
    second, minute = spread % 60, spread // 60 % 60
    if minutes < 60 and 60 % minutes == 0:
        return f"{second} {minute % minutes}-59/{minutes} * * * *"
    hours, rest = divmod(minutes, 60)
    if rest == 0 and minutes <= _MINUTES_A_DAY and 24 % hours == 0:
        first = spread // 3600 % hours
        return f"{second} {minute} {first}-23/{hours} * * *"
    raise IntervalNotPossible(minutes)
