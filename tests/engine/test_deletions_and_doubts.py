"""What deletions, races and crashes at awkward moments lead to: nothing lost, nothing doubled, no stale error."""

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World

from interlace.connectors.runner import run
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import Coupling
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import IntegrationFieldMapping
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    MatchRule,
)
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.side import Side
from interlace.engine.memory import BatchResult
from interlace.engine.ports import Outcome, TableView, Write, WriteResult
from interlace.engine.service import ServiceUnavailable
from interlace.engine.synch_mapping import StepBudget, synch_step
from interlace.store.connection_store import ConnectionStore
from interlace.testing.fake_service import ScriptedAnswer


async def coupled(world: World) -> None:
    """Bring the world to its first agreement, with feeds begun."""
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)
    world.erp.writes.clear()
    world.crm.writes.clear()


def customer(world: World, key: str) -> dict[str, Any]:
    """Return a customer that must be there."""
    held = world.erp.get("Customer", key)
    assert held is not None
    return held


def account(world: World, key: str) -> dict[str, Any]:
    """Return a customer's account, which must be there."""
    held = world.crm.get("account", world.partner(key))
    assert held is not None
    return held


def errors(world: World, key: str) -> dict[str, ErrorCode]:
    """Return the open errors of a coupled customer and its account, by direction."""
    found = {
        direction.value: world.store.errors_of(FIRMS, direction, [of]).get(of)
        for direction, of in ((TO, key), (FROM, world.partner(key)))
    }
    return {name: each.error.code for name, each in found.items() if each is not None}


def add_rows(world: World, *rows: IntegrationFieldMapping) -> None:
    """Give the firms' mapping further rows."""
    world.change(FIRMS, fields=(*world.mappings[FIRMS].fields, *rows))


RATING = IntegrationFieldMapping(erp_field="Rating", crm_field="rating", direction=FROM)


class Meanwhile:
    """Lets something happen just before the next write reaches a fake service."""

    def __init__(self, service: Any, happens: Any) -> None:
        self._write, self._happens = service.write, happens
        service.write = self.write

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Let it happen once, then write."""
        happens, self._happens = self._happens, lambda: None
        happens()
        results: list[WriteResult] = await self._write(view, writes)
        return results


async def test_news_of_the_partner_survive_an_agreement(world: World) -> None:
    """The pass to the CRM sees the account's new rating and must not take it for known."""
    add_rows(world, RATING)
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "Same"})
    world.crm.put("account", world.partner("C1"), {"name": "Same", "rating": "A"})
    await world.synch(FIRMS)
    assert customer(world, "C1")["Rating"] == "A"


async def test_a_one_way_field_is_restored_though_another_field_was_edited_with_it(world: World) -> None:
    """Only the CRM may change the rating; the name travels all the same."""
    add_rows(world, RATING)
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "New", "Rating": "Z"})
    await world.synch(FIRMS)
    assert customer(world, "C1")["Rating"] is None
    assert account(world, "C1")["name"] == "New"


async def test_a_pair_coupled_by_hand_gets_the_crms_one_way_values_too(world: World) -> None:
    """The first comparison of a pair agrees on nothing that no pass has carried."""
    add_rows(world, RATING)
    world.change(FIRMS, match_rules=(MatchRule(erp_field="Name", crm_field="name"),))
    await world.full(PEOPLE)
    world.crm.put("account", "old", {"name": "Firm 1", "rating": "A"})
    await world.full(FIRMS)
    assert world.partner("C1") == "old"
    assert customer(world, "C1")["Rating"] == "A"


async def test_a_deletion_that_the_feed_tells_of_is_restored(world: World) -> None:
    """Restore Records holds for ordinary runs, and a restored record is no error."""
    await coupled(world)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.RESTORE_RECORDS)
    world.crm.remove("account", world.partner("C1"))
    world.erp.remove("Customer", "C2")
    result = await world.synch(FIRMS)
    assert account(world, "C1")["name"] == "Firm 1"
    assert customer(world, "C2")["Name"] == "Firm 2"
    assert world.counters(result) == {"inserted": 2}
    assert (errors(world, "C1"), errors(world, "C2")) == ({}, {})


async def test_a_deletion_counts_once_a_pass(world: World) -> None:
    """Listed for each direction, however often the run comes across it."""
    await coupled(world)
    world.crm.remove("account", world.partner("C1"))
    await world.synch(FIRMS)
    result = await world.full(FIRMS)
    assert world.counters(result)["failed"] == 2


