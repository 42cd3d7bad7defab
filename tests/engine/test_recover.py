"""Couplings rebuilt from the services alone: what names a pair, what stays in doubt, and what counts as agreed."""

from datetime import UTC, datetime

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, World

from interlace.connectors.runner import run
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.engine.recover import Recovery, find_pairs, store_pairs
from interlace.engine.recovered_values import ValueRecovery

COMPANY = {"ilc_companyid": "COMPANY", "ilc_erptable": "Customer"}


@pytest.fixture
def world(world: World) -> World:
    """Two services without a record."""
    for service, tables in ((world.erp, ("Salesperson", "Customer")), (world.crm, ("user", "account"))):
        for table in tables:
            for key in service.keys(table):
                service.remove(table, key)
    return world


def job_of(mapping: MappingName) -> SynchJob:
    """Return the job of a recovery."""
    return SynchJob(
        id=f"recover {mapping}",
        mapping=mapping,
        direction=Direction.TO_INTEGRATION_TABLE,
        type=SynchJobType.COUPLING,
        started_at=datetime(2026, 1, 1, tzinfo=UTC),
        counters=Counters(),
    )


async def recover(world: World, mapping: MappingName = FIRMS) -> Recovery:
    """Find and store a mapping's pairs, and compare them page by page."""
    setup = world.setup(mapping)
    recovery = await run(find_pairs(setup), world.erp, world.crm, world.clock)
    job = store_pairs(setup, recovery, job_of(mapping))
    after: ErpKey | None = None
    while True:
        page = await run(ValueRecovery(setup).page(after, job), world.erp, world.crm, world.clock)
        after = page.after
        if after is None:
            return recovery


def pairs_of(world: World, erp_key: str) -> dict[str, tuple[object, object] | None]:
    """Return what a customer's pair agrees on, by ERP field."""
    coupling = world.store.couplings_by_key(FIRMS, Side.ERP, [erp_key])[erp_key]
    assert coupling.agreed is not None
    rows = world.mappings[FIRMS].fields
    return {str(row.erp_field): pair for row, pair in zip(rows, coupling.agreed.pairs, strict=True)}


def customer(world: World, key: str, **values: object) -> None:
    """Put a customer into the ERP."""
    world.erp.put("Customer", key, {"Name": key, **values})  # type: ignore[dict-item]


def account(world: World, key: str, erp_key: str | None = None, **values: object) -> None:
    """Put an account into the CRM, with a partner named if one is given."""
    named = {} if erp_key is None else {**COMPANY, "ilc_erpkey": erp_key}
    world.crm.put("account", key, {"name": erp_key or key, **named, **values})  # type: ignore[dict-item]


async def test_named_partner_is_coupled_again(world: World) -> None:
    """A CRM record that names its ERP record is its partner, whatever its own key is."""
    customer(world, "C1")
    account(world, "made-by-hand", "C1")
    recovery = await recover(world)
    assert recovery.pairs == {"C1": "made-by-hand"}
    assert (recovery.by_columns, recovery.added) == (1, 1)


@pytest.mark.parametrize("other", [{"ilc_companyid": "elsewhere"}, {"ilc_erptable": "Vendor"}])
async def test_partner_of_another_company_or_table_is_none(world: World, other: dict[str, str]) -> None:
    """Records that name a record of another company or table are not this mapping's."""
    customer(world, "C1")
    account(world, "a", "C1", **other)
    assert (await recover(world)).pairs == {}


async def test_two_records_that_name_one_partner_are_left_to_a_person(world: World) -> None:
    """Neither is coupled, nor is one of them by its key, and both are listed."""
    customer(world, "C1")
    account(world, world.setup(FIRMS).chosen_key(Side.CRM, "C1"), "C1")
    account(world, "copy", "C1")
    recovery = await recover(world)
    assert recovery.pairs == {}
    assert "copy" in recovery.doubtful[0]
    assert "interlace couplings add" in recovery.doubtful[0]


async def test_records_under_our_keys_are_coupled_though_nobody_named_them(world: World) -> None:
    """A create that crashed before its naming is found by the key that we chose, in both directions."""
    setup = world.setup(FIRMS)
    customer(world, "C1")
    account(world, setup.chosen_key(Side.CRM, "C1"))
    account(world, "a2")
    customer(world, setup.chosen_key(Side.ERP, "a2"))
    recovery = await recover(world)
    assert recovery.pairs == {"C1": setup.chosen_key(Side.CRM, "C1"), setup.chosen_key(Side.ERP, "a2"): "a2"}
    assert recovery.by_key == 2


async def test_marked_record_is_coupled(world: World) -> None:
    """Where the ERP numbers its records, a create that crashed before its naming is found by its mark."""
    world.erp.declare("Customer", insert_with_key=False, mark_field="Mark")
    mark = world.setup(FIRMS).chosen_key(Side.ERP, "a1")
    account(world, "a1")
    customer(world, "S00001", Mark=mark)
    assert (await recover(world)).pairs == {"S00001": "a1"}


async def test_mark_on_two_records_is_left_to_a_person(world: World) -> None:
    """Two records with one mark are one create that was sent twice by somebody: never picked."""
    world.erp.declare("Customer", insert_with_key=False, mark_field="Mark")
    mark = world.setup(FIRMS).chosen_key(Side.ERP, "a1")
    account(world, "a1")
    customer(world, "S00001", Mark=mark)
    customer(world, "S00002", Mark=mark)
    recovery = await recover(world)
    assert recovery.pairs == {}
    assert "S00001, S00002" in recovery.doubtful[0]


