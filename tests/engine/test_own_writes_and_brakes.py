"""A run that was killed right after its writes: what it wrote is nobody's change, and trips no brake."""

from typing import Any

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World
from tests.engine.test_unfinished_creates import Died, MortalStore

from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.safety_halt import HaltKind, SafetyLimits

KEYS = ("C7", "C8", "C9")
FEW_CHANGES = SafetyLimits(changes_min=2, change_share=0.0)
FEW_DELETIONS = SafetyLimits(deletions_min=2, deletion_share=0.0)


async def agreed(world: World) -> None:
    """Bring three new pairs to agree, each read once more since it was written."""
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
    await world.full(PEOPLE)
    for key in KEYS:
        world.erp.put("Customer", key, {"Name": f"Firm {key}", "Phone": "1", "Salesperson": "AA"})
    await world.full(FIRMS)
    await world.full(FIRMS)


async def killed(world: World, **options: Any) -> None:
    """Run the mapping until it has written, and kill it before it remembers that."""
    with pytest.raises(Died):
        await world.synch(FIRMS, store=MortalStore(world.store), **options)
    assert world.store.open_intents(FIRMS)


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("edited", [False, True])
async def test_what_a_killed_run_wrote_is_no_change(world: World, *, whole: bool, edited: bool) -> None:
    """We wrote two accounts, a person a third one: that is one change in the CRM, until people change ours, too."""
    await agreed(world)
    for key in KEYS[:2]:
        world.erp.put("Customer", key, {"Phone": "2"})
    await killed(world, limits=FEW_CHANGES)
    for key in KEYS if edited else KEYS[2:]:
        world.crm.put("account", world.partner(key), {"telephone": "3"})
    run = world.full if whole else world.synch
    await run(FIRMS, limits=FEW_CHANGES)
    halt = world.store.halt(FIRMS)
    assert (halt is not None and halt.kind is HaltKind.MASS_CHANGE) is edited
    customer = world.erp.get("Customer", KEYS[2])
    assert customer is not None
    assert (customer["Phone"] == "3") is not edited


@pytest.mark.parametrize("whole", [False, True])
async def test_what_a_killed_run_deleted_is_no_deletion(world: World, *, whole: bool) -> None:
    """We deleted two accounts, a person a third one: that is one deletion in the CRM, not three."""
    await agreed(world)
    partner = world.partner("C9")
    for key in KEYS[:2]:
        world.erp.remove("Customer", key)
    await killed(world, limits=FEW_DELETIONS)
    world.crm.remove("account", partner)
    run = world.full if whole else world.synch
    result = await run(FIRMS, limits=FEW_DELETIONS)
    assert not result.stopped
