"""Every documented error code is one that a record can get: each is provoked here, by the engine or its use cases."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from tests.engine.conftest import FIRMS, PEOPLE, TO, World, both

from interlace.connectors.runner import run
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.integration_table_mapping import DeletionConflictResolution
from interlace.domain.plan import PlannedAction
from interlace.domain.side import Side
from interlace.domain.synch_job import Counters, SynchJob
from interlace.engine.apply_plan import PlanApplication
from interlace.engine.apply_undo import UndoApplication
from interlace.engine.plan import Planner
from interlace.engine.ports import Outcome
from interlace.engine.undo import Journalled, plan_undo
from interlace.store.database import Database
from interlace.store.error_list import ErrorList
from interlace.store.journal import JournalSelection
from interlace.store.queries import StoreQueries
from interlace.testing.fake_record import FakeRecord
from interlace.testing.fake_service import ScriptedAnswer

MARK = "ilc_mark"
ALWAYS = 12
"""More answers than a run repeats a write."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The world, and what people see of its error list and journal."""

    world: World
    errors: ErrorList
    queries: StoreQueries

    async def coupled(self) -> None:
        """Bring the world to its first agreement."""
        await self.world.full(PEOPLE)
        await self.world.full(FIRMS)
        await self.world.synch(FIRMS)

    def answer(self, key: str, outcome: Outcome, error: RecordError | None = None) -> None:
        """Let every write of an account end in one way."""
        answers = [ScriptedAnswer(outcome=outcome, error=error) for _ in range(ALWAYS)]
        self.world.crm.script("account", key, *answers)


@pytest.fixture
def stage(world: World, database: Database) -> Stage:
    """The world with its lists."""
    return Stage(world=world, errors=ErrorList(database, world.clock.now), queries=StoreQueries(database))


async def reference_not_coupled(stage: Stage) -> None:
    """The customers' salesperson has no user."""
    await stage.world.full(FIRMS)


async def reference_cleared(stage: Stage) -> None:
    """The same, where the field row lets the reference stay blank."""
    owner, *others = stage.world.mappings[FIRMS].fields
    stage.world.change(FIRMS, fields=(replace(owner, clear_value_on_failed_sync=True), *others))
    await stage.world.full(FIRMS)


async def update_conflict(stage: Stage) -> None:
    """Both sides change one field."""
    await stage.coupled()
    stage.world.erp.put("Customer", "C1", {"Name": "ERP's"})
    stage.world.crm.put("account", stage.world.partner("C1"), {"name": "CRM's"})
    await stage.world.synch(FIRMS)


async def partner_deleted(stage: Stage) -> None:
    """One record of a pair goes."""
    await stage.coupled()
    stage.world.crm.remove("account", stage.world.partner("C1"))
    await stage.world.synch(FIRMS)


async def match_ambiguous(stage: Stage) -> None:
    """Two salespeople have a user's address."""
    stage.world.erp.put("Salesperson", "A2", {"E_Mail": "aa@example.com", "Name": "Aroha too"})
    await stage.world.full(PEOPLE)


async def match_already_coupled(stage: Stage) -> None:
    """A second user has the address of a salesperson who has one."""
    await stage.world.full(PEOPLE)
    stage.world.crm.put("user", "u-x", {"email": "aa@example.com", "fullname": "Aroha"})
    await stage.world.full(PEOPLE)


async def deleted_and_changed(stage: Stage) -> None:
    """One record goes, the other one is edited, and the policy would delete it."""
    stage.world.change(FIRMS, deletion_conflict_resolution=DeletionConflictResolution.DELETE)
    await stage.coupled()
    stage.world.crm.remove("account", stage.world.partner("C1"))
    stage.world.erp.put("Customer", "C1", {"Name": "still wanted"})
    await stage.world.synch(FIRMS)


async def mark_ambiguous(stage: Stage) -> None:
    """Two accounts carry the mark of one create."""
    stage.world.crm.declare("account", insert_with_key=False, mark_field=MARK)
    mark = stage.world.setup(FIRMS).chosen_key(Side.CRM, "C1")
    for key in ("first", "copy"):
        stage.world.crm.put("account", key, {"name": "Firm 1", MARK: mark})
    await stage.world.full(PEOPLE)
    await stage.world.full(FIRMS)


async def reappeared(stage: Stage) -> None:
    """A backup of the ERP brings a record back that both sides had deleted."""
    world = stage.world
    await stage.coupled()
    held = world.erp.get("Customer", "C1")
    assert held is not None
    assert world.erp.markers is not None
    backup = dict(world.erp.markers)
    world.crm.remove("account", world.partner("C1"))
    world.erp.remove("Customer", "C1")
    await world.synch(FIRMS, compare_all=True)
    world.erp.put("Customer", "C1", held)
    world.erp.markers.update(backup)
    await world.full(FIRMS)


