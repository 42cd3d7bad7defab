"""The turnstile's queue: who gives up leaves no gap, and steps of the clock on the wall change nothing."""

import asyncio
from collections.abc import Callable

import pytest
from tests.connectors.limited_service import in_virtual_time

from interlace.connectors.governor import Governor
from interlace.connectors.http_message import HttpAnswer, NothingSent
from interlace.connectors.purpose import Purpose
from interlace.connectors.turnstile import Turnstile
from interlace.domain.allowance import Allowance
from interlace.simulation.virtual_time import VirtualClock

OK = HttpAnswer(status=200, headers={}, body=b"{}")


def turnstile_of(
    clock: VirtualClock,
    governor: Governor | None = None,
    *,
    epoch_seconds: Callable[[], float] | None = None,
    wait_seconds_max: float = 60.0,
) -> Turnstile:
    """Return a turnstile in virtual time; without a governor one alone may be under way."""
    return Turnstile(
        governor or Governor(at_once_max=1),
        "the service",
        monotonic=lambda: clock.seconds,
        epoch_seconds=epoch_seconds or clock.epoch_seconds,
        pause=asyncio.sleep,
        wait_seconds_max=wait_seconds_max,
    )


def refused_until(date: str) -> HttpAnswer:
    """Return a refusal that names a date."""
    return HttpAnswer(status=429, headers={"retry-after": date}, body=b"{}")


@pytest.mark.parametrize("called", [False, True])
def test_cancelled_waiter_leaves_its_turn_to_the_next(called: bool) -> None:  # noqa: FBT001 - a case
    """Who is cancelled while waiting, even in the moment of being called, keeps nobody behind from passing."""

    async def work(clock: VirtualClock) -> None:
        """Let three come for one place; the second gives up."""
        turnstile = turnstile_of(clock)
        inside = await turnstile.enter(Purpose.ORDERS)
        second = asyncio.ensure_future(turnstile.enter(Purpose.INTERACTIVE))
        third = asyncio.ensure_future(turnstile.enter(Purpose.FULL))
        await asyncio.sleep(1.0)
        if called:
            turnstile.leave(inside, OK, kind="GET /")
            second.cancel()
        else:
            second.cancel()
            await asyncio.sleep(1.0)
            turnstile.leave(inside, OK, kind="GET /")
        passage = await asyncio.wait_for(third, 10.0)
        assert second.cancelled()
        turnstile.leave(passage, OK, kind="GET /")
        assert turnstile.governor.has_place

    in_virtual_time(work)


def test_waiter_cancelled_in_its_pause_takes_nothing() -> None:
    """Who is first, waits until the rate lets it go and gives up then, has used nothing of the allowance."""

    async def work(clock: VirtualClock) -> None:
        """Give up in the middle of a pause."""
        governor = Governor(Allowance(requests=3, window_seconds=30.0), at_once_max=2)
        turnstile = turnstile_of(clock, governor)
        for _ in range(2):
            turnstile.leave(await turnstile.enter(Purpose.FULL), OK, kind="GET /")
        left = governor.requests_left(clock.seconds)
        waiting = asyncio.ensure_future(turnstile.enter(Purpose.FULL))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.sleep(0.0)
        assert governor.requests_left(clock.seconds) == left
        passage = await asyncio.wait_for(turnstile.enter(Purpose.FULL), 30.0)
        assert governor.requests_left(clock.seconds) <= left
        turnstile.leave(passage, OK, kind="GET /")

    in_virtual_time(work)


@pytest.mark.parametrize("step", [-86_400.0, 0.0, 86_400.0])
def test_steps_of_the_wall_clock_stop_nobody(step: float) -> None:
    """Told a date to come back at by a service whose clock is a day off, we wait for a window at most."""

    async def work(clock: VirtualClock) -> None:
        """Be refused until a date."""
        governor = Governor(Allowance(requests=100, window_seconds=30.0))
        turnstile = turnstile_of(clock, governor, epoch_seconds=lambda: clock.epoch_seconds() + step)
        refused = await turnstile.enter(Purpose.FULL)
        turnstile.leave(refused, refused_until("Mon, 15 Jun 2026 08:00:10 GMT"), kind="GET /")
        begun = clock.seconds
        await turnstile.enter(Purpose.FULL)
        assert clock.seconds - begun <= 33.0 + 1.0
        if step == 0.0:
            assert clock.seconds - begun >= 10.0

    in_virtual_time(work)


def test_pause_that_is_too_long_is_told_at_once() -> None:
    """Where the service wants to be left alone for longer than anybody waits, nothing is sent."""

    async def work(clock: VirtualClock) -> None:
        """Be refused for long."""
        turnstile = turnstile_of(clock, Governor(Allowance()), wait_seconds_max=20.0)
        refused = await turnstile.enter(Purpose.FULL)
        turnstile.leave(refused, refused_until("120"), kind="GET /")
        with pytest.raises(NothingSent) as told:
            await turnstile.enter(Purpose.INTERACTIVE)
        assert told.value.retry_after_seconds == pytest.approx(120.0)
        assert clock.seconds == pytest.approx(0.0, abs=0.1)

    in_virtual_time(work)
