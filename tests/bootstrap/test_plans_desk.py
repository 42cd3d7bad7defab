"""Plans and verification over the desk of a running server: made, applied, undone and judged, over both services."""

import asyncio
from collections.abc import Iterator

import msgspec
import pytest
from tests.bootstrap.plans_place import Place, plans_place
from tests.bootstrap.serving_ends import until

from interlace.bootstrap.background_verification import BackgroundVerification
from interlace.bootstrap.background_work import BackgroundWork
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.kept_files import take_work
from interlace.bootstrap.kept_plans import PlanState
from interlace.bootstrap.verification import own_settings, verify_connection
from interlace.cli.exit_codes import ExitCode
from interlace.domain.side import Side
from interlace.management import plans, undo, verification
from interlace.management.findings import LIST_FINDINGS
from interlace.management.listing import ListAsked
from interlace.management.operation import Operation
from interlace.management.plan_list import ListPlans
from interlace.management.plans import ChosenActions, MakePlan, OnePlan, PlanShown, PlanUndoing
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.undo import Undo
from interlace.management.verification import (
    OneVerdict,
    ShowVerification,
    StartVerification,
    StopVerification,
)
from interlace.store.encoding import JsonValue
from interlace.verify.verify_report import VerifyReport


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on a state whose customers are synchronized."""
    with plans_place(tmp_path_factory.mktemp("plans")) as found:
        yield found


def test_a_plan_is_made_looked_at_and_applied(place: Place) -> None:
    """It writes nothing until it is applied, then just what it shows; what moved meanwhile is refused and named."""
    place.services.edit("CUSTOMER", Side.ERP, "C00010", {"Name": "Planned"})
    place.services.edit("CUSTOMER", Side.ERP, "C00020", {"Name": "Planned too"})
    written = place.services.written
    plan = place.made("CUSTOMER")
    assert place.services.written == written
    assert (plan.state, plan.why_not, plan.writes, plan.made_by) == ("ready", "", 2, "ana")
    assert [(each.mapping, each.planned["change"]) for each in plan.mappings] == [("CUSTOMER", 2)]
    [row] = place.actions(plan, source_key="C00010")
    [write] = row.writes
    [field] = write.fields
    assert (row.kind, write.side, field.name, field.after) == ("change", "crm", "name", "Planned")
    assert field.before
    assert f"CRM name: {field.before} → Planned" in row.changes
    assert place.actions(plan, kind="create") == ()
    place.services.edit("CUSTOMER", Side.ERP, "C00020", {"Name": "Moved"})
    place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    applied = place.through(plan.id)
    assert (applied.state, applied.applied_by, applied.ended) == (
        "applied",
        "ana",
        {"applied": 1, "refused": 1},
    )
    [refused] = place.actions(plan, ending="refused")
    assert refused.source_key == "C00020"
    assert "Moved" in refused.reason
    with pytest.raises(Refused) as again:
        place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    assert again.value.kind is RefusalKind.CHANGED_MEANWHILE
    assert plan.id in {each.id for each in place.ask(plans.LIST, ListPlans()).rows}


def test_an_undo_says_why_a_record_is_left(place: Place) -> None:
    """What a person changed since stays, and the answer names it; with nothing left there is no reason to tell."""
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}
    place.services.edit("CUSTOMER", Side.ERP, "C00040", {"Name": "Sent"})
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}
    partner = place.services.partner("CUSTOMER", "C00040")
    asked = Undo(subject=partner, mapping="CUSTOMER")
    place.services.edit("CUSTOMER", Side.CRM, partner, {"name": "Somebody's"})
    left = place.ask(undo.CARRY_OUT, asked)
    assert (left.done, left.left) == (0, 1)
    assert left.message == (
        "0 records have their earlier values again; 1 are left as they are. "
        'Why: left as somebody changed it since: name is "Somebody\'s"'
    )
    place.services.edit("CUSTOMER", Side.CRM, partner, {"name": "Sent"})
    back = place.ask(undo.CARRY_OUT, asked)
    assert back.message == "1 records have their earlier values again."


def test_what_a_person_leaves_out_is_not_written(place: Place) -> None:
    """By record or by kind, and taken in again; the rest is written, and the list tells what was left out."""
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}
    for key in ("C00060", "C00070", "C00080"):
        place.services.edit("CUSTOMER", Side.ERP, key, {"Name": f"Chosen {key}"})
    plan = place.made("CUSTOMER")
    numbers = {each.source_key: each.number for each in place.actions(plan, kind="change")}
    assert numbers.keys() == {"C00060", "C00070", "C00080"}

    def choose(operation: Operation[ChosenActions, plans.PlanBegun], **chosen: object) -> PlanShown:
        """Choose, and return the plan."""
        place.ask(operation, msgspec.convert({"plan_id": plan.id, **chosen}, ChosenActions))
        return place.ask(plans.SHOW, OnePlan(plan_id=plan.id))

    every = choose(plans.LEAVE_OUT, kind="change")
    assert (every.writes, every.left_out, every.why_not) == (0, 3, "Every record is left out")
    none = choose(plans.TAKE_IN, mapping="CUSTOMER")
    assert (none.writes, none.left_out, none.why_not) == (3, 0, "")
    one = choose(plans.LEAVE_OUT, records=[numbers["C00070"]])
    [of_customers] = one.mappings
    assert (one.writes, of_customers.left_out) == (2, {"change": 1})
    assert [each.source_key for each in place.actions(plan, ending="left_out")] == ["C00070"]
    place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    applied = place.through(plan.id)
    assert (applied.state, applied.ended, applied.left_out) == ("applied", {"applied": 2}, 1)
    endings = {each.source_key: each.ending for each in place.actions(plan, kind="change")}
    assert endings == {"C00060": "applied", "C00070": "left_out", "C00080": "applied"}
    with pytest.raises(Refused) as late:
        choose(plans.TAKE_IN, records=[numbers["C00070"]])
    assert late.value.kind is RefusalKind.CHANGED_MEANWHILE
    [left] = place.actions(place.made("CUSTOMER"), kind="change")
    assert left.source_key == "C00070"
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}


def test_a_choice_of_nothing_is_refused(place: Place) -> None:
    """Without a record, and of records that the plan doesn't write."""
    plan = place.made("CURRENCY", full=True)
    for chosen in (
        ChosenActions(plan_id=plan.id),
        ChosenActions(plan_id=plan.id, records=(0, 1_000_000)),
        ChosenActions(plan_id=plan.id, kind="fail"),
    ):
        with pytest.raises(Refused) as refused:
            place.ask(plans.LEAVE_OUT, chosen)
        assert refused.value.kind is RefusalKind.INVALID