async def test_a_removed_coupling_hides_no_other_deletion(world: World) -> None:
    """A scan that removes one coupling still notices that another record is gone."""
    await coupled(world)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.REMOVE_COUPLING)
    world.erp.declare("Customer", reports_deletes=False)
    world.crm.declare("account", reports_deletes=False)
    world.crm.remove("account", world.partner("C1"))
    world.erp.put("Customer", "C1", {"Name": "Changed"})
    world.erp.remove("Customer", "C2")
    await world.synch(FIRMS, compare_all=True)
    assert world.store.count_couplings(FIRMS) == 1


async def test_a_match_that_vanishes_before_it_is_coupled_is_no_defect(world: World) -> None:
    """The record is created instead."""
    world.change(FIRMS, match_rules=(MatchRule(erp_field="Name", crm_field="name"),))
    await world.full(PEOPLE)
    world.crm.put("account", "old", {"name": "Firm 1"})
    Meanwhile(world.crm, lambda: world.crm.remove("account", "old"))
    await world.full(FIRMS)
    assert account(world, "C1")["name"] == "Firm 1"
    assert world.partner("C1") != "old"


async def test_a_record_that_leaves_the_filter_before_it_is_written_stays_as_it_is(world: World) -> None:
    """After a refused write the filter is asked again."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "New"})

    def blocked() -> None:
        """Let the record leave the filter."""
        world.erp.put("Customer", "C1", {"Blocked": "All"})
        world.crm.touch("account", world.partner("C1"))

    Meanwhile(world.crm, blocked)
    await world.synch(FIRMS)
    assert account(world, "C1")["name"] == "Firm 1"


class DyingStore:
    """The store, but for the moment at which the process dies."""

    def __init__(self, store: ConnectionStore, dies: Any) -> None:
        self._store, self._dies = store, dies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def remember(self, result: BatchResult) -> None:
        """Die instead of remembering what the test names."""
        if self._dies(result):
            raise Died
        self._store.remember(result)


class Died(Exception):
    """The process ends here."""


async def test_a_run_that_was_over_is_not_begun_again(world: World) -> None:
    """A job engine that did not note the last step asks for it once more."""
    await coupled(world)
    result = await world.full(FIRMS, run_id="one")
    reads = world.erp.reads
    again = await world.full(FIRMS, run_id="one")
    assert world.erp.reads == reads
    assert world.counters(again) == world.counters(result)


async def test_a_crash_before_the_last_word_leaves_a_run_that_ends(world: World) -> None:
    """Every page was taken, the cursors were not stored: the restart stores them and finishes the jobs."""
    await world.full(PEOPLE)
    dying: Any = DyingStore(world.store, lambda result: result.pass_finished)
    with pytest.raises(Died):
        await world.full(FIRMS, run_id="one", store=dying)
    result = await world.full(FIRMS, run_id="one")
    assert all(job.finished_at is not None for job in result.jobs)
    assert world.store.cursor(FIRMS, Side.CRM) is not None


async def test_a_page_that_is_taken_again_is_counted_once(world: World) -> None:
    """The process dies after a page's records were remembered and before the run moved on."""
    await world.full(PEOPLE)
    seen: list[BatchResult] = []

    def dies(result: BatchResult) -> bool:
        """Choose the moment of death."""
        seen.append(result)
        return any(each.finished_intents for each in seen[:-1])

    dying: Any = DyingStore(world.store, dies)
    with pytest.raises(Died):
        await world.full(FIRMS, run_id="one", store=dying)
    result = await world.full(FIRMS, run_id="one")
    assert world.counters(result) == {"inserted": 3, "unchanged": 3}


