"""Date formulas as payment terms spell them: `30D`, `2W`, `1M`, `CM` (end of the month), `1M+8D`, `CM+10D`."""

import calendar
import re
from datetime import date, timedelta
from typing import Final

_TERM: Final = re.compile(r"([+-]?)(?:C([WMQY])|(\d{1,4})([DWMQY]))")
_MONTHS: Final = {"M": 1, "Q": 3, "Y": 12}
_DECEMBER: Final = 12


def _add_months(day: date, months: int) -> date:
    years, month = divmod(day.year * _DECEMBER + day.month - 1 + months, _DECEMBER)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def _end_of(day: date, period: str) -> date:
    if period == "W":
        return day + timedelta(days=6 - day.weekday())
    length = _MONTHS[period]
    last = (day.month - 1) // length * length + length
    return date(day.year, last, calendar.monthrange(day.year, last)[1])


def is_date_formula(text: str) -> bool:
    """Say whether a text is a date formula; a blank one is."""
    return re.fullmatch(f"(?:{_TERM.pattern})*", text.replace(" ", "").upper()) is not None


def add_formula(day: str, formula: str) -> str:
    """Return the day that a formula makes of a day; a formula that can't be read moves nothing."""
    text = formula.replace(" ", "").upper()
    if not text or not is_date_formula(text):
        return day
    moved = date.fromisoformat(day)
    for sign, current, number, unit in _TERM.findall(text):
        if current:
            moved = _end_of(moved, current)
        elif unit in _MONTHS:
            moved = _add_months(moved, int(f"{sign}{number}") * _MONTHS[unit])
        else:
            moved += timedelta(days=int(f"{sign}{number}") * (7 if unit == "W" else 1))
    return moved.isoformat()
