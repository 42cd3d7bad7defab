"""Risky plans need two people: over the desk of a running server, both services, and the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.bootstrap.plans_place import ANA, Place, plans_place

from interlace.bootstrap.kept_files import take_work
from interlace.bootstrap.notifying.notify import notify
from interlace.cli.exit_codes import ExitCode
from interlace.domain.side import Side
from interlace.management import approvals, audit, home, plans, undo
from interlace.management.approvals import ChangeRules
from interlace.management.audit import ListEntries
from interlace.management.caller import Caller
from interlace.management.connections import OneConnection
from interlace.management.home import ShowHome
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.plan_list import ListPlans
from interlace.management.plans import ChosenActions, DecideOnPlan, OnePlan, PlanBegun, PlanShown, PlanUndoing
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.undo import Undo
from interlace.store.users import StoredUser

TANE = replace(ANA, user_id="2", name="tane")
RULE = "CUSTOMER.Credit_Limit_LCY"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A server on a state whose customers are synchronized."""
    with plans_place(tmp_path_factory.mktemp("approvals")) as found:
        yield found


@pytest.fixture(autouse=True)
def no_rules_afterwards(place: Place) -> Iterator[None]:
    """Leave the place without rules, and with nothing left to synchronize."""
    yield
    change_rules(place)
    assert place.services.interlace("synch", "CUSTOMER").code in {0, 3}


def change_rules(place: Place, *fields: str, deletions: str = "", changes: str = "") -> None:
    """Put rules in place of those that are."""
    asked = ChangeRules(fields=fields, deletions_percent=deletions, changes_percent=changes)
    place.ask(approvals.CHANGE, asked)


def shown(place: Place, plan: PlanShown) -> PlanShown:
    """Return a plan as it stands now."""
    return place.ask(plans.SHOW, OnePlan(plan_id=plan.id))


def decide(
    place: Place,
    plan: PlanShown,
    caller: Caller = TANE,
    *,
    operation: Operation[DecideOnPlan, PlanBegun] = plans.APPROVE,
    note: str = "",
    content: str | None = None,
) -> PlanShown:
    """Decide on what a plan is, or was seen to be; gives it as it is then."""
    asked = DecideOnPlan(plan_id=plan.id, content=plan.content if content is None else content, note=note)
    place.ask(operation, asked, caller)
    return shown(place, plan)


def refusal(place: Place, plan: PlanShown, caller: Caller = TANE, **decision: object) -> Refused:
    """Return why nothing could be decided."""
    with pytest.raises(Refused) as refused:
        decide(place, plan, caller, **decision)  # type: ignore[arg-type]
    return refused.value


def why_not_applied(place: Place, plan: PlanShown) -> str:
    """Return why a plan can't be applied."""
    with pytest.raises(Refused) as refused:
        place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    return refused.value.text


@contextmanager
def unreadable(place: Place, plan: PlanShown) -> Iterator[None]:
    """Leave only the end of a plan's file, where its digest stands, as it was."""
    file = place.server.plans.kept.plan_file(plan.id)
    content = file.read_bytes()
    *_, end = content.splitlines(keepends=True)
    file.write_bytes(b"?" * (len(content) - len(end)) + b"\n" + end)
    try:
        yield
    finally:
        file.write_bytes(content)


def credit_limit(place: Place, key: str) -> object:
    """Return a customer's credit limit as the CRM holds it."""
    account = place.services.partner("CUSTOMER", key)
    return place.services.held()["crm", "account.", account]["creditlimit"]


