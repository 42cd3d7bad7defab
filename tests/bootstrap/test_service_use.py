"""How much of a service's allowance was used, out of what was counted minute by minute."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from interlace.bootstrap.desk.service_use import use_of_service
from interlace.domain.allowance import Allowance
from interlace.domain.side import Side
from interlace.store.service_use import MinuteOfUse
from interlace.store.state_store import StateStore

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMITED = Allowance(requests=600, window_seconds=60.0, execution_seconds=120.0)
"""In five minutes 3000 requests and 600 seconds."""


def minute(number: int, requests: int, **told: int) -> MinuteOfUse:
    """Return a minute behind noon."""
    held = {"refused": 0, "milliseconds": requests * 100, "at_once": 2, **told}
    return MinuteOfUse(minute=NOON + timedelta(minutes=number), requests=requests, **held)


def test_minutes_become_windows_with_their_part_of_the_allowance() -> None:
    """Five minutes each; what the service says is left counts where others use more than we do."""
    minutes = [
        minute(0, 300),
        minute(4, 300, at_once=5, refused=1),
        minute(7, 30, requests_left=1_500, seconds_left=450),
    ]
    found = use_of_service(Side.CRM, minutes, LIMITED)
    assert (found.requests_max, found.seconds_max) == (3_000, 600)
    first, second = found.windows
    assert (first.at, first.requests, first.percent, first.at_once, first.refused) == (NOON, 600, 20, 5, 1)
    assert (first.seconds, first.seconds_percent) == (60, None)
    assert (second.at, second.requests, second.percent) == (NOON + timedelta(minutes=5), 30, 50)
    assert second.seconds_percent == 25


def test_a_service_without_a_limit_has_no_percentage() -> None:
    """Its requests are counted none the less."""
    found = use_of_service(Side.ERP, [minute(0, 7)], None)
    assert (found.requests_max, found.seconds_max) == (None, None)
    assert [(each.requests, each.percent) for each in found.windows] == [(7, None)]


@pytest.fixture
def state(tmp_path: Path) -> StateStore:
    """A memory with a connection."""
    opened = StateStore.open(f"sqlite:///{tmp_path / 'state.db'}")
    opened.add_connection("main", connection_id="c")
    return opened


def test_processes_add_to_one_minute(state: StateStore) -> None:
    """Numbers are added up, of what is left the least is kept; a connection that is gone keeps nothing."""
    use = state.service_use
    for counted in (minute(0, 10, requests_left=90), minute(0, 5, requests_left=70, at_once=1), minute(0, 1)):
        use.add("c", Side.CRM, counted)
    [held] = use.of("c", NOON)[Side.CRM]
    assert (held.requests, held.milliseconds, held.at_once, held.requests_left) == (16, 1_600, 2, 70)
    use.add("nobody", Side.CRM, minute(0, 1))
    assert use.of("nobody", NOON) == {Side.ERP: [], Side.CRM: []}
    assert use.forget_before(NOON + timedelta(minutes=1)) == 1
    assert use.of("c", NOON)[Side.CRM] == []
    state.close()
