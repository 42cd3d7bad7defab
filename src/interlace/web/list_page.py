"""Lists of any length as pages show them: search, filter pane, sorted columns, pages, saved views, export."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from htpy import (
    Element,
    Node,
    a,
    div,
    p,
    span,
    table,
    tbody,
    td,
    th,
    thead,
    tr,
)
from htpy import caption as caption_
from htpy import input as input_
from htpy import label as label_

from interlace.domain.filter_language import FieldKind, quoted
from interlace.management.listing import (
    PAGE_MAX,
    HeldValue,
    ListAnswer,
    ListColumn,
    ListRow,
    held_values,
)
from interlace.management.views import View
from interlace.ui.actions import action_link
from interlace.ui.explained import heading
from interlace.ui.listing import search_form
from interlace.ui.notices import empty_state
from interlace.web.addresses import address
from interlace.web.list_looks import LAYOUT, is_tiled, layout_link, row_menu
from interlace.web.list_panes import column_pane, filter_pane, value_caption
from interlace.web.saved_views import COLUMNS, FILTER, chosen_columns, shown_views
from interlace.web.visit import Visit

_ROWS = 25
_NOTHING: Mapping[str, str] = {}
_LONG = frozenset({"message"})
"""Columns whose texts need room."""
_WHOLE = frozenset({"mapping", "direction"})
"""Columns whose values are never broken over lines, as moments are not."""
KEPT = ("search", "sort", "limit", "view", COLUMNS, LAYOUT)

Cell = Callable[[ListRow], Node]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A list as one page shows it."""

    path: str
    columns: Sequence[ListColumn]
    answer: ListAnswer
    rows: Sequence[ListRow]
    caption: str
    first_shown: frozenset[str] = frozenset()
    """The columns that are shown until others are chosen; none: all of them. Filters and exports have every column."""
    cells: Mapping[str, Cell] = field(default_factory=dict)
    """How a column's value is shown; the others are shown as text."""
    values_of: Callable[[ListRow, str], tuple[HeldValue, ...]] = held_values
    """What a row holds in a column."""
    actions_of: Cell | None = None
    """What can be done with a row."""
    check_name: str = ""
    """Name of the boxes that choose rows; blank: rows can't be chosen."""
    check_value: Callable[[ListRow], str] = lambda row: ""
    """What a row's box sends; blank: that row can't be chosen."""
    check_label: Callable[[ListRow], str] | None = None
    """What a row is called where it is chosen; None: as its box's value."""
    form_id: str = ""
    """The form to which the boxes belong."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the address that belong to the page, not to the list."""
    asked: Mapping[str, str] = field(default_factory=dict)
    """What the list's operation is asked beside what every list is, for its export."""
    empty: Node = None
    told: str = ""
    """What the page's foot says where nobody counted the rows."""
    is_of_server: bool = False
    """The list belongs to the whole server, not to one connection."""
    export_list: str = ""
    """Name of the list operation that is exported and has saved views; blank: it can't be."""
    views_list: str = ""
    """Name under which views are saved; blank: `export_list`."""
    views: tuple[View, ...] = ()
    """The saved views of that list (`views_of`)."""


def list_asked(visit: Visit, more: Mapping[str, str] = _NOTHING, *, rows: int = _ROWS) -> dict[str, object]:
    """Return the fields of a `ListAsked` as the page's address has them; `more` filters beside it."""
    return {**server_list_asked(visit, more, rows=rows), "connection": visit.connection.name}


def server_list_asked(
    visit: Visit, more: Mapping[str, str] = _NOTHING, *, rows: int = _ROWS
) -> dict[str, object]:
    """Return the fields of a `ServerListAsked` as the page's address has them."""
    parameters = visit.request.query_params
    filters = {
        name.removeprefix(FILTER): value
        for name, value in parameters.multi_items()
        if name.startswith(FILTER) and value
    }
    held: dict[str, object] = {
        "filters": {**filters, **more},
        "search": visit.query("search")[:200],
        "sort": visit.query("sort"),
        "cursor": visit.query("cursor"),
    }
    limit = visit.query("limit")
    held["limit"] = min(max(int(limit[:4]), 1), PAGE_MAX) if limit.isdecimal() else rows
    return held


def is_narrowed(visit: Visit) -> bool:
    """Whether the page's address searches or filters its list: that nothing is shown then says nothing of the rest."""
    names = visit.request.query_params
    return bool(visit.query("search")) or any(name.startswith(FILTER) for name in names)


