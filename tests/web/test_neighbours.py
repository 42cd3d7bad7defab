"""Next and previous record: a card leads on in the order, filter and search of the list that it was opened from."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

import httpx
import msgspec
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import MOMENT, canned_app

from interlace.management.caller import Caller
from interlace.management.couplings import CouplingRow, CouplingsListed
from interlace.management.listing import ListAnswer, ListAsked
from interlace.management.orders import ListOrders, OrderRow, OrdersListed
from interlace.management.records import (
    CompareRecords,
    ListRecords,
    RecordAsked,
    RecordFace,
    RecordRow,
    RecordsCompared,
    RecordShown,
    RecordsListed,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.ui.keys import NEXT_RECORD, PREVIOUS_RECORD

AnswerT = TypeVar("AnswerT", bound=ListAnswer)
KEYS = [f"C{number} & Co" for number in range(1, 8)]
LIST = "/records/CUSTOMER?side=crm&only=uncoupled&search=bonn&sort=-number&filters.number=C%2A&limit=3"
LISTS = {
    LIST: "/records/CUSTOMER/",
    "/couplings?search=bonn&sort=-erp_key&filters.erp_key=C%2A&limit=3": "/records/CUSTOMER/",
    "/orders?held=1&search=bonn&sort=-title&filters.title=C%2A&limit=3": "/orders/",
}
"""Lists as addresses ask for them, and how the addresses of their cards begin."""
RECORDS = "/records/CUSTOMER?limit=3"
ELSEWHERE = (
    "https://elsewhere.example/records/CUSTOMER",
    "//elsewhere.example/records/CUSTOMER",
    "/\\elsewhere.example",
    "javascript:alert(1)",
    "/records/CUSTOMER\r\nSet-Cookie: a=b",
)


class Lists:
    """Three lists of the same keys, three of them a page, and what they were asked."""

    def __init__(self) -> None:
        self.keys = list(KEYS)
        self.asked: list[ListAsked] = []
        self.refused: Refused | None = None
        self.in_vain = ""
        """Cursor of the page on which nothing fits."""

    async def records(self, _caller: Caller, asked: ListRecords) -> RecordsListed:
        """Answer with records."""
        rows = [
            RecordRow(key=key, number=key, caption=key, values=(), status="uncoupled")
            for key in self._page(asked)
        ]
        return self._with_ways(asked, RecordsListed(columns=(), rows=tuple(rows)))

    async def couplings(self, _caller: Caller, asked: ListAsked) -> CouplingsListed:
        """Answer with couplings."""
        rows = [
            CouplingRow(
                mapping="CUSTOMER",
                erp_key=key,
                crm_key="a1",
                erp_name="Brandt",
                crm_name="Brandt",
                state="coupled",
                synchronized_at="",
                record_key=key,
            )
            for key in self._page(asked)
        ]
        return self._with_ways(asked, CouplingsListed(rows=tuple(rows)))

    async def orders(self, _caller: Caller, asked: ListOrders) -> OrdersListed:
        """Answer with orders."""
        rows = [
            OrderRow(key=key, title=key, stage="Open", is_held=True, erp_number="", since=MOMENT)
            for key in self._page(asked)
        ]
        return self._with_ways(asked, OrdersListed(rows=tuple(rows)))

    async def show(self, _caller: Caller, asked: RecordAsked) -> RecordShown:
        """Answer with a record that is not coupled."""
        return RecordShown(
            mapping=asked.mapping,
            direction="Bidirectional",
            side="erp",
            status="uncoupled",
            erp=RecordFace(side="erp", key=asked.key, number=asked.key, caption="Brandt", is_there=True),
            crm=RecordFace(side="crm"),
            fields=(),
        )

    async def compare(self, _caller: Caller, asked: CompareRecords) -> RecordsCompared:
        """Answer with two records that may become a pair."""
        erp = RecordFace(side="erp", key=asked.erp_key, caption="Brandt", is_there=True)
        crm = RecordFace(side="crm", key=asked.crm_key, caption="Brandt", is_there=True)
        return RecordsCompared(erp=erp, crm=crm, fields=())

    def _page(self, asked: ListAsked) -> list[str]:
        self.asked.append(asked)
        if self.refused is not None:
            raise self.refused
        start = int(asked.cursor or 0)
        return [] if asked.cursor and asked.cursor == self.in_vain else self.keys[start : start + asked.limit]

    def _with_ways(self, asked: ListAsked, answer: AnswerT) -> AnswerT:
        start = int(asked.cursor or 0)
        end = start + asked.limit
        return msgspec.structs.replace(
            answer,
            next_cursor=str(end) if end < len(self.keys) else "",
            previous_cursor=str(max(0, start - asked.limit)) if start else "",
        )


@pytest.fixture
def lists() -> Lists:
    """What the desk answers."""
    return Lists()


@pytest.fixture
def place(tmp_path: Path, lists: Lists) -> Iterator[Place]:
    """A web client with those lists; cards are samples."""
    works = {
        "records.list": lists.records,
        "records.show": lists.show,
        "records.compare": lists.compare,
        "couplings.list": lists.couplings,
        "orders.list": lists.orders,
    }
    held, _ = canned_app(tmp_path, works_of=works)
    with closing(held):
        yield held


@pytest.fixture
async def browser(place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who may look."""
    await place.add("vera", "INTERLACE VIEW")
    async with place.signed_in("vera") as opened:
        yield opened


