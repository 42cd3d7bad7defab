"""Lists: a table that becomes a stack of cards on a phone, its search box and its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from htpy import (
    Element,
    Node,
    a,
    button,
    div,
    form,
    label,
    nav,
    span,
    table,
    tbody,
    td,
    th,
    thead,
    tr,
)
from htpy import (
    caption as caption_,
)
from htpy import (
    input as input_,
)

from interlace.ui.actions import action_link
from interlace.ui.captions import ENGLISH, Captions
from interlace.ui.explained import tooltip_of
from interlace.ui.keys import SEARCH
from interlace.ui.shell import NavigationItem, hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a list; numbers stand to the right."""

    caption: str
    is_number: bool = False
    is_caption_hidden: bool = False
    is_whole: bool = False
    """Its values are never broken over lines: moments, closed words."""
    tooltip: str = ""
    """Blank: the caption's own."""


def listing(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Node]],
    *,
    caption: str,
    empty: Node,
) -> Element:
    """A table whose first column names the row; `empty` stands there when there are no rows."""
    if not rows:
        return div(".list")[empty]
    return div(".list", role="region", aria_label=caption, tabindex="0")[
        table[
            caption_(".unseen")[caption],
            thead[tr[[_heading(column) for column in columns]]],
            tbody[[tr[_cells(columns, row)] for row in rows]],
        ],
    ]


def _heading(column: Column) -> Element:
    shown = span(".unseen")[column.caption] if column.is_caption_hidden else column.caption
    told = tooltip_of(column.caption, column.tooltip)
    return th(class_={"number": column.is_number}, scope="col", title=told)[shown]


def _cells(columns: Sequence[Column], row: Sequence[Node]) -> list[Element]:
    cells = []
    for position, (column, value) in enumerate(zip(columns, row, strict=True)):
        blank = value is None or value == ""
        kind = {"number": column.is_number, "blank": blank, "whole": column.is_whole}
        named = {} if column.is_caption_hidden else {"data-label": column.caption}
        if position == 0:
            cells.append(th(named, class_=kind, scope="row")[value])
        else:
            cells.append(td(named, class_=kind)[value])
    return cells


def search_form(
    address: str,
    searched: str,
    *,
    placeholder: str,
    kept: Sequence[tuple[str, str]] = (),
    captions: Captions = ENGLISH,
) -> Element:
    """A search box over a list; `kept` are parameters of the address that stay."""
    return form(".search", method="get", action=address, role="search")[
        hidden(kept),
        label(".unseen", for_="search")[captions.search],
        input_(
            "#search",
            type="search",
            name="search",
            value=searched or None,
            placeholder=placeholder,
            aria_keyshortcuts=SEARCH,
        ),
        button(".button", type="submit", title=tooltip_of(captions.search))[captions.search],
        action_link(captions.clear_search, _with_kept(address, kept)) if searched else None,
    ]


def _with_kept(address: str, kept: Sequence[tuple[str, str]]) -> str:
    path, _, query = address.partition("?")
    held = dict(parse_qsl(query)) | dict(kept)
    return f"{path}?{urlencode(held, quote_via=quote)}" if held else path


def view_menu(items: Sequence[NavigationItem], *, name: str = "", captions: Captions = ENGLISH) -> Element:
    """The named views of a list, one of them current; `name` tells a second menu of a page from the first."""
    return nav(".views", aria_label=name or captions.views)[
        [
            a(href=item.address, aria_current="true" if item.is_current else None)[item.caption]
            for item in items
        ]
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """Which part of a list is shown: the page (from 1), its size and the number of all rows."""

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.size))


def pager(
    excerpt: Excerpt, address_of: Callable[[int], str], *, captions: Captions = ENGLISH
) -> Element | None:
    """Where in the list the reader is, and the ways to go on; nothing for a list without rows."""
    if excerpt.total == 0:
        return None
    first = (excerpt.page - 1) * excerpt.size + 1
    last = min(excerpt.page * excerpt.size, excerpt.total)
    text = captions.shown_of_total.format(first=f"{first:,}", last=f"{last:,}", total=f"{excerpt.total:,}")
    ways = (
        (captions.first_page, 1, excerpt.page > 2),
        (captions.previous_page, excerpt.page - 1, excerpt.page > 1),
        (captions.next_page, excerpt.page + 1, excerpt.page < excerpt.pages),
    )
    return nav(".pager", aria_label=captions.pages)[
        span[text], [action_link(way, address_of(page)) for way, page, is_open in ways if is_open]
    ]
