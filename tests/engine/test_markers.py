"""Marker rows whose answers are lost: what was advanced a moment ago is not taken for a restored backup."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.engine.ports import Outcome

Advance = Callable[[str, int, str | None], Awaitable[Outcome]]


def losing(advance: Advance, turns: set[int], *, takes_effect: bool) -> Advance:
    """Lose the answers to some of the requests, counted from 1."""
    asked = 0

    async def lossy(name: str, value: int, tag: str | None) -> Outcome:
        """Carry a request out, or lose its answer."""
        nonlocal asked
        asked += 1
        if asked not in turns:
            return await advance(name, value, tag)
        if takes_effect:
            await advance(name, value, tag)
        return Outcome.UNKNOWN

    return lossy


@pytest.mark.parametrize("takes_effect", [True, False], ids=["with effect", "without effect"])
@pytest.mark.parametrize("turn", [1, 2], ids=["before the first write", "at the end"])
async def test_a_lost_answer_of_one_service_says_nothing_of_the_other(
    world: World, turn: int, *, takes_effect: bool
) -> None:
    """The ERP's row was advanced just before: what was read of it earlier is older than what it confirmed."""
    await world.full(PEOPLE)
    crm: Any = world.crm
    crm.advance_marker = losing(world.crm.advance_marker, {turn}, takes_effect=takes_effect)
    result = await world.full(FIRMS)
    assert (result.stopped, result.start_over) == ("", False)
    assert world.crm.keys("account") == sorted(world.partner(key) for key in ("C1", "C2", "C3"))
    assert world.store.halt(FIRMS) is None
