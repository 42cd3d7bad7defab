"""Hourly figures: an hour keeps its newest counts and its greatest lag, and old hours go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from interlace.domain.integration_field_mapping import Direction
from interlace.store.hourly_figures import Sample
from interlace.store.state_store import StateStore

TO, FROM = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def sample(minutes: int, **changed: object) -> Sample:
    """Make a sample of so many minutes after noon."""
    taken = Sample(
        taken_at=NOON + timedelta(minutes=minutes),
        coupled=100 + minutes,
        failed=2,
        skipped=1,
        conflicts=0,
        lag_seconds={TO: 60},
        basis={"looked": {"CUSTOMER": "then"}},
    )
    return replace(taken, **changed)  # type: ignore[arg-type]


def test_an_hour_keeps_its_newest_counts_and_its_greatest_lag(state: StateStore) -> None:
    """A lag that was there once in the hour shows; one that could not be told takes nothing away."""
    kept = state.hourly_figures
    kept.take("c", sample(1))
    kept.take("c", sample(2, lag_seconds={TO: 900, FROM: 5}))
    kept.take("c", sample(3, lag_seconds={TO: 30}, basis={}))
    [(hour, held)] = kept.of("c", NOON)
    assert hour == NOON
    assert held == sample(3, lag_seconds={TO: 900, FROM: 5}, basis={})
    assert kept.latest("c") == held


def test_hours_come_in_their_order_and_old_ones_go(state: StateStore) -> None:
    """What is older than asked for is left out; what is forgotten is gone."""
    kept = state.hourly_figures
    for minutes in (125, 1, 61):
        kept.take("c", sample(minutes))
    assert [hour.hour for hour, _ in kept.of("c", NOON)] == [12, 13, 14]
    assert [hour.hour for hour, _ in kept.of("c", NOON + timedelta(hours=1))] == [13, 14]
    assert kept.forget_before(NOON + timedelta(hours=2)) == 2
    assert [hour.hour for hour, _ in kept.of("c", NOON)] == [14]
    assert kept.latest("other") is None
