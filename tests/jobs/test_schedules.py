"""Intervals become cron expressions, spread over the interval, or are refused."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter

from interlace.jobs.schedules import IntervalNotPossible, next_begin, schedule_every


@pytest.mark.parametrize("minutes", [1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 360, 720, 1440])
@pytest.mark.parametrize("name", ["synch:c:CUSTOMER", "synch:c:CONTACT", "synch:d:ITEM-PRODUCT"])
def test_the_expression_fires_at_even_intervals(minutes: int, name: str) -> None:
    """Over the change of hours and days the distance stays the same."""
    fires = croniter(
        schedule_every(minutes, name), datetime(2026, 1, 1, tzinfo=UTC), second_at_beginning=True
    )
    moments = [fires.get_next(datetime) for _ in range(60)]
    gaps = {later - earlier for earlier, later in itertools.pairwise(moments)}
    assert gaps == {timedelta(minutes=minutes)}


@pytest.mark.parametrize("minutes", [-1, 0, 7, 45, 90, 300, 2880])
def test_uneven_intervals_are_refused(minutes: int) -> None:
    """The message says which intervals are possible."""
    with pytest.raises(IntervalNotPossible, match="divides an hour"):
        schedule_every(minutes, "x")


@pytest.mark.parametrize("minutes", [1, 2, 5, 30, 60, 120, 360, 720, 1440])
@pytest.mark.parametrize("name", ["synch:c:CUSTOMER", "synch:d:ITEM-PRODUCT"])
def test_the_next_begin_is_when_the_expression_fires(minutes: int, name: str) -> None:
    """What people are told is what happens, shortly before midnight too."""
    for now in (datetime(2026, 1, 1, 0, 0, 7, tzinfo=UTC), datetime(2026, 6, 30, 23, 58, 31, tzinfo=UTC)):
        fires = croniter(schedule_every(minutes, name), now, second_at_beginning=True)
        assert next_begin(minutes, name, now) == fires.get_next(datetime)
