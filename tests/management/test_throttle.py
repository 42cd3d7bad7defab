"""How long guessers wait (requirement A6), and whoever starts a run again (U4)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.management.throttle import (
    OF_ACCOUNT,
    OF_ADDRESS,
    OF_START,
    Attempts,
    Limit,
    address_group,
    earliest,
    with_attempt,
    without_attempt,
)

_START = datetime(2026, 1, 1, tzinfo=UTC)


def _after(count: int, limit: Limit, *, every: timedelta = timedelta()) -> tuple[Attempts, datetime]:
    held, now = Attempts(), _START
    for _ in range(count):
        held, now = with_attempt(held, limit, now), now + every
    return held, now


def test_security_a6_five_attempts_a_minute_are_free() -> None:
    """The fifth attempt at once is taken, the sixth has to wait until the first is a minute old."""
    held, now = _after(4, OF_ACCOUNT)
    assert earliest(held, OF_ACCOUNT, now) == now
    held = with_attempt(held, OF_ACCOUNT, now)
    assert earliest(held, OF_ACCOUNT, now) == now + timedelta(minutes=1)


def test_security_a6_an_address_has_twenty() -> None:
    """Twenty attempts a minute come from an address before it waits."""
    held, now = _after(19, OF_ADDRESS)
    assert earliest(held, OF_ADDRESS, now) == now
    assert earliest(with_attempt(held, OF_ADDRESS, now), OF_ADDRESS, now) > now


def test_security_u4_a_start_is_free_every_ten_seconds_and_waits_do_not_grow() -> None:
    """However often it was started before, ten seconds after the last start the next one is free."""
    held, now = Attempts(), _START
    for _ in range(50):
        assert earliest(held, OF_START, now) == now
        held = with_attempt(held, OF_START, now)
        now += timedelta(seconds=10)
        assert earliest(held, OF_START, now - timedelta(seconds=1)) == now


def test_security_a6_the_wait_doubles_and_ends_at_a_quarter_of_an_hour() -> None:
    """Whoever waits out each wait and fails again waits longer and longer, but never more than 15 minutes."""
    held, now, waits = Attempts(), _START, []
    for _ in range(30):
        start = earliest(held, OF_ACCOUNT, now)
        waits.append(start - now)
        now = start
        held = with_attempt(held, OF_ACCOUNT, now)
    assert waits[:5] == [timedelta()] * 5
    assert waits == sorted(waits[:5]) + waits[5:]
    assert max(waits) == timedelta(minutes=15)
    assert waits[-1] == timedelta(minutes=15)


@given(st.lists(st.integers(min_value=0, max_value=100_000), max_size=60))
def test_security_a6_nobody_is_locked_out_for_good(pauses: list[int]) -> None:
    """Whatever was tried before, a quarter of an hour later the next attempt is taken."""
    held, now = Attempts(), _START
    for pause in pauses:
        now += timedelta(seconds=pause)
        held = with_attempt(held, OF_ACCOUNT, now)
    later = now + timedelta(minutes=15)
    assert earliest(held, OF_ACCOUNT, later) == later


def test_a_day_without_attempts_forgives_all() -> None:
    """After a day the count begins anew."""
    held, now = _after(50, OF_ACCOUNT)
    tomorrow = now + timedelta(hours=24)
    assert earliest(held, OF_ACCOUNT, tomorrow) == tomorrow
    assert with_attempt(held, OF_ACCOUNT, tomorrow).count == 1


def test_what_succeeded_is_given_back() -> None:
    """An attempt that succeeded no longer counts for its address; the failed ones of others still do."""
    held = with_attempt(
        with_attempt(Attempts(), OF_ADDRESS, _START), OF_ADDRESS, _START + timedelta(seconds=1)
    )
    left = without_attempt(held, _START + timedelta(seconds=1))
    assert (left.count, left.recent) == (1, (_START,))


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a pipe", "a pipe"),
    ],
)
def test_security_a6_a_network_of_version_6_counts_as_one_address(address: str, group: str) -> None:
    """Everybody has 2^64 addresses of version 6: they count together."""
    assert address_group(address) == group
