"""Chosen records are synchronized at a person's word; two records are set side by side."""

from typing import Any

from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World

from interlace.connectors.runner import run
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.engine.chosen_records import Keys
from interlace.engine.compare_pair import RowState, compare_pair
from interlace.engine.ports import Record
from interlace.engine.synch_chosen import synch_chosen
from interlace.engine.synch_mapping import StepResult


async def coupled(world: World) -> None:
    """Bring everything in step."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)
    world.erp.writes.clear()
    world.crm.writes.clear()


async def carry(world: World, keys: Keys, *, overwrites: bool = False) -> StepResult:
    """Take chosen firms through their passes."""
    work = synch_chosen(world.setup(FIRMS), keys, overwrites=overwrites)
    return await run(work, world.erp, world.crm, world.clock)


def names(world: World, key: str) -> tuple[Any, Any]:
    """Return what a customer and its account are called."""
    customer, account = world.erp.get("Customer", key), world.crm.get("account", world.partner(key))
    assert customer is not None
    assert account is not None
    return customer["Name"], account["name"]


async def both_changed(world: World) -> None:
    """Change the name of C1 on both sides."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})


async def test_the_erps_data_are_sent_over_what_the_crm_holds(world: World) -> None:
    """Though both sides changed the field; the two agree then."""
    await both_changed(world)
    await carry(world, {TO: ("C1",)}, overwrites=True)
    assert names(world, "C1") == ("ERP's", "ERP's")


async def test_the_crms_data_are_got_over_what_the_erp_holds(world: World) -> None:
    """The same the other way round."""
    await both_changed(world)
    await carry(world, {FROM: (world.partner("C1"),)}, overwrites=True)
    assert names(world, "C1") == ("CRM's", "CRM's")


async def test_without_that_word_a_conflict_stays_one(world: World) -> None:
    """Neither side is written, and the record stands on the error list."""
    await both_changed(world)
    result = await carry(world, {TO: ("C1",)})
    assert names(world, "C1") == ("ERP's", "CRM's")
    assert [job.counters.failed for job in result.jobs if job.direction is TO] == [1]


async def test_nothing_but_the_chosen_records_is_touched(world: World) -> None:
    """Another record that changed, too, waits for its own run, which still finds it."""
    await both_changed(world)
    world.erp.put("Customer", "C2", {"Name": "Another"})
    await carry(world, {TO: ("C1",)}, overwrites=True)
    assert names(world, "C2")[1] != "Another"
    await world.synch(FIRMS)
    assert names(world, "C2") == ("Another", "Another")


async def values(world: World, side: Side, key: str) -> dict[str, Any]:
    """Return what a record holds."""
    view = world.setup(FIRMS).view(side)
    service = world.erp if side is Side.ERP else world.crm
    records: list[Record | None] = await service.read_keys(view, (key,))
    assert records[0] is not None
    return dict(zip(view.fields, records[0].values(), strict=True))


async def states(world: World, key: str, *, is_pair: bool = True) -> dict[str, RowState]:
    """Compare a firm with its account; gives the rows that are not the same, by the ERP's field."""
    setup, partner = world.setup(FIRMS), world.partner(key)
    coupling = setup.couplings_by_key(Side.ERP, [key])[key] if is_pair else None
    erp, crm = await values(world, Side.ERP, key), await values(world, Side.CRM, partner)
    compared = await run(compare_pair(setup, erp, crm, coupling), world.erp, world.crm, world.clock)
    return {str(each.row.erp_field): each.state for each in compared if each.state is not RowState.SAME}


async def test_a_comparison_says_who_changed_what(world: World) -> None:
    """Nothing differs in a pair that agrees; then one side's news, then both sides'."""
    await coupled(world)
    assert await states(world, "C1") == {}
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    assert await states(world, "C1") == {"Name": RowState.CRM_CHANGED}
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    assert await states(world, "C1") == {"Name": RowState.BOTH_CHANGED}


async def test_a_reference_to_what_is_not_coupled_differs(world: World) -> None:
    """The other side can't hold it yet, so both do not agree."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Salesperson": "NOBODY"})
    assert await states(world, "C1") == {"Salesperson": RowState.ERP_CHANGED}


async def test_before_coupling_nobody_knows_which_side_is_newer(world: World) -> None:
    """Fields are different or the same, no more."""
    await both_changed(world)
    assert await states(world, "C1", is_pair=False) == {"Name": RowState.DIFFERENT}


async def test_one_record_alone_is_compared_with_nothing(world: World) -> None:
    """Every row says so."""
    await coupled(world)
    erp = await values(world, Side.ERP, "C1")
    work = compare_pair(world.setup(FIRMS), erp, None)
    compared = await run(work, world.erp, world.crm, world.clock)
    assert {each.state for each in compared} == {RowState.ALONE}
    assert {each.row.direction for each in compared} & set(Direction)


async def test_a_halted_mapping_is_left_alone(world: World) -> None:
    """The halt's own words are told, and nothing is written before or after its release."""
    await both_changed(world)
    halt = SafetyHalt(
        mapping=FIRMS,
        kind=HaltKind.MASS_CHANGE,
        side=Side.ERP,
        count=3,
        of=3,
        raised_at=world.clock.now(),
        message="Too much at once.",
    )
    world.store.store_halt(halt)
    assert (await carry(world, {TO: ("C1",)}, overwrites=True)).stopped == "Too much at once."
    world.store.release_halt(FIRMS, "a person")
    assert "let its run go through first" in (await carry(world, {TO: ("C1",)}, overwrites=True)).stopped
    assert names(world, "C1") == ("ERP's", "CRM's")
