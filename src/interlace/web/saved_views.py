"""Saved views over a list: chosen by a link, saved and deleted by forms."""

from __future__ import annotations

from collections.abc import Mapping

from htpy import Element, Node, a, button, details, div, form, span, summary
from htpy import nav as nav_

from interlace.management.views import DELETE_VIEW, LIST_VIEWS, SAVE_VIEW, ListViews, View
from interlace.ui.actions import form_button
from interlace.ui.fields import Field, check_box, text_field
from interlace.ui.shell import hidden
from interlace.web.addresses import DO, address
from interlace.web.list_looks import LAYOUT, TILES, is_tiled
from interlace.web.visit import RETURN_TO, Visit

FILTER = "filters."
COLUMNS = "columns"
"""Parameter of the address that names the columns to show."""


def chosen_columns(visit: Visit) -> list[str]:
    """Return the columns that the address names, however often it names them; none: the usual ones."""
    return [
        name for each in visit.request.query_params.getall(COLUMNS, []) for name in each.split(",") if name
    ]


async def views_of(visit: Visit, list_name: str) -> tuple[View, ...]:
    """Return the saved views of a list that the visitor can see."""
    return (await visit.ask(LIST_VIEWS, ListViews(of=list_name))).views


def shown_views(
    visit: Visit, list_name: str, path: str, fixed: Mapping[str, str], views: tuple[View, ...]
) -> Element:
    """Return the saved views as links, with the forms that save and delete."""
    words = visit.words
    return div(".saved-views")[
        nav_(".views", aria_label=words.t("Views"))[[_link(visit, path, fixed, each) for each in views]]
        if views
        else None,
        _form(visit, list_name),
    ]


def _link(visit: Visit, path: str, fixed: Mapping[str, str], view: View) -> Node:
    words = visit.words
    query = {
        **fixed,
        **dict(visit.kept),
        **{FILTER + name: value for name, value in view.filters.items()},
        "search": view.search,
        "sort": view.sort,
        COLUMNS: ",".join(view.columns),
        LAYOUT: view.layout,
        "view": view.id,
    }
    is_current = visit.query("view") == view.id
    told = words.t("{view} ({owner})", view=view.name, owner=view.owner) if not view.is_own else view.name
    shown = a(href=address(path, query), aria_current="true" if is_current else None)[told]
    if not (is_current and view.is_own):
        return shown
    return span(".view-chosen")[
        shown,
        form(".action", method="post", action=f"{DO}/{DELETE_VIEW.address}")[
            hidden([("id", view.id), (RETURN_TO, visit.to(path, fixed))]),
            button(".button", type="submit", title=words.t(DELETE_VIEW.tooltip))[
                words.t(DELETE_VIEW.caption)
            ],
        ],
    ]


def _form(visit: Visit, list_name: str) -> Element:
    words = visit.words
    held = [
        (name, value)
        for name, value in visit.request.query_params.multi_items()
        if value and (name.startswith(FILTER) or name in {"search", "sort"})
    ]
    held += [(COLUMNS, name) for name in chosen_columns(visit)]
    held += [(LAYOUT, TILES)] if is_tiled(visit) else []
    return details(".filter-pane")[
        summary(class_="button")[words.t(SAVE_VIEW.caption)],
        form(".filters.panel", method="post", action=f"{DO}/{SAVE_VIEW.address}")[
            hidden([("of", list_name), *held, (RETURN_TO, visit.here)]),
            text_field(
                Field(name="name", caption=words.t("Name of the view"), is_required=True), length_max=100
            ),
            check_box(Field(name="is_shared", caption=words.t("For everybody")), is_checked=False),
            div(".buttons")[form_button(words.t("Save"), is_primary=True)],
        ],
    ]
