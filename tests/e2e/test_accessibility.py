"""What axe finds on every page and dialog, in light and dark, English and Russian; zoom and print beside it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page
from tests.e2e.place import WIDE, OpenPage, Place, Watch

from interlace.web.pages import PAGES

_AXE = Axe()
_SERIOUS = frozenset({"serious", "critical"})
_BESIDES = frozenset({"landmark-unique"})
"""Only moderate, and yet not to come back."""
_COLORS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}
FILES = frozenset({"/audit/export"})
VALUES = {
    "/mappings/{name:str}": "/mappings/CUSTOMER",
    "/users/{name:str}": "/users/ada",
    "{mapping:str}": "CUSTOMER",
    "/{key:path}": "/C00010",
}
"""What stands for the parameters of addresses; others are those of the first row of their list."""
BESIDES = ("/search?search=C00010", "/coupling/CUSTOMER/C00030?side=erp", "/availability?item=1000")
ZOOMED = {"width": WIDE["width"] // 2, "height": WIDE["height"] // 2}
"""What a window is wide at 200 %."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How pages are looked at."""

    user: str
    scheme: str
    options: dict[str, Any] | None = None


LIGHT = Look(user="ada", scheme="light")
DARK = Look(user="roma", scheme="dark", options=_COLORS)
"""Elements are the same in every language and scheme, colors are not."""


def templates() -> list[str]:
    """Return the address of every page that there is, lists before what they lead to."""
    found = {path for each in PAGES if "GET" in each.http_methods for path in each.paths}
    return sorted(found - FILES)


def addresses(page: Page) -> Iterator[str]:
    """Every page's address."""
    for template in templates():
        path = template
        for parameter, value in VALUES.items():
            path = path.replace(parameter, value)
        if "{" in path:
            listed, _, _ = path.rpartition("/")
            path = first_below(page, listed)
        yield path
    yield from BESIDES


def first_below(page: Page, listed: str) -> str:
    """Return the first address below another one that stands on its list."""
    page.goto({"/errors/causes": "/errors"}.get(listed, listed))
    found = page.locator(f"main a[href^='{listed}/']").first.get_attribute("href")
    assert found is not None, f"{listed} leads nowhere"
    return found


def serious(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Return the serious defects of a page, each with the first elements that have it."""
    found = _AXE.run(page, options=options or {"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{page.url}: {each['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for each in found
        if each["impact"] in _SERIOUS or each["id"] in _BESIDES
        for node in each["nodes"][:3]
    ]


def zoomed(page: Page) -> list[str]:
    """Tell whether a page has to be moved sideways, as it is and at 200 %."""
    found = []
    for size in (ZOOMED, WIDE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{page.url}: {wide} pixels wider than {size['width']}"] if wide > 0 else []
    return found


def printed(page: Page) -> list[str]:
    """Tell what is printed beside the content, or not in black on white."""
    page.emulate_media(media="print")
    found = [
        f"{page.url}: {name} is printed"
        for name in (".bar", ".menu", "main .actions")
        if page.locator(name).first.is_visible()
    ]
    colors = page.evaluate(
        "(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))"
    )
    page.emulate_media(media="screen")
    return found if colors == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"] else [*found, f"{page.url}: {colors}"]


def asked(page: Page) -> list[str]:
    """Look at the question that an action asks, and say no to it."""
    page.locator("main form[data-confirm] button:enabled").first.click()
    return _dialog(page, page.locator("dialog.question"))


def keys(page: Page) -> list[str]:
    """Look at the list of keys."""
    page.keyboard.press("?")
    return _dialog(page, page.locator("dialog#keys"))


def _dialog(page: Page, dialog: Locator) -> list[str]:
    dialog.wait_for()
    found = serious(page)
    named = dialog.evaluate("each => each.getAttribute('aria-labelledby') || ''")
    found += [] if named else [f"{page.url}: a dialog without a name"]
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    return found


@pytest.fixture(scope="module")
def something_of_each(place: Place) -> None:
    """An open conflict, an order, a kept plan and a cause of errors, of a customer that no other test uses."""
    trade, number = place.trade, place.listed("couplings", "list", "CUSTOMER")[-1]["erp_key"]
    trade.submit(trade.order(str(trade.account_of(number)["accountid"]), "1000"))
    trade.change_customer(number, Name="Looked at in the ERP")
    trade.change_account(number, name="Looked at in the CRM")
    place.interlace("orders", "process")
    place.interlace("synch", "CUSTOMER")
    place.interlace("plan", "CURRENCY", "--keep")


@pytest.mark.usefixtures("something_of_each")
def test_no_page_or_dialog_has_a_serious_defect(open_page: OpenPage, watch: Watch) -> None:
    """Names, roles, landmarks and contrast of every page, at 200 % nothing moves sideways, and print is plain."""
    # Asked without what they are about, some pages are refusals: those are looked at, too.
    watch.expected = (
        "the server responded with a status of 404",
        "the server responded with a status of 503",
    )
    page = open_page(LIGHT.user, color_scheme=LIGHT.scheme)
    defects: list[str] = []
    paths = list(addresses(page))
    for path in paths:
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        defects += serious(page)
    page.goto("/")
    defects += keys(page)
    page.goto("/connection")
    defects += asked(page)
    dark = open_page(DARK.user, color_scheme=DARK.scheme)
    for path in paths:
        dark.goto(path)
        # Russian is longer, and dark is what must not be printed.
        defects += serious(dark, DARK.options) + zoomed(dark) + printed(dark)
    assert len(paths) > len(templates())
    assert [re.sub(r"http://[^/]*", "", each) for each in defects] == []
