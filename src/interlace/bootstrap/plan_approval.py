"""Whether a kept plan may be applied: the approval rules that it falls under, and what another user decided on it.

A decision is on one content: the plan's file, which its digest covers, without what is left out of it. It counts only
while plan and rules are as they were then.
"""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import RulesInForce, digest_of, rules_text, with_rules
from interlace.bootstrap.kept_files import read_struct, write_struct
from interlace.bootstrap.kept_plans import KeptPlan, KeptPlans, PlanState
from interlace.bootstrap.plan_file import PlanFileError, digest_at_end, read_heading
from interlace.domain.approval_rules import ApprovalRules, RuleMet
from interlace.locale.translatable import text_of, translatable
from interlace.management.refusal import NextStep, RefusalKind, Refused

_RULES_MET: Final = "rules-met.json"


class ApprovalState(Enum):
    """Whether a plan needs approval, and has it."""

    FREE = "free"
    """It falls under no rule."""
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanApproval:
    """How a plan stands that is ready to be applied; one that is not falls under no rule."""

    state: ApprovalState = ApprovalState.FREE
    met: tuple[RuleMet, ...] = ()
    content: str = ""
    """What a decision is on."""
    rules: str = ""
    """Under which rules."""
    why_not: str = ""
    """Why it can't be applied: for want of approval, or because its file is damaged."""


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a plan, so that its file is read once for the same rules."""

    content: str
    rules: str
    met: tuple[RuleMet, ...]


def approval_of(rules: RulesInForce, plan: KeptPlan) -> PlanApproval:
    """Tell how a kept plan stands now; its file is read where nobody has asked yet under these rules."""
    if plan.state is not PlanState.READY or not rules.rules.is_on:
        return PlanApproval()
    try:
        found = _found(rules, plan)
    except FileNotFoundError:
        # It was removed just now: nobody applies it any more.
        return PlanApproval()
    except PlanFileError as damaged:
        return PlanApproval(why_not=text_of(damaged))
    if not found.met:
        return PlanApproval()
    state, why_not = _judged(plan, found)
    return PlanApproval(state=state, met=found.met, content=found.content, rules=found.rules, why_not=why_not)


def require_approved(application: Application, connection: Connection, plan: KeptPlan) -> None:
    """Refuse to apply a kept plan that waits for approval; raises Refused."""
    approval = approval_of(RulesInForce(application=application, connection=connection), plan)
    if approval.why_not:
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("The plan can't be applied"),
            why=approval.why_not,
            next_step=translatable("Rules: {rules}.", rules=rules_text(approval.met)) if approval.met else "",
            steps=(NextStep(caption=translatable("Plan"), page=f"/plans/{plan.id}"),),
        )


def change_rules(application: Application, connection: Connection, wanted: ApprovalRules) -> Connection:
    """Keep these rules in place of all that were, and look which plans fall under them; raises ConnectionProblem.

    Whoever lists the plans next need not read their files.
    """
    changed = application.keep(replace(connection, settings=with_rules(application, connection, wanted)))
    rules = RulesInForce(application=application, connection=changed)
    for plan in KeptPlans(application.config.state_directory).listed(changed.id):
        approval_of(rules, plan)
    return changed


def _found(rules: RulesInForce, plan: KeptPlan) -> _Found:
    kept = KeptPlans(rules.application.config.state_directory)
    place, without = kept.place(plan.id) / _RULES_MET, kept.left_out(plan.id)
    content = digest_of(f"{digest_at_end(kept.plan_file(plan.id))} {sorted(without)}".encode())
    found = read_struct(place, _Found)
    if found is None or (found.content, found.rules) != (content, rules.digest):
        read_heading(kept.plan_file(plan.id))
        met = rules.met_in(kept.plan_file(plan.id), without)
        found = _Found(content=content, rules=rules.digest, met=met)
        write_struct(place, found)
    return found


def _judged(plan: KeptPlan, found: _Found) -> tuple[ApprovalState, str]:
    decision = plan.decision
    if decision is None:
        waits = translatable(
            "It falls under approval rules: a user other than {name}, who made it, must approve it first.",
            name=plan.made_by,
        )
        return ApprovalState.WAITING, waits
    if decision.content != found.content:
        moved = translatable(
            "The plan was changed since {name} decided on it, so it awaits approval again.", name=decision.by
        )
        return ApprovalState.WAITING, moved
    if decision.rules != found.rules:
        moved = translatable(
            "The approval rules, or the mappings of their fields, were changed since {name} decided on the plan, so it "
            "awaits approval again.",
            name=decision.by,
        )
        return ApprovalState.WAITING, moved
    if decision.is_approved:
        return ApprovalState.APPROVED, ""
    rejected = translatable("{name} rejected it: {note}", name=decision.by, note=decision.note)
    return ApprovalState.REJECTED, rejected
