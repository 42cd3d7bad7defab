"""Next and previous record: from a card to those beside it in the list that the card was opened from.

A card's address names that list by the list's own address, and says where in it the record stood. Which record stands
beside it is found out only when somebody goes there: the page of the list is read again, and one further at most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlencode

import msgspec
from htpy import Node
from litestar.response import Redirect

from interlace.management.accounts import Accounts
from interlace.management.listing import ListAnswer, ServerListAsked
from interlace.management.operation import Operation
from interlace.management.refusal import Refused
from interlace.ui.actions import action_link
from interlace.ui.keys import NEXT_RECORD, PREVIOUS_RECORD
from interlace.ui.shell import Crumb
from interlace.ui.words import Words
from interlace.web.addresses import address, own_address
from interlace.web.navigation import caption_at
from interlace.web.notice import Notice, notice_of, tell
from interlace.web.visit import Visit

AskedT = TypeVar("AskedT", bound=ServerListAsked)
AnswerT = TypeVar("AnswerT", bound=ListAnswer)
NEIGHBOURS: Final = "/neighbours"
"""Begins the addresses that lead to a neighbour; the path of the list follows."""
_LIST: Final = "list"
_PLACE: Final = "place"
_OF: Final = "of"
_WAY: Final = "way"
_NEXT: Final = "next"
_PREVIOUS: Final = "previous"
_CURSOR: Final = "cursor"
_NOT_OF_LIST: Final = frozenset({_CURSOR, _OF, _PLACE, _WAY})


@dataclass(frozen=True, slots=True, kw_only=True)
class CardList(Generic[AskedT, AnswerT]):
    """A list whose rows lead to cards, as an address asks for it."""

    path: str
    operation: Operation[AskedT, AnswerT]
    asked: AskedT
    cards: Callable[[AnswerT], Sequence[str]]
    """The addresses of the cards of a page's rows, in their order."""

    async def page(self, visit: Visit, cursor: str) -> tuple[AnswerT, Sequence[str]]:
        """Read a page, and the cards of its rows; nobody counts the list for it. Raises Refused."""
        answer = await visit.ask(
            self.operation, msgspec.structs.replace(self.asked, cursor=cursor, counted=False)
        )
        return answer, self.cards(answer)


# In the list


def list_here(visit: Visit, path: str, cursor: str | None = None) -> str:
    """Return the address of a page of the list that this address asks of: of the same one, unless a cursor is given."""
    # In the order of the address: the framework has parameters in any.
    held = [each for each in parse_qsl(visit.request.url.query) if each[0] not in _NOT_OF_LIST]
    cursor = visit.query(_CURSOR) if cursor is None else cursor
    held += [(_CURSOR, cursor)] if cursor else []
    return visit.at(f"{path}?{urlencode(held, quote_via=quote)}")


def opened(there: str, listed: str, place: int) -> str:
    """Return the address of what is opened from a page of a list, with that page's address and the row's place in it.

    The first row's place is 0.
    """
    return address(there, {_LIST: listed, _PLACE: str(place)})


# On the card


def kept_list(visit: Visit) -> dict[str, str]:
    """Return what this address says of the list, for other addresses about the same record; nothing without a list."""
    listed = _list_of(visit)
    return {_LIST: listed, _PLACE: visit.query(_PLACE)} if listed else {}


def back_to_list(visit: Visit, usual: Crumb) -> Crumb:
    """Return the way back to the list as the card was opened from it; `usual` where it was opened from none."""
    listed = _list_of(visit)
    path = _path(listed)
    if path == _path(usual.address):
        return replace(usual, address=listed)
    caption = caption_at(unquote(path))
    return Crumb(caption=visit.words.t(caption), address=listed) if caption else usual


def neighbour_links(visit: Visit, card: str) -> list[Node]:
    """Return the ways from a card to those beside it; nothing where it was not opened from a list."""
    path, _, query = _list_of(visit).partition("?")
    if not path:
        return []

    def way(name: str) -> str:
        """Put what is ours first, so that it counts whatever the list's address says."""
        own = address(NEIGHBOURS + path, {_OF: card, _PLACE: visit.query(_PLACE), _WAY: name})
        return f"{own}&{query}" if query else own

    return record_ways(visit.words, way(_PREVIOUS), way(_NEXT))


def record_ways(words: Words, previous: str, following: str) -> list[Node]:
    """Return the ways to the records before and after one; where an address is blank, there is none."""
    ways = (
        (words.t("Previous"), previous, PREVIOUS_RECORD, words.t("Open the record before this one.")),
        (words.t("Next"), following, NEXT_RECORD, words.t("Open the record after this one.")),
    )
    return [
        action_link(caption, there, keys=keys, tooltip=tooltip)
        for caption, there, keys, tooltip in ways
        if there
    ]


def _list_of(visit: Visit) -> str:
    held = own_address(visit.query(_LIST), "")
    return visit.at(held) if held else ""


def _path(text: str) -> str:
    return text.partition("?")[0]


# From the card to the one beside it


async def to_neighbour(visit: Visit, accounts: Accounts, listed: CardList[AskedT, AnswerT]) -> Redirect:
    """Lead to the card beside the one that the address names; where there is none, back to it, which says so then."""
    words, is_next = visit.words, visit.query(_WAY) == _NEXT
    try:
        there = await _beside(visit, listed, is_next=is_next)
    except Refused as refused:
        told = notice_of(refused, visit.request, words)
    else:
        if there:
            return Redirect(there, status_code=303)
        told = Notice(
            title=words.t("This is the last record of the list")
            if is_next
            else words.t("This is the first record of the list")
        )
    await tell(visit.request, accounts, told)
    held = {_LIST: list_here(visit, listed.path), _PLACE: visit.query(_PLACE)}
    return Redirect(address(visit.at(visit.query(_OF)), held), status_code=303)


async def _beside(visit: Visit, listed: CardList[AskedT, AnswerT], *, is_next: bool) -> str:
    """Return the address of the card that is looked for; blank: the list ends here."""
    cursor = visit.query(_CURSOR)
    answer, cards = await listed.page(visit, cursor)
    place = _place_beside(visit, cards, is_next=is_next)
    if not 0 <= place < len(cards):
        cursor = _further(answer, is_next=is_next)
        if not cursor:
            return ""
        answer, cards = await listed.page(visit, cursor)
        place = 0 if is_next else len(cards) - 1
    there = list_here(visit, listed.path, cursor)
    if cards:
        return opened(cards[place], there, place)
    # None of those that were looked at fits: on the list a person decides whether to look at further ones.
    return there if _further(answer, is_next=is_next) else ""


def _place_beside(visit: Visit, cards: Sequence[str], *, is_next: bool) -> int:
    card = visit.query(_OF)
    if card in cards:
        return cards.index(card) + (1 if is_next else -1)
    # It has left the list, as one that was coupled leaves those that are not: what followed it stands in its place.
    place = min(visit.number(_PLACE) or 0, len(cards))
    return place if is_next else place - 1


def _further(answer: ListAnswer, *, is_next: bool) -> str:
    return answer.next_cursor if is_next else answer.previous_cursor
