"""Loads against services with limits, in virtual time: how much of an allowance is used, and what is refused."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from tests.connectors.limited_service import (
    LimitedService,
    Load,
    foreign_load,
    in_virtual_time,
    taken_between,
)

from interlace.connectors.governor import Governor
from interlace.connectors.http_message import HttpRequest
from interlace.connectors.purpose import Purpose, working_for
from interlace.connectors.told_limits import NOTHING_TOLD, Refusal, ToldLimits
from interlace.domain.allowance import Allowance
from interlace.sandbox.limits import CRM_PUBLISHED, ERP_PUBLISHED
from interlace.simulation.virtual_time import VirtualClock

WINDOW = 15.0
ALLOWANCE = Allowance(requests=300, window_seconds=WINDOW, execution_seconds=60.0)
CRM = replace(CRM_PUBLISHED, requests=300, window_seconds=WINDOW, execution_seconds=60.0, penalty_seconds=0.5)
ERP = replace(ERP_PUBLISHED, requests=300, window_seconds=WINDOW)
ERP_ALLOWANCE = Allowance(requests=300, window_seconds=WINDOW)


def crm(clock: VirtualClock) -> LimitedService:
    """Return a service that tells what is left."""
    return LimitedService(clock=clock, settings=CRM)


def erp(clock: VirtualClock) -> LimitedService:
    """Return a service that only refuses, without a word about when there is room."""
    return LimitedService(clock=clock, settings=ERP, tells=False, retry_after=lambda _seconds: None)


def load_on(service: LimitedService, allowance: Allowance | None = ALLOWANCE) -> Load:
    """Return a full load with a governor of its own."""
    return Load(service=service, governor=Governor(allowance, at_once_max=8 if service.tells else 5))


def shares(load: Load, windows: Sequence[int]) -> list[float]:
    """Return which part of the allowance a load got in some windows."""
    return [
        taken_between(load.done, number * WINDOW, (number + 1) * WINDOW) / ALLOWANCE.requests
        for number in windows
    ]


@pytest.mark.parametrize(("kind", "allowance"), [(crm, ALLOWANCE), (erp, ERP_ALLOWANCE)])
def test_one_client_uses_nearly_all_and_is_never_refused(
    kind: Callable[[VirtualClock], LimitedService], allowance: Allowance
) -> None:
    """A full load gets more than nine tenths of the allowance in every window, evenly spread, without a refusal."""

    async def work(clock: VirtualClock) -> None:
        """Load one service for six windows."""
        service = kind(clock)
        load = load_on(service, allowance)
        await load.until(6 * WINDOW)
        assert service.refused == []
        assert load.failed == []
        assert min(shares(load, range(6))) > 0.92
        seconds = [
            taken_between(load.done, second, second + 1) for second in range(int(WINDOW), int(6 * WINDOW))
        ]
        assert max(seconds) <= 2 * ALLOWANCE.requests_a_second

    in_virtual_time(work)


def test_published_numbers_are_kept_to() -> None:
    """With six thousand requests in five minutes as published, a window and what follows see no refusal and no gap."""

    async def work(clock: VirtualClock) -> None:
        """Load the service for more than five minutes."""
        service = LimitedService(clock=clock, settings=CRM_PUBLISHED)
        load = load_on(service, Allowance(execution_seconds=1_200.0))
        await load.until(350.0)
        assert service.refused == []
        assert taken_between(load.done, 50.0, 350.0) > 0.95 * 6_000

    in_virtual_time(work)


@pytest.mark.parametrize("seconds", [0.5, 3.0, 12.0])
def test_execution_time_is_used_up_without_a_refusal(seconds: float) -> None:
    """Where requests are heavy, execution time is what runs out: nearly nine tenths of it are used."""

    async def work(clock: VirtualClock) -> None:
        """Load the service with heavy requests."""
        service = LimitedService(clock=clock, settings=CRM_PUBLISHED, seconds=lambda _now: seconds)
        load = load_on(service, Allowance(execution_seconds=1_200.0))
        await load.until(750.0)
        assert len(service.refused) <= 1
        used = taken_between(service.taken, 300.0, 750.0) * seconds / 1.5 / 1_200.0
        assert 0.88 < used <= 1.0

    in_virtual_time(work)


@pytest.mark.parametrize(("requests", "window"), [(60, 20.0), (20, 10.0), (300, 600.0)])
def test_small_allowances_are_used_too(requests: int, window: float) -> None:
    """An allowance of few requests is used for nine tenths without a refusal, in windows of any length."""

    async def work(clock: VirtualClock) -> None:
        """Load the service for four windows."""
        settings = replace(CRM, requests=requests, window_seconds=window)
        service = LimitedService(clock=clock, settings=settings)
        load = load_on(service, Allowance(requests=requests, window_seconds=window))
        await load.until(4 * window)
        assert service.refused == []
        assert taken_between(load.done, window, 4 * window) >= 0.9 * 3 * requests

    in_virtual_time(work)


@pytest.mark.parametrize("second_begins", [0.0, 1.3 * WINDOW])
def test_two_processes_share_without_knowing_of_each_other(second_begins: float) -> None:
    """Two full loads of one user come to equal shares by what the service says is left, and are never refused."""

    async def work(clock: VirtualClock) -> None:
        """Run two loads, one of them perhaps later."""
        service = crm(clock)
        loads = [load_on(service), load_on(service)]

        async def later() -> None:
            """Begin when the other has long begun."""
            await asyncio.sleep(second_begins)
            await loads[1].until(6 * WINDOW)

        await asyncio.gather(loads[0].until(6 * WINDOW), later())
        assert service.refused == []
        assert [load.failed for load in loads] == [[], []]
        for load in loads:
            assert 0.42 < shares(load, [5])[0] < 0.56
        assert sum(shares(load, [5])[0] for load in loads) > 0.93

    in_virtual_time(work)


def test_two_processes_share_a_service_that_only_refuses() -> None:
    """Without a word of what is left, a handful of refusals in each window are enough to come to equal shares."""

    async def work(clock: VirtualClock) -> None:
        """Run two loads on the ERP."""
        service = erp(clock)
        loads = [load_on(service, ERP_ALLOWANCE) for _ in range(2)]
        await asyncio.gather(*(load.until(10 * WINDOW) for load in loads))
        assert service.refused_us <= 60
        for load in loads:
            assert 0.4 < shares(load, [9])[0] < 0.58
        assert sum(shares(load, [9])[0] for load in loads) > 0.93

    in_virtual_time(work)


def test_client_gives_way_to_others_of_its_user() -> None:
    """While somebody else uses half of the allowance, we use the other half; afterwards, nearly all again."""

    async def work(clock: VirtualClock) -> None:
        """Let a foreign load come and go."""
        service = crm(clock)
        load = load_on(service)
        half = ALLOWANCE.requests_a_second / 2
        await asyncio.gather(load.until(7 * WINDOW), foreign_load(service, half, 1.5 * WINDOW, 4 * WINDOW))
        assert service.refused_us <= 3
        assert load.failed == []
        assert 0.42 < shares(load, [3])[0] < 0.52
        assert shares(load, [6])[0] > 0.92

    in_virtual_time(work)


@pytest.mark.parametrize("lie", ["0", "-5", "soon", "", "1", "999999"])
def test_lies_about_when_to_come_back_do_no_harm(lie: str) -> None:
    """Told too short, too long or nonsense, we neither hammer on the service nor stay away for days."""

    async def work(clock: VirtualClock) -> None:
        """Meet a service that others use up for a while."""
        service = crm(clock)
        service.retry_after = lambda _seconds: lie
        service.tells = False
        load = load_on(service)
        await asyncio.gather(load.until(8 * WINDOW), foreign_load(service, 15.0, 0.0, 2 * WINDOW))
        assert service.refused_us <= 60
        assert taken_between(load.done, 6 * WINDOW, 8 * WINDOW) / 2 > 0.5 * ALLOWANCE.requests

    in_virtual_time(work)


def test_slow_service_is_asked_less_at_once() -> None:
    """When answers suddenly take ten times as long, fewer are asked at once; when that is over, as many as before."""

    async def work(clock: VirtualClock) -> None:
        """Let the service be slow for a minute."""
        service = LimitedService(
            clock=clock, settings=CRM_PUBLISHED, seconds=lambda now: 4.0 if 60 <= now < 120 else 0.3
        )
        load = load_on(service, None)
        fewest = 8

        async def look() -> None:
            """Note how many are allowed at once."""
            nonlocal fewest
            while clock.seconds < 120:
                await asyncio.sleep(1.0)
                fewest = min(fewest, load.governor.at_once)

        await asyncio.gather(load.until(200.0), look())
        assert fewest <= 3
        assert load.governor.at_once == 8
        assert load.failed == []

    in_virtual_time(work)


def test_who_waits_goes_before_who_does_not() -> None:
    """While a full load uses everything up, a person's request leaves at once, and orders get most of the turns."""

    async def work(clock: VirtualClock) -> None:
        """Send orders and a person's requests on the channel of a full load."""
        service = crm(clock)
        load = load_on(service)
        channel = load.channel()
        load.channel = lambda: channel  # type: ignore[method-assign]
        waits: list[float] = []

        async def person() -> None:
            """Ask for something every now and then."""
            for _ in range(20):
                await asyncio.sleep(5.0)
                begun = clock.seconds
                with working_for(Purpose.INTERACTIVE):
                    await channel.send(HttpRequest(method="GET", url="/one"))
                waits.append(clock.seconds - begun)

        orders = Load(service=service, governor=load.governor, purpose=Purpose.ORDERS)
        orders.channel = lambda: channel  # type: ignore[method-assign]
        await asyncio.gather(load.until(4 * WINDOW), orders.until(4 * WINDOW), person())
        assert service.refused == []
        assert max(waits) < 1.0
        assert sum(shares(orders, [2, 3])) > 3 * sum(shares(load, [2, 3])) > 0

    in_virtual_time(work)


