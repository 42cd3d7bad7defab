"""Assisted Setup: what there is to set up, how far each guide is, and the way to where it stopped."""

from __future__ import annotations

from typing import Final

from htpy import Element, Node, a, p
from litestar import Response, get

from interlace.management import setup
from interlace.management.setup import Guide, ListGuides
from interlace.management.translatable import translatable
from interlace.ui.actions import action_link
from interlace.ui.badge import Tone, badge
from interlace.ui.listing import Column, listing
from interlace.ui.shell import Page
from interlace.web.notice import said
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit, live

_PATH: Final = "/assisted-setup"
_TONES: Final = {
    translatable("Completed"): Tone.GOOD,
    translatable("Not Completed"): Tone.WARN,
    translatable("Not Needed"): Tone.NEUTRAL,
}


@get(_PATH, opt=PAGE)
async def guides_page(visit: TheVisit) -> Response[str]:
    """Every guide."""
    words = visit.words
    asked = ListGuides(connection=visit.connection.name if visit.connections else "")
    found = (await visit.ask(setup.LIST, asked)).guides
    left = sum(bool(each.left) for each in found)
    return visit.page(
        Page(
            heading=words.t("Assisted Setup"),
            subtitle=words.n("{count} guide is not completed", "{count} guides are not completed", left)
            if left
            else words.t("Everything is set up."),
            content=live("guides", _list(visit, found)),
        )
    )


PAGES = (guides_page,)


def _list(visit: Visit, found: tuple[Guide, ...]) -> Element:
    words = visit.words
    columns = [
        Column(caption=words.t("Guide")),
        Column(caption=words.t("Status"), is_whole=True),
        Column(caption=words.t("What Is Left")),
        Column(caption=words.t("Actions"), is_caption_hidden=True),
    ]
    return listing(
        columns, [_row(visit, each) for each in found], caption=words.t("Assisted Setup"), empty=None
    )


def _row(visit: Visit, guide: Guide) -> list[Node]:
    words = visit.words
    caption = said(words, guide.caption)
    is_open = visit.may(guide.permission)
    return [
        [
            a(href=visit.at(guide.page))[caption] if is_open else caption,
            p(".quiet-text.small")[said(words, guide.text)],
        ],
        badge(said(words, guide.state), _TONES.get(guide.state, Tone.NEUTRAL)),
        said(words, guide.left) if guide.left else "",
        _way(visit, guide)
        if is_open
        else p(".quiet-text.small")[words.t("You don't have the permission for this")],
    ]


def _way(visit: Visit, guide: Guide) -> Element:
    words = visit.words
    caption = words.t("Continue") if guide.left else words.t("Open Guide")
    return action_link(caption, visit.at(guide.page), is_primary=bool(guide.left))
