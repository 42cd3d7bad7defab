"""The number of requests under way follows what the service bears."""

import asyncio

import pytest

from interlace.connectors.adaptive_limit import AdaptiveLimit


async def test_requests_beyond_the_limit_wait_their_turn() -> None:
    """Never more than the limit are inside; those who wait come in in order."""
    limit = AdaptiveLimit(2)
    order: list[int] = []
    inside = 0

    async def request(number: int) -> None:
        """Take a turn, and note how many are inside."""
        nonlocal inside
        async with limit:
            inside += 1
            assert inside <= 2
            order.append(number)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(request(number) for number in range(20)))
    assert order == list(range(20))


async def test_limit_is_halved_and_grows_back() -> None:
    """Refusals halve it down to one; good rounds raise it one by one up to the maximum."""
    limit = AdaptiveLimit(8)
    for expected in (4, 2, 1, 1):
        limit.was_refused()
        assert limit.limit == expected
    for _ in range(100):
        limit.went_well()
    assert limit.limit == 8


async def test_cancelled_waiter_gives_its_turn_to_the_next() -> None:
    """A request that is given up while it waits, or just as its turn comes, blocks nobody."""
    limit = AdaptiveLimit(1)
    entered: list[str] = []

    async def request(name: str) -> None:
        """Take a turn and note the name."""
        async with limit:
            entered.append(name)

    await limit.__aenter__()
    given_up, late, last = (asyncio.create_task(request(name)) for name in ("given up", "late", "last"))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0)
    await limit.__aexit__(None, None, None)
    late.cancel()
    for task in (given_up, late):
        with pytest.raises(asyncio.CancelledError):
            await task
    await last
    assert entered == ["last"]
