"""Every page: shown in every language, with hostile texts as texts, under the strict policy, for every permission."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from tests.web.accounts_desk import Place
from tests.web.canned_desk import HOSTILE, canned_app

from interlace.locale.languages import LANGUAGES
from interlace.management.account import CHANGE, ChangeAccount
from interlace.management.permission import PERMISSION_SETS, Permission
from interlace.web.navigation import PARTS

PLACES = [place for part in PARTS for place in part.places]
CARDS = (
    "/account",
    "/availability?item=1000",
    "/connection?test=1",
    "/connection/defaults",
    "/connection/freezes",
    "/connection/solution",
    "/connections/new",
    "/connections/remove",
    "/connections/rename",
    "/conflicts/c1",
    "/coupling/CUSTOMER/C1",
    "/couplings/exchange",
    "/couplings/shadow",
    "/errors/causes/c1",
    "/errors/skipped?only=skipped",
    "/jobs/j1",
    "/jobs/of-record/CUSTOMER/C1",
    "/journal?verify=1",
    "/mappings?check=1",
    "/mappings/CUSTOMER?check=1&try=C1",
    "/mappings/CUSTOMER/fields",
    "/mappings/CUSTOMER/fields/row?row=r1",
    "/mappings/CUSTOMER/filter?side=crm",
    "/mappings/CUSTOMER/matching",
    "/mappings/CUSTOMER/delete",
    "/mappings/CUSTOMER/reset",
    "/mappings/new",
    "/mappings/new?erp_table=ItemCategories&crm_table=new_category",
    "/mappings/settings",
    "/notifications",
    "/notifications/address?code=5f0c",
    "/notifications/subscription",
    "/orders/o1",
    "/orders/o1?list=/orders%3Fheld%3D1&place=0",
    "/plans/p1",
    "/plans?filters.state=ready&filters.writes=%3E0",
    "/records/CUSTOMER/C1",
    "/records/CUSTOMER/C1?list=/records/CUSTOMER%3Fonly%3Duncoupled&place=0",
    "/requests/1",
    "/requests/1?raw=1",
    "/search?search=dynamics+crm",
    "/journal/erase",
    "/journal/erase?key=C1",
    "/undo",
    "/undo?subject=C1",
    "/verification/CUSTOMER",
)
PAGES = [*(place.path for place in PLACES), *CARDS]
NEEDED = {
    "/audit": Permission.ADMINISTER,
    "/connection?test=1": Permission.MANAGE_CONNECTION,
    "/connection/solution": Permission.MANAGE_CONNECTION,
    "/connections/new": Permission.MANAGE_CONNECTION,
    "/connections/remove": Permission.ADMINISTER,
    "/connections/rename": Permission.MANAGE_CONNECTION,
    "/journal/erase": Permission.ADMINISTER,
    "/journal/erase?key=C1": Permission.ADMINISTER,
    "/requests/1?raw=1": Permission.MANAGE_CONNECTION,
    "/setup": Permission.MANAGE_CONNECTION,
    "/tokens": Permission.ADMINISTER,
    "/users": Permission.ADMINISTER,
}
"""The pages that need more than to be allowed to look."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Accounts, and a desk that answers with samples."""
    held, _ = canned_app(tmp_path)
    yield held
    held.close()


def problems_of(answer: httpx.Response) -> list[str]:
    """Say what a page must not hold: scripts and styles of its own, and values that became markup."""
    text = answer.text
    found = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text)
    found += re.findall(r"<[^>]*\s(?:on[a-z]+|style)\s*=[^>]*>", re.sub(r'="[^"]*"', '=""', text))
    found += [HOSTILE] if HOSTILE in text else []
    found += re.findall(r"javascript:", text)
    policy = answer.headers.get("content-security-policy", "")
    if "unsafe" in policy or "default-src 'none'" not in policy:
        found.append(f"policy: {policy}")
    return found


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_shown_and_holds_nothing_that_runs(place: Place, path: str) -> None:
    """Whatever the services and people wrote stands on the page as text, and the way out with it."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    assert problems_of(answer) == []
    assert 'action="/sign-out"' in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("language", [each.name for each in LANGUAGES if each.name != "en_US"])
async def test_every_page_is_shown_in_every_language(place: Place, language: str) -> None:
    """No text breaks where its translation stands."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        changed = await browser.post(
            "/do/account/change", data={"language": language, "return_to": "/account"}
        )
        assert changed.status_code == 303
        for path in PAGES:
            answer = await browser.get(path)
            assert answer.status_code == 200, f"{path}: {answer.text[:1000]}"
            assert f'<html lang="{language.replace("_", "-")}">' in answer.text
            assert problems_of(answer) == [], path


@pytest.mark.parametrize("name", [each for each in PERMISSION_SETS if each != "INTERLACE ADMIN"])
async def test_pages_are_shown_or_refused_by_permission(place: Place, name: str) -> None:
    """Pages that need more are refused, and no other; the menu leads to none that is refused."""
    refused = {path for path, needed in NEEDED.items() if needed not in PERMISSION_SETS[name].permissions}
    await place.add("bo", name)
    async with place.signed_in("bo") as browser:
        for path in PAGES:
            answer = await browser.get(path)
            assert answer.status_code == (403 if path in refused else 200), f"{path}: {answer.text[:500]}"
            assert problems_of(answer) == [], path
            menu = answer.text.partition("<main")[0]
            assert not refused.intersection(re.findall(r'href="([^"]*)"', menu)), path


async def test_every_page_says_what_it_is_about(place: Place) -> None:
    """Who opens a page for the first time is told what can be done there."""
    await place.add("ada", "INTERLACE ADMIN")
    async with place.signed_in("ada") as browser:
        without = [path for path in PAGES if '<details class="tip">' not in (await browser.get(path)).text]
    assert without == []


async def test_every_page_asks_who_it_is(place: Place) -> None:
    """Nobody sees a page without having signed in, and comes back to it afterwards."""
    async with place.browser() as browser:
        for path in PAGES:
            answer = await browser.get(path)
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?return_to="), path


def test_the_account_changes_its_language_by_the_operation() -> None:
    """The form of the test above is the page's own."""
    assert CHANGE.asked is ChangeAccount