async def held_after_undo(stage: Stage) -> None:
    """A person takes a change back."""
    world = stage.world
    await stage.coupled()
    world.erp.put("Customer", "C1", {"Name": "a mistake"})
    result = await world.synch(FIRMS)
    job_ids = tuple(job.id for job in result.jobs)
    written = stage.queries.journalled_writes(world.connection, JournalSelection(job_ids=job_ids))
    entries = [Journalled(sequence=it.sequence, at=it.at, entry=it.entry) for it in written]
    actions: list[PlannedAction] = []
    setup = world.setup(FIRMS)
    await run(plan_undo(setup, entries, actions.append), world.erp, world.crm, world.clock)
    undo = UndoApplication(
        run=setup,
        journal={each.sequence: each for each in entries},
        job=SynchJob(
            id="undo",
            mapping=FIRMS,
            direction=TO,
            started_at=datetime(2026, 1, 1, tzinfo=UTC),
            counters=Counters(),
            run_id=setup.run_id,
        ),
        told=lambda _: None,
    )
    await run(undo.carry_out(actions), world.erp, world.crm, world.clock)


async def rejected_by_service(stage: Stage) -> None:
    """The service refuses a value."""
    stage.world.crm.refuse_value("account", "telephone", "is wrong")
    await stage.world.full(PEOPLE)
    await stage.world.full(FIRMS)


class Unwilling:
    """A rule that turns no value into another one."""

    def apply(self, value: object) -> str:
        """Refuse it."""
        raise ValueError("it is no number")


async def value_not_transferable(stage: Stage) -> None:
    """A transformation rule can't make the value."""
    row = both("Phone", "telephone", to_rules=(Unwilling(),))
    stage.world.change(FIRMS, fields=(*stage.world.mappings[FIRMS].fields[:2], row))
    await stage.world.full(PEOPLE)
    await stage.world.full(FIRMS)


async def privilege_missing(stage: Stage) -> None:
    """The service lets us in, but not write the record."""
    await stage.coupled()
    error = RecordError(code=ErrorCode.PRIVILEGE_MISSING, message="The right to write is missing. Give it.")
    stage.answer(stage.world.partner("C1"), Outcome.REJECTED, error)
    stage.world.erp.put("Customer", "C1", {"Name": "new"})
    await stage.world.synch(FIRMS)


async def changed_meanwhile(stage: Stage) -> None:
    """Someone keeps changing the record."""
    await stage.coupled()
    stage.answer(stage.world.partner("C1"), Outcome.STALE)
    stage.world.erp.put("Customer", "C1", {"Name": "new"})
    await stage.world.synch(FIRMS)


async def outcome_unknown(stage: Stage) -> None:
    """No answer comes, however often it is sent."""
    await stage.coupled()
    stage.answer(stage.world.partner("C1"), Outcome.UNKNOWN)
    stage.world.erp.put("Customer", "C1", {"Name": "new"})
    await stage.world.synch(FIRMS)


async def service_unavailable(stage: Stage) -> None:
    """The service has no time."""
    await stage.coupled()
    stage.answer(stage.world.partner("C1"), Outcome.RETRY_LATER)
    stage.world.erp.put("Customer", "C1", {"Name": "new"})
    await stage.world.synch(FIRMS)


async def create_waits(stage: Stage) -> None:
    """A create got no answer from a service that chooses its keys: the next run may not repeat it yet."""
    stage.world.crm.declare("account", insert_with_key=False, mark_field=MARK, max_request_life_seconds=600.0)
    stage.answer(stage.world.setup(FIRMS).chosen_key(Side.CRM, "C1"), Outcome.UNKNOWN)
    await stage.world.full(PEOPLE)
    await stage.world.full(FIRMS)
    await stage.world.full(FIRMS)


async def plan_moved(stage: Stage) -> None:
    """The record is edited between plan and application."""
    world = stage.world
    await stage.coupled()
    world.erp.put("Customer", "C1", {"Name": "planned"})
    actions: list[PlannedAction] = []
    planning = Planner(world.store, actions.append).stage(world.setup(FIRMS), 0)
    await run(planning, world.erp, world.crm, world.clock)
    world.erp.put("Customer", "C1", {"Name": "moved"})
    await run(PlanApplication().stage(world.setup(FIRMS), actions), world.erp, world.crm, world.clock)


class Poisoned(FakeRecord):
    """A record on which our own code fails."""

    def values(self) -> tuple[str, ...]:
        """Fail as nobody expects it."""
        raise KeyError("secret value")


