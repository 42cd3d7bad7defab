"""What a run of a mapping does: creates, carries changes both ways, settles, and never doubles or loses."""

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.side import Side
from interlace.domain.transformation_rule import Choose
from interlace.engine.memory import BatchResult
from interlace.engine.ports import Outcome, Write
from interlace.store.connection_store import ConnectionStore
from interlace.testing.fake_service import ScriptedAnswer


async def coupled(world: World) -> None:
    """Bring the world to its first agreement."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    world.erp.writes.clear()
    world.crm.writes.clear()


async def test_a_match_is_coupled_instead_of_created_twice(world: World) -> None:
    """Users find their salesperson by e-mail address, whatever its letter case; nothing is created."""
    result = await world.full(PEOPLE)
    assert world.counters(result) == {"coupled": 2}
    assert world.erp.keys("Salesperson") == ["AA", "BB"]
    assert world.erp.get("Salesperson", "BB") == {"E_Mail": "bb@example.com", "Name": "Björn Ås"}


async def test_a_full_run_creates_every_customer_with_owner_and_partner_columns(world: World) -> None:
    """The new account points at its owner and names its ERP record."""
    await world.full(PEOPLE)
    result = await world.full(FIRMS)
    assert world.counters(result)["inserted"] == 3
    account = world.crm.get("account", world.partner("C2"))
    assert account == {
        "ownerid": "u-a",
        "name": "Firm 2",
        "telephone": "1",
        "creditlimit": 2,
        "ilc_companyid": "company",
        "ilc_erptable": "Customer",
        "ilc_erpkey": "C2",
    }


async def test_a_second_full_run_writes_nothing(world: World) -> None:
    """Nothing changed: no write on either side, every record counts as unchanged."""
    await coupled(world)
    for mapping in (PEOPLE, FIRMS):
        result = await world.full(mapping)
        assert set(world.counters(result)) == {"unchanged"}
    assert (world.erp.writes, world.crm.writes) == ([], [])


async def test_without_create_new_uncoupled_records_are_skipped(world: World) -> None:
    """Synch. Only Coupled Records holds for ordinary runs."""
    await world.full(PEOPLE)
    result = await world.synch(FIRMS)
    assert world.counters(result) == {"skipped": 3}
    assert world.crm.keys("account") == []


async def test_edits_on_either_side_arrive_on_the_other(world: World) -> None:
    """An incremental run carries both ways."""
    await coupled(world)
    await world.synch(FIRMS)
    world.erp.put("Customer", "C1", {"Name": "Renamed in the ERP"})
    world.crm.put("account", world.partner("C2"), {"name": "Renamed in the CRM"})
    result = await world.synch(FIRMS)
    assert world.counters(result)["modified"] == 2
    renamed = world.crm.get("account", world.partner("C1"))
    assert renamed is not None
    assert renamed["name"] == "Renamed in the ERP"
    customer = world.erp.get("Customer", "C2")
    assert customer is not None
    assert customer["Name"] == "Renamed in the CRM"


async def test_edits_of_different_fields_of_one_record_both_survive(world: World) -> None:
    """Disjoint edits are no conflict."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "New name"})
    world.crm.put("account", world.partner("C1"), {"telephone": "99"})
    await world.synch(FIRMS)
    customer, account = world.erp.get("Customer", "C1"), world.crm.get("account", world.partner("C1"))
    assert customer is not None
    assert account is not None
    assert (customer["Name"], customer["Phone"]) == ("New name", "99")
    assert (account["name"], account["telephone"]) == ("New name", "99")


async def test_the_same_edit_on_both_sides_is_agreement(world: World) -> None:
    """Nothing is written, nothing fails."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "Same"})
    world.crm.put("account", world.partner("C1"), {"name": "Same"})
    result = await world.synch(FIRMS)
    assert set(world.counters(result)) == {"unchanged"}
    assert (world.erp.writes, world.crm.writes) == ([], [])


async def test_different_edits_of_one_field_fail_and_touch_nothing(world: World) -> None:
    """Without a policy the conflict is listed, with the field's name."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    result = await world.synch(FIRMS)
    assert world.counters(result)["failed"] == 2
    assert (world.erp.writes, world.crm.writes) == ([], [])
    error = world.store.errors_of(FIRMS, TO, ["C1"])["C1"].error
    assert error.code is ErrorCode.UPDATE_CONFLICT
    assert "name" in error.message


