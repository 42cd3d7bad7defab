"""Computed figures move all at once every day: only their deletion asks for a person's word."""

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.domain.safety_halt import HaltKind, SafetyLimits

KEYS = ("C7", "C8", "C9")
STRICT = SafetyLimits(deletions_min=1, deletion_share=0.0, changes_min=1, change_share=0.0)


async def agreed(world: World, *, carries_figures: bool) -> None:
    """Bring three new pairs to agree, in a mapping that carries figures or does not."""
    world.change(FIRMS, carries_figures=carries_figures)
    await world.full(PEOPLE)
    for key in KEYS:
        world.erp.put("Customer", key, {"Name": f"Firm {key}", "Phone": "1", "Salesperson": "AA"})
    await world.full(FIRMS)
    await world.full(FIRMS)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("carries_figures", [False, True])
async def test_many_changes_of_figures_trip_no_brake(
    world: World, *, carries_figures: bool, whole: bool
) -> None:
    """Figures that moved together go through, told by the feed or found by comparing; other records are held."""
    await agreed(world, carries_figures=carries_figures)
    for key in KEYS:
        world.erp.put("Customer", key, {"Phone": "2"})
    run = world.full if whole else world.synch
    result = await run(FIRMS, limits=STRICT)
    assert bool(result.stopped) is not carries_figures
    account = world.crm.get("account", world.partner("C7"))
    assert account is not None
    assert (account["telephone"] == "2") is carries_figures


@pytest.mark.parametrize("whole", [False, True])
async def test_many_deletions_of_figures_trip_the_brake(world: World, *, whole: bool) -> None:
    """Figures that are gone together stop the run like any records."""
    await agreed(world, carries_figures=True)
    for key in KEYS:
        world.erp.remove("Customer", key)
    run = world.full if whole else world.synch
    result = await run(FIRMS, limits=STRICT)
    halt = world.store.halt(FIRMS)
    assert result.stopped
    assert halt is not None
    assert halt.kind in {HaltKind.MASS_DELETION, HaltKind.TABLE_EMPTIED}
