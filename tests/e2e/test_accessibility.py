"""What axe finds on every page and dialog, in light and dark, English and Russian; zoom and print beside it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.e2e.looking import COLORS, looked_at, serious, zoomed
from tests.e2e.place import OpenPage, Place, Watch, new_context, sign_in

from interlace.web.pages import PAGES

FILES = frozenset({"/audit/export", "/couplings/exchange/file"})
VALUES = {
    "/mappings/{name:str}": "/mappings/CUSTOMER",
    "/users/{name:str}": "/users/ada",
    "{mapping:str}": "CUSTOMER",
    "/{key:path}": "/C00010",
}
"""What stands for the parameters of addresses; others are those of the first row of their list."""
BESIDES = ("/search?search=C00010", "/coupling/CUSTOMER/C00030?side=erp", "/availability?item=1000")


@dataclass(frozen=True, kw_only=True)
class Look:
    """How pages are looked at."""

    user: str
    scheme: str
    options: dict[str, Any] | None = None


LIGHT = Look(user="ada", scheme="light")
DARK = Look(user="roma", scheme="dark", options=COLORS)
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
    assert _local(defects) == []


REFUSALS = (
    "/nowhere",
    "/jobs?connection=north",
    "/jobs?filters.started_at=((",
    "/records/CUSTOMER/NOBODY",
    "/sign-in/again?return_to=/users",
)
"""What can't be shown, and the password that is asked for again."""


def test_who_is_not_let_in_and_what_is_not_there_is_told_without_a_serious_defect(
    browser: Browser, place: Place, open_page: OpenPage, watch: Watch
) -> None:
    """Sign-in, a wrong password, pages of others, pages and records that there are not."""
    watch.expected = ("the server responded with a status of 4",)
    with new_context(browser, place.address) as context:
        page = context.new_page()
        page.goto("/sign-in")
        defects = looked_at(page)
        sign_in(page, "nobody")
        expect(page.locator(".notice.error")).to_be_visible()
        defects += looked_at(page)
    page = open_page("vera")
    page.goto("/users")
    defects += looked_at(page)
    page = open_page()
    for path in REFUSALS:
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        defects += looked_at(page)
    assert _local(defects) == []


def test_what_opens_over_a_page_has_no_serious_defect(
    place: Place, open_page: OpenPage, watch: Watch
) -> None:
    """Filters, what Tell Me found, the switch of connections, which a second one brings, and its forms."""
    watch.expected = ("the server responded with a status of 4",)
    page = open_page()
    page.goto("/records/CUSTOMER")
    page.keyboard.press("Shift+F3")
    expect(page.locator(".filters :focus")).to_have_count(1)
    defects = looked_at(page)
    page.keyboard.press("Alt+q")
    page.keyboard.type("full synch")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_role("link", name="Full Synch. Review").first).to_be_visible()
    defects += looked_at(page)
    with _second_connection(place, page, "Looked at"):
        page.goto("/connections/new")
        _begin(page, "Looked at")
        expect(page.locator("main [aria-invalid=true]")).to_be_visible()
        defects += looked_at(page)
        page.goto("/connections")
        page.keyboard.press("Control+o")
        expect(page.locator(".switch nav")).to_be_visible()
        defects += looked_at(page)
    assert _local(defects) == []


@contextmanager
def _second_connection(place: Place, page: Page, name: str) -> Iterator[None]:
    """Begin another connection by its form, and remove it at the end."""
    page.goto("/connections/new")
    _begin(page, name)
    expect(page).to_have_url(re.compile("/setup"))
    try:
        yield
    finally:
        place.interlace("connection", "remove", name, "--yes")


def _begin(page: Page, name: str) -> None:
    page.fill("main input[name=name]", name)
    page.locator("main button.primary").click()
    page.wait_for_load_state()


def _local(defects: Sequence[str]) -> list[str]:
    return [re.sub(r"http://[^/]*", "", each) for each in defects]
