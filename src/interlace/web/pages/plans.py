"""Plans: what a synchronization or an undo would write, made in the background and kept."""

from __future__ import annotations

from collections.abc import Sequence

from htpy import Element, Node, a, div, fieldset, form, label, legend, p, span
from htpy import input as input_
from litestar import Response, get

from interlace.management import plans
from interlace.management.plans import ListPlans, PlanShown
from interlace.ui.actions import form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import card, fast_tab
from interlace.ui.keys import NEW
from interlace.ui.listing import Column, listing, view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page, hidden
from interlace.web.addresses import DO, segment
from interlace.web.plan_parts import purpose, state_badge
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, TheVisit, Visit, live

_NAMES_SHOWN = 3


@get("/plans", opt=PAGE)
async def plans_page(visit: TheVisit) -> Response[str]:
    """The kept plans, and a form for a further one."""
    words = visit.words
    found = await visit.ask(plans.LIST, ListPlans(connection=visit.connection.name))
    is_ready = visit.query("ready") == "1"
    listed = [each for each in found.plans if not (is_ready and each.why_not)]
    return visit.page(
        Page(
            heading=words.t("Plans"),
            subtitle=words.t("See what would be written before anything is, and apply exactly that."),
            content=card(
                [
                    _new(visit, found.mappings, is_open=not found.plans),
                    live(
                        "plans", [_views(visit, is_ready=is_ready), _list(visit, listed, is_ready=is_ready)]
                    ),
                ],
                captions=words.captions,
            ),
        )
    )


PAGES = (plans_page,)


def _new(visit: Visit, names: Sequence[str], *, is_open: bool) -> Element | None:
    words = visit.words
    if not visit.may(plans.MAKE.permission):
        return None
    return fast_tab(
        words.t("New Plan"),
        form(".entry", method="post", action=f"{DO}/{plans.MAKE.address}")[
            hidden([*visit.fields_of(plans.MAKE, {}).items(), (RETURN_TO, visit.here)]),
            fieldset(".choices.in-columns")[
                legend[words.t("Mappings; none chosen means all of them")],
                [
                    label(".choice")[input_(type="checkbox", name="mappings", value=each), span[each]]
                    for each in names
                ],
            ],
            fieldset(".choices")[
                legend[words.t("What is compared")],
                label(".choice")[
                    input_(type="radio", name="full", value="0", checked=True),
                    span[
                        words.t("What has changed since the last run"),
                        span(".hint")[words.t("Quick; what is not coupled is left as the mapping says.")],
                    ],
                ],
                label(".choice")[
                    input_(type="radio", name="full", value="1"),
                    span[
                        words.t("Every record of both sides"),
                        span(".hint")[
                            words.t("Like a full synchronization: what is missing is planned to be created.")
                        ],
                    ],
                ],
            ],
            div(".buttons")[
                form_button(words.t(plans.MAKE.caption), is_primary=True, tooltip=words.t(plans.MAKE.tooltip))
            ],
            p(".quiet-text")[words.t("Only reading requests go to both services.")],
        ],
        is_open=is_open,
        keys=NEW,
    )


def _views(visit: Visit, *, is_ready: bool) -> Element:
    words = visit.words
    items = [
        NavigationItem(caption=words.t("All"), address=visit.to("/plans"), is_current=not is_ready),
        NavigationItem(
            caption=words.t("Awaiting approval"),
            address=visit.to("/plans", {"ready": "1"}),
            is_current=is_ready,
        ),
    ]
    return view_menu(items, captions=words.captions)


def _list(visit: Visit, found: Sequence[PlanShown], *, is_ready: bool) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Made"), is_whole=True),
        Column(caption=words.t("For")),
        Column(caption=words.t("Mappings")),
        Column(caption=words.t("Made by")),
        Column(caption=words.t("State")),
        Column(caption=words.t("Writes"), is_number=True),
        Column(caption=words.t("Left out"), is_number=True),
        Column(caption=words.t("Not applied"), is_number=True),
    ]
    return listing(
        columns,
        [_row(visit, each) for each in found],
        caption=words.t("Plans"),
        empty=empty_state(words.t("No plan awaits approval"))
        if is_ready
        else empty_state(
            words.t("No plan is kept"),
            words.t("Make one: it shows each record with the fields that would change, old and new."),
        ),
    )


def _row(visit: Visit, plan: PlanShown) -> list[Node]:
    words = visit.words
    address = visit.to(f"/plans/{segment(plan.id)}")
    not_applied = plan.ended.get("refused", 0) + plan.ended.get("failed", 0)
    return [
        a(href=address)[words.datetime(plan.made_at)],
        purpose(words, plan),
        _names(visit, plan),
        plan.made_by,
        state_badge(words, plan),
        words.number(plan.writes),
        words.number(plan.left),
        badge(words.number(not_applied), Tone.WARN) if not_applied else "",
    ]


def _names(visit: Visit, plan: PlanShown) -> Node:
    words = visit.words
    names = [each.mapping for each in plan.mappings]
    if len(names) <= _NAMES_SHOWN:
        return words.listed(names) if names else ""
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = words.n(
        "{names} and {count} more", "{names} and {count} more", len(names) - _NAMES_SHOWN, names=shown
    )
    return span(title=", ".join(names))[more]
