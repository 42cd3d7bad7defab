"""Brakes leave out what a person has been told of: a conflict that waits is no new change in every comparison."""

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.domain.safety_halt import HaltKind, SafetyLimits

NEW = ("C8", "C9")
STRICT = SafetyLimits(changes_min=1, change_share=0.0)


async def quarrel(world: World) -> None:
    """Bring two pairs to agree, and change the same field on both sides of each."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    for key in NEW:
        world.erp.put("Customer", key, {"Name": f"Firm {key}", "Phone": "1", "Salesperson": "AA"})
    await world.full(FIRMS)
    await world.full(FIRMS)
    for key in NEW:
        world.erp.put("Customer", key, {"Phone": "2"})
        world.crm.put("account", world.partner(key), {"telephone": "3"})
    await world.full(FIRMS)
    assert world.store.halt(FIRMS) is None


@pytest.mark.parametrize("again", [False, True])
async def test_conflicts_on_the_error_list_trip_no_brake(world: World, *, again: bool) -> None:
    """Two pairs that wait for a person's word are counted only once somebody edits them again."""
    await quarrel(world)
    if again:
        for key in NEW:
            world.erp.put("Customer", key, {"Phone": "4"})
    await world.full(FIRMS, limits=STRICT)
    halt = world.store.halt(FIRMS)
    assert (halt is not None and halt.kind is HaltKind.MASS_CHANGE) is again
