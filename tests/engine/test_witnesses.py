"""A service without marker rows that is restored: the last records that we wrote there tell."""

import pytest
from tests.engine.conftest import FIRMS, World
from tests.engine.test_restored_backups import backup, restore, settled

from interlace.domain.side import Side


@pytest.fixture
def unmarked(world: World) -> World:
    """Return a world whose services have no table for marker rows."""
    world.erp.markers = world.crm.markers = None
    return world


async def test_edits_that_are_all_gone_again_are_written_again(unmarked: World) -> None:
    """The three records that were written last hold what they held before: the CRM was restored."""
    world = unmarked
    await settled(world)
    taken = backup(world.crm)
    for key in ("C1", "C2", "C3"):
        world.erp.put("Customer", key, {"Phone": f"+47 {key}"})
    await world.synch(FIRMS)
    restore(world.crm, taken)
    await world.full(FIRMS)
    for key in ("C1", "C2", "C3"):
        erp, crm = world.erp.get("Customer", key), world.crm.get("account", world.partner(key))
        assert erp is not None
        assert crm is not None
        assert (erp["Phone"], crm["telephone"]) == (f"+47 {key}", f"+47 {key}")


async def test_one_witness_is_not_enough(unmarked: World) -> None:
    """A single record that holds its older value may be a person's doing: that is an edit."""
    world = unmarked
    await settled(world)
    partner = world.partner("C1")
    before = world.crm.get("account", partner)
    assert before is not None
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    await world.synch(FIRMS)
    world.crm.put("account", partner, {"telephone": before["telephone"]})
    await world.full(FIRMS)
    erp = world.erp.get("Customer", "C1")
    assert erp is not None
    assert erp["Phone"] == before["telephone"]
    assert all(not each.doubtful for each in world.store.couplings_page(FIRMS, None, 10))


async def test_an_idle_run_asks_the_witnesses_and_nothing_else_happens(unmarked: World) -> None:
    """Records that hold what was written say that nobody went back."""
    world = unmarked
    await settled(world)
    world.erp.put("Customer", "C1", {"Phone": "+47 new"})
    await world.synch(FIRMS)
    world.crm.writes.clear()
    result = await world.synch(FIRMS)
    assert (result.stopped, world.crm.writes) == ("", [])
    assert [each.side for each in world.store.last_writes(FIRMS, Side.CRM)][:1] == [Side.CRM]
