"""What chance may leave of an expected count."""

import random

import pytest

from interlace.testing.least_count import least_count


def test_what_is_rarely_expected_may_be_absent() -> None:
    """A few expected events may all fail to come; ten may not."""
    assert [least_count(expected) for expected in (0.0, 5.0, 9.9)] == [0, 0, 0]
    assert least_count(10.0) == 1


@pytest.mark.parametrize("expected", [10, 95, 800, 20_000])
def test_a_class_that_is_nearly_absent_is_too_little(expected: int) -> None:
    """Of many expected events half are not enough, of few none."""
    assert least_count(expected) > (expected / 2 if expected > 500 else 0)
    assert least_count(expected) < expected


@pytest.mark.parametrize("expected", [40, 95, 800])
def test_no_honest_campaign_falls_below(expected: int) -> None:
    """Campaigns whose events come in pairs, as often as expected, pass all."""
    dice = random.Random(expected)
    schedules = expected * 10
    for _ in range(200):
        pairs = sum(dice.random() < expected / 2 / schedules for _ in range(schedules))
        assert 2 * pairs >= least_count(expected)
