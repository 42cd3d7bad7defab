"""The demo company's time: a fixed work date, and three years of business days before it."""

from datetime import date, timedelta
from typing import Final

WORK_DATE: Final = date(2026, 11, 20)
FIRST_DATE: Final = date(2023, 11, 20)

_SATURDAY: Final = 5

BUSINESS_DAYS: Final[tuple[date, ...]] = tuple(
    day
    for day in (FIRST_DATE + timedelta(days=number) for number in range((WORK_DATE - FIRST_DATE).days + 1))
    if day.weekday() < _SATURDAY
)
