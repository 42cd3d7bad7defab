"""Tell Me: every action is found by its caption and leads to a page; records are found by a part of their name."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import HOSTILE, canned_app

from interlace.management.operation import Effect
from interlace.management.operations import ALL_OPERATIONS
from interlace.web.action_places import page_of_action
from interlace.web.addresses import segment

WRITES = [each for each in ALL_OPERATIONS if each.effect is Effect.WRITES]
_LINK = re.compile(r'<a href="([^"]*)">([^<]*)</a>[^<]*<span class="quiet-text">([^<]*)</span>')


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path)
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
        told = {caption: await found(browser, caption) for caption in {each.caption for each in WRITES}}
        for each in WRITES:
            expected = (page_of_action(each), each.caption, each.tooltip)
            assert expected in _LINK.findall(told[each.caption]), each.name
        for path in {page_of_action(each) for each in WRITES}:
            answer = await browser.get(path)
            assert answer.status_code == 200, path


async def test_an_action_on_a_record_leads_to_where_one_is_chosen(place: Place) -> None:
    """To a list of records, which offers it for those that are chosen."""
    await place.add("ada", "INTERLACE SYNCHRONIZE")
    async with place.signed_in("ada") as browser:
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


async def test_a_record_is_found_and_leads_to_its_card(place: Place) -> None:
    """Whatever it is called."""
    await place.add("vera", "INTERLACE VIEW")
    async with place.signed_in("vera") as browser:
        told = await found(browser, "cannon")
    assert f'href="/records/{segment(HOSTILE)}/{segment(HOSTILE)}"' in told