@pytest.mark.parametrize(
    ("resolution", "winner"),
    [
        (UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION, "ERP's"),
        (UpdateConflictResolution.GET_UPDATE_FROM_INTEGRATION, "CRM's"),
    ],
)
async def test_a_policy_lets_one_side_win_and_keeps_the_other_sides_other_edits(
    world: World, resolution: UpdateConflictResolution, winner: str
) -> None:
    """Only the field in conflict is decided by the policy."""
    await coupled(world)
    world.change(FIRMS, update_conflict_resolution=resolution)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's", "telephone": "77"})
    await world.synch(FIRMS)
    customer, account = world.erp.get("Customer", "C1"), world.crm.get("account", world.partner("C1"))
    assert customer is not None
    assert account is not None
    assert (customer["Name"], customer["Phone"]) == (winner, "77")
    assert (account["name"], account["telephone"]) == (winner, "77")
    await world.synch(FIRMS)
    writes = len(world.erp.writes) + len(world.crm.writes)
    await world.synch(FIRMS)
    assert len(world.erp.writes) + len(world.crm.writes) == writes


async def test_a_one_way_field_edited_in_the_crm_is_restored(world: World) -> None:
    """Only the ERP may change the credit limit."""
    await coupled(world)
    world.crm.put("account", world.partner("C3"), {"creditlimit": 1_000_000})
    await world.synch(FIRMS)
    account = world.crm.get("account", world.partner("C3"))
    assert account is not None
    assert account["creditlimit"] == 3


async def test_our_own_echo_writes_nothing(world: World) -> None:
    """The feed shows our own writes again; values are equal, so nothing happens."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "Changed"})
    await world.synch(FIRMS)
    world.erp.writes.clear()
    world.crm.writes.clear()
    await world.synch(FIRMS)
    await world.synch(FIRMS)
    assert (world.erp.writes, world.crm.writes) == ([], [])


async def test_an_uncoupled_salesperson_fails_only_its_customers_and_heals_by_itself(world: World) -> None:
    """The error names salesperson and remedy; once the salesperson is coupled, the customer follows."""
    world.erp.put("Salesperson", "CC", {"E_Mail": "cc@example.com", "Name": "Chen"})
    world.erp.put("Customer", "C2", {"Salesperson": "CC"})
    await world.full(PEOPLE)
    result = await world.full(FIRMS)
    assert world.counters(result) == {"inserted": 2, "failed": 1, "unchanged": 2}
    error = world.store.errors_of(FIRMS, TO, ["C2"])["C2"].error
    assert error.code is ErrorCode.REFERENCE_NOT_COUPLED
    assert "'CC' is not coupled (PEOPLE)" in error.message
    world.crm.put("user", "u-c", {"email": "cc@example.com", "fullname": "Chen"})
    await world.full(PEOPLE)
    await world.synch(FIRMS, create_new=True)
    account = world.crm.get("account", world.partner("C2"))
    assert account is not None
    assert account["ownerid"] == "u-c"
    assert world.store.errors_of(FIRMS, TO, ["C2"]) == {}


async def test_an_account_made_in_the_crm_becomes_a_customer_that_knows_its_account(world: World) -> None:
    """The customer gets a number of the reserved range, the account the customer's key."""
    await coupled(world)
    world.crm.put("account", "new-account", {"name": "From the CRM", "telephone": "5"})
    result = await world.full(FIRMS)
    assert world.counters(result)["inserted"] == 1
    account = world.crm.get("account", "new-account")
    assert account is not None
    number = str(account["ilc_erpkey"])
    assert number.startswith("CRM")
    customer = world.erp.get("Customer", number)
    assert customer is not None
    assert customer["Name"] == "From the CRM"
    world.erp.writes.clear()
    world.crm.writes.clear()
    await world.full(FIRMS)
    assert (world.erp.writes, world.crm.writes) == ([], [])


async def test_a_deleted_partner_is_listed_and_nothing_is_created_again(world: World) -> None:
    """Deletions are never carried over by themselves."""
    await coupled(world)
    account = world.partner("C1")
    world.crm.remove("account", account)
    await world.full(FIRMS)
    assert world.crm.get("account", account) is None
    assert world.erp.get("Customer", "C1") is not None
    errors = world.store.errors_of(FIRMS, TO, ["C1"]) | world.store.errors_of(FIRMS, FROM, [account])
    assert {each.error.code for each in errors.values()} == {ErrorCode.PARTNER_DELETED}


async def test_restore_records_creates_the_deleted_account_under_its_old_key(world: World) -> None:
    """The policy restores from the surviving side."""
    await coupled(world)
    account = world.partner("C1")
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.RESTORE_RECORDS)
    world.crm.remove("account", account)
    await world.full(FIRMS)
    restored = world.crm.get("account", account)
    assert restored is not None
    assert restored["name"] == "Firm 1"
    assert world.partner("C1") == account


