"""What axe finds on each page of the menu and on the cards behind it, in light and dark, English and Russian."""

import re
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.e2e.place import OpenPage, Place

from interlace.web.navigation import PARTS

PAGES = tuple(place.path for part in PARTS for place in part.places)
CARDS = (
    "/account",
    "/search?search=C00010",
    "/users/ada",
    "/users/ada/password",
    "/setup",
    "/records/CUSTOMER/C00010",
    "/coupling/CUSTOMER/C00030?side=erp",
    "/mappings/CUSTOMER",
    "/mappings/CUSTOMER/fields",
)
_AXE = Axe()
_SERIOUS = frozenset({"serious", "critical"})
_BESIDES = frozenset({"landmark-unique"})
"""Only moderate, and yet not to come back."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How pages are looked at."""

    user: str
    scheme: str


LOOKS = {"light": Look(user="ada", scheme="light"), "dark-ru": Look(user="roma", scheme="dark")}


def serious(page: Page) -> list[str]:
    """Return the serious defects of a page, each with the first element that has it."""
    found = _AXE.run(page).response["violations"]
    return [
        f"{page.url}: {each['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for each in found
        if each["impact"] in _SERIOUS or each["id"] in _BESIDES
        for node in each["nodes"][:3]
    ]


@pytest.fixture(scope="module")
def something_of_each(place: Place) -> None:
    """An open conflict and an order, of a customer that no other test uses; jobs there are."""
    trade, number = place.trade, place.listed("couplings", "list", "CUSTOMER")[-1]["erp_key"]
    trade.submit(trade.order(str(trade.account_of(number)["accountid"]), "1000"))
    trade.change_customer(number, Name="Looked at in the ERP")
    trade.change_account(number, name="Looked at in the CRM")
    place.interlace("orders", "process")
    place.interlace("synch", "CUSTOMER")


@pytest.mark.usefixtures("something_of_each")
@pytest.mark.parametrize("look", LOOKS)
def test_no_page_has_a_serious_defect(look: str, open_page: OpenPage) -> None:
    """Names, roles, landmarks and contrast, of lists and of the first card of each."""
    page = open_page(LOOKS[look].user, color_scheme=LOOKS[look].scheme)
    defects: list[str] = []
    for path in (*PAGES, *CARDS):
        page.goto(path)
        expect(page.locator("h1")).to_have_count(1)
        defects += serious(page)
    for path in ("/jobs", "/conflicts", "/orders"):
        page.goto(path)
        page.locator("main tbody tr a").first.click()
        expect(page).to_have_url(re.compile(f"{path}/"))
        defects += serious(page)
    assert defects == []
