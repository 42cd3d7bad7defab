"""A kept plan as pages, programs and commands are told of it."""

from typing import Any, Final

from interlace.bootstrap.approval_rules import RulesInForce, rule_text
from interlace.bootstrap.kept_plans import KeptPlan, PlanState
from interlace.bootstrap.plan_approval import ApprovalState, PlanApproval, approval_of
from interlace.domain.approval_rules import RuleMet
from interlace.domain.keys import key_text
from interlace.domain.plan import LEFT_ALONE, PlanKind
from interlace.locale.kept_text import from_kept
from interlace.locale.translatable import translatable
from interlace.management.plan_list import PlanRow
from interlace.management.plan_rules import RecordOfRule, RuleOfPlan
from interlace.management.plans import CountsOfMapping, PlanShown

_LEFT = frozenset(each.value for each in LEFT_ALONE)
WHY_NOT: Final = {
    PlanState.PLANNING: translatable("It is still being made"),
    PlanState.FAILED: translatable("It could not be made"),
    PlanState.STOPPED: translatable("Its making was stopped"),
    PlanState.APPLYING: translatable("It is being applied"),
    PlanState.APPLIED: translatable("It was applied; make a new plan to see what is left to do"),
    PlanState.UNFINISHED: translatable("It was applied in part; make a new plan to see what is left to do"),
}


def shown_plan(rules: RulesInForce, plan: KeptPlan) -> PlanShown:
    """Return a kept plan as it is shown under the rules of its connection."""
    approval = approval_of(rules, plan)
    names = dict.fromkeys((*plan.mappings, *plan.counts, *plan.messages))
    total: dict[str, int] = {}
    for held in plan.counts.values():
        for kind, count in held.items():
            total[kind] = total.get(kind, 0) + count
    left = sum(count for kind, count in total.items() if kind in _LEFT)
    left_out = sum(count for held in plan.left_out.values() for count in held.values())
    writes = sum(total.values()) - left - left_out
    ended: dict[str, int] = {}
    for held in plan.endings.values():
        for ending, count in held.items():
            ended[ending] = ended.get(ending, 0) + count
    nothing = translatable("Every record is left out") if left_out else translatable("It would write nothing")
    why_not = WHY_NOT.get(plan.state, approval.why_not if writes else nothing)
    return PlanShown(
        id=plan.id,
        kind=plan.kind.value,
        state=_state(plan, approval),
        made_by=plan.made_by,
        made_at=plan.made_at,
        is_full=plan.full,
        subject=plan.subject,
        mappings=tuple(
            CountsOfMapping(
                mapping=name,
                planned=plan.counts.get(name, {}),
                ended=plan.endings.get(name, {}),
                unchanged=plan.unchanged.get(name, 0),
                left_out=plan.left_out.get(name, {}),
                message=from_kept(plan.messages.get(name, "")),
            )
            for name in names
        ),
        purpose=_purpose(plan),
        writes=writes,
        left=left,
        left_out=left_out,
        not_applied=ended.get("refused", 0) + ended.get("failed", 0),
        at_work=plan.at_work,
        done=plan.done,
        applied_by=plan.applied_by,
        applied_at=plan.applied_at,
        ended_at=plan.ended_at,
        ended=ended,
        problem=tuple(map(from_kept, plan.problem)),
        why_not=why_not,
        content=approval.content,
        rules=tuple(map(_rule, approval.met)),
        **_decision(plan),
    )


def plan_row(rules: RulesInForce, plan: KeptPlan) -> PlanRow:
    """Return a kept plan as a row of the list."""
    shown = shown_plan(rules, plan)
    same = ("id", "purpose", "subject", "state", "made_by", "made_at", "applied_by", "applied_at")
    counts = ("writes", "left", "not_applied")
    return PlanRow(
        mapping=tuple(each.mapping for each in shown.mappings),
        **{name: getattr(shown, name) for name in (*same, *counts)},
    )


def _state(plan: KeptPlan, approval: PlanApproval) -> str:
    is_held = approval.state in {ApprovalState.WAITING, ApprovalState.REJECTED}
    return approval.state.value if is_held else plan.state.value


def _rule(met: RuleMet) -> RuleOfPlan:
    return RuleOfPlan(
        rule=rule_text(met),
        kind=met.kind.value,
        mapping=met.mapping,
        count=met.count,
        of=met.of,
        records=tuple(
            RecordOfRule(
                number=each.number,
                source_key=key_text(each.key),
                record_key=each.key,
                from_crm=each.from_crm,
                before=each.before,
                after=each.after,
            )
            for each in met.records
        ),
    )


def _decision(plan: KeptPlan) -> dict[str, Any]:
    decision = plan.decision
    if decision is None:
        return {}
    return {
        "decision": "approved" if decision.is_approved else "rejected",
        "decided_by": decision.by,
        "decided_at": decision.at,
        "note": decision.note,
    }


def _purpose(plan: KeptPlan) -> str:
    if plan.kind is PlanKind.UNDO:
        return "undo"
    return "full" if plan.full else "changes"
