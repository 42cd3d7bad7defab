"""Records that a person uncouples forget whom they named: another one may take their place."""

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.domain.keys import CrmKey, ErpKey
from interlace.engine.partner_names import forget_partners, free_partner, name_partner
from interlace.engine.ports import Outcome, TableView, Write, WriteResult
from interlace.engine.service import ServiceFailure
from interlace.testing.fake_service import FakeService

NAMES = ("ilc_companyid", "ilc_erptable", "ilc_erpkey")


def named(world: World, key: str) -> list[Any]:
    """Return what an account names as its partner."""
    held = world.crm.get("account", key)
    assert held is not None
    return [held.get(name) for name in NAMES]


async def coupled(world: World) -> dict[str, str]:
    """Couple all; return each customer's account."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    return {key: world.partner(key) for key in ("C1", "C2", "C3")}


async def test_uncoupled_record_forgets_its_partner(world: World) -> None:
    """Only the record that was uncoupled is cleared; uncoupling it twice is harmless."""
    accounts = await coupled(world)
    assert named(world, accounts["C1"]) == ["company", "Customer", "C1"]
    for _ in range(2):
        await forget_partners(world.crm, world.setup(FIRMS), {CrmKey(accounts["C1"]): ErpKey("C1")})
    assert named(world, accounts["C1"]) == [None, None, None]
    assert named(world, accounts["C2"]) == ["company", "Customer", "C2"]


async def test_record_that_names_somebody_else_keeps_the_name(world: World) -> None:
    """What another coupling or company wrote meanwhile is not ours to take off; what is gone needs nothing."""
    accounts = await coupled(world)
    pairs = {CrmKey(accounts["C2"]): ErpKey("C1"), CrmKey("gone"): ErpKey("C1")}
    await forget_partners(world.crm, world.setup(FIRMS), pairs)
    await forget_partners(world.crm, replace(world.setup(FIRMS), erp_company_id="other"), pairs)
    assert named(world, accounts["C2"]) == ["company", "Customer", "C2"]


async def test_record_that_was_left_over_makes_room(world: World) -> None:
    """An account that was uncoupled earlier still names the customer: it is cleared before the next is coupled."""
    accounts = await coupled(world)
    world.store.remove_couplings(FIRMS, [ErpKey("C1"), ErpKey("C2")])
    await free_partner(world.crm, world.setup(FIRMS), ErpKey("C1"), CrmKey(accounts["C2"]))
    assert named(world, accounts["C1"]) == [None, None, None]
    # Coupled records keep their names: the coupling itself is refused then.
    await free_partner(world.crm, world.setup(FIRMS), ErpKey("C3"), CrmKey(accounts["C2"]))
    assert named(world, accounts["C3"]) == ["company", "Customer", "C3"]


async def test_record_that_is_coupled_by_hand_names_its_partner(world: World) -> None:
    """A record that forgot its partner names it again; what names it already is not written."""
    accounts = await coupled(world)
    key = CrmKey(accounts["C1"])
    await forget_partners(world.crm, world.setup(FIRMS), {key: ErpKey("C1")})
    await name_partner(world.crm, world.setup(FIRMS), ErpKey("C1"), key)
    assert named(world, key) == ["company", "Customer", "C1"]
    world.crm.writes.clear()
    await name_partner(world.crm, world.setup(FIRMS), ErpKey("C1"), key)
    await name_partner(world.crm, world.setup(FIRMS), ErpKey("C1"), CrmKey("gone"))
    assert not world.crm.writes


async def test_mapping_without_names_writes_nothing(world: World) -> None:
    """Salespeople name nobody."""
    await coupled(world)
    world.crm.writes.clear()
    await forget_partners(world.crm, world.setup(PEOPLE), {CrmKey("u-a"): ErpKey("AA")})
    await free_partner(world.crm, world.setup(PEOPLE), ErpKey("AA"), CrmKey("u-b"))
    await name_partner(world.crm, world.setup(PEOPLE), ErpKey("AA"), CrmKey("u-b"))
    assert not world.crm.writes


@pytest.mark.parametrize("outcome", [Outcome.STALE, Outcome.REJECTED])
async def test_record_that_is_not_cleared_is_told(
    world: World, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told that a record was uncoupled while it goes on naming its partner."""
    accounts = await coupled(world)

    async def write(_: FakeService, _view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Answer every write alike."""
        return [WriteResult(outcome=outcome, key=each.key) for each in writes]

    monkeypatch.setattr(FakeService, "write", write)
    with pytest.raises(ServiceFailure, match=accounts["C1"]):
        await forget_partners(world.crm, world.setup(FIRMS), {CrmKey(accounts["C1"]): ErpKey("C1")})
    with pytest.raises(ServiceFailure, match=accounts["C1"]):
        await name_partner(world.crm, world.setup(FIRMS), ErpKey("C2"), CrmKey(accounts["C1"]))