def test_a_risky_plan_is_applied_once_another_user_has_approved_exactly_that(place: Place) -> None:
    """It names rule, records and values and waits; a change of it waits again; who decided what is in the audit log."""
    change_rules(place, "customer.CREDITLIMIT")
    rules = place.ask(approvals.SHOW, OneConnection())
    assert (rules.fields, rules.deletions_percent) == ((RULE,), None)
    assert RULE in rules.known
    place.services.edit("CUSTOMER", Side.ERP, "C00010", {"Credit_Limit_LCY": Decimal(987_000)})
    place.services.edit("CUSTOMER", Side.ERP, "C00020", {"Name": "Not risky"})
    written = place.services.written
    plan = place.made("CUSTOMER")
    with unreadable(place, plan):
        counted = place.ask(home.SHOW, ShowHome())
    assert (counted.plans_to_approve, counted.plans_ready) == (1, 0)
    [rule] = plan.rules
    [record] = rule.records
    assert (plan.state, plan.writes, rule.rule, rule.count) == ("waiting", 2, f"changes of {RULE}", 1)
    assert (record.source_key, Decimal(record.after)) == ("C00010", Decimal(987_000))
    assert Decimal(record.before) == credit_limit(place, "C00010")
    waiting = ListPlans(filters={"state": "waiting"})
    assert [each.id for each in place.ask(plans.LIST, waiting).rows] == [plan.id]
    assert "a user other than ana" in why_not_applied(place, plan)

    own = refusal(place, plan, replace(ANA, name="Ana"))
    assert (own.kind, "ana made this plan" in own.text) == (RefusalKind.FORBIDDEN, True)
    reader = replace(TANE, permissions=frozenset({Permission.READ}))
    assert refusal(place, plan, reader).code == Permission.APPROVE.value
    assert refusal(place, plan, replace(TANE, token_id="abcdefgh")).code == "needs-a-person"
    assert "changed since you looked" in refusal(place, plan, content="of before").text

    approved = decide(place, plan, note="Agreed with the bank")
    assert (approved.state, approved.why_not) == ("ready", "")
    assert (approved.decision, approved.decided_by, approved.note) == (
        "approved",
        "tane",
        "Agreed with the bank",
    )
    assert "approved already" in refusal(place, plan).text
    [harmless] = place.actions(plan, source_key="C00020")
    place.ask(plans.LEAVE_OUT, ChosenActions(plan_id=plan.id, records=(harmless.number,)))
    changed = shown(place, plan)
    assert changed.state == "waiting"
    assert "was changed since tane decided on it" in why_not_applied(place, plan)
    assert refusal(place, plan).kind is RefusalKind.CHANGED_MEANWHILE
    assert place.services.written == written
    decide(place, changed)
    place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    applied = place.through(plan.id)
    assert (applied.state, applied.ended, applied.decided_by) == ("applied", {"applied": 1}, "tane")
    assert credit_limit(place, "C00010") == Decimal(987_000)
    entries = place.ask(audit.LIST, ListEntries(operation="plans.approve", limit=50)).rows
    done = [each for each in entries if not each.outcome and plan.id in each.details]
    assert [each.user for each in done] == ["tane", "tane"]
    assert "Agreed with the bank" in done[1].details
    assert f"changes of {RULE}" in str(done[1].changes)


def test_what_is_rejected_is_not_applied(place: Place) -> None:
    """Until it is changed, or approved after all; whoever made it reads why."""
    change_rules(place, changes="0")
    place.services.edit("CUSTOMER", Side.ERP, "C00060", {"Name": "Contested"})
    plan = place.made("CUSTOMER")
    [rule] = plan.rules
    assert (rule.kind, rule.count) == ("changes", 1)
    assert refusal(place, plan, operation=plans.REJECT, note=" ").kind is RefusalKind.INVALID
    assert "500 characters at most" in refusal(place, plan, note="x" * 501).text
    rejected = decide(place, plan, operation=plans.REJECT, note="Ask the customer first")
    assert (rejected.state, rejected.decision) == ("rejected", "rejected")
    assert "tane rejected it: Ask the customer first" in why_not_applied(place, plan)
    assert place.ask(home.SHOW, ShowHome()).plans_to_approve == 0
    lock = take_work(place.server.plans.kept.place(plan.id), "test")
    assert lock is not None
    assert "Somebody works on this plan" in refusal(place, plan).text
    lock.release()
    assert decide(place, plan).state == "ready"
    place.ask(plans.REMOVE, OnePlan(plan_id=plan.id))


