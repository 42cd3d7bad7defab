"""The approval of a plan on its card: the rules that it falls under, with records and values, and the decision."""

from __future__ import annotations

from htpy import Element, Node, a, button, div, form, p

from interlace.domain.filter_language import quoted
from interlace.domain.plan import PlannedKind
from interlace.management import plans
from interlace.management.plan_rules import NOTE_MAX, RecordOfRule, RuleOfPlan, is_same_user
from interlace.management.plans import PlanShown
from interlace.management.translatable import translatable
from interlace.ui.actions import form_button
from interlace.ui.card import Fact, facts, fast_tab
from interlace.ui.difference import difference
from interlace.ui.fields import Field, text_area
from interlace.ui.listing import Column, listing
from interlace.ui.shell import hidden
from interlace.web.addresses import DO, segment
from interlace.web.notice import said
from interlace.web.plan_parts import moment
from interlace.web.readable import plain
from interlace.web.saved_views import FILTER
from interlace.web.visit import RETURN_TO, Visit

_DECISIONS = {"approved": translatable("Approved"), "rejected": translatable("Rejected")}


def approval_tab(visit: Visit, plan: PlanShown) -> Element | None:
    """Return the part of the card; nothing for a plan that needs no approval and had none."""
    if not plan.rules and not plan.decision:
        return None
    return fast_tab(
        visit.words.t("Approval"),
        [
            _decision(visit, plan) if plan.decision else None,
            p[said(visit.words, plan.why_not)] if plan.content and plan.why_not else None,
            _rules(visit, plan) if plan.rules else None,
            _form(visit, plan) if plan.content else None,
        ],
    )


def _decision(visit: Visit, plan: PlanShown) -> Element:
    words = visit.words
    return facts(
        [
            Fact(
                caption=words.t("Decision"),
                value=words.pattern(_DECISIONS.get(plan.decision, plan.decision)),
                tooltip=words.t(
                    "What another user decided last; whether it still counts is told by the state."
                ),
            ),
            Fact(
                caption=words.t("Decided by"),
                value=plan.decided_by,
                tooltip=words.t("Who approved or rejected the plan."),
            ),
            Fact(
                caption=words.t("Decided"),
                value=moment(words, plan.decided_at),
                tooltip=words.t("When the plan was approved or rejected."),
            ),
            Fact(caption=words.t("Note"), value=plan.note, tooltip=_about_note(visit)),
        ]
    )


def _rules(visit: Visit, plan: PlanShown) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Rule"), tooltip=words.t("The approval rule that the plan falls under.")),
        Column(
            caption=words.t("Records"),
            is_number=True,
            tooltip=words.t("How many records of the plan the rule applies to."),
        ),
        Column(
            caption=words.t("Of"),
            is_number=True,
            tooltip=words.t("How many records of the mapping are coupled, where the rule is about a share."),
        ),
        Column(
            caption=words.t("First records"),
            tooltip=words.t("The records with what the field holds now and what it gets."),
        ),
    ]
    rows: list[list[Node]] = [
        [
            said(words, each.rule),
            a(href=_all_of(visit, plan, each))[words.number(each.count)],
            words.number(each.of) if each.of else "",
            div[[div[_record(visit, each, record)] for record in each.records]],
        ]
        for each in plan.rules
    ]
    return listing(columns, rows, caption=words.t("Approval Rules"), empty="")


def _all_of(visit: Visit, plan: PlanShown, rule: RuleOfPlan) -> str:
    kind = {f"{FILTER}kind": PlannedKind.DELETE.value} if rule.kind == "deletions" else {}
    return visit.to(f"/plans/{segment(plan.id)}", {f"{FILTER}mapping": quoted(rule.mapping), **kind})


def _record(visit: Visit, rule: RuleOfPlan, record: RecordOfRule) -> list[Node]:
    path = f"/records/{segment(rule.mapping)}/{segment(record.record_key)}"
    shown: list[Node] = [
        a(href=visit.to(path, {"side": "crm"} if record.from_crm else {}))[plain(record.source_key)]
    ]
    if record.before or record.after:
        shown += [": ", difference(plain(record.before), plain(record.after))]
    return shown


def _about_note(visit: Visit) -> str:
    return visit.words.t("What is said with the decision; it stands in the audit log.")


def _form(visit: Visit, plan: PlanShown) -> Node:
    words = visit.words
    if is_same_user(plan.made_by, visit.caller.name):
        return p(".quiet-text")[words.t("You made this plan, so another user decides on it.")]
    if not visit.may(plans.APPROVE.permission):
        return None
    sent = visit.fields_of(plans.APPROVE, {"plan_id": plan.id, "content": plan.content})
    approve = form_button(
        words.t(plans.APPROVE.caption), is_primary=True, tooltip=words.t(plans.APPROVE.tooltip)
    )
    return form(method="post", action=f"{DO}/{plans.APPROVE.address}")[
        hidden([*sent.items(), (RETURN_TO, visit.here)]),
        # Of several lines: the Enter key, which would approve, ends one.
        text_area(
            Field(
                name="note",
                caption=words.t("Note"),
                hint=words.t("A rejection needs a reason; whoever made the plan reads it."),
                is_wide=True,
                tooltip=_about_note(visit),
            ),
            rows=2,
            length_max=NOTE_MAX,
        ),
        div(".buttons")[
            # What is approved already can be rejected still.
            approve if plan.why_not else None,
            button(
                ".button",
                type="submit",
                formaction=f"{DO}/{plans.REJECT.address}",
                title=words.t(plans.REJECT.tooltip),
            )[words.t(plans.REJECT.caption)],
        ],
    ]