async def test_matched_by_rule_where_the_table_names_no_partner(world: World) -> None:
    """Users and salespeople have no partner columns: the one pair with the same e-mail address is coupled."""
    world.erp.put("Salesperson", "AB", {"E_Mail": "A@x.example"})
    world.erp.put("Salesperson", "CD", {"E_Mail": "c@x.example"})
    world.erp.put("Salesperson", "CE", {"E_Mail": "C@x.example"})
    world.crm.put("user", "u1", {"email": "a@X.example"})
    world.crm.put("user", "u2", {"email": "c@x.example"})
    recovery = await recover(world, PEOPLE)
    assert recovery.pairs == {"AB": "u1"}
    assert recovery.by_match == 1
    assert "CD, CE" in recovery.doubtful[0]


async def test_deleted_partner_stays_coupled_for_a_person(world: World) -> None:
    """A CRM record whose ERP record is gone is coupled and told, so that it isn't created again in the ERP."""
    account(world, "a", "C9")
    recovery = await recover(world)
    assert recovery.pairs == {"C9": "a"}
    assert recovery.one_sided == ["C9"]
    assert set(pairs_of(world, "C9").values()) == {None}


async def test_equal_rows_are_agreed_and_different_ones_are_not(world: World) -> None:
    """Each row for itself: what carries over to what the other side holds is agreed, the rest nobody knows."""
    customer(world, "C1", Phone="1", Credit=5)
    account(world, "a", "C1", telephone="2", creditlimit=5)
    await recover(world)
    agreed = pairs_of(world, "C1")
    assert agreed["Phone"] is None
    assert (agreed["Name"], agreed["Credit"]) == (("C1", "C1"), (5, 5))


async def test_equal_pair_counts_as_untouched_and_a_different_one_does_not(world: World) -> None:
    """The digests of an equal pair are known, so that the next run leaves it alone."""
    customer(world, "C1", Phone="1")
    account(world, "a1", "C1", telephone="1")
    customer(world, "C2", Phone="1")
    account(world, "a2", "C2", telephone="2")
    await recover(world)
    held = world.store.couplings_by_key(FIRMS, Side.ERP, ["C1", "C2"])
    assert held["C1"].erp_digest is not None
    assert held["C1"].crm_digest is not None
    assert (held["C2"].erp_digest, held["C2"].crm_digest) == (None, None)


async def test_references_are_compared_through_recovered_couplings(world: World) -> None:
    """A reference is agreed when the records that both sides point at are partners."""
    world.erp.put("Salesperson", "AB", {"E_Mail": "a@x.example", "Name": "A"})
    world.crm.put("user", "u1", {"email": "a@x.example", "fullname": "A"})
    customer(world, "C1", Salesperson="AB")
    account(world, "a", "C1", ownerid="u1")
    customer(world, "C2", Salesperson="AB")
    account(world, "b", "C2", ownerid="u2")
    await recover(world, PEOPLE)
    await recover(world)
    assert pairs_of(world, "C1")["Salesperson"] == ("AB", "u1")
    assert pairs_of(world, "C2")["Salesperson"] is None


async def test_recovery_writes_to_neither_side(world: World) -> None:
    """Not one write is sent."""
    customer(world, "C1", Phone="1")
    account(world, "a", "C1", telephone="2")
    customer(world, "C2")
    account(world, "b")
    await recover(world)
    assert world.erp.writes == []
    assert world.crm.writes == []


async def test_recovery_may_be_repeated(world: World) -> None:
    """What is coupled already stays; a row that has become equal meanwhile is agreed."""
    customer(world, "C1", Phone="1")
    account(world, "a", "C1", telephone="2")
    await recover(world)
    world.crm.put("account", "a", {"telephone": "1"})
    again = await recover(world)
    assert again.added == 0
    assert pairs_of(world, "C1")["Phone"] == ("1", "1")


@pytest.mark.parametrize("compared", [True, False], ids=["compared", "crashed before"])
async def test_next_run_asks_about_what_differs_and_overwrites_no_two_way_field(
    world: World,
    *,
    compared: bool,
) -> None:
    """Whether the values were compared or a crash came before: a difference is a conflict, equality is none."""
    customer(world, "C1", Phone="1")
    account(world, "a1", "C1", telephone="2")
    customer(world, "C2", Phone="3")
    account(world, "a2", "C2", telephone="3")
    if compared:
        await recover(world)
    else:
        setup = world.setup(FIRMS)
        recovery = await run(find_pairs(setup), world.erp, world.crm, world.clock)
        store_pairs(setup, recovery, job_of(FIRMS))
    await world.synch(FIRMS, compare_all=True)
    assert [write for _, write in world.erp.writes if "Phone" in getattr(write, "values", {})] == []
    assert [write for _, write in world.crm.writes if "telephone" in getattr(write, "values", {})] == []
    errors = world.store.errors_of(FIRMS, Direction.TO_INTEGRATION_TABLE, ["C1", "C2"])
    assert {key: error.error.code for key, error in errors.items()} == {"C1": ErrorCode.UPDATE_CONFLICT}
