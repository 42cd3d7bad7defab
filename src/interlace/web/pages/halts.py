"""Safety Halts: what made a mapping stop, and the button that lets it go on."""

from __future__ import annotations

from htpy import Node
from litestar import Response, get

from interlace.management import halts
from interlace.management.halts import Halt, ListHalts
from interlace.management.translatable import translatable
from interlace.ui.badge import Tone, badge
from interlace.ui.listing import Column, listing
from interlace.ui.notices import empty_state
from interlace.ui.shell import Page
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
    found = await visit.ask(halts.LIST, ListHalts(connection=visit.connection.name))
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
                listing(
                    columns,
                    [_row(visit, each) for each in found.halts],
                    caption=words.t("Safety Halts"),
                    empty=empty_state(words.t("No mapping is halted")),
                ),
            ),
        )
    )


PAGES = (halts_page,)


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
