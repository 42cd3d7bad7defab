"""Which records of a plan are written: tabs by what is planned, and what leaves records out or takes them in again."""

from __future__ import annotations

from collections import Counter

from htpy import Element, Node, div

from interlace.domain.plan import LEFT_ALONE
from interlace.management import plans
from interlace.management.plans import KIND_CHOICES, CountsOfMapping, PlanShown
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.listing import view_menu
from interlace.ui.shell import NavigationItem
from interlace.web.addresses import segment
from interlace.web.chosen_rows import choose_all, chosen_button, chosen_form
from interlace.web.saved_views import FILTER
from interlace.web.visit import Button, Visit

EQUAL = "equal"
"""Parameter of the address: also fields that stay as they are."""
LEFT_ALONE_KINDS = frozenset(each.value for each in LEFT_ALONE)
_READY = "ready"


def can_choose(visit: Visit, plan: PlanShown) -> bool:
    """Tell whether the visitor may leave records out of the plan now."""
    return plan.state == _READY and visit.may(plans.LEAVE_OUT.permission)


def choices_of_mapping(visit: Visit, plan: PlanShown, held: CountsOfMapping) -> Node:
    """Leave out all that is planned for a mapping, or take it in again."""
    planned = sum(count for kind, count in held.planned.items() if kind not in LEFT_ALONE_KINDS)
    out = sum(held.left_out.values())
    if not planned:
        return ""
    fields = {"plan_id": plan.id, "mapping": held.mapping}
    return div(".row-buttons")[
        visit.action(plans.LEAVE_OUT, fields) if out < planned else None,
        visit.action(plans.TAKE_IN, fields) if out else None,
    ]


def kind_menu(visit: Visit, plan: PlanShown) -> Element:
    """Lead to what is planned of each kind, with how much there is."""
    words, path, chosen = visit.words, f"/plans/{segment(plan.id)}", visit.query(f"{FILTER}kind")
    counts = Counter[str]()
    for held in plan.mappings:
        counts.update(held.planned)
    entries = [("", words.t("All ({count})", count=counts.total()))]
    entries += [
        (each.value, words.t("{kind} ({count})", kind=words.pattern(each.caption), count=counts[each.value]))
        for each in KIND_CHOICES
        if counts[each.value] or each.value == chosen
    ]
    return view_menu(
        [
            NavigationItem(
                caption=caption,
                address=visit.to(path, {f"{FILTER}kind": kind} if kind else {}),
                is_current=kind == chosen,
            )
            for kind, caption in entries
        ],
        name=words.t("Planned"),
        captions=words.captions,
    )


def choices(visit: Visit, plan: PlanShown) -> Node:
    """What is done with ticked records or all of the kind that is shown, and which fields are seen."""
    words, kind = visit.words, visit.query(f"{FILTER}kind")
    path, with_equal = f"/plans/{segment(plan.id)}", visit.query(EQUAL)
    held = {
        name: value for name, value in visit.request.query_params.items() if name not in {EQUAL, "cursor"}
    }
    fields = (
        action_link(words.t("Only Fields That Change"), visit.to(path, held))
        if with_equal
        else action_link(words.t("All Fields"), visit.to(path, {**held, EQUAL: "1"}))
    )
    if not can_choose(visit, plan):
        return action_bar([fields], captions=words.captions)
    every = {"plan_id": plan.id, "kind": kind}
    of_kind = (
        visit.action(plans.LEAVE_OUT, every, Button(caption=translatable("Leave Out All of This Kind"))),
        visit.action(plans.TAKE_IN, every, Button(caption=translatable("Take In All of This Kind"))),
    )
    return [
        chosen_form(visit, plans.LEAVE_OUT, [("plan_id", plan.id)]),
        action_bar(
            [
                chosen_button(visit, plans.LEAVE_OUT, plans.LEAVE_OUT.caption),
                chosen_button(visit, plans.TAKE_IN, plans.TAKE_IN.caption),
            ],
            of_kind if kind and kind not in LEFT_ALONE_KINDS else [],
            [fields],
            captions=words.captions,
        ),
        choose_all(words, "records"),
    ]
