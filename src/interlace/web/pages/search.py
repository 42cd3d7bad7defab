"""Tell Me: finds pages, actions and records by what people call them, old names included."""

from __future__ import annotations

from collections.abc import Iterable

from htpy import Element, Node, a, h2, li, section, span, ul
from litestar import Response, get

from interlace.locale.glossary import old_names
from interlace.management.couplings import LIST_COUPLINGS, CouplingRow
from interlace.management.listing import ListAsked
from interlace.management.operation import AnyOperation, Effect
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.permission import Permission
from interlace.management.refusal import Refused
from interlace.ui.listing import search_form
from interlace.ui.notices import empty_state
from interlace.ui.shell import Page
from interlace.web.action_places import caption_of_page, page_of_action
from interlace.web.addresses import segment
from interlace.web.navigation import PARTS, Place
from interlace.web.readable import plain
from interlace.web.security import PAGE
from interlace.web.visit import TheVisit, Visit

_RECORDS = 20
_ACTIONS = 25


@get("/search", opt=PAGE)
async def search_page(visit: TheVisit) -> Response[str]:
    """Everything that fits what was typed."""
    words = visit.words
    searched = visit.query("search").strip()[:100]
    pages = [each for each in _places(visit) if _fits(searched, _names(visit, each))] if searched else []
    actions = _actions(visit, searched) if searched else []
    records = await _records(visit, searched) if searched else ()
    found = [
        _section(words.t("Pages"), "pages", [_place(visit, each) for each in pages]),
        _section(words.t("Actions"), "actions", actions),
        _section(words.t("Records"), "records", [_record(visit, each) for each in records]),
    ]
    nothing = empty_state(
        words.t("Nothing is called that"), words.t("Try another word, a number, or a part of a name.")
    )
    content: list[Node] = [
        search_form(
            "/search",
            searched,
            placeholder=words.t("Tell me what you want to do"),
            kept=visit.kept,
            captions=words.captions,
        ),
        found if any(found) else nothing,
    ]
    return visit.page(Page(heading=words.t("Tell Me"), content=content))


PAGES = (search_page,)


def _places(visit: Visit) -> list[Place]:
    places = [place for part in PARTS if visit.shows(part) for place in part.places]
    return [place for place in places if visit.may(place.permission)]


def _names(visit: Visit, place: Place) -> list[str]:
    words = visit.words
    aliases = old_names(place.caption, words.name)
    return [words.t(place.caption), place.caption, *place.also, *aliases]


def _fits(searched: str, names: Iterable[str]) -> bool:
    """Whether every word that was typed begins a word, or stands in one, of some name."""
    typed = searched.casefold().split()
    return any(all(word in name.casefold() for word in typed) for name in names)


def _actions(visit: Visit, searched: str) -> list[Element]:
    """Return the actions that fit; those that are called so before those that only tell of it."""
    words = visit.words
    open_ones = [
        each
        for each in ALL_OPERATIONS
        if each.effect is Effect.WRITES and visit.may(each.permission) and visit.sees(page_of_action(each))
    ]
    called = [each for each in open_ones if _fits(searched, _action_names(visit, each))]
    told = [each for each in open_ones if _fits(searched, [words.t(each.tooltip)]) and each not in called]
    return [_action(visit, each) for each in (*called, *told)[:_ACTIONS]]


def _action(visit: Visit, each: AnyOperation) -> Element:
    words, path = visit.words, page_of_action(each)
    return li[
        a(href=visit.to(path))[words.t(each.caption)],
        f" · {words.t(caption_of_page(path))} ",
        span(".quiet-text")[words.t(each.tooltip)],
    ]


def _action_names(visit: Visit, operation: AnyOperation) -> list[str]:
    words = visit.words
    return [
        words.t(operation.caption),
        operation.caption,
        *old_names(operation.caption, words.name),
    ]


async def _records(visit: Visit, searched: str) -> tuple[CouplingRow, ...]:
    if not visit.connections or not visit.may(Permission.READ) or not visit.sees("/couplings"):
        return ()
    asked = ListAsked(connection=visit.connection.name, search=searched, limit=_RECORDS, counted=False)
    try:
        return (await visit.ask(LIST_COUPLINGS, asked)).rows
    except Refused:
        # A word that would take too long to look for among all records still finds pages.
        return ()


def _section(heading: str, anchor: str, entries: list[Element]) -> Node:
    if not entries:
        return None
    return section(".part", aria_labelledby=anchor)[h2(f"#{anchor}")[heading], ul(".found.panel")[entries]]


def _place(visit: Visit, place: Place) -> Element:
    return li[a(href=visit.to(place.path))[visit.words.t(place.caption)]]


def _record(visit: Visit, each: CouplingRow) -> Element:
    path = f"/records/{segment(each.mapping)}/{segment(each.record_key)}"
    name = each.erp_name or each.crm_name
    return li[
        a(href=visit.to(path))[plain(each.erp_key)],
        f" {name} " if name else " ",
        span(".quiet-text")[each.mapping],
    ]
