"""Kept plans at the command line: made and applied here, where the web client shows them as well."""

import asyncio

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.kept_planning import KeptPlanning
from interlace.bootstrap.kept_plans import KeptPlan, KeptPlans
from interlace.bootstrap.machine_user import machine_user_name
from interlace.cli.captions import moment_text
from interlace.cli.output import Column, Output
from interlace.cli.spoken import said
from interlace.domain.plan import PlannedKind
from interlace.engine.apply_plan import ActionEnd
from interlace.engine.plan import Keep
from interlace.locale.translatable import translatable
from interlace.management.plan_rules import RuleOfPlan
from interlace.management.plans import PlanShown

PLAN_COLUMNS = (
    Column(key="id", caption="Plan"),
    Column(key="made_at", caption="Made"),
    Column(key="made_by", caption="Made by"),
    Column(key="for", caption="For"),
    Column(key="state", caption="State"),
    Column(key="writes", caption="Writes", number=True),
    Column(key="left", caption="Not written", number=True),
    Column(key="left_out", caption="Left out", number=True),
    Column(key="applied", caption="Applied", number=True),
    Column(key="refused", caption="Refused", number=True),
    Column(key="failed", caption="Failed", number=True),
)
_SUMMARY_COLUMNS = (
    Column(key="mapping", caption="Mapping"),
    *(Column(key=kind.value, caption=kind.value.capitalize(), number=True) for kind in PlannedKind),
    Column(key="unchanged", caption="Unchanged", number=True),
)


def kept_plan(application: Application, connection: Connection, plan_id: str) -> KeptPlan:
    """Return a kept plan of a connection; raises ConnectionProblem."""
    found = KeptPlans(application.config.state_directory).read(plan_id)
    if found is None or found.connection != connection.id:
        msg = translatable(
            "There is no kept plan {plan}. `interlace plans list` shows those that are kept.", plan=plan_id
        )
        raise ConnectionProblem(msg)
    return found


def make_kept(application: Application, connection: Connection, plan: KeptPlan, show: Keep) -> KeptPlan:
    """Make a plan and keep it."""
    work = KeptPlanning(
        application=application,
        connection=connection,
        kept=KeptPlans(application.config.state_directory),
        plan=plan,
        show=show,
    )
    work.begin_making()
    return asyncio.run(work.make())


def apply_kept(application: Application, name: str | None, plan_id: str) -> list[ActionEnd]:
    """Carry a kept plan out; gives how each action ended."""
    connection = application.connection(name)
    ends: list[ActionEnd] = []
    work = KeptPlanning(
        application=application,
        connection=connection,
        kept=KeptPlans(application.config.state_directory),
        plan=kept_plan(application, connection, plan_id),
        told=ends.append,
    )
    work.begin_applying(machine_user_name())
    asyncio.run(work.apply())
    return ends


def show_kept(output: Output, shown: PlanShown) -> None:
    """Show what a kept plan would write by mapping, what must be approved, and what became of it."""
    output.record(plan_row(shown, as_json=output.as_json))
    if output.as_json:
        return
    output.stdout.write("\n")
    rows = [
        {
            "mapping": each.mapping,
            **{kind.value: each.planned.get(kind.value, 0) for kind in PlannedKind},
            "unchanged": each.unchanged,
        }
        for each in shown.mappings
    ]
    output.rows(_SUMMARY_COLUMNS, rows, empty="Nothing is planned.")
    for each in shown.mappings:
        if each.message:
            output.message(f"{each.mapping}: {said(each.message)}")
    for problem in shown.problem:
        output.message(problem)
    for rule in shown.rules:
        output.message(_rule_text(rule))
    if shown.decision:
        output.message(_decision_text(shown))
    if shown.content and shown.why_not:
        output.message(shown.why_not)


def _rule_text(rule: RuleOfPlan) -> str:
    records = ", ".join(
        f"{each.source_key} ({each.before or '–'} -> {each.after or '–'})"
        if each.before or each.after
        else each.source_key
        for each in rule.records
    )
    more = rule.count - len(rule.records)
    return translatable(
        "Approval rule: {rule}. Records: {records}.",
        rule=rule.rule,
        records=f"{records}, +{more}" if more else records,
    )


def _decision_text(shown: PlanShown) -> str:
    is_approved = shown.decision == "approved"
    return translatable(
        "Approved by {name} at {moment}: {note}" if is_approved else "Rejected by {name} at {moment}: {note}",
        name=shown.decided_by,
        moment=str(moment_text(shown.decided_at, as_json=False)),
        note=shown.note or "–",
    )


def plan_row(shown: PlanShown, *, as_json: bool) -> dict[str, object]:
    """Return a plan as lists of plans show it."""
    purpose = shown.subject or ", ".join(each.mapping for each in shown.mappings)
    return {
        "id": shown.id,
        "made_at": moment_text(shown.made_at, as_json=as_json),
        "made_by": shown.made_by,
        "kind": shown.kind,
        "full": shown.is_full,
        "for": purpose,
        "state": shown.state,
        "writes": shown.writes,
        "left": shown.left,
        "left_out": shown.left_out,
        "unchanged": sum(each.unchanged for each in shown.mappings),
        "content": shown.content,
        "rules": [rule.rule for rule in shown.rules] if as_json else len(shown.rules),
        "decision": shown.decision,
        "decided_by": shown.decided_by,
        "applied_at": moment_text(shown.applied_at, as_json=as_json),
        "applied_by": shown.applied_by,
        **{ending: shown.ended.get(ending, 0) for ending in ("applied", "refused", "failed")},
    }
