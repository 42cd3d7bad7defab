"""Basic hides the integration: menu, Tell Me, Home and action bars lead nowhere into it; Suite shows it everywhere."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import canned_app, find_places

from interlace.web.navigation import PARTS, part_of

INTEGRATION = tuple(part for part in PARTS if part.is_integration)
SHOWN = tuple(place.path for part in PARTS if not part.is_integration for place in part.places)
CARDS = (
    "/account",
    "/connection?test=1",
    "/mappings?check=1",
    "/mappings/CUSTOMER?check=1",
    "/mappings/CUSTOMER/fields",
    "/mappings/CUSTOMER/matching",
    "/mappings/settings",
    "/search?search=o",
    "/search?search=synchronize",
    "/search?search=cannon",
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path, works_of={"search.find": find_places})
    yield held
    held.close()


@asynccontextmanager
async def visitor(place: Place, experience: str) -> AsyncIterator[httpx.AsyncClient]:
    """Sign an administrator in who has chosen an experience in his account."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        chosen = {"experience": experience, "return_to": "/account"}
        assert (await browser.post("/do/account/change", data=chosen)).status_code == 303
        await browser.get("/account")
        yield browser


def into_integration(page: str) -> set[str]:
    """Return the links of a page that lead to a page of the integration."""
    links = {html.unescape(each).partition("?")[0] for each in re.findall(r'href="(/[^"]*)"', page)}
    return {each for each in links if part_of(each) in INTEGRATION}


async def test_basic_leads_nowhere_into_the_integration(place: Place) -> None:
    """No page that it shows has a link to one that it hides."""
    async with visitor(place, "Basic") as browser:
        for path in (*SHOWN, *CARDS):
            answer = await browser.get(path)
            assert answer.status_code == 200, path
            assert into_integration(answer.text) == set(), path


async def test_basic_finds_what_it_shows(place: Place) -> None:
    """Tell Me finds the set-up and its actions, and neither pages, actions nor records of the integration."""
    async with visitor(place, "Basic") as browser:
        told = html.unescape((await browser.get("/search?search=set")).text)
        hidden = html.unescape((await browser.get("/search?search=plan")).text)
    assert 'href="/connection"' in told
    assert 'href="/users">Set Password</a>' in told
    assert "Make Plan" not in hidden


async def test_what_basic_hides_is_not_denied(place: Place) -> None:
    """It is a matter of sight, not of permission: an address that somebody sends opens."""
    async with visitor(place, "Basic") as browser:
        for part in INTEGRATION:
            answer = await browser.get(part.places[0].path)
            assert answer.status_code == 200, part.caption


async def test_suite_leads_into_the_integration(place: Place) -> None:
    """The menu has every part, Home its figures, Tell Me its actions."""
    async with visitor(place, "Suite") as browser:
        home = into_integration((await browser.get("/")).text)
        found = into_integration((await browser.get("/search?search=synchronize")).text)
    assert {part.places[0].path for part in INTEGRATION} <= home
    assert {"/errors", "/jobs", "/couplings", "/orders", "/conflicts"} <= home
    assert {"/queue", "/records/CUSTOMER"} <= home | found
