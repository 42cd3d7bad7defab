"""What 200,000 schedules of the simulator met and no test had thought of: each as small as it can be told."""

from dataclasses import replace
from datetime import timedelta

from tests.engine.conftest import FIRMS, FROM, PEOPLE, TO, World

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import Coupling
from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.keys import CrmKey, ErpKey
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.domain.values import Value
from interlace.engine.announced import entry_of_landed
from interlace.engine.candidate import Candidate
from interlace.engine.memory import Intent, JournalEntry
from interlace.engine.ports import Deletion, Outcome, Page, Record, TableView, Write, WriteResult
from interlace.engine.remember import Batch
from interlace.engine.run_setup import pass_setup
from interlace.testing.fake_service import FakeService, ScriptedAnswer

LOST = ScriptedAnswer(outcome=Outcome.UNKNOWN)
LOST_BUT_DONE = ScriptedAnswer(outcome=Outcome.UNKNOWN, takes_effect=True)
PAIR = Coupling(mapping=FIRMS, erp_key=ErpKey("C1"), crm_key=CrmKey("a1"), agreed=None)


def account_of(world: World, erp_key: str) -> dict[str, Value]:
    """Return what the CRM holds of a customer."""
    held = world.crm.get("account", world.partner(erp_key))
    assert held is not None
    return held


async def all_coupled(world: World, *left: str) -> None:
    """Couple everything of a company in which only some customers are left."""
    for key in {"C1", "C2", "C3"} - set(left):
        world.erp.remove("Customer", key)
    await world.full(PEOPLE)
    await world.full(FIRMS)
    await world.synch(FIRMS)


def test_a_pair_that_ends_in_the_batch_in_which_it_began_is_not_stored(world: World) -> None:
    """A create was found to have taken effect, and its source to be gone: nothing is left to be coupled."""
    job = SynchJob(
        id="job", mapping=FIRMS, direction=TO, started_at=world.clock.now(), counters=Counters(), run_id="run"
    )
    setup = pass_setup(world.setup(FIRMS), TO)
    other = replace(PAIR, erp_key=ErpKey("C2"), crm_key=CrmKey("a2"))
    result = Batch(couplings=[PAIR, other], removed=[PAIR]).result(job, setup, None)
    assert list(result.couplings) == [other]


def test_the_deletion_of_a_record_whose_pair_has_ended_is_uncertain(world: World) -> None:
    """Its service may have been restored meanwhile: then the record went with the backup, not by us."""
    setup = pass_setup(world.setup(FIRMS), Direction.TO_INTEGRATION_TABLE)
    entry = JournalEntry(
        mapping=FIRMS, side=Side.CRM, key="a1", action="delete", job_id="job", before={}, after={}
    )
    intent = Intent(
        mapping=FIRMS, side=Side.CRM, source_key="C1", key="a1", creates=False, job_id="job", entry=entry
    )
    coupled = Candidate(key="C1", record=None, coupling=PAIR)
    uncoupled = Candidate(key="C1", record=None)
    assert [each.certain for each in entry_of_landed(setup, coupled, intent)] == [True]
    assert [each.certain for each in entry_of_landed(setup, uncoupled, intent)] == [False]


async def test_a_sweep_finds_the_change_that_the_other_pass_has_only_seen(world: World) -> None:
    """The pass from the CRM read the changed customer and left it alone: the sweep must still find it."""
    await all_coupled(world, "C1")
    world.change(FIRMS, update_conflict_resolution=UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION)
    world.erp.put("Customer", "C1", {"Phone": "+47 1"})
    world.crm.put("account", world.partner("C1"), {"telephone": "+47 2"})
    world.store.store_cursor(FIRMS, Side.ERP, str(10**6))
    await world.synch(FIRMS)
    assert account_of(world, "C1")["telephone"] == "+47 2"
    world.store.store_cursor(FIRMS, Side.ERP, str(10**6))
    await world.synch(FIRMS, sweep_after=timedelta())
    assert account_of(world, "C1")["telephone"] == "+47 1"


async def test_what_a_create_may_have_made_is_matched_with_nobody_else(world: World) -> None:
    """The user whose salesperson it may be comes first; the one who shares the address is listed."""
    world.crm.declare("user", read_page_size=1)
    world.crm.put("user", "u-n", {"email": "nn@example.com", "fullname": "Niko"})
    world.crm.put("user", "u-o", {"email": "NN@example.com", "fullname": "Other"})
    key = world.setup(PEOPLE).chosen_key(Side.ERP, "u-n")
    world.erp.script("Salesperson", key, LOST_BUT_DONE, LOST, LOST, LOST)
    await world.full(PEOPLE)
    await world.full(PEOPLE)
    assert world.store.partner_keys(PEOPLE, Side.ERP, [key]) == {key: "u-n"}
    held = world.erp.get("Salesperson", key)
    assert held is not None
    assert held["Name"] == "Niko"
    listed = world.store.errors_of(PEOPLE, FROM, ["u-o"])
    assert listed["u-o"].error.code is ErrorCode.MATCH_ALREADY_COUPLED