def test_unknown_limits_are_learned_from_what_answers_tell() -> None:
    """A service of which nothing is published is loaded freely until it tells what is left."""

    async def work(clock: VirtualClock) -> None:
        """Load a service that tells."""
        service = LimitedService(clock=clock, settings=CRM_PUBLISHED)
        load = load_on(service, None)
        await load.until(60.0)
        assert load.governor.allowance is not None
        assert service.refused == []
        assert len(load.done) <= 60 * 20 * 1.1

    in_virtual_time(work)


def test_without_limits_nothing_is_slowed_down() -> None:
    """A service that neither publishes nor tells limits is asked as fast as it answers."""

    async def work(clock: VirtualClock) -> None:
        """Load a service without limits."""
        unlimited = replace(CRM_PUBLISHED, requests=10**9, execution_seconds=1e9)
        service = LimitedService(clock=clock, settings=unlimited, tells=False)
        load = load_on(service, None)
        await load.until(60.0)
        assert len(load.done) > 2_000

    in_virtual_time(work)


def test_an_unknown_limit_is_found_by_refusals() -> None:
    """A service that publishes and tells nothing, and refuses: most of what it allows is used, few are refused."""

    async def work(clock: VirtualClock) -> None:
        """Load it for twelve windows, of which the first ones teach its limit."""
        service = erp(clock)
        load = load_on(service, None)
        await load.until(12 * WINDOW)
        assert min(shares(load, range(2, 12))) > 0.7
        assert len(service.refused) < 0.03 * len(service.taken)

    in_virtual_time(work)


@pytest.mark.parametrize("before", [25, 400])
@pytest.mark.parametrize(("refusal", "seconds_most"), [(Refusal.BUSY, 4.0), (Refusal.UNEXPLAINED, 8.0)])
def test_one_refusal_slows_nobody_down_for_long(before: int, refusal: Refusal, seconds_most: float) -> None:
    """However short a while we have asked for: few requests so far are no sign of a low limit."""
    governor, now = Governor(), 0.0
    told = (
        [NOTHING_TOLD] * before
        + [ToldLimits(refusal=refusal, retry_after_seconds=1.0)]
        + [NOTHING_TOLD] * 100
    )
    for place, each in enumerate(told):
        if place == before + 1:
            refused_at = now
        while (seconds := governor.wait(now, Purpose.RECURRING)) > 0:
            now += seconds
        passage = governor.sent(now, Purpose.RECURRING)
        now += 0.02
        governor.answered(now, passage, each, kind="GET")
    assert now - refused_at < seconds_most