async def test_remove_coupling_leaves_the_surviving_record_alone(world: World) -> None:
    """Only the coupling goes."""
    await coupled(world)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.REMOVE_COUPLING)
    account = world.partner("C1")
    world.erp.remove("Customer", "C1")
    await world.synch(FIRMS, compare_all=True)
    assert world.crm.get("account", account) is not None
    assert world.store.count_couplings(FIRMS) == 2


async def test_a_lost_answer_to_a_create_makes_no_duplicate(world: World) -> None:
    """The same key is sent again; it exists already, and is ours."""
    await world.full(PEOPLE)
    lost = ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True)
    chosen = world.setup(FIRMS).chosen_key(Side.CRM, "C1")
    world.crm.script("account", chosen, lost)
    await world.full(FIRMS)
    assert len(world.crm.keys("account")) == 3
    assert world.partner("C1") == chosen
    assert world.store.open_intents(FIRMS) == []


async def test_an_answer_that_stays_lost_is_listed_as_unknown_and_settled_by_the_next_run(
    world: World,
) -> None:
    """The intent stays open until a later run has looked."""
    await world.full(PEOPLE)
    chosen = world.setup(FIRMS).chosen_key(Side.CRM, "C1")
    world.crm.script("account", chosen, *[ScriptedAnswer(outcome=Outcome.UNKNOWN)] * 4)
    result = await world.full(FIRMS)
    assert world.counters(result)["failed"] == 1
    assert [intent.key for intent in world.store.open_intents(FIRMS)] == [chosen]
    await world.full(FIRMS)
    assert world.partner("C1") == chosen
    assert world.store.open_intents(FIRMS) == []


async def test_an_edit_between_our_read_and_our_write_is_not_overwritten(world: World) -> None:
    """A stale write is refused, both records are read again, and both edits survive."""
    await coupled(world)
    account = world.partner("C1")
    world.erp.put("Customer", "C1", {"Name": "New name"})
    world.crm.script("account", account, ScriptedAnswer(outcome=Outcome.STALE))
    await world.synch(FIRMS)
    held = world.crm.get("account", account)
    assert held is not None
    assert held["name"] == "New name"


async def test_a_rejected_record_fails_alone_with_the_services_reason(world: World) -> None:
    """The others go through; the error names the record."""
    await world.full(PEOPLE)
    chosen = world.setup(FIRMS).chosen_key(Side.CRM, "C2")
    said = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message="name of C2 is too long")
    world.crm.script("account", chosen, ScriptedAnswer(outcome=Outcome.REJECTED, error=said))
    result = await world.full(FIRMS)
    assert world.counters(result) == {"inserted": 2, "failed": 1, "unchanged": 2}
    error = world.store.errors_of(FIRMS, TO, ["C2"])["C2"].error
    assert error.message == "Customer C2 (Firm 2): name of C2 is too long"


async def test_a_record_that_failed_in_a_full_run_goes_through_once_it_is_corrected(world: World) -> None:
    """An ordinary run creates it though it creates nothing else: a full one had been told to."""
    await world.full(PEOPLE)
    world.erp.put("Customer", "C2", {"Salesperson": "ZZ"})
    await world.full(FIRMS)
    world.erp.put("Customer", "C9", {"Name": "New", "Salesperson": "AA", "Blocked": None})
    await world.synch(FIRMS)
    assert "C2" in world.store.errors_of(FIRMS, TO, ["C2"])
    world.erp.put("Customer", "C2", {"Salesperson": "AA"})
    result = await world.synch(FIRMS)
    assert world.counters(result)["inserted"] == 1
    assert world.partner("C2")
    assert world.store.errors_of(FIRMS, TO, ["C2"]) == {}
    assert "C9" not in world.store.partner_keys(FIRMS, Side.ERP, ["C9"])


async def test_a_filtered_customer_is_neither_created_nor_counted(world: World) -> None:
    """Blocked customers stay out."""
    world.erp.put("Customer", "C3", {"Blocked": "All"})
    await world.full(PEOPLE)
    result = await world.full(FIRMS)
    assert world.counters(result) == {"inserted": 2, "unchanged": 2}


async def test_an_expired_cursor_is_answered_by_a_comparison_that_rewrites_nothing(world: World) -> None:
    """A feed that forgot costs reading, not writing."""
    await coupled(world)
    world.crm.expire_cursors()
    world.crm.put("account", world.partner("C1"), {"telephone": "42"})
    result = await world.synch(FIRMS)
    customer = world.erp.get("Customer", "C1")
    assert customer is not None
    assert customer["Phone"] == "42"
    assert world.counters(result)["modified"] == 1
    assert world.crm.writes == []