async def test_a_page_that_could_not_be_written_is_counted_when_it_is_taken_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The CRM does not answer before the first write of a page; nobody has counted what was to be written."""
    await coupled(world)
    world.erp.put("Customer", "C4", {"Name": "New", "Phone": "1"})

    async def away(_name: str, _value: int, _tag: str | None) -> Outcome:
        """Answer nothing."""
        raise ServiceUnavailable("The CRM is away.")

    with monkeypatch.context() as patch:
        patch.setattr(world.crm, "advance_marker", away)
        with pytest.raises(ServiceUnavailable):
            await world.full(FIRMS, run_id="one")
    result = await world.full(FIRMS, run_id="one")
    assert world.counters(result) == {"inserted": 1, "unchanged": 3 + 4}


async def test_a_created_record_is_adopted_by_a_run_that_may_not_create(world: World) -> None:
    """Closing its intent without a look would leave an orphan, and the next full run would double it."""
    await coupled(world)
    world.crm.put("account", "new", {"name": "From the CRM"})
    dying: Any = DyingStore(world.store, lambda result: result.finished_intents)
    with pytest.raises(Died):
        await world.full(FIRMS, store=dying)
    await world.synch(FIRMS)
    await world.full(FIRMS)
    assert len(world.erp.keys("Customer")) == 4
    assert len(world.crm.keys("account")) == 4
    assert world.store.open_intents(FIRMS) == []


@pytest.mark.parametrize("lands_first", [True, False])
async def test_a_create_that_lands_late_never_makes_a_second_record(
    world: World, *, lands_first: bool
) -> None:
    """The next ordinary run finds it, or creates under the same key, so that the late one collides."""
    await world.full(PEOPLE)
    chosen = world.setup(FIRMS).chosen_key(Side.CRM, "C1")
    late = ScriptedAnswer(outcome=Outcome.UNKNOWN, lands_later=True)
    world.crm.script("account", chosen, *[late] * 4)
    await world.full(FIRMS)
    assert [intent.key for intent in world.store.open_intents(FIRMS)] == [chosen]
    if lands_first:
        world.crm.land_late_writes()
    await world.synch(FIRMS)
    world.crm.land_late_writes()
    await world.synch(FIRMS)
    assert len(world.crm.keys("account")) == 3
    assert world.partner("C1") == chosen
    assert world.store.open_intents(FIRMS) == []
    assert errors(world, "C1") == {}


async def test_an_adopted_customer_is_named_in_its_account(world: World) -> None:
    """The account must know its customer, also when the process died between the two writes."""
    await coupled(world)
    world.crm.put("account", "new", {"name": "From the CRM"})
    dying: Any = DyingStore(world.store, lambda result: result.finished_intents)
    with pytest.raises(Died):
        await world.full(FIRMS, store=dying)
    world.crm.put("account", "new", {"ilc_erpkey": None})
    await world.full(FIRMS)
    held = world.crm.get("account", "new")
    assert held is not None
    number = str(held["ilc_erpkey"])
    assert world.store.partner_keys(FIRMS, Side.ERP, [number]) == {number: "new"}


async def test_an_account_that_was_edited_meanwhile_still_gets_its_customers_name(world: World) -> None:
    """The columns are ours alone: a refused write is repeated on the record as it is now."""
    await coupled(world)
    world.crm.put("account", "new", {"name": "From the CRM"})
    Meanwhile(world.erp, lambda: world.crm.put("account", "new", {"telephone": "9"}))
    await world.full(FIRMS)
    held = world.crm.get("account", "new")
    assert held is not None
    assert held["telephone"] == "9"
    assert str(held["ilc_erpkey"]).startswith("CRM")


async def test_a_mapping_that_gets_rows_in_the_middle_of_a_run_compares_the_right_ones(world: World) -> None:
    """A user turns to other field rows between two steps."""
    await coupled(world)
    world.erp.declare("Customer", read_page_size=1)
    first = world.setup(FIRMS, compare_all=True, run_id="one")
    await run(synch_step(first, StepBudget(pages=1)), world.erp, world.crm, world.clock)
    world.change(FIRMS, fields=world.mappings[FIRMS].fields[1:])
    world.crm.put("account", world.partner("C3"), {"telephone": "77"})
    result = await world.synch(FIRMS, compare_all=True, run_id="one")
    assert world.counters(result)["modified"] == 1
    assert customer(world, "C3")["Phone"] == "77"


async def test_a_settled_conflict_leaves_no_error_of_the_other_direction(world: World) -> None:
    """A person corrects one side after the conflict has been listed as skipped for both directions."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    for _ in range(3):
        await world.synch(FIRMS)
    assert len(errors(world, "C1")) == 2
    world.erp.put("Customer", "C1", {"Name": "CRM's"})
    await world.synch(FIRMS)
    assert errors(world, "C1") == {}


