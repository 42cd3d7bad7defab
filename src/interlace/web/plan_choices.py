"""Which records of a plan are written: tabs by what is planned, and what leaves records out or takes them in again."""

from __future__ import annotations

from collections import Counter

from htpy import Element, Node, a, div, p

from interlace.domain.filter_language import quoted
from interlace.domain.plan import LEFT_ALONE
from interlace.management import plans
from interlace.management.plans import KIND_CHOICES, CountsOfMapping, PlanShown
from interlace.management.translatable import translatable
from interlace.ui.actions import action_bar, action_link
from interlace.ui.listing import Column, listing, view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem
from interlace.web.addresses import segment
from interlace.web.chosen_rows import choose_all, chosen_button, chosen_form
from interlace.web.saved_views import FILTER
from interlace.web.visit import Button, Visit

EQUAL = "equal"
"""Parameter of the address: also fields that stay as they are."""
UNCHANGED = "unchanged"
"""Parameter of the address: how many records are equal instead of what is planned for the others."""
LEFT_ALONE_KINDS = frozenset(each.value for each in LEFT_ALONE)
_UNAPPLIED = frozenset({"ready", "waiting", "rejected"})


def can_choose(visit: Visit, plan: PlanShown) -> bool:
    """Tell whether the visitor may leave records out of the plan now."""
    return plan.state in _UNAPPLIED and visit.may(plans.LEAVE_OUT.permission)


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
    words, path, of_kind = visit.words, f"/plans/{segment(plan.id)}", f"{FILTER}kind"
    shown = next(((name, visit.query(name)) for name in (UNCHANGED, of_kind) if visit.query(name)), None)
    counts = Counter[str]()
    for held in plan.mappings:
        counts.update(held.planned)
    unchanged = sum(each.unchanged for each in plan.mappings)
    entries: list[tuple[tuple[str, str] | None, str]] = [
        (None, words.t("All ({count})", count=counts.total()))
    ]
    entries += [
        (
            (name, value),
            words.t("{kind} ({count})", kind=words.pattern(caption), count=count),
        )
        for name, value, caption, count in (
            *((of_kind, each.value, each.caption, counts[each.value]) for each in KIND_CHOICES),
            (UNCHANGED, "1", translatable("Unchanged"), unchanged),
        )
        if count or (name, value) == shown
    ]
    return view_menu(
        [
            NavigationItem(
                caption=caption,
                address=visit.to(path, dict([query] if query else [])),
                is_current=query == shown,
            )
            for query, caption in entries
        ],
        name=words.t("Planned"),
        captions=words.captions,
    )


def unchanged_records(visit: Visit, plan: PlanShown) -> Node:
    """Count the records that a plan leaves as they are, by mapping, and lead to those that are coupled."""
    words = visit.words
    told = words.t(
        "Both sides hold the same in every field that is synchronized, so nothing is written. These records are "
        "counted, in each direction, and not kept with the plan."
    )
    columns = [
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("Unchanged"), is_number=True),
    ]
    rows: list[list[Node]] = [
        [
            a(href=visit.to("/couplings", {f"{FILTER}mapping": quoted(each.mapping)}))[each.mapping],
            words.number(each.unchanged),
        ]
        for each in plan.mappings
        if each.unchanged
    ]
    empty = empty_state(words.t("No record is planned here"))
    return [p(".quiet-text")[told], listing(columns, rows, caption=words.t("Unchanged"), empty=empty)]


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