async def test_a_touched_record_with_equal_content_is_no_change(world: World) -> None:
    """Version tags are hints; content is the truth."""
    await coupled(world)
    world.erp.touch("Customer", "C1")
    result = await world.synch(FIRMS)
    assert set(world.counters(result)) == {"unchanged"}
    assert world.crm.writes == []


@pytest.mark.parametrize(("blocked", "state"), [(False, 0), (True, 1)])
async def test_a_new_record_passes_through_its_opening_state(
    world: World, *, blocked: bool, state: int
) -> None:
    """The create leaves the state out; the second write opens the record, a third one closes it if need be."""
    row = IntegrationFieldMapping(
        erp_field="Closed",
        crm_field="statecode",
        direction=TO,
        after_insert=True,
        opening_value=0,
        to_rules=(Choose(pairs=((False, 0), (True, 1))),),
    )
    world.change(FIRMS, fields=(*world.mappings[FIRMS].fields, row))
    await world.full(PEOPLE)
    world.erp.put("Customer", "C1", {"Closed": blocked})
    world.erp.remove("Customer", "C2")
    world.erp.remove("Customer", "C3")
    result = await world.full(FIRMS)
    assert world.counters(result)["inserted"] == 1
    states = [write.values.get("statecode") for _, write in world.crm.writes if isinstance(write, Write)]
    assert states == [None, 0, 1][: 3 if blocked else 2]
    account = world.crm.get("account", world.partner("C1"))
    assert account is not None
    assert account["statecode"] == state
    world.crm.writes.clear()
    await world.full(FIRMS)
    assert world.crm.writes == []


@pytest.mark.parametrize("compare_all", [False, True])
async def test_a_cleared_reference_is_filled_once_its_record_is_coupled(
    world: World, *, compare_all: bool
) -> None:
    """The record went through with a blank; the next run of any kind fills it, with nobody asking."""
    owner = world.mappings[FIRMS].fields[0]
    cleared = replace(owner, clear_value_on_failed_sync=True)
    world.change(FIRMS, fields=(cleared, *world.mappings[FIRMS].fields[1:]))
    await world.full(FIRMS)
    assert world.store.errors_of(FIRMS, TO, ["C1"])["C1"].error.code is ErrorCode.REFERENCE_CLEARED
    await world.full(PEOPLE)
    await world.synch(FIRMS, compare_all=compare_all)
    account = world.crm.get("account", world.partner("C1"))
    assert account is not None
    assert account["ownerid"] == "u-a"
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}


class Crash(Exception):
    """The process ends here."""


class CrashingStore:
    """The store, but for the moment at which the process dies before it has remembered a batch."""

    def __init__(self, store: ConnectionStore) -> None:
        self._store = store
        self.armed = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def remember(self, result: BatchResult) -> None:
        """Die instead of remembering a batch that wrote something."""
        if self.armed and result.finished_intents:
            raise Crash
        self._store.remember(result)


async def test_a_crash_after_a_write_took_effect_is_settled_by_the_next_run(world: World) -> None:
    """The write is found to agree; its intent is closed, nothing is written twice."""
    await coupled(world)
    await world.synch(FIRMS)
    world.erp.put("Customer", "C1", {"Name": "Changed"})
    crashing: Any = CrashingStore(world.store)
    with pytest.raises(Crash):
        await world.synch(FIRMS, store=crashing)
    account = world.crm.get("account", world.partner("C1"))
    assert account is not None
    assert account["name"] == "Changed"
    assert [intent.source_key for intent in world.store.open_intents(FIRMS)] == ["C1"]
    world.crm.writes.clear()
    await world.synch(FIRMS)
    assert world.crm.writes == []
    assert world.store.open_intents(FIRMS) == []


async def test_a_crash_after_creates_took_effect_makes_no_doubles(world: World) -> None:
    """The accounts are found under the keys that were announced, and are adopted."""
    await world.full(PEOPLE)
    crashing: Any = CrashingStore(world.store)
    with pytest.raises(Crash):
        await world.full(FIRMS, store=crashing)
    assert len(world.crm.keys("account")) == 3
    assert world.store.count_couplings(FIRMS) == 0
    await world.full(FIRMS)
    assert len(world.crm.keys("account")) == 3
    assert world.store.count_couplings(FIRMS) == 3
    assert world.store.open_intents(FIRMS) == []