def links(page: str, more: str = "") -> list[str]:
    """Return where the links of a page lead, those whose tag has this."""
    tags = [each for each in re.findall(r"<a\b[^>]*>", page) if more in each]
    return [unescape(found[1]) for each in tags if (found := re.search(r'href="([^"]*)"', each))]


def card_of(page: str, key: str, begins: str) -> str:
    """Return the address by which a list leads to a card."""
    [there] = [each for each in links(page) if urlsplit(each).path == f"{begins}{quote(key, safe='')}"]
    return there


def crumb(page: str) -> str:
    """Return where a card leads back to."""
    [there, *_] = links(page.partition('class="crumbs"')[2].partition("</nav>")[0])
    return there


async def press(browser: httpx.AsyncClient, page: str, keys: str) -> httpx.Response:
    """Follow what the keys lead to, as a browser without script does by a click."""
    [there] = links(page, f'aria-keyshortcuts="{keys}"')
    return await browser.get(there, follow_redirects=True)


def shown(answer: httpx.Response, begins: str) -> str:
    """Return the key of the card that is shown."""
    assert answer.status_code == 200, answer.text[:500]
    path = answer.url.raw_path.decode().partition("?")[0]
    return unquote(path.removeprefix(begins))


@pytest.mark.parametrize(("listed", "begins"), LISTS.items())
async def test_a_card_leads_through_its_whole_list_and_back(
    browser: httpx.AsyncClient, lists: Lists, listed: str, begins: str
) -> None:
    """Every record once, over the ends of pages, as the list was searched, filtered and sorted; its ends are told."""
    card = await browser.get(card_of((await browser.get(listed)).text, lists.keys[0], begins))
    for keys, awaited, told in (
        (NEXT_RECORD, lists.keys, "This is the last record of the list"),
        (PREVIOUS_RECORD, lists.keys[::-1], "This is the first record of the list"),
    ):
        seen = [shown(card, begins)]
        while told not in card.text:
            card = await press(browser, card.text, keys)
            seen.append(shown(card, begins))
            assert len(seen) <= len(awaited) + 1
        assert seen == [*awaited, awaited[-1]]
    first = lists.asked[0]
    assert first.search == "bonn"
    assert first.filters
    assert first.sort
    for each in lists.asked[1:]:
        assert not each.counted
        assert {**fields(each), "cursor": "", "counted": True} == fields(first)


def fields(asked: ListAsked) -> dict[str, object]:
    """Return what is asked."""
    return {name: getattr(asked, name) for name in asked.__struct_fields__}


async def test_a_card_asks_nothing_for_its_neighbours_until_somebody_goes_there(
    browser: httpx.AsyncClient, lists: Lists
) -> None:
    """Opening it reads no list; going on reads one page, and a second one at the end of a page."""
    page = (await browser.get(RECORDS)).text
    for key, pages in ((KEYS[1], 1), (KEYS[2], 2)):
        lists.asked.clear()
        card = await browser.get(card_of(page, key, "/records/CUSTOMER/"))
        assert lists.asked == []
        await press(browser, card.text, NEXT_RECORD)
        assert len(lists.asked) == pages


@pytest.mark.parametrize(("listed", "begins"), LISTS.items())
async def test_a_card_leads_back_to_the_page_of_the_list(
    browser: httpx.AsyncClient, lists: Lists, listed: str, begins: str
) -> None:
    """With its search, filters and order; after going on over the end of a page, to the page that was reached."""
    card = await browser.get(card_of((await browser.get(listed)).text, KEYS[2], begins))
    assert crumb(card.text) == listed
    card = await press(browser, card.text, NEXT_RECORD)
    assert crumb(card.text) == f"{listed}&cursor=3"
    assert (await browser.get(crumb(card.text))).status_code == 200
    assert lists.asked[-1].cursor == "3"


async def test_what_has_left_the_list_leaves_its_place_to_the_next(
    browser: httpx.AsyncClient, lists: Lists
) -> None:
    """Of those that are not coupled one is coupled on its card: the next one is the one behind it, none is passed."""
    page = (await browser.get(RECORDS)).text
    card = await browser.get(card_of(page, KEYS[1], "/records/CUSTOMER/"))
    lists.keys.remove(KEYS[1])
    for keys, awaited in ((NEXT_RECORD, KEYS[2]), (PREVIOUS_RECORD, KEYS[0])):
        assert shown(await press(browser, card.text, keys), "/records/CUSTOMER/") == awaited
    lists.keys.clear()
    gone = await press(browser, card.text, NEXT_RECORD)
    assert shown(gone, "/records/CUSTOMER/") == KEYS[1]
    assert "This is the last record of the list" in gone.text


