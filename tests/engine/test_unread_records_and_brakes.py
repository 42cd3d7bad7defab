"""Brakes count what changed since it was read; a record that was never read back has no past to have changed from."""

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.domain.safety_halt import HaltKind, SafetyLimits

NEW = ("C8", "C9")
STRICT = SafetyLimits(changes_min=1, change_share=0.0)


def edit(world: World, text: str) -> None:
    """Change the two new accounts in the CRM."""
    for key in NEW:
        world.crm.put("account", world.partner(key), {"telephone": text})


@pytest.mark.parametrize("was_read", [False, True])
async def test_only_records_that_were_read_before_count_as_changed(world: World, *, was_read: bool) -> None:
    """Two accounts edited right after we created them trip no brake; the same edits after a quiet run do."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)
    for key in NEW:
        world.erp.put("Customer", key, {"Name": f"Firm {key}", "Phone": "1", "Salesperson": "AA"})
    await world.synch(FIRMS, create_new=True)
    if was_read:
        await world.synch(FIRMS)
    edit(world, "+47 2")
    result = await world.synch(FIRMS, limits=STRICT)
    halt = world.store.halt(FIRMS)
    assert bool(result.stopped) is was_read
    assert (halt is not None and halt.kind is HaltKind.MASS_CHANGE) is was_read
    customer = world.erp.get("Customer", "C8")
    assert customer is not None
    assert (customer["Phone"] == "+47 2") is not was_read
