"""A sweep finds by key and version tag what no feed told."""

from datetime import timedelta

from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.side import Side

ALWAYS, LATER = timedelta(), timedelta(minutes=15)


async def coupled(world: World) -> None:
    """Couple everything, with an ERP whose feed reports no deletion."""
    world.erp.declare("Customer", reports_deletes=False)
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.REMOVE_COUPLING)


async def test_a_deletion_that_no_feed_tells_is_found_by_the_sweep(world: World) -> None:
    """Without a sweep the pair stays; the sweep finds that the record is not listed, a read by key that it is gone."""
    await coupled(world)
    before = world.store.count_couplings(FIRMS)
    world.erp.remove("Customer", "C1")
    await world.synch(FIRMS)
    assert world.store.count_couplings(FIRMS) == before
    await world.synch(FIRMS, sweep_after=ALWAYS)
    assert world.store.count_couplings(FIRMS) == before - 1


async def test_a_change_that_a_feed_lost_is_found_by_the_sweep(world: World) -> None:
    """A record that carries another tag than the remembered one is looked at, and its change carried over."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Phone": "+47 1"})
    world.store.store_cursor(FIRMS, Side.ERP, str(10**6))
    await world.synch(FIRMS)
    partner = world.partner("C1")
    held = world.crm.get("account", partner)
    assert held is not None
    assert held["telephone"] != "+47 1"
    world.store.store_cursor(FIRMS, Side.ERP, str(10**6))
    await world.synch(FIRMS, sweep_after=ALWAYS)
    held = world.crm.get("account", partner)
    assert held is not None
    assert held["telephone"] == "+47 1"


async def test_a_sweep_is_not_repeated_before_its_time(world: World) -> None:
    """The first run sweeps, the next does not, one after the interval does, and so does one whose clock went back."""
    await coupled(world)
    reads = []
    for seconds in (0, 60, 16 * 60, -3600):
        world.clock.seconds += seconds
        before = world.erp.reads
        await world.synch(FIRMS, sweep_after=LATER)
        reads.append(world.erp.reads - before)
    swept, quiet, again, set_back = reads
    assert swept == again == set_back > quiet


async def test_a_sweep_of_untouched_tables_writes_nothing(world: World) -> None:
    """It asks for keys and tags only, and finds nothing to look at."""
    await coupled(world)
    await world.synch(FIRMS, sweep_after=ALWAYS)
    before = len(world.erp.writes) + len(world.crm.writes)
    result = await world.synch(FIRMS, sweep_after=ALWAYS)
    assert len(world.erp.writes) + len(world.crm.writes) == before
    assert world.counters(result) == {}