async def defect(stage: Stage) -> None:
    """Interlace fails on one record."""
    await stage.coupled()
    poison(stage.world, "C1")
    stage.world.erp.put("Customer", "C1", {"Name": "new"})
    await stage.world.synch(FIRMS)


def poison(world: World, key: str) -> None:
    """Let one ERP record be one that can't be read."""
    honest = world.erp._record  # noqa: SLF001  (a record that our code fails on is none of a service's doing)

    def record(view: object, of: str) -> FakeRecord:
        read = honest(view, of)  # type: ignore[arg-type]
        return Poisoned(key=of, tag=read.tag, values=()) if of == key else read

    world.erp._record = record  # type: ignore[assignment,method-assign]  # noqa: SLF001


CASES: dict[ErrorCode, Callable[[Stage], Awaitable[None]]] = {
    ErrorCode.REFERENCE_NOT_COUPLED: reference_not_coupled,
    ErrorCode.REFERENCE_CLEARED: reference_cleared,
    ErrorCode.UPDATE_CONFLICT: update_conflict,
    ErrorCode.PARTNER_DELETED: partner_deleted,
    ErrorCode.MATCH_AMBIGUOUS: match_ambiguous,
    ErrorCode.MATCH_ALREADY_COUPLED: match_already_coupled,
    ErrorCode.DELETED_AND_CHANGED: deleted_and_changed,
    ErrorCode.MARK_AMBIGUOUS: mark_ambiguous,
    ErrorCode.REAPPEARED: reappeared,
    ErrorCode.HELD_AFTER_UNDO: held_after_undo,
    ErrorCode.REJECTED_BY_SERVICE: rejected_by_service,
    ErrorCode.VALUE_NOT_TRANSFERABLE: value_not_transferable,
    ErrorCode.PRIVILEGE_MISSING: privilege_missing,
    ErrorCode.CHANGED_MEANWHILE: changed_meanwhile,
    ErrorCode.OUTCOME_UNKNOWN: outcome_unknown,
    ErrorCode.SERVICE_UNAVAILABLE: service_unavailable,
    ErrorCode.CREATE_WAITS: create_waits,
    ErrorCode.PLAN_MOVED: plan_moved,
    ErrorCode.DEFECT: defect,
}


def test_every_code_has_a_case() -> None:
    """A code that nothing can produce is not documented; a new one is provoked here."""
    assert set(CASES) == set(ErrorCode)


@pytest.mark.parametrize("code", CASES, ids=lambda code: code.value)
async def test_the_code_is_given_and_its_text_names_the_record(stage: Stage, code: ErrorCode) -> None:
    """What happened, to which record, by table and key; in whole sentences."""
    await CASES[code](stage)
    found = stage.errors.found(stage.world.connection, code=code)
    assert found, [each.error for each in stage.errors.found(stage.world.connection)]
    for each in found:
        message = each.error.message
        assert each.source_key in message
        assert any(table in message for table in ("Customer", "account", "Salesperson", "user"))
        assert message.rstrip("`")[-1] in ".)" or message.endswith(("PEOPLE", "FIRMS"))


async def test_a_defect_costs_one_record_and_tells_no_value(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """The others go on; kind and place are told, the rest stands in the log."""
    await stage.coupled()
    poison(stage.world, "C2")
    for key in ("C1", "C2", "C3"):
        stage.world.erp.put("Customer", key, {"Name": f"new {key}"})
    await stage.world.synch(FIRMS)
    (error,) = stage.errors.found(stage.world.connection)
    assert error.source_key == "C2"
    assert "KeyError in test_every_error_code.py" in error.error.message
    assert "secret value" not in error.error.message
    assert "secret value" in caplog.text
    for key in ("C1", "C3"):
        account = stage.world.crm.get("account", stage.world.partner(key))
        assert account is not None
        assert account["name"] == f"new {key}"


@pytest.mark.parametrize("whole", [False, True])
async def test_what_a_backup_brought_back_waits_for_a_person(stage: Stage, *, whole: bool) -> None:
    """Neither the next run nor a full one creates its partner; a person's word does."""
    world = stage.world
    await reappeared(stage)
    accounts = len(world.crm.keys("account"))
    for _ in range(3):
        await world.synch(FIRMS, create_new=whole, compare_all=whole, retry_skipped=whole)
        world.clock.seconds += 100_000
    assert len(world.crm.keys("account")) == accounts
    (error,) = stage.errors.found(world.connection, code=ErrorCode.REAPPEARED)
    assert stage.errors.retry(world.connection, keys=[error.source_key]) == 1
    await world.synch(FIRMS)
    assert len(world.crm.keys("account")) == accounts + 1
    assert stage.errors.found(world.connection) == []