def shown_list(visit: Visit, page: ListPage) -> Element:
    """Return the list with everything around it."""
    return div(".list-page")[
        div(".list-tools")[
            search_form(
                page.path,
                visit.query("search"),
                placeholder=visit.words.t("Search"),
                kept=_kept(visit, page, without=("search", "cursor")),
                captions=visit.words.captions,
            ),
            filter_pane(
                visit,
                page.path,
                [column for column in page.columns if column.is_filtered],
                _kept(visit, page, without=(FILTER, "cursor")),
            ),
            column_pane(
                visit,
                page.path,
                page.columns,
                shown_columns(visit, page),
                _kept(visit, page, without=(COLUMNS, "cursor")),
            )
            if page.first_shown
            else None,
            shown_views(visit, page.views_list or page.export_list, page.path, page.fixed, page.views)
            if page.export_list
            else None,
            layout_link(visit, page.path, dict(_kept(visit, page, without=(LAYOUT,)))),
            _export(visit, page),
        ],
        _chips(visit, page),
        _table(visit, page),
        _pager(visit, page),
    ]


def _kept(visit: Visit, page: ListPage, *, without: Sequence[str] = ()) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in page.fixed.items() if value]
    kept += [each for each in visit.kept if each[0] not in page.fixed]
    kept += [
        (name, ",".join(visit.request.query_params.getall(name, [])))
        for name in KEPT
        if visit.query(name) and name not in without
    ]
    if FILTER not in without:
        kept += [
            (name, value)
            for name, value in visit.request.query_params.multi_items()
            if name.startswith(FILTER) and value and name not in without
        ]
    return kept


def _filtered(visit: Visit, page: ListPage) -> list[tuple[ListColumn, str]]:
    held = [(column, visit.query(FILTER + column.name)) for column in page.columns if column.is_filtered]
    return [(column, value) for column, value in held if value]


def shown_columns(visit: Visit, page: ListPage) -> list[ListColumn]:
    """Return the columns that the address names, else those that the page begins with."""
    chosen = {each.name for each in page.columns} & set(chosen_columns(visit)) or page.first_shown
    return [each for each in page.columns if not chosen or each.name in chosen]


def _chips(visit: Visit, page: ListPage) -> Element | None:
    words = visit.words
    filtered = _filtered(visit, page)
    if not filtered:
        return None
    return p(".chips")[
        span(".unseen")[words.t("Filters")],
        [
            a(
                ".chip",
                href=address(page.path, dict(_kept(visit, page, without=(FILTER + column.name, "cursor")))),
                title=words.t("Remove this filter"),
            )[
                words.t(
                    "{column}: {value}",
                    column=words.pattern(column.caption),
                    value=value_caption(visit, column, value),
                ),
                " ×",
            ]
            for column, value in filtered
        ],
    ]


def _table(visit: Visit, page: ListPage) -> Element:
    words = visit.words
    if not page.rows and page.answer.behind:
        return div(".list")[
            empty_state(words.t("The list is being brought up to date"), _behind(visit, page.answer.behind))
        ]
    if not page.rows:
        return div(".list")[page.empty]
    heads: list[Node] = []
    if page.check_name:
        box = input_(
            {"data-check-all": page.check_name}, type="checkbox", aria_label=words.t("Choose all rows")
        )
        heads.append(th(".check", scope="col")[box])
    heads += [_head(visit, page, column) for column in shown_columns(visit, page)]
    if page.actions_of is not None:
        heads.append(heading(words.t("Actions"), span(".unseen")[words.t("Actions")]))
    look = ".list.tiles" if is_tiled(visit) else ".list"
    return div(look, role="region", aria_label=page.caption, tabindex="0")[
        table[
            caption_(".unseen")[page.caption],
            thead[tr[heads]],
            tbody[[tr[_cells(visit, page, row)] for row in page.rows]],
        ]
    ]


def _head(visit: Visit, page: ListPage, column: ListColumn) -> Element:
    words = visit.words
    shown = words.pattern(column.caption)
    tooltip = words.t(column.tooltip) if column.tooltip else None
    kind = {"number": column.kind is FieldKind.NUMBER}
    if not column.is_sorted:
        return th(class_=kind, scope="col", title=tooltip)[shown]
    sort = visit.query("sort")
    next_sort = f"-{column.name}" if sort == column.name else column.name
    order = {column.name: "ascending", f"-{column.name}": "descending"}.get(sort)
    held = {**dict(_kept(visit, page, without=("sort", "cursor"))), "sort": next_sort}
    return th(class_=kind, scope="col", aria_sort=order, title=tooltip)[
        a(".sorts", href=address(page.path, held))[shown]
    ]


