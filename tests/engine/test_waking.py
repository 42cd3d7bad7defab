"""Failed records take part again by themselves once their cause is gone, in the next ordinary run."""

from dataclasses import replace

import pytest
from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World

from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import IntegrationFieldMapping, Reference
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.memory import SynchError
from interlace.engine.ports import Outcome
from interlace.store.database import Database
from interlace.store.error_list import ErrorList
from interlace.testing.fake_service import ScriptedAnswer

FORBIDDEN = RecordError(code=ErrorCode.PRIVILEGE_MISSING, message="The right to write is missing. Give it.")


async def coupled(world: World) -> None:
    """Bring the world to its first agreement."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)


def listed(world: World, key: str) -> SynchError | None:
    """Return what is listed of a customer."""
    return world.store.errors_of(FIRMS, TO, [key]).get(key)


def name_of(world: World, key: str) -> object:
    """Return the name of a customer's account."""
    account = world.crm.get("account", world.partner(key))
    assert account is not None
    return account["name"]


async def parked(world: World) -> None:
    """Let C1 be refused until it is passed over."""
    await coupled(world)
    refused = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message="The account is inactive. Activate it.")
    answers = [ScriptedAnswer(outcome=Outcome.REJECTED, error=refused)] * 2
    world.crm.script("account", world.partner("C1"), *answers)
    world.erp.put("Customer", "C1", {"Name": "new"})
    for _ in range(3):
        await world.synch(FIRMS)
    error = listed(world, "C1")
    assert error is not None
    assert error.skipped
    assert name_of(world, "C1") == "Firm 1"


@pytest.mark.parametrize("compare_all", [False, True])
async def test_an_edit_of_the_partner_wakes_a_refused_record(world: World, *, compare_all: bool) -> None:
    """An account that was inactive is activated: nobody touches the customer, and it goes through."""
    await parked(world)
    world.crm.put("account", world.partner("C1"), {"telephone": "2"})
    await world.synch(FIRMS, compare_all=compare_all)
    await world.synch(FIRMS, compare_all=compare_all)
    assert name_of(world, "C1") == "new"
    assert listed(world, "C1") is None


@pytest.mark.parametrize("compare_all", [False, True])
async def test_time_wakes_a_refused_record(world: World, *, compare_all: bool) -> None:
    """Its cause may be gone without a sign."""
    await parked(world)
    world.clock.seconds += 60
    await world.synch(FIRMS, compare_all=compare_all)
    assert name_of(world, "C1") == "new"
    assert listed(world, "C1") is None


async def test_one_record_asks_for_a_missing_right_and_wakes_the_others(world: World) -> None:
    """One request a run, not one a record; once it is granted, all go through without anybody's help."""
    await coupled(world)
    for key in ("C1", "C2", "C3"):
        answers = [ScriptedAnswer(outcome=Outcome.REJECTED, error=FORBIDDEN)] * (4 if key == "C1" else 2)
        world.crm.script("account", world.partner(key), *answers)
        world.erp.put("Customer", key, {"Name": f"new {key}"})
    await world.synch(FIRMS)
    await world.synch(FIRMS)
    world.crm.writes.clear()
    await world.synch(FIRMS)
    await world.synch(FIRMS)
    assert len(world.crm.writes) == 2
    await world.synch(FIRMS)
    assert name_of(world, "C1") == "new C1"
    await world.synch(FIRMS)
    assert [name_of(world, key) for key in ("C2", "C3")] == ["new C2", "new C3"]
    assert world.store.errors_of(FIRMS, TO, ["C1", "C2", "C3"]) == {}


async def test_a_thousand_records_of_one_cause_are_one_card_and_one_remedy_clears_all(
    world: World, database: Database
) -> None:
    """The salesperson's user is entered: the next ordinary run couples both, and nothing is left on the list."""
    rows: dict[str, Value] = {"Phone": "1", "Salesperson": "ZZ", "Credit": 1, "Blocked": None}
    heap = [f"K{number:04}" for number in range(1000)]
    world.erp.put_all("Customer", [(key, {"Name": key, **rows}) for key in heap])
    world.erp.put("Salesperson", "ZZ", {"E_Mail": "zz@example.com", "Name": "Zoë"})
    await world.full(PEOPLE)
    await world.full(FIRMS)
    errors = ErrorList(database, world.clock.now)
    (card,), number = errors.causes(world.connection)
    assert (number, card.count, card.waits_for) == (1, 1000, WaitsFor(mapping=PEOPLE, key="ZZ"))
    assert card.count == errors.count(world.connection)
    world.crm.put("user", "u-z", {"email": "zz@example.com", "fullname": "Zoë"})
    await world.synch(PEOPLE)
    await world.synch(FIRMS)
    assert errors.causes(world.connection) == ([], 0)
    assert len(world.store.partner_keys(FIRMS, Side.ERP, heap)) == 1000


async def test_each_of_two_blank_references_is_filled_as_it_can_be(world: World) -> None:
    """Though the first one's record is never coupled."""
    second = IntegrationFieldMapping(
        erp_field="Deputy",
        crm_field="deputyid",
        direction=TO,
        clear_value_on_failed_sync=True,
        reference=Reference(mapping=PEOPLE, target_table="user"),
    )
    owner, *others = world.mappings[FIRMS].fields
    world.change(
        FIRMS, fields=(replace(owner, not_null=False, clear_value_on_failed_sync=True), second, *others)
    )
    world.erp.put("Customer", "C1", {"Salesperson": "ZZ", "Deputy": "BB"})
    await world.full(FIRMS)
    error = listed(world, "C1")
    assert error is not None
    assert error.error.waits_for == WaitsFor(mapping=PEOPLE, key="ZZ")
    assert error.error.also_waits_for == (WaitsFor(mapping=PEOPLE, key="BB"),)
    assert "'ZZ' (PEOPLE), 'BB' (PEOPLE)" in error.error.message
    await world.full(PEOPLE)
    await world.synch(FIRMS)
    account = world.crm.get("account", world.partner("C1"))
    assert account is not None
    assert account["deputyid"] == "u-b"
    left = listed(world, "C1")
    assert left is not None
    assert left.error.also_waits_for == ()
    assert "'BB'" not in left.error.message


async def test_a_record_of_the_crm_is_named_by_its_name(world: World) -> None:
    """The other direction's texts tell number and name, too."""
    await coupled(world)
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    await world.synch(FIRMS)
    partner = world.partner("C1")
    found = world.store.errors_of(FIRMS, FROM, [partner])
    assert f"account {partner} (CRM's)" in found[partner].error.message