def test_who_may_approve_is_told_of_a_plan_and_its_author_of_the_decision(place: Place) -> None:
    """Nobody is told of what is his own doing, and the author even if he may approve nothing; each of it once."""
    application = place.server.application
    for name, permission_set in (("Ana", "INTERLACE APPROVE"), ("tane", "INTERLACE APPROVE")):
        new = StoredUser(
            id=f"told-{name}",
            name=name,
            password_hash="-",
            created_at=datetime.now(UTC),
            permission_sets=(permission_set,),
        )
        application.state.users.add(new)
    moment = datetime.now(UTC)

    def told(minutes: int) -> dict[str, list[str]]:
        """Look twice, so that whatever lasts is told; gives what each was told of the plan, the oldest first."""
        notify(application, lambda: moment + timedelta(minutes=minutes))
        notify(application, lambda: moment + timedelta(minutes=minutes + 2))
        return {name: messages(name) for name in ("Ana", "tane")}

    def messages(name: str) -> list[str]:
        """What somebody was told of the plan."""
        kept = application.state.notifications.of_user(f"told-{name}", 100)[::-1]
        return [each.message for each in kept if each.page == f"/plans/{plan.id}"]

    change_rules(place, changes="0")
    place.services.edit("CUSTOMER", Side.ERP, "C00060", {"Name": "Watched"})
    plan = place.made("CUSTOMER")
    waits = "A plan that ana made awaits approval: CUSTOMER"
    assert told(0) == told(5) == {"Ana": [], "tane": [waits]}
    decide(place, plan, operation=plans.REJECT, note="Ask the customer first")
    rejected = "tane rejected your plan; the reason stands with it."
    assert told(10) == told(15) == {"Ana": [rejected], "tane": [waits]}
    application.state.users.change(
        "told-Ana", lambda held: replace(held, permission_sets=("INTERLACE VIEW",))
    )
    decide(place, plan)
    approved = "tane approved your plan: it can be applied now, as it is."
    assert told(20) == {"Ana": [rejected, approved], "tane": [waits]}
    place.ask(plans.REMOVE, OnePlan(plan_id=plan.id))
    for name in ("Ana", "tane"):
        application.state.users.delete(f"told-{name}")


def test_other_rules_ask_for_another_approval_and_none_for_none(place: Place) -> None:
    """What was approved under rules that no longer hold waits again; without rules a plan is applied as ever."""
    change_rules(place, changes="0")
    place.services.edit("CUSTOMER", Side.ERP, "C00040", {"Name": "Ruled"})
    plan = place.made("CUSTOMER")
    assert decide(place, plan).state == "ready"
    change_rules(place, "CUSTOMER.Name", changes="0")
    # Home and the list count from what was found when the rules were set: they don't read the file.
    with unreadable(place, plan):
        assert place.ask(home.SHOW, ShowHome()).plans_to_approve == 1
        assert [each.state for each in place.ask(plans.LIST, ListPlans()).rows if each.id == plan.id] == [
            "waiting"
        ]
    assert len(shown(place, plan).rules) == 2
    assert "The approval rules, or the mappings of their fields, were changed since tane" in why_not_applied(
        place, plan
    )
    with unreadable(place, plan):
        change_rules(place, changes="1")
        assert place.ask(home.SHOW, ShowHome()).plans_to_approve == 0
        assert "actions.plan is no plan" in why_not_applied(place, plan)
    change_rules(place)
    free = shown(place, plan)
    assert (free.state, free.rules, free.content) == ("ready", (), "")
    assert "needs no approval" in refusal(place, plan).text
    place.ask(plans.APPLY, OnePlan(plan_id=plan.id))
    assert place.through(plan.id).state == "applied"
    assert "can't be decided on now" in refusal(place, plan).text


