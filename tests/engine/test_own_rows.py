"""Field rows that users add are carried like any other, and nothing is written for their sake that nobody changed."""

from typing import Any

from tests.engine.conftest import FIRMS, FIRMS_MAPPING, PEOPLE, World

from interlace.bootstrap.mapping_settings import with_changes
from interlace.domain.integration_table_mapping import IntegrationTableMapping

FAX: dict[str, Any] = {
    "erp_field": "Fax",
    "erp_kind": "text",
    "crm_field": "fax",
    "crm_kind": "text",
    "direction": "Bidirectional",
}
SIZE: dict[str, Any] = {
    "erp_field": "Size",
    "erp_kind": "text",
    "crm_field": "sizecode",
    "crm_kind": "whole number",
    "direction": "Bidirectional",
    "transformation": "values",
    "pairs": [["SMALL", 1], ["LARGE", 2]],
}
KIND: dict[str, Any] = {
    "crm_field": "kind",
    "crm_kind": "text",
    "direction": "ToIntegrationTable",
    "constant": "customer",
    "by": "Name",
}


def with_rows(*rows: dict[str, Any]) -> IntegrationTableMapping:
    """Return the mapping of firms with rows of a user's own."""
    return with_changes(FIRMS_MAPPING, {"own_fields": [*rows]})


async def coupled(world: World) -> None:
    """Bring everything in step before the rows are added."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    for service in (world.erp, world.crm):
        service.writes.clear()


def account(world: World, key: str) -> dict[str, Any]:
    """Return a customer's account."""
    held = world.crm.get("account", world.partner(key))
    assert held is not None
    return held


async def test_a_row_is_carried_for_coupled_records_that_hold_something(world: World) -> None:
    """The first full comparison writes exactly the records whose new field holds something, on either side."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Fax": "11"})
    world.crm.put("account", world.partner("C2"), {"fax": "22"})
    world.mappings[FIRMS] = with_rows(FAX)
    await world.synch(FIRMS, compare_all=True)
    assert account(world, "C1")["fax"] == "11"
    customer = world.erp.get("Customer", "C2")
    assert customer is not None
    assert customer["Fax"] == "22"
    assert (len(world.crm.writes), len(world.erp.writes)) == (1, 1)
    await world.synch(FIRMS, compare_all=True)
    assert (len(world.crm.writes), len(world.erp.writes)) == (1, 1)


async def test_later_edits_of_either_side_arrive(world: World) -> None:
    """Choices travel as the list of values says, a constant is written, and removing the row changes nothing."""
    await coupled(world)
    world.mappings[FIRMS] = with_rows(FAX, SIZE, KIND)
    await world.synch(FIRMS, compare_all=True)
    world.erp.put("Customer", "C1", {"Fax": "12", "Size": "LARGE"})
    world.crm.put("account", world.partner("C2"), {"sizecode": 1})
    await world.synch(FIRMS)
    assert {name: account(world, "C1")[name] for name in ("fax", "sizecode", "kind")} == {
        "fax": "12",
        "sizecode": 2,
        "kind": "customer",
    }
    customer = world.erp.get("Customer", "C2")
    assert customer is not None
    assert customer["Size"] == "SMALL"
    world.mappings[FIRMS] = FIRMS_MAPPING
    world.crm.writes.clear()
    await world.synch(FIRMS, compare_all=True)
    assert (account(world, "C1")["fax"], world.crm.writes) == ("12", [])


async def test_a_new_row_in_which_both_sides_differ_is_a_persons_to_decide(world: World) -> None:
    """Nobody knows which of them is right, so neither is overwritten."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Fax": "11"})
    world.crm.put("account", world.partner("C1"), {"fax": "99"})
    world.mappings[FIRMS] = with_rows(FAX)
    result = await world.synch(FIRMS, compare_all=True)
    assert account(world, "C1")["fax"] == "99"
    assert [job.counters.failed for job in result.jobs] == [1, 1]