def _cells(visit: Visit, page: ListPage, row: ListRow) -> list[Node]:
    cells: list[Node] = []
    if page.check_name:
        chosen = page.check_value(row)
        box = input_(
            type="checkbox",
            name=page.check_name,
            value=chosen,
            form=page.form_id or None,
            aria_label=visit.words.t(
                "Choose {record}", record=page.check_label(row) if page.check_label else chosen
            ),
        )
        cells.append(td(".check")[label_[box] if chosen else None])
    for place, column in enumerate(shown_columns(visit, page)):
        shown = page.cells.get(column.name)
        value = shown(row) if shown is not None else _text(visit, page, column, row)
        blank = value is None or value == ""
        kind = {
            "number": column.kind is FieldKind.NUMBER,
            "blank": blank,
            "long": column.name in _LONG,
            "whole": column.kind is FieldKind.MOMENT or column.name in _WHOLE,
            "of-choices": column.kind is FieldKind.CHOICE,
            "zero": column.kind is FieldKind.NUMBER and getattr(row, column.name, None) == 0,
        }
        name = {"data-label": visit.words.pattern(column.caption), **_filter_to(visit, page, column, row)}
        if place == 0:
            cells.append(
                th(name, class_=kind, scope="row")[
                    value, row_menu(visit.words, str(_text(visit, page, column, row)))
                ]
            )
        else:
            cells.append(td(name, class_=kind)[value])
    if page.actions_of is not None:
        cells.append(td(".row-actions")[page.actions_of(row)])
    return cells


def _filter_to(visit: Visit, page: ListPage, column: ListColumn, row: ListRow) -> dict[str, str]:
    """Say by which filter a key shows only the rows with this value; of a moment, those of its day."""
    values = page.values_of(row, column.name)
    if not column.is_filtered or len(values) != 1:
        return {}
    value = values[0]
    text = visit.words.number(value) if isinstance(value, Decimal) else str(value)
    if column.kind is FieldKind.MOMENT and text:
        text = datetime.fromisoformat(text).astimezone(visit.words.time_zone).date().isoformat()
    elif column.kind in {FieldKind.TEXT, FieldKind.CODE} or not text:
        text = quoted(text)
    return {"data-filter-by": FILTER + column.name, "data-filter-value": text}


def _text(visit: Visit, page: ListPage, column: ListColumn, row: ListRow) -> Node:
    shown = [_value_text(visit, column, each) for each in page.values_of(row, column.name)]
    return shown[0] if len(shown) == 1 else visit.words.listed(shown)


def _value_text(visit: Visit, column: ListColumn, value: HeldValue) -> str:
    if not isinstance(value, str):
        return visit.words.number(value)
    if column.kind is FieldKind.MOMENT:
        return visit.words.datetime(datetime.fromisoformat(value), seconds=True) if value else ""
    return value_caption(visit, column, value)


def _pager(visit: Visit, page: ListPage) -> Element | None:
    words, answer = visit.words, page.answer
    if not page.rows and not answer.previous_cursor and not answer.next_cursor:
        return None
    told = page.told
    if answer.count is not None:
        told = (
            words.t("more than {count} rows", count=answer.count)
            if answer.has_more_than_counted
            else words.n("{count} row", "{count} rows", answer.count)
        )
    kept = dict(_kept(visit, page, without=("cursor",)))
    ways = (
        (words.t("First"), "", bool(answer.previous_cursor or visit.query("cursor"))),
        (words.t("Previous"), answer.previous_cursor, bool(answer.previous_cursor)),
        (words.t("Next") if page.rows else words.t("Go On"), answer.next_cursor, bool(answer.next_cursor)),
    )
    return div(".pager")[
        span[told],
        span(".quiet-text")[
            words.n("{count} change is being listed", "{count} changes are being listed", answer.behind)
        ]
        if answer.behind
        else None,
        [
            action_link(way, address(page.path, {**kept, "cursor": cursor}))
            for way, cursor, is_open in ways
            if is_open
        ],
    ]


def _behind(visit: Visit, count: int) -> str:
    return visit.words.n("{count} change is being listed", "{count} changes are being listed", count)


def _export(visit: Visit, page: ListPage) -> Element | None:
    if not page.export_list:
        return None
    words = visit.words
    kept = dict(_kept(visit, page, without=("cursor",)))
    # A fixed parameter of the page is no parameter of the list.
    kept = {name: value for name, value in kept.items() if name not in page.fixed or name.startswith(FILTER)}
    for name in ("connection", "view", COLUMNS, LAYOUT):
        kept.pop(name, None)
    if not page.is_of_server:
        kept["connection"] = visit.connection.name
    kept |= page.asked
    path = f"/export/{page.export_list.replace('.', '/')}"
    ways = ((words.t("Open in Excel"), "xlsx"), (words.t("CSV"), "csv"))
    return div(".exports")[
        [action_link(caption, address(path, {**kept, "format": kind})) for caption, kind in ways]
    ]