def test_an_undo_is_kept_as_a_plan_and_applied(place: Place) -> None:
    """Somebody else can look at it first; the record has its earlier value again afterwards."""
    place.services.edit("CUSTOMER", Side.ERP, "C00040", {"Name": "To be taken back"})
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}
    begun = place.ask(plans.UNDO, PlanUndoing(subject="C00040", mapping="CUSTOMER"))
    plan = place.through(begun.plan_id)
    assert (plan.kind, plan.subject, plan.writes, plan.state) == ("undo", "C00040", 1, "ready")
    [row] = place.actions(plan)
    assert row.writes[0].fields[0].before == "To be taken back"
    place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    assert place.through(plan.id).ended == {"applied": 1}


def test_a_plan_that_would_write_nothing_says_so(place: Place) -> None:
    """It can't be applied, only removed; then it is gone."""
    plan = place.made("CURRENCY")
    assert plan.why_not
    assert plan.writes == 0
    with pytest.raises(Refused):
        place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    with pytest.raises(Refused):
        place.ask(plans.STOP, OnePlan(plan_id=plan.id))
    place.ask(plans.REMOVE, OnePlan(plan_id=plan.id))
    with pytest.raises(Refused) as gone:
        place.ask(plans.SHOW, OnePlan(plan_id=plan.id))
    assert gone.value.kind is RefusalKind.NOT_FOUND


