"""One plan: how far it is, what it would write by mapping, and each record with old and new values."""

from __future__ import annotations

import msgspec
from htpy import Element, Node, a, div
from litestar import Response, get
from litestar.params import FromPath

from interlace.domain.filter_language import quoted
from interlace.management import plans
from interlace.management.listing import ListAsked, ListRow
from interlace.management.plans import (
    ACTION_COLUMNS,
    ENDING_CHOICES,
    KIND_CHOICES,
    ActionRow,
    ActionsListed,
    CountsOfMapping,
    OnePlan,
    PlanShown,
)
from interlace.management.views import View
from interlace.ui.actions import action_bar, action_link
from interlace.ui.card import Fact, card, facts, fast_tab
from interlace.ui.listing import Column, listing
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Crumb, Page
from interlace.web.addresses import segment
from interlace.web.ambiguous import way_to_coupling
from interlace.web.chosen_rows import CHOSEN_FORM
from interlace.web.list_page import ListPage, list_asked, shown_list
from interlace.web.notice import said
from interlace.web.plan_approval import approval_tab
from interlace.web.plan_choices import (
    EQUAL,
    LEFT_ALONE_KINDS,
    UNCHANGED,
    can_choose,
    choices,
    choices_of_mapping,
    kind_menu,
    unchanged_records,
)
from interlace.web.plan_parts import (
    direction_arrow,
    ending_badge,
    kind_badge,
    moment,
    purpose,
    shown_writes,
    state_badge,
    work_progress,
)
from interlace.web.readable import plain
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_LEFT_OUT = "left_out"
_AT_WORK = frozenset({"planning", "applying"})
_CARRIED_OUT = frozenset({"applying", "applied", "unfinished"})


@get("/plans/{plan_id:str}", opt=PAGE)
async def plan_page(visit: TheVisit, plan_id: FromPath[str]) -> Response[str]:
    """A plan with its actions."""
    words = visit.words
    plan = await visit.ask(plans.SHOW, OnePlan(connection=visit.connection.name, plan_id=plan_id))
    records = await _records(visit, plan)
    return visit.page(
        Page(
            heading=words.t("Plan: {purpose}", purpose=purpose(words, plan)),
            subtitle=_subtitle(visit, plan),
            crumbs=[Crumb(caption=words.t("Plans"), address=visit.to("/plans"))],
            content=live(
                "plan",
                [
                    _actions(visit, plan),
                    _problem(visit, plan),
                    work_progress(words, plan.at_work, plan.done, len(plan.mappings))
                    if plan.state in _AT_WORK
                    else None,
                    card(
                        [
                            fast_tab(words.t("General"), _facts(visit, plan)),
                            approval_tab(visit, plan),
                            fast_tab(words.t("Summary"), _summary(visit, plan)),
                            fast_tab(words.t("Records"), [kind_menu(visit, plan), records]),
                        ],
                        captions=words.captions,
                    ),
                ],
            ),
        )
    )


PAGES = (plan_page,)


async def _records(visit: Visit, plan: PlanShown) -> Node:
    if visit.query(UNCHANGED):
        return unchanged_records(visit, plan)
    asked = msgspec.convert(list_asked(visit, {"plan_id": quoted(plan.id)}), ListAsked)
    found = await visit.ask(plans.ACTIONS, asked)
    shown = _list(visit, plan, found, await views_of(visit, plans.ACTIONS.name))
    return [choices(visit, plan), shown_list(visit, shown)]


def _subtitle(visit: Visit, plan: PlanShown) -> str:
    words = visit.words
    if plan.state in _CARRIED_OUT:
        return words.t(
            "What moved since the plan was made was refused, and what failed says why; everything else was written as "
            "planned."
        )
    if plan.rules and plan.why_not:
        return words.t(
            "Nothing is written before another user has approved the plan and somebody applies it."
        )
    return words.t("Nothing is written before somebody applies the plan.")


def _actions(visit: Visit, plan: PlanShown) -> Element | None:
    words, fields = visit.words, {"plan_id": plan.id}
    is_at_work = plan.state in _AT_WORK
    apply = Button(
        is_primary=True,
        why_not=said(words, plan.why_not),
        confirm=words.n(
            "{count} record is written as planned, on either side. Apply the plan?",
            "{count} records are written as planned, on either side. Apply the plan?",
            plan.writes,
        ),
    )
    stop = Button(why_not="" if is_at_work else words.t("Nobody works on this plan"))
    remove = Button(
        confirm=words.t("The plan is forgotten; what it wrote stays. Remove it?"),
        why_not=words.t("The plan is being worked on") if is_at_work else "",
        return_to=visit.to("/plans"),
    )
    return action_bar(
        [
            visit.action(plans.APPLY, fields, apply),
            visit.action(plans.STOP, fields, stop) if is_at_work else None,
            visit.action(plans.REMOVE, fields, remove),
        ],
        [action_link(words.t("Integration Synchronization Jobs"), visit.to("/jobs"))]
        if plan.state in _CARRIED_OUT
        else [],
        captions=words.captions,
    )


def _problem(visit: Visit, plan: PlanShown) -> Element | None:
    if not plan.problem:
        return None
    words = visit.words
    title, *rest = (said(words, each) for each in plan.problem)
    return notice(title, kind=Kind.ERROR, body=" ".join(rest) if rest else None)


