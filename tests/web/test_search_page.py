"""Tell Me: every action is found by its caption and leads to a page; what could not be looked through is told."""

import html
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import HOSTILE, canned_app, find_places

from interlace.management.caller import Caller
from interlace.management.operation import Effect
from interlace.management.operations import ALL_OPERATIONS
from interlace.management.search import Find, Found, Hit, NotLooked
from interlace.web.action_places import is_action, page_of_action
from interlace.web.addresses import segment

ACTIONS = [each for each in ALL_OPERATIONS if is_action(each)]
_LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>[^<]*<span class="quiet-text">([^<]*)</span>')
_RECORDS = (
    Hit(
        kind="record",
        caption=HOSTILE,
        number="C00010",
        page=f"/records/{segment(HOSTILE)}/C00010",
        mapping=HOSTILE,
        key="C00010",
        side="erp",
        status="coupled",
    ),
    Hit(
        kind="record",
        caption="Cannon Ltd.",
        number="4711",
        page="/records/CUSTOMER/4711?side=crm",
        mapping="CUSTOMER",
        key="4711",
        side="crm",
        status="uncoupled",
    ),
)
_SILENT = NotLooked(side="erp", mappings=("CUSTOMER", "CONTACT"), why=HOSTILE)


async def _find(caller: Caller, asked: Find) -> Found:
    """Find pages and actions as ever, and the same records whatever is typed."""
    places = await find_places(caller, asked)
    return Found(hits=(*places.hits, *_RECORDS), not_looked=(_SILENT,))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Accounts, and a desk that finds what there is."""
    held, _ = canned_app(tmp_path_factory.mktemp("accounts"), works_of={"search.find": _find})
    yield held
    held.close()


async def found(browser: httpx.AsyncClient, searched: str) -> str:
    """Return the page of what was found."""
    answer = await browser.get(f"/search?{urlencode({'search': searched})}")
    assert answer.status_code == 200
    return html.unescape(answer.text)


async def test_each_action_is_found_and_leads_to_a_page(place: Place) -> None:
    """By its caption, with what it does beside it; the page that it leads to is there."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        told = {caption: await found(browser, caption) for caption in {each.caption for each in ACTIONS}}
        for each in ACTIONS:
            expected = (page_of_action(each), each.caption, each.tooltip)
            assert expected in _LINK.findall(told[each.caption]), each.name
        for path in {page_of_action(each) for each in ACTIONS}:
            answer = await browser.get(path)
            assert answer.status_code == 200, path


async def test_what_is_only_shown_is_an_action_where_a_button_asks_for_it(place: Place) -> None:
    """The list of them names reading operations only; somebody who may look finds them."""
    reading = [each for each in ACTIONS if each.effect is Effect.READS]
    assert len(reading) > 10
    await place.add("olga", "INTERLACE VIEW")
    async with place.signed_in("olga") as browser:
        assert ("/records/CUSTOMER", "Why Not?") in [
            each[:2] for each in _LINK.findall(await found(browser, "why not"))
        ]
        assert "Encryption Management" not in await found(browser, "encryption management")


async def test_an_action_on_a_record_leads_to_where_one_is_chosen(place: Place) -> None:
    """To a list of records, which offers it for those that are chosen."""
    await place.add("ben", "INTERLACE SYNCHRONIZE")
    async with place.signed_in("ben") as browser:
        told = await found(browser, "synchronize now")
        assert ("/records/CUSTOMER", "Synchronize Now") in [each[:2] for each in _LINK.findall(told)]
        listed = await browser.get("/records/CUSTOMER")
        assert 'action="/do/records/synchronize"' in listed.text


async def test_nobody_finds_an_action_that_he_may_not_do(place: Place) -> None:
    """Who may only look finds the page and not its actions."""
    await place.add("vera", "INTERLACE VIEW")
    async with place.signed_in("vera") as browser:
        told = await found(browser, "plan")
    assert 'href="/plans"' in told
    assert "Make Plan" not in told


async def test_records_lead_to_their_cards_and_say_how_they_stand(place: Place) -> None:
    """Whatever they are called; one without a partner says whose it is."""
    await place.add("carl", "INTERLACE VIEW")
    async with place.signed_in("carl") as browser:
        answer = await browser.get("/search?search=cannon")
    assert f'href="/records/{segment(HOSTILE)}/C00010"' in answer.text
    assert 'href="/records/CUSTOMER/4711?side=crm">4711</a> Cannon Ltd.' in answer.text
    assert "Customers · CRM" in answer.text
    assert "Not coupled" in answer.text
    assert "<script>alert" not in answer.text


async def test_what_could_not_be_looked_through_is_told(place: Place) -> None:
    """Beside what was found: which service, whose records, and why."""
    await place.add("dora", "INTERLACE VIEW")
    async with place.signed_in("dora") as browser:
        told = await found(browser, "cannon")
    assert "Not everything could be looked through" in told
    assert f"ERP · Customers and Contacts: {HOSTILE}" in told