def test_a_rule_whose_field_is_mapped_otherwise_asks_for_another_approval(place: Place) -> None:
    """Whoever changes a mapping after the approval can't take a field out of sight by that."""
    row = "GLN>accountnumber"
    added = ("--erp", "GLN", "--crm", "accountnumber", "--direction", "to-crm")
    assert place.services.interlace("mappings", "add-row", "CUSTOMER", *added).code == ExitCode.OK
    change_rules(place, "CUSTOMER.accountnumber", changes="0")
    place.services.edit("CUSTOMER", Side.ERP, "C00070", {"GLN": "4006381333931"})
    plan = place.made("CUSTOMER")
    assert [each.kind for each in plan.rules] == ["changes", "field"]
    assert decide(place, plan).state == "ready"
    assert place.services.interlace("mappings", "remove-row", "CUSTOMER", row, "--yes").code == ExitCode.OK
    assert "or the mappings of their fields, were changed since tane" in why_not_applied(place, plan)
    place.ask(plans.REMOVE, OnePlan(plan_id=plan.id))


def test_a_file_and_an_undo_are_no_way_round(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They are refused with what to do instead; kept as a plan, the undo waits like any other."""
    before = credit_limit(place, "C00050")
    place.services.edit("CUSTOMER", Side.ERP, "C00050", {"Credit_Limit_LCY": Decimal(123_000)})
    file = tmp_path / "customers.plan"
    assert place.services.interlace("plan", "CUSTOMER", "--out", str(file)).code == ExitCode.CHANGES_PENDING
    change_rules(place, RULE)
    capsys.readouterr()
    assert place.services.interlace("apply", str(file)).code == ExitCode.CONFIGURATION
    assert f"Another user must approve this first. It falls under approval rules: changes of {RULE}" in (
        capsys.readouterr().err
    )
    assert credit_limit(place, "C00050") == before
    change_rules(place)
    assert place.services.interlace("apply", str(file)).code == ExitCode.OK
    change_rules(place, RULE)
    with pytest.raises(Refused, match="Another user must approve this first"):
        place.ask(undo.CARRY_OUT, Undo(subject="C00050", mapping="CUSTOMER"))
    assert place.services.interlace("undo", "C00050", "--yes").code == ExitCode.CONFIGURATION
    kept = place.through(place.ask(plans.UNDO, PlanUndoing(subject="C00050", mapping="CUSTOMER")).plan_id)
    assert (kept.kind, kept.state) == ("undo", "waiting")
    decide(place, kept)
    place.ask(plans.APPLY, OnePlan(plan_id=kept.id))
    assert place.through(kept.id).ended == {"applied": 1}
    assert credit_limit(place, "C00050") == before


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (ChangeRules(fields=("CUSTOMER.Nothing",)), "CUSTOMER has no field 'Nothing'"),
        (ChangeRules(fields=("NOBODY.Name",)), "'NOBODY.Name' names no field of a mapping"),
        (ChangeRules(fields=("Name",)), "'Name' names no field of a mapping"),
        (ChangeRules(fields=("SALESORDER-ORDER.x",)), "so no plan holds its changes"),
        (ChangeRules(deletions_percent="101"), "'101' is no percentage"),
        (ChangeRules(changes_percent="a few"), "'a few' is no percentage"),
    ],
)
def test_a_rule_that_is_none_is_refused(place: Place, asked: ChangeRules, said: str) -> None:
    """With what was wrong, and what could be meant; the rules stay as they were."""
    change_rules(place, RULE, " ", deletions="5 %")
    with pytest.raises(Refused) as refused:
        place.ask(approvals.CHANGE, asked)
    assert said in refused.value.text
    held = place.ask(approvals.SHOW, OneConnection())
    assert (held.fields, held.deletions_percent, held.changes_percent) == ((RULE,), 5, None)