def test_what_can_not_be_planned_is_refused_or_told(place: Place) -> None:
    """Orders are decided one by one; what fails while a plan is made stands in it."""
    with pytest.raises(Refused):
        place.ask(plans.MAKE, MakePlan(mappings=("SALESORDER-ORDER",)))
    with pytest.raises(Refused):
        place.ask(plans.MAKE, MakePlan(mappings=("NO SUCH MAPPING",)))
    begun = place.ask(plans.UNDO, PlanUndoing(subject="nobody wrote this"))
    failed = place.through(begun.plan_id)
    assert failed.state == "failed"
    assert "nobody wrote this" in " ".join(failed.problem)


def test_one_plan_is_worked_on_at_a_time(place: Place) -> None:
    """While one is being made no other begins, and it can't be removed; who works on it is asked to stop."""
    kept = place.server.plans.kept
    plan = place.made("CURRENCY")
    held = kept.read_as_written(plan.id)
    assert held is not None
    lock = take_work(kept.place(plan.id), "test")
    assert lock is not None
    kept.write(msgspec.structs.replace(held, state=PlanState.PLANNING))
    with pytest.raises(Refused):
        place.ask(plans.MAKE, MakePlan(mappings=("CURRENCY",)))
    with pytest.raises(Refused):
        place.ask(plans.REMOVE, OnePlan(plan_id=plan.id))
    place.ask(plans.STOP, OnePlan(plan_id=plan.id))
    assert (kept.place(plan.id) / "stop").exists()
    lock.release()
    assert place.ask(plans.SHOW, OnePlan(plan_id=plan.id)).state == "stopped"


def test_both_sides_are_verified_in_the_background(place: Place) -> None:
    """The verdict is kept, by mapping and with its records; one judgement of a connection runs at a time."""
    asked = ShowVerification()
    assert place.ask(verification.SHOW, asked).judged_at is None
    with pytest.raises(Refused):
        place.ask(verification.MAPPING, OneVerdict(mapping="CUSTOMER"))
    place.services.edit("CUSTOMER", Side.CRM, place.services.partner("CUSTOMER", "C00050"), {"fax": "other"})
    place.ask(verification.START, StartVerification())
    until(lambda: not place.ask(verification.SHOW, asked).is_running, "the verdict")
    shown = place.ask(verification.SHOW, asked)
    assert (shown.problem, shown.judged_by, shown.green) == ((), "ana", False)
    counts = {each.mapping: each for each in shown.mappings}
    assert counts["CUSTOMER"].different
    assert counts["CURRENCY"].green
    found = place.ask(verification.MAPPING, OneVerdict(mapping="CUSTOMER"))
    assert found.drifted_fields["Fax_No>fax"] == 1
    different = {"mapping": "CUSTOMER", "found": "drifted", "crm_field": "fax"}
    [difference] = place.ask(LIST_FINDINGS, ListAsked(filters=different)).rows
    assert (difference.record, difference.crm_value) == ("C00050", "other")
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}
    kept = place.server.verification.kept
    [connection] = place.server.application.connections()
    lock = take_work(kept.place(connection.id), "test")
    assert lock is not None
    with pytest.raises(Refused):
        place.ask(verification.START, StartVerification())
    held = kept.judgement(connection.id)
    assert held is not None
    kept.keep_judgement(connection.id, msgspec.structs.replace(held, is_running=True))
    assert place.ask(verification.SHOW, asked).is_running
    lock.release()
    broken_off = place.ask(verification.SHOW, asked)
    assert not broken_off.is_running
    assert broken_off.problem


