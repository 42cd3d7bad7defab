"""Plans: what a synchronization or an undo would write, made in the background and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from htpy import Element, Node, a, div, fieldset, form, label, legend, p, span
from htpy import input as input_
from litestar import Response, get

from interlace.management import plans
from interlace.management.listing import ListRow
from interlace.management.plan_list import PLAN_COLUMNS, ListPlans, PlanRow, Plans
from interlace.management.translatable import translatable
from interlace.management.views import View
from interlace.ui.actions import form_button
from interlace.ui.badge import Tone, badge
from interlace.ui.card import card, fast_tab
from interlace.ui.keys import NEW
from interlace.ui.listing import view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page, hidden
from interlace.ui.words import Words
from interlace.web.addresses import DO, segment
from interlace.web.list_page import ListPage, is_narrowed, list_asked, shown_list
from interlace.web.plan_parts import purpose, state_badge
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import RETURN_TO, TheVisit, Visit, live

_NAMES_SHOWN = 3
_FIRST_SHOWN = frozenset(
    {"made_at", "purpose", "mapping", "made_by", "state", "writes", "left", "not_applied"}
)
_NARROWED = (f"{FILTER}state", f"{FILTER}writes")
_VIEWS: Mapping[str, Mapping[str, str]] = {
    translatable("All"): {},
    translatable("Awaiting approval"): {f"{FILTER}state": "waiting"},
    translatable("Ready to apply"): {f"{FILTER}state": "ready", f"{FILTER}writes": ">0"},
}
"""What of the address shows the plans that another user must approve, and those that somebody may apply."""


@get("/plans", opt=PAGE)
async def plans_page(visit: TheVisit) -> Response[str]:
    """The kept plans, and a form for a further one."""
    words = visit.words
    found = await visit.ask(plans.LIST, msgspec.convert(list_asked(visit), ListPlans))
    views = await views_of(visit, plans.LIST.name)
    return visit.page(
        Page(
            heading=words.t("Plans"),
            subtitle=words.t("See what would be written before anything is, and apply exactly that."),
            content=card(
                [
                    _new(visit, found.mappings, is_open=not found.rows and not is_narrowed(visit)),
                    live("plans", [_views(visit), shown_list(visit, _list(visit, found, views))]),
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


def _views(visit: Visit) -> Element:
    words = visit.words
    items = [
        NavigationItem(
            caption=words.t(caption),
            address=visit.to("/plans", query),
            is_current=query == {name: visit.query(name) for name in _NARROWED if visit.query(name)},
        )
        for caption, query in _VIEWS.items()
    ]
    return view_menu(items, captions=words.captions)


def _plan(row: ListRow) -> PlanRow:
    assert isinstance(row, PlanRow)
    return row


def _list(visit: Visit, found: Plans, views: tuple[View, ...]) -> ListPage:
    words = visit.words
    return ListPage(
        path="/plans",
        columns=PLAN_COLUMNS,
        first_shown=_FIRST_SHOWN,
        answer=found,
        rows=found.rows,
        caption=words.t("Plans"),
        cells={
            "made_at": lambda row: a(href=visit.to(f"/plans/{segment(_plan(row).id)}"))[
                words.datetime(_plan(row).made_at)
            ],
            "purpose": lambda row: purpose(words, _plan(row)),
            "mapping": lambda row: _names(visit, _plan(row).mapping),
            "state": lambda row: state_badge(words, _plan(row)),
            "not_applied": lambda row: _not_applied(words, _plan(row).not_applied),
        },
        empty=empty_state(words.t("No plan fits"))
        if is_narrowed(visit)
        else empty_state(
            words.t("No plan is kept"),
            words.t("Make one: it shows each record with the fields that would change, old and new."),
        ),
        export_list=plans.LIST.name,
        views=views,
    )


def _not_applied(words: Words, count: int) -> Node:
    return badge(words.number(count), Tone.WARN) if count else ""


def _names(visit: Visit, names: Sequence[str]) -> Node:
    words = visit.words
    if len(names) <= _NAMES_SHOWN:
        return words.listed(list(names)) if names else ""
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = words.n(
        "{names} and {count} more", "{names} and {count} more", len(names) - _NAMES_SHOWN, names=shown
    )
    return span(title=", ".join(names))[more]
