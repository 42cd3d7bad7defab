"""Tell Me: finds pages, actions, records and more by what people call them, old names included."""

from __future__ import annotations

from collections.abc import Sequence

from htpy import Element, Node, a, h2, li, section, span, ul
from litestar import Response, get

from interlace.management.search import FIND, HIT_KINDS, Find, Found, Hit, HitKind, NotLooked
from interlace.ui.listing import search_form
from interlace.ui.notices import Kind, empty_state, notice
from interlace.ui.shell import Page
from interlace.ui.words import Words
from interlace.web.notice import said
from interlace.web.readable import plain
from interlace.web.record_parts import list_caption, pair_badge, side_name
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit

_LONGEST = 200


@get("/search", opt=PAGE)
async def search_page(visit: TheVisit) -> Response[str]:
    """Everything that fits what was typed."""
    words = visit.words
    searched = visit.query("search").strip()[:_LONGEST]
    found = await visit.ask(FIND, _asked(visit, searched)) if searched else Found()
    content: list[Node] = [
        search_form(
            "/search",
            searched,
            placeholder=words.t("Tell me what you want to do"),
            kept=visit.kept,
            captions=words.captions,
        ),
        _not_looked(visit, found.not_looked),
        [_section(visit, kind, found.hits) for kind in HIT_KINDS]
        if found.hits
        else empty_state(
            words.t("Nothing is called that"), words.t("Try another word, a number, or a part of a name.")
        ),
    ]
    return visit.page(Page(heading=words.t("Tell Me"), content=content))


PAGES = (search_page,)


def _asked(visit: Visit, searched: str) -> Find:
    # Before there is a connection, pages and actions are found.
    held = visit.connection.name if visit.connections else ""
    return Find(connection=held, text=searched, is_basic=visit.is_basic)


def _not_looked(visit: Visit, places: Sequence[NotLooked]) -> Node:
    """Tell where could not be looked: what is not found may be there all the same."""
    if not places:
        return None
    words = visit.words
    told = []
    for each in places:
        where = [side_name(words, each.side)] if each.side else []
        where += (
            [words.listed([list_caption(words, name) for name in each.mappings])] if each.mappings else []
        )
        told.append(li[f"{' · '.join(where)}: {said(words, each.why)}" if where else said(words, each.why)])
    return notice(words.t("Not everything could be looked through"), kind=Kind.WARNING, body=ul[told])


def _section(visit: Visit, kind: HitKind, hits: Sequence[Hit]) -> Node:
    entries = [_entry(visit, each) for each in hits if each.kind == kind]
    if not entries:
        return None
    heading = visit.words.t(HIT_KINDS[kind])
    return section(".part", aria_labelledby=f"found-{kind}")[
        h2(id=f"found-{kind}")[heading], ul(".found.panel")[entries]
    ]


def _entry(visit: Visit, hit: Hit) -> Element:
    words = visit.words
    called: Node = said(words, hit.caption)
    if hit.kind == "page":
        return li[a(href=visit.at(hit.page))[called]]
    if hit.kind == "action":
        place = said(words, hit.place)
        return li[a(href=visit.at(hit.page))[called], f" · {place} ", _quiet(said(words, hit.about))]
    return li[
        a(href=visit.at(hit.page))[plain(hit.number)],
        f" {called} " if hit.caption else " ",
        _quiet(_recognized_by(words, hit)),
        [" ", pair_badge(words, hit.status)] if hit.status else None,
    ]


def _recognized_by(words: Words, hit: Hit) -> str:
    """Return what tells records of one number apart: the table, and whose record it is when it has no partner."""
    if hit.kind == "mapping":
        return ""
    table = list_caption(words, hit.mapping) if hit.mapping else said(words, hit.about)
    return f"{table} · {side_name(words, hit.side)}" if hit.status == "uncoupled" else table


def _quiet(text: str) -> Node:
    return span(".quiet-text")[text] if text else None