class SlowCrm(FakeService):
    """A CRM that needs 45 seconds for the first request that changes anything."""

    world: World
    deletions_at: list[float]
    reads_at: list[float]

    async def read_keys(self, view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
        """Read, and note when."""
        self.reads_at.append(self.world.clock.seconds)
        return await super().read_keys(view, keys)

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Write, late."""
        results = await super().write(view, writes)
        self.world.clock.seconds += 45.0
        return results

    async def delete(self, view: TableView, deletions: tuple[Deletion, ...]) -> list[WriteResult]:
        """Delete, and note when."""
        self.deletions_at.append(self.world.clock.seconds)
        return await super().delete(view, deletions)


async def test_a_deletion_behind_a_slow_write_is_decided_on_anew(world: World) -> None:
    """Within 45 seconds the partner may have been edited: the answer to the write was waited for that long."""
    await all_coupled(world, "C1", "C2")
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
    gone = world.partner("C2")
    world.erp.put("Customer", "C1", {"Name": "Renamed"})
    world.erp.remove("Customer", "C2")
    for key in (world.partner("C1"), gone):
        world.crm.script("account", key, ScriptedAnswer(outcome=Outcome.REJECTED))
    await world.synch(FIRMS)
    slow = SlowCrm()
    slow.__dict__.update(vars(world.crm))
    slow.world, slow.deletions_at, slow.reads_at, world.crm = world, [], [], slow
    await world.synch(FIRMS, retry_skipped=True)
    assert world.crm.get("account", gone) is None
    [deleted_at] = slow.deletions_at
    assert deleted_at - max(at for at in slow.reads_at if at <= deleted_at) <= 30.0


async def test_a_record_entered_anew_is_not_taken_for_the_one_that_was_to_be_restored(world: World) -> None:
    """Who entered the number again never saw what the CRM holds by now: that is a conflict, no edit of it."""
    await all_coupled(world, "C1")
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.RESTORE_RECORDS)
    world.erp.remove("Customer", "C1")
    world.crm.put("account", world.partner("C1"), {"telephone": "+47 2"})
    world.erp.script("Customer", "C1", *[LOST] * 4)
    await world.synch(FIRMS)
    world.erp.put(
        "Customer", "C1", {"Name": "Firm 1", "Phone": "+47 3", "Salesperson": "AA", "Blocked": None}
    )
    await world.synch(FIRMS)
    assert account_of(world, "C1")["telephone"] == "+47 2"
    listed = [*world.store.errors_of(FIRMS, TO, ["C1"]).values()]
    listed += world.store.errors_of(FIRMS, FROM, [world.partner("C1")]).values()
    assert ErrorCode.UPDATE_CONFLICT in {each.error.code for each in listed}


async def test_a_restore_under_a_key_of_the_services_choosing_may_be_refused_for_good(world: World) -> None:
    """Sent again once its time was over, and refused: the pair is looked at anew, and the record listed."""
    world.erp.declare("Customer", insert_with_key=False, mark_field="Mark")
    await all_coupled(world, "C1")
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.RESTORE_RECORDS)
    account = world.partner("C1")
    mark = world.setup(FIRMS).chosen_key(Side.ERP, account)
    refused = ScriptedAnswer(outcome=Outcome.REJECTED)
    world.erp.remove("Customer", "C1")
    world.erp.script("Customer", mark, LOST, refused, refused)
    await world.synch(FIRMS)
    world.clock.seconds += 1000
    await world.synch(FIRMS)
    listed = world.store.errors_of(FIRMS, FROM, [account])
    assert listed[account].error.code is ErrorCode.REJECTED_BY_SERVICE
    await world.synch(FIRMS, retry_skipped=True)
    assert world.store.partner_keys(FIRMS, Side.CRM, [account]) == {account: "S00001"}


class BusyCrm(FakeService):
    """A CRM during whose first write somebody deletes a customer, who is entered anew when its table is read."""

    erp: FakeService
    held: dict[str, Value] | None = None

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Write; meanwhile the customer goes."""
        if self.held is None:
            self.held = self.erp.get("Customer", "C1")
            self.erp.remove("Customer", "C1")
        return await super().write(view, writes)

    async def read_page(self, view: TableView, after: str | None) -> Page:
        """Read; meanwhile the customer comes back."""
        if view.table == "account" and self.held is not None:
            self.erp.put("Customer", "C1", self.held)
        return await super().read_page(view, after)


async def test_a_number_entered_anew_in_the_first_run_is_found(world: World) -> None:
    """Its first pair ended in this very run, which is the first: the account that is left names it already."""
    await world.full(PEOPLE)
    for key in ("C2", "C3"):
        world.erp.remove("Customer", key)
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.REMOVE_COUPLING)
    account = world.setup(FIRMS).chosen_key(Side.CRM, "C1")
    world.crm.script("account", account, ScriptedAnswer(outcome=Outcome.EXISTS, takes_effect=True))
    busy = BusyCrm()
    busy.__dict__.update(vars(world.crm))
    busy.erp, world.crm = world.erp, busy
    await world.full(FIRMS)
    assert world.erp.keys("Customer") == ["C1"]
    assert world.partner("C1") == account


class BusyErp(FakeService):
    """An ERP in which somebody enters a customer anew just before the first create arrives."""

    entered: dict[str, Value] | None = None

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Write, a moment after the customer came back."""
        if view.table == "Customer" and self.entered is not None:
            self.put("Customer", "C1", self.entered)
            self.entered = None
        return await super().write(view, writes)


async def test_a_number_entered_anew_behind_our_look_is_listed(world: World) -> None:
    """A stated limit: the account has a customer by then, and a person says which of the two is to stay."""
    await all_coupled(world, "C1")
    world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.REMOVE_COUPLING)
    account, busy = world.partner("C1"), BusyErp()
    busy.__dict__.update(vars(world.erp))
    busy.entered, world.erp = world.erp.get("Customer", "C1"), busy
    world.erp.remove("Customer", "C1")
    await world.full(FIRMS)
    await world.full(FIRMS)
    [number] = set(world.erp.keys("Customer")) - {"C1"}
    assert world.partner(number) == account
    assert world.crm.keys("account") == [account]
    listed = world.store.errors_of(FIRMS, TO, ["C1"])
    assert listed["C1"].error.code is ErrorCode.MATCH_ALREADY_COUPLED