async def test_removing_a_coupling_ends_the_errors_of_its_pair(world: World) -> None:
    """Delete the coupling, says the remedy: then nothing of it stays on the list."""
    await coupled(world)
    partner = world.partner("C1")
    world.crm.remove("account", partner)
    for _ in range(3):
        await world.synch(FIRMS)
    world.store.remove_couplings(
        FIRMS, [world.store.couplings_by_key(FIRMS, Side.CRM, [partner])[partner].erp_key]
    )
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}
    assert world.store.errors_of(FIRMS, FROM, [partner]) == {}


async def test_a_policy_that_removes_couplings_ends_the_errors_of_both_directions(world: World) -> None:
    """The error list names no pair that is no more."""
    await coupled(world)
    partner = world.partner("C1")
    world.crm.remove("account", partner)
    for _ in range(3):
        await world.synch(FIRMS)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.REMOVE_COUPLING)
    await world.synch(FIRMS, compare_all=True, retry_skipped=True)
    assert world.store.count_couplings(FIRMS) == 2
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}
    assert world.store.errors_of(FIRMS, FROM, [partner]) == {}


async def test_a_skipped_record_that_was_deleted_leaves_the_list_with_the_next_full_run(world: World) -> None:
    """No scan shows it any more, and the ERP reports no deletions."""
    await world.full(PEOPLE)
    world.erp.declare("Customer", reports_deletes=False)
    world.crm.refuse_value("account", "telephone", "is wrong")
    await world.full(FIRMS)
    await world.full(FIRMS)
    assert world.store.errors_of(FIRMS, TO, ["C1"])["C1"].skipped
    world.erp.remove("Customer", "C1")
    await world.full(FIRMS, retry_skipped=True)
    assert world.store.errors_of(FIRMS, TO, ["C1"]) == {}


async def test_a_conflict_counts_once_a_pass_in_a_full_run(world: World) -> None:
    """Whether the retry or the scan meets it first."""
    await coupled(world)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    await world.synch(FIRMS)
    result = await world.full(FIRMS)
    assert world.counters(result)["failed"] == 2


async def test_a_pass_that_leaves_the_conflict_to_the_other_one_counts_no_modification(world: World) -> None:
    """The CRM's value wins: one record is modified, in the ERP."""
    await coupled(world)
    world.change(FIRMS, update_conflict_resolution=UpdateConflictResolution.GET_UPDATE_FROM_INTEGRATION)
    world.erp.put("Customer", "C1", {"Name": "ERP's"})
    world.crm.put("account", world.partner("C1"), {"name": "CRM's"})
    result = await world.synch(FIRMS)
    assert world.counters(result) == {"modified": 1, "unchanged": 1}


async def test_a_lost_partner_of_a_reference_hides_no_edit_of_the_other_side(world: World) -> None:
    """The ERP's unchanged owner can't be translated any more; the CRM's new owner still arrives."""
    rows = world.mappings[FIRMS].fields
    owner = replace(rows[0], direction=world.mappings[FIRMS].direction, not_null=False)
    world.change(FIRMS, fields=(owner, *rows[1:]))
    await coupled(world)
    world.store.remove_couplings(
        PEOPLE, [world.store.couplings_by_key(PEOPLE, Side.CRM, ["u-a"])["u-a"].erp_key]
    )
    world.erp.put("Customer", "C1", {"Name": "Same"})
    world.crm.put("account", world.partner("C1"), {"name": "Same", "ownerid": "u-b"})
    await world.synch(FIRMS)
    assert customer(world, "C1")["Salesperson"] == "BB"


@pytest.mark.parametrize("name", ["Firm 1", "Another name"])
async def test_an_account_coupled_by_hand_gets_its_customers_name(world: World, name: str) -> None:
    """Whether the pair differs or not, the account knows its customer after the first comparison."""
    await coupled(world)
    world.erp.put("Customer", "C9", {"Name": "Firm 1", "Salesperson": "AA"})
    world.crm.put("account", "old", {"name": name, "ownerid": "u-a"})
    job = (await world.synch(PEOPLE)).jobs[0]
    pair = Coupling(mapping=FIRMS, erp_key=ErpKey("C9"), crm_key=CrmKey("old"), agreed=None)
    world.store.add_couplings([pair], replace(job, mapping=FIRMS))
    await world.full(FIRMS)
    held = world.crm.get("account", "old")
    assert held is not None
    assert (held["name"], held["ilc_erpkey"]) == ("Firm 1", "C9")
    world.crm.writes.clear()
    await world.full(FIRMS)
    assert world.crm.writes == []