async def test_the_list_goes_on_where_nothing_was_found_yet(browser: httpx.AsyncClient, lists: Lists) -> None:
    """A search that has looked at so many records in vain is not carried on unasked: the list shows how to."""
    page = (await browser.get(RECORDS)).text
    card = await browser.get(card_of(page, KEYS[2], "/records/CUSTOMER/"))
    lists.in_vain = "3"
    answer = await press(browser, card.text, NEXT_RECORD)
    assert str(answer.url).endswith(f"{RECORDS}&cursor=3")
    assert f"{RECORDS}&cursor=6" in links(answer.text)


async def test_a_list_that_is_refused_leaves_the_card_where_it_is(
    browser: httpx.AsyncClient, lists: Lists
) -> None:
    """The card says why, and leads on as soon as the list can be read again."""
    page = (await browser.get(RECORDS)).text
    card = await browser.get(card_of(page, KEYS[1], "/records/CUSTOMER/"))
    lists.refused = Refused(RefusalKind.SERVICE_FAILED, "A service did not answer in time")
    refused = await press(browser, card.text, NEXT_RECORD)
    assert shown(refused, "/records/CUSTOMER/") == KEYS[1]
    assert "A service did not answer in time" in refused.text
    lists.refused = None
    assert shown(await press(browser, refused.text, NEXT_RECORD), "/records/CUSTOMER/") == KEYS[2]


@pytest.mark.parametrize(
    ("path", "usual"),
    [("/records/CUSTOMER/C1", "/records/CUSTOMER?side=erp"), ("/orders/o1?list=/search", "/orders")],
)
async def test_a_card_that_was_not_opened_from_its_list_leads_back_to_all_of_it(
    browser: httpx.AsyncClient, path: str, usual: str
) -> None:
    """By a link of another page or an address that was typed; there is no next one where there is no list."""
    page = (await browser.get(path)).text
    assert bool(links(page, NEXT_RECORD)) is ("list=" in path)
    assert crumb(page) == usual


@pytest.mark.parametrize("listed", ELSEWHERE)
async def test_security_w6_a_list_elsewhere_is_none(browser: httpx.AsyncClient, listed: str) -> None:
    """What an address names as its list leads nowhere but to our own pages."""
    card = await browser.get("/records/CUSTOMER/C1", params={"list": listed, "place": "1"})
    assert card.status_code == 200
    assert links(card.text, NEXT_RECORD) == []
    assert crumb(card.text) == "/records/CUSTOMER?side=erp"
    assert not [each for each in links(card.text) if urlsplit(each).netloc == "elsewhere.example"]


@pytest.mark.parametrize("card", ELSEWHERE)
async def test_security_w6_no_neighbour_leads_elsewhere(
    browser: httpx.AsyncClient, lists: Lists, card: str
) -> None:
    """Whichever card an address names, in the list and at its end it leads to one of our own pages."""
    asked = {"of": card, "place": "9" * 40, "way": "next", "limit": "3"}
    for keys, awaited in ((["C1"], "/records/CUSTOMER/C1"), ([], "/")):
        lists.keys = keys
        answer = await browser.get("/neighbours/records/CUSTOMER", params=asked)
        assert answer.status_code == 303
        there = urlsplit(answer.headers["location"])
        assert (there.netloc, there.path) == ("", awaited)
        assert "a" not in answer.cookies
        [listed] = parse_qs(there.query)["list"]
        assert listed == "/records/CUSTOMER?limit=3"
    assert (await browser.get("/neighbours/records/CUSTOMER?side=moon")).status_code == 400
    assert (await browser.get("/neighbours/elsewhere?way=next")).status_code == 404


async def test_a_record_is_coupled_without_losing_its_list(browser: httpx.AsyncClient, lists: Lists) -> None:
    """From the list to Set Up Coupling and on to its card: who works a list off goes on with its next record."""
    page = (await browser.get(RECORDS)).text
    candidates = (await browser.get(card_of(page, KEYS[1], "/coupling/CUSTOMER/"))).text
    assert crumb(candidates) == RECORDS
    [first, *_] = [each for each in links(candidates) if "with=" in each]
    chosen = (await browser.get(first)).text
    [card] = {unescape(each) for each in re.findall(r'name="return_to" value="([^"]*)"', chosen)}
    lists.keys.remove(KEYS[1])
    coupled = await browser.get(card)
    assert shown(coupled, "/records/CUSTOMER/") == KEYS[1]
    assert crumb(coupled.text) == RECORDS
    answer = await press(browser, coupled.text, NEXT_RECORD)
    assert shown(answer, "/records/CUSTOMER/") == KEYS[2]
