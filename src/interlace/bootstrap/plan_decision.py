"""Approving and rejecting kept plans: by another user than the one who made the plan, on the content that he saw."""

from datetime import UTC, datetime

import msgspec

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.approval_rules import RulesInForce, rules_text
from interlace.bootstrap.kept_plans import KeptPlan, KeptPlans, PlanDecision
from interlace.bootstrap.plan_approval import ApprovalState, PlanApproval, approval_of
from interlace.bootstrap.plan_choice import ready_plan
from interlace.locale.translatable import translatable
from interlace.management.noted_changes import note_changes
from interlace.management.plan_rules import NOTE_MAX, is_same_user
from interlace.management.plans import DecideOnPlan
from interlace.management.refusal import RefusalKind, Refused


def decide(
    application: Application,
    connection: Connection,
    plan: KeptPlan,
    asked: DecideOnPlan,
    *,
    by: str,
    is_approved: bool,
) -> KeptPlan:
    """Approve or reject a plan in a user's name; gives the plan. Raises Refused."""
    kept = KeptPlans(application.config.state_directory)
    with ready_plan(kept, plan.id, translatable("The plan can't be decided on now")) as held:
        approval = approval_of(RulesInForce(application=application, connection=connection), held)
        _require_may_decide(held, approval, asked.content, by)
        note = _checked_note(asked.note, is_approved=is_approved)
        if is_approved and approval.state is ApprovalState.APPROVED:
            raise Refused(RefusalKind.CHANGED_MEANWHILE, translatable("The plan is approved already"))
        decision = PlanDecision(
            is_approved=is_approved,
            by=by,
            at=datetime.now(UTC),
            note=note,
            content=approval.content,
            rules=approval.rules,
        )
        decided = msgspec.structs.replace(held, decision=decision)
        kept.write(decided)
        # Plans are forgotten, the audit log is not.
        about = {"made_by": held.made_by, "rules": str(rules_text(approval.met))}
        note_changes("plan", {}, {**about, "decision": "approved" if is_approved else "rejected"})
        return decided


def told(plan: KeptPlan) -> str:
    """Say what was decided."""
    assert plan.decision is not None
    if plan.decision.is_approved:
        return translatable("The plan is approved: it can be applied now, as it is.")
    return translatable("The plan is rejected: it can't be applied as it is.")


def _checked_note(text: str, *, is_approved: bool) -> str:
    note = " ".join(text.split())
    if not is_approved and not note:
        raise Refused(
            RefusalKind.INVALID,
            translatable("A rejection needs a reason"),
            next_step=translatable("Say what is wrong with the plan."),
            fields={"note": translatable("This is missing.")},
        )
    if len(note) > NOTE_MAX:
        too_long = translatable("Say it in {count} characters at most.", count=NOTE_MAX)
        raise Refused(
            RefusalKind.INVALID,
            translatable("The note is too long"),
            next_step=too_long,
            fields={"note": too_long},
        )
    return note


def _require_may_decide(plan: KeptPlan, approval: PlanApproval, content: str, by: str) -> None:
    if approval.state is ApprovalState.FREE:
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("The plan needs no approval"),
        )
    if is_same_user(plan.made_by, by):
        raise Refused(
            RefusalKind.FORBIDDEN,
            translatable("Nobody decides on a plan of his own"),
            why=translatable("{name} made this plan: two people must look at it.", name=plan.made_by),
            next_step=translatable("Ask another user who may approve."),
        )
    if content != approval.content:
        raise Refused(
            RefusalKind.CHANGED_MEANWHILE,
            translatable("The plan was changed since you looked at it"),
            why=translatable(
                "What is approved is exactly what was seen: its content is {content} now.",
                content=approval.content,
            ),
            next_step=translatable("Look at it again."),
        )