def test_a_verification_is_stopped_and_the_verdict_before_stays(place: Place) -> None:
    """From the page's operation and from the command, in whichever process it runs; one that is over is not."""
    asked = ShowVerification()
    before = place.ask(verification.SHOW, asked).judged_at
    with pytest.raises(Refused):
        place.ask(verification.STOP, StopVerification())
    assert place.services.interlace("verify", "--stop").code == ExitCode.CONFIGURATION

    async def for_ever(*_arguments: object) -> VerifyReport:
        """Judge without an end."""
        return await asyncio.Future()

    application, background = place.server.application, BackgroundWork()
    [connection] = application.connections()
    verifying = BackgroundVerification(application, background, for_ever)
    for stop in (
        lambda: place.ask(verification.STOP, StopVerification()),
        lambda: place.services.interlace("verify", "--stop"),
    ):
        verifying.start(connection, person="ana")
        running = place.ask(verification.SHOW, asked)
        assert (running.is_running, running.is_stopped) == (True, False)
        stop()
        until(lambda: not place.ask(verification.SHOW, asked).is_running, "the end")
        shown = place.ask(verification.SHOW, asked)
        assert (shown.is_stopped, shown.problem, shown.judged_at) == (True, (), before)
    background.close()


def test_the_judge_is_told_what_users_changed(place: Place) -> None:
    """Kept settings that are the default's say nothing; a changed direction leaves rows without part."""
    application = place.server.application
    [connection] = application.connections()
    account = place.services.partner("CUSTOMER", "C00060")
    disabled: list[JsonValue] = ["Fax_No>fax"]
    place.services.edit("CUSTOMER", Side.CRM, account, {"fax": "kept apart"})
    application.state.store_mapping_settings(
        connection.id,
        "CUSTOMER",
        {
            "direction": "ToIntegrationTable",
            "synch_only_coupled_records": True,
            "disabled_fields": disabled,
        },
    )
    own = own_settings(application, connection)
    assert own["CUSTOMER"].kept == {"direction": "ToIntegrationTable", "disabled_fields": disabled}
    assert own["CUSTOMER"].without_part
    assert own["CURRENCY"].kept == {}
    report = verify_connection(application, connection)
    [customers] = [each for each in report.verdicts if each.mapping == "CUSTOMER"]
    assert "fax" not in {each.crm_column for each in customers.differences}
    application.state.store_mapping_settings(connection.id, "CUSTOMER", {"table_filter": "nonsense"})
    with pytest.raises(ConnectionProblem):
        verify_connection(application, connection)
    application.state.store_mapping_settings(connection.id, "CUSTOMER", {})
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}


@pytest.mark.parametrize(
    "asked",
    [
        ListAsked(filters={"plan_id": "000000000000"}),
        ListAsked(filters={"plan_id": "../../secret"}),
    ],
)
def test_a_list_of_no_plan_is_refused(place: Place, asked: ListAsked) -> None:
    """The actions of a plan are listed by its id; without one, those of the newest plan."""
    with pytest.raises(Refused):
        place.ask(plans.ACTIONS, asked)
    newest = place.made("CURRENCY", full=True)
    assert {each.plan_id for each in place.ask(plans.ACTIONS, ListAsked()).rows} <= {newest.id}


def test_a_place_in_a_list_that_is_none_is_refused(place: Place) -> None:
    """A cursor of another list, or into the middle of a line, is no page."""
    plan = place.made("CURRENCY", full=True)
    for cursor in ("nonsense", "WyJudW1iZXIiLFsxLCJ4Il0sZmFsc2Vd", "WyJudW1iZXIiLFsxLDddLGZhbHNlXQ"):
        with pytest.raises(Refused):
            place.ask(plans.ACTIONS, ListAsked(filters={"plan_id": plan.id}, cursor=cursor, counted=False))
    with pytest.raises(Refused):
        place.ask(plans.ACTIONS, ListAsked(filters={"plan_id": plan.id}, sort="mapping"))
