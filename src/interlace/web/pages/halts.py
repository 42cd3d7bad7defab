"""Safety Halts: what made a mapping stop, and the button that lets it go on."""

from __future__ import annotations

from htpy import Element, Node
from litestar import Response, get

from interlace.management import halts
from interlace.management.halts import Halt, ListHalts
from interlace.management.translatable import translatable
from interlace.ui.badge import Tone, badge
from interlace.ui.listing import Column, listing, view_menu
from interlace.ui.notices import empty_state
from interlace.ui.shell import NavigationItem, Page
from interlace.web.notice import said
from interlace.web.security import PAGE
from interlace.web.visit import Button, TheVisit, Visit, live

_KINDS = {
    "table emptied": translatable("Table emptied"),
    "mass deletion": translatable("Mass deletion"),
    "mass change": translatable("Mass change"),
    "marker gone": translatable("Marker gone"),
}


@get("/halts", opt=PAGE)
async def halts_page(visit: TheVisit) -> Response[str]:
    """Mappings that write nothing until a person has looked."""
    words = visit.words
    is_unreleased = visit.query("unreleased") == "1"
    asked = ListHalts(connection=visit.connection.name, unreleased=is_unreleased)
    found = await visit.ask(halts.LIST, asked)
    columns = [
        Column(caption=words.t("Mapping")),
        Column(caption=words.t("Halt")),
        Column(caption=words.t("Seen in")),
        Column(caption=words.t("Records"), is_number=True),
        Column(caption=words.t("Since"), is_whole=True),
        Column(caption=words.t("What was seen, and what to do")),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    return visit.page(
        Page(
            heading=words.t("Safety Halts"),
            subtitle=words.t(
                "An emptied table, a mass deletion or a mass change stops a mapping before it writes anything."
            ),
            content=live(
                "halts",
                [
                    _views(visit, is_unreleased=is_unreleased),
                    listing(
                        columns,
                        [_row(visit, each) for each in found.halts],
                        caption=words.t("Safety Halts"),
                        empty=empty_state(words.t("No mapping is halted")),
                    ),
                ],
            ),
        )
    )


PAGES = (halts_page,)


def _views(visit: Visit, *, is_unreleased: bool) -> Element:
    words = visit.words
    items = [
        NavigationItem(caption=words.t("All"), address=visit.to("/halts"), is_current=not is_unreleased),
        NavigationItem(
            caption=words.t("Not released"),
            address=visit.to("/halts", {"unreleased": "1"}),
            is_current=is_unreleased,
        ),
    ]
    return view_menu(items, captions=words.captions)


def _row(visit: Visit, each: Halt) -> list[Node]:
    words = visit.words
    return [
        each.mapping,
        badge(words.t(_KINDS[each.kind]), Tone.WARN if each.released_by else Tone.BAD),
        each.side.upper(),
        words.t("{count} of {total}", count=each.count, total=each.of),
        words.datetime(each.raised_at),
        said(words, each.message),
        _release(visit, each),
    ]


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
