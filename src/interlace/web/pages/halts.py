"""Safety Halts: what made a mapping stop, and the button that lets it go on."""

from __future__ import annotations

import msgspec
from htpy import Element, Node
from litestar import Response, get

from interlace.management import halts
from interlace.management.halts import HALT_COLUMNS, KIND_CHOICES, Halt, ListHalts
from interlace.management.listing import ListRow, captions_of
from interlace.ui.badge import Tone, badge
from interlace.ui.listing import view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page
from interlace.web.list_page import ListPage, is_narrowed, list_asked, shown_list
from interlace.web.notice import said
from interlace.web.saved_views import FILTER, views_of
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_KINDS = captions_of(KIND_CHOICES)
_IS_RELEASED = f"{FILTER}is_released"
_FIRST_SHOWN = frozenset({"mapping", "kind", "side", "count", "raised_at", "message"})


@get("/halts", opt=PAGE)
async def halts_page(visit: TheVisit) -> Response[str]:
    """Mappings that write nothing until a person has looked."""
    words = visit.words
    found = await visit.ask(halts.LIST, msgspec.convert(list_asked(visit), ListHalts))
    shown = ListPage(
        path="/halts",
        columns=HALT_COLUMNS,
        first_shown=_FIRST_SHOWN,
        answer=found,
        rows=found.rows,
        caption=words.t("Safety Halts"),
        cells={
            "kind": lambda row: badge(
                words.t(_KINDS[_halt(row).kind]), Tone.WARN if _halt(row).is_released else Tone.BAD
            ),
            "count": lambda row: words.t("{count} of {total}", count=_halt(row).count, total=_halt(row).of),
            "raised_at": lambda row: words.datetime(_halt(row).raised_at),
            "message": lambda row: said(words, _halt(row).message),
        },
        actions_of=lambda row: _release(visit, _halt(row)),
        empty=empty_state(words.t("No halt fits"))
        if is_narrowed(visit)
        else empty_state(words.t("No mapping is halted")),
        export_list=halts.LIST.name,
        views=await views_of(visit, halts.LIST.name),
    )
    return visit.page(
        Page(
            heading=words.t("Safety Halts"),
            subtitle=words.t(
                "An emptied table, a mass deletion or a mass change stops a mapping before it writes anything."
            ),
            content=live("halts", [_views(visit), shown_list(visit, shown)]),
        )
    )


PAGES = (halts_page,)


def _halt(row: ListRow) -> Halt:
    assert isinstance(row, Halt)
    return row


def _views(visit: Visit) -> Element:
    words = visit.words
    views: tuple[tuple[str, dict[str, str]], ...] = (
        (words.t("All"), {}),
        (words.t("Not released"), {_IS_RELEASED: "no"}),
    )
    items = [
        NavigationItem(
            caption=caption,
            address=visit.to("/halts", query),
            is_current=visit.query(_IS_RELEASED) == query.get(_IS_RELEASED, ""),
        )
        for caption, query in views
    ]
    return view_menu(items, captions=words.captions)


def _release(visit: Visit, each: Halt) -> Node:
    words = visit.words
    if each.released_by:
        return words.t("Released by {name}", name=each.released_by)
    confirm = words.t(
        "{count} records of {mapping} were seen deleted or changed. Have you looked at them? The next run carries "
        "it out.",
        count=each.count,
        mapping=each.mapping,
    )
    return visit.action(halts.RELEASE, {"mapping": each.mapping}, Button(confirm=confirm))
