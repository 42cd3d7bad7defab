"""Numbers, money, dates and ages as text."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal


def amount_text(value: Decimal, *, digits: int = 2, currency: str = "") -> str:
    """An amount with the digits of its currency, its code behind it."""
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded:,f} {currency}".strip()


def quantity_text(value: Decimal) -> str:
    """A quantity without zeros behind its last digit."""
    normal = value.normalize()
    exponent = normal.as_tuple().exponent
    whole = isinstance(exponent, int) and exponent >= 0
    return f"{normal.quantize(Decimal(1)):,f}" if whole else f"{normal:,f}"


def percent_text(value: Decimal) -> str:
    """A percentage."""
    return f"{quantity_text(value)} %"


def moment_text(value: datetime) -> str:
    """A moment to the minute, with its zone."""
    return f"{value:%Y-%m-%d %H:%M} {value.tzname() or ''}".strip()


def age_text(age: timedelta) -> str:
    """How long ago something was, in the largest unit that says enough."""
    seconds = max(0, int(age.total_seconds()))
    for limit, unit, name in ((60, 1, "second"), (3600, 60, "minute"), (86_400, 3600, "hour")):
        if seconds < limit:
            number = seconds // unit
            return "just now" if name == "second" and number < 2 else _ago(number, name)
    return _ago(seconds // 86_400, "day")


def _ago(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'} ago"