def _facts(visit: Visit, plan: PlanShown) -> Element:
    words = visit.words
    entries = [
        Fact(caption=words.t("State"), value=state_badge(words, plan)),
        Fact(caption=words.t("For"), value=purpose(words, plan)),
        Fact(caption=words.t("Made by"), value=plan.made_by),
        Fact(caption=words.t("Made"), value=moment(words, plan.made_at)),
    ]
    if plan.applied_at is not None:
        entries += [
            Fact(caption=words.t("Applied by"), value=plan.applied_by),
            Fact(caption=words.t("Applied"), value=moment(words, plan.applied_at)),
            Fact(caption=words.t("Ended"), value=moment(words, plan.ended_at)),
        ]
    return facts(entries)


def _summary(visit: Visit, plan: PlanShown) -> Element:
    words = visit.words
    # A column in which every mapping has nothing says nothing.
    kinds = [each for each in KIND_CHOICES if any(held.planned.get(each.value) for held in plan.mappings)]
    endings = [
        each
        for each in ENDING_CHOICES
        if plan.state in _CARRIED_OUT or (each.value == _LEFT_OUT and plan.left_out)
    ]
    has_messages = any(each.message for each in plan.mappings)
    has_unchanged = any(each.unchanged for each in plan.mappings)
    has_choices = can_choose(visit, plan)
    columns = [
        Column(caption=words.t("Mapping")),
        *(Column(caption=words.t(each.caption), is_number=True) for each in kinds),
        *([Column(caption=words.t("Unchanged"), is_number=True)] if has_unchanged else []),
        *(Column(caption=words.t(each.caption), is_number=True) for each in endings),
        *([Column(caption=words.t("Actions"), is_caption_hidden=True)] if has_choices else []),
        *([Column(caption=words.t("Message"))] if has_messages else []),
    ]

    def ended(held: CountsOfMapping, ending: str) -> int:
        """Count what ended so, or was left out."""
        return sum(held.left_out.values()) if ending == _LEFT_OUT else held.ended.get(ending, 0)

    def count(held: CountsOfMapping, column: str, value: str, number: int) -> Node:
        """Lead from a number to the records behind it."""
        if not number:
            return ""
        query = {f"{FILTER}mapping": quoted(held.mapping), f"{FILTER}{column}": value}
        return a(href=visit.to(f"/plans/{segment(plan.id)}", query))[words.number(number)]

    rows = [
        [
            held.mapping,
            *(count(held, "kind", each.value, held.planned.get(each.value, 0)) for each in kinds),
            *([words.number(held.unchanged)] if has_unchanged else []),
            *(count(held, "ending", each.value, ended(held, each.value)) for each in endings),
            *([choices_of_mapping(visit, plan, held)] if has_choices else []),
            *([said(words, held.message)] if has_messages else []),
        ]
        for held in plan.mappings
    ]
    empty = words.t("Nothing is planned") if plan.state not in _AT_WORK else words.t("Nothing is planned yet")
    return listing(columns, rows, caption=words.t("Summary"), empty=empty_state(empty))


def _list(visit: Visit, plan: PlanShown, found: ActionsListed, views: tuple[View, ...]) -> ListPage:
    words = visit.words
    has_endings = plan.state in _CARRIED_OUT or plan.left_out
    hidden = {"plan_id"} if has_endings else {"plan_id", "ending"}
    return ListPage(
        path=f"/plans/{segment(plan.id)}",
        columns=tuple(each for each in ACTION_COLUMNS if each.name not in hidden),
        answer=found,
        rows=found.rows,
        caption=words.t("Planned Actions"),
        cells={
            "source_key": lambda row: _record(visit, _row(row)),
            "direction": lambda row: direction_arrow(_row(row).direction),
            "kind": lambda row: kind_badge(words, _row(row).kind),
            "changes": lambda row: shown_writes(words, _row(row).writes, with_equal=bool(visit.query(EQUAL))),
            "reason": lambda row: _reason(visit, _row(row)),
            "ending": lambda row: ending_badge(words, _row(row).ending),
        },
        check_name="records" if can_choose(visit, plan) else "",
        check_value=lambda row: str(_row(row).number) if _row(row).kind not in LEFT_ALONE_KINDS else "",
        check_label=lambda row: plain(_row(row).source_key),
        form_id=CHOSEN_FORM,
        fixed={f"{FILTER}plan_id": quoted(plan.id), EQUAL: visit.query(EQUAL)},
        empty=empty_state(
            words.t("No record is planned here"),
            words.t("Both sides agree, or the filters leave nothing."),
        ),
        export_list=plans.ACTIONS.name,
        views=views,
    )


def _row(row: ListRow) -> ActionRow:
    assert isinstance(row, ActionRow)
    return row


def _reason(visit: Visit, each: ActionRow) -> Node:
    side = "crm" if each.direction == "FromIntegrationTable" else "erp"
    way = way_to_coupling(visit, each.mapping, each.record_key, side, each.code)
    text = said(visit.words, each.reason)
    return [text, div(".row-buttons")[way]] if way is not None else text


def _record(visit: Visit, each: ActionRow) -> Node:
    query = {"side": "crm"} if each.direction == "FromIntegrationTable" else {}
    path = f"/records/{segment(each.mapping)}/{segment(each.record_key)}"
    return a(href=visit.to(path, query))[plain(each.source_key)]
