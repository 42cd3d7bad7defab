"""Numbers, dates and moments in filters, as readers of each language write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum

_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DATE = re.compile(r"(\d{1,4})[./\- ]\s?(\d{1,2})(?:[./\- ]\s?(\d{1,4}))?\.?")
_CLOCK = re.compile(r"(.*?)[ T,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_BLANKS = " \u00a0\u202f"
_CENTURY = 100
_PIVOT = 30
"""Years of two digits lie at most so many years ahead."""


class DateFormat(Enum):
    """In which order day, month and year are written."""

    DAY_MONTH_YEAR = "dmy"
    MONTH_DAY_YEAR = "mdy"
    YEAR_MONTH_DAY = "ymd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """How a reader writes numbers and dates. ISO dates are always understood."""

    decimal_sign: str = "."
    group_sign: str = ","
    dates: DateFormat = DateFormat.MONTH_DAY_YEAR
    zone: tzinfo = UTC

    def day_stretch(self, day: date) -> tuple[datetime, datetime | None]:
        """Return when a day of the reader begins and when the next one does, in UTC."""
        return self._start(day), self._start(day + timedelta(days=1))

    def _start(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


def read_number(text: str, formats: Formats) -> Decimal | None:
    """Read a number; None if it is none."""
    plain = text.strip().replace("\u2212", "-")
    for blank in _BLANKS:
        plain = plain.replace(blank, "")
    if formats.group_sign not in _BLANKS:
        plain = plain.replace(formats.group_sign, "")
    plain = plain.replace(formats.decimal_sign, ".")
    return Decimal(plain) if plain.isascii() and _NUMBER.fullmatch(plain) else None


def read_date(text: str, formats: Formats, today: date) -> date | None:
    """Read a date; without a year it is one of this year, and `t` is today. None if it is none."""
    plain = text.strip()
    if plain.lower() == "t":
        return today
    iso = _ISO_DATE.fullmatch(plain)
    if iso:
        return _date(*(int(part) for part in iso.groups()))
    found = _DATE.fullmatch(plain)
    if found is None:
        return None
    first, second, third = (None if part is None else int(part) for part in found.groups())
    assert first is not None
    assert second is not None
    match formats.dates:
        case DateFormat.DAY_MONTH_YEAR:
            return _date(_year(third, today), second, first)
        case DateFormat.MONTH_DAY_YEAR:
            return _date(_year(third, today), first, second)
        case DateFormat.YEAR_MONTH_DAY:
            return (
                _date(today.year, first, second)
                if third is None
                else _date(_year(first, today), second, third)
            )


def read_stretch(text: str, formats: Formats, today: date) -> tuple[datetime, datetime | None] | None:
    """Read a day, a minute or a second as the moment at which it begins and the first one behind it, in UTC."""
    try:
        day = read_date(text, formats, today)
        if day is not None:
            return formats.day_stretch(day)
        clock = _CLOCK.fullmatch(text.strip())
        day = None if clock is None else read_date(clock[1], formats, today)
        if clock is None or day is None:
            return None
        begun = datetime.combine(day, time(int(clock[2]), int(clock[3]), int(clock[4] or 0)), formats.zone)
        length = timedelta(minutes=1) if clock[4] is None else timedelta(seconds=1)
        start = begun.astimezone(UTC)
        return start, start + length
    except (OverflowError, ValueError):
        return None


def _year(year: int | None, today: date) -> int:
    if year is None:
        return today.year
    if year >= _CENTURY:
        return year
    full = today.year - today.year % _CENTURY + year
    return full - _CENTURY if full > today.year + _PIVOT else full


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
