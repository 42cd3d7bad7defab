"""What all pages share: language, permissions, sessions that end, keys, narrow windows."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.looking import ZOOMED, looked_at
from tests.e2e.place import OpenPage, Place, Watch, sign_in

MAIN_PAGES = ("/", "/review", "/conflicts", "/errors", "/orders", "/couplings", "/mappings", "/setup")
_RUSSIAN_DATE = re.compile(r"\d\d\.\d\d\.\d{4}|\d (янв|февр|мар|апр|ма[йя]|июн|июл|авг|сент|окт|нояб|дек)")


def test_the_language_is_changed_in_my_account(open_page: OpenPage) -> None:
    """Headings, dates and numbers are Russian from then on, and English again afterwards."""
    page = open_page("lena")
    page.goto("/account")
    page.locator("select[name=language]").select_option("ru_RU")
    page.locator("form[action='/account'] button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Моя учётная запись")
    assert page.locator("html").get_attribute("lang") == "ru-RU"
    page.goto("/jobs")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("[а-я]"))
    expect(page.locator("main tbody")).to_contain_text(_RUSSIAN_DATE)
    page.goto("/account")
    page.locator("select[name=language]").select_option("en_US")
    page.locator("form[action='/account'] button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My Account")


def test_who_may_only_look_is_told_so(place: Place, open_page: OpenPage, watch: Watch) -> None:
    """Actions are there with the reason why not; a forged form changes nothing; pages of others are refused."""
    watch.expected = ("403",)
    assert [each["enabled"] for each in place.listed("connection", "list")] == [True]
    page = open_page("vera")
    page.goto("/errors/skipped")
    page.goto("/orders")
    create = page.get_by_role("button", name="Create in ERP")
    expect(create).to_have_attribute("aria-disabled", "true")
    expect(create).to_have_attribute("title", "You don't have the permission for this")
    page.evaluate(
        """() => {
            const form = document.createElement("form");
            form.method = "post";
            form.action = "/do/connections/disable";
            form.innerHTML = '<input name="return_to" value="/orders">';
            document.body.append(form);
            form.submit();
        }"""
    )
    notice = page.locator(".notices")
    expect(notice).to_contain_text("permission")
    answer = page.goto("/users")
    assert answer is not None
    assert answer.status == 403
    expect(page.get_by_role("heading", level=1)).to_contain_text("permission")
    assert [each["enabled"] for each in place.listed("connection", "list")] == [True]


def test_a_session_that_ends_in_the_middle_of_a_form_loses_nothing(place: Place, open_page: OpenPage) -> None:
    """Signed out elsewhere while something is typed: after signing in it stands there and is sent."""
    page = open_page("sam")
    page.goto("/account")
    page.get_by_label("Full Name").fill("Samantha Ward-Ångström")
    page.get_by_label("Time Zone").fill("Europe/Oslo")
    place.interlace("users", "end-all", "sam")
    page.get_by_role("button", name="Save").click()
    expect(page).to_have_url(re.compile("/sign-in"))
    defects = looked_at(page)
    sign_in(page, "sam")
    expect(page).to_have_url(re.compile("/unfinished"))
    assert [*defects, *looked_at(page)] == []
    expect(page.get_by_label("Full name")).to_have_value("Samantha Ward-Ångström")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Oslo")
    page.get_by_role("button", name="Send Now").click()
    expect(page).to_have_url(re.compile("/account$"))
    expect(page.get_by_label("Full Name")).to_have_value("Samantha Ward-Ångström")
    [sam] = [each for each in place.listed("users", "list") if each["name"] == "sam"]
    assert (sam["full_name"], sam["time_zone"]) == ("Samantha Ward-Ångström", "Europe/Oslo")


def test_keys_lead_everywhere(page: Page) -> None:
    """J and K walk through a list, keys filter it and open what is beside it; a question mark shows those there are."""
    page.goto("/couplings")
    page.locator("main").focus()
    page.keyboard.press("j")
    rows = page.locator("main .list tbody tr")
    expect(rows.nth(0).locator(":focus")).to_have_count(1)
    page.keyboard.press("j")
    expect(rows.nth(1).locator(":focus")).to_have_count(1)
    page.keyboard.press("k")
    expect(rows.nth(0).locator(":focus")).to_have_count(1)
    page.keyboard.press("ArrowLeft")
    expect(rows.nth(0).locator("[data-filter-by='filters.mapping']:focus")).to_have_count(1)
    page.keyboard.press("Alt+F3")
    expect(page).to_have_url(re.compile("filters.mapping=%27"))
    page.keyboard.press("Control+Alt+Shift+F3")
    expect(page).not_to_have_url(re.compile("filters"))
    page.keyboard.press("Shift+F3")
    expect(page.locator(".filters :focus")).to_have_count(1)
    page.keyboard.press("F3")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.press("F6")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    expect(keys).to_contain_text("Alt+Q")
    expect(keys.get_by_text("Alt+N")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("Alt+q")
    expect(page.locator("#tell")).to_be_focused()
    page.keyboard.type("?")
    expect(keys).to_be_hidden()
    page.locator("#tell").fill("run full synchronization")
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_role("link", name="Full Synch. Review").first).to_be_visible()
    page.goto("/users")
    page.keyboard.press("Alt+n")
    # Who signed in a while ago is asked for the password first.
    expect(page).to_have_url(re.compile("new-user"))


def test_each_row_has_a_menu(page: Page) -> None:
    """Shift+F10 lists what the row leads to; arrows walk through it, Enter does it, Esc goes back to the row."""
    page.goto("/couplings")
    page.locator("main").focus()
    page.keyboard.press("j")
    page.keyboard.press("Shift+F10")
    menu = page.get_by_role("menu")
    items = menu.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    row = page.locator("main .list tbody tr").first
    expect(row.locator(":focus")).to_have_count(1)
    row.hover()
    row.locator(".row-menu").click()
    expect(items.last).to_contain_text("Filter the list to this value")
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("filters\\."))


def test_what_opens_leaves_its_button_where_it_was(page: Page) -> None:
    """The filter pane and the tip of a page take a row below; a second press closes them again."""
    page.goto("/queue")
    for name in (".filter-pane", ".tip"):
        opener = page.locator(f"{name} > summary").first
        before = opener.bounding_box()
        opener.click()
        assert opener.bounding_box() == before, name
        opener.click()
        expect(page.locator(f"{name}[open]")).to_have_count(0)


def test_a_row_s_menu_has_no_button_of_a_field(page: Page) -> None:
    """What saves a field would save what nobody entered; what is done with the row is there."""
    page.goto("/queue")
    row = page.locator("main .list tbody tr").first
    row.hover()
    row.locator(".row-menu").click()
    items = page.get_by_role("menu").get_by_role("menuitem")
    expect(items.filter(has_text="Set On Hold")).to_have_count(1)
    expect(items.filter(has_text="Save")).to_have_count(0)


def test_a_list_stands_in_tiles(page: Page) -> None:
    """Each row in one of its own, with the captions of its values; the choice stays when the list is searched."""
    page.goto("/couplings")
    page.get_by_role("link", name="Show as Tiles").click()
    tiles = page.locator("main .list.tiles tbody tr")
    first, second = tiles.nth(0).bounding_box(), tiles.nth(1).bounding_box()
    assert first is not None
    assert second is not None
    assert second["x"] > first["x"] + first["width"] - 1
    page.keyboard.press("F3")
    page.keyboard.type("C00010")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("layout=tiles"))
    page.get_by_role("link", name="Show as List").click()
    expect(page.locator("main .list.tiles")).to_have_count(0)


def test_the_tour_leads_through_the_page(page: Page) -> None:
    """It begins beside the heading, tells what each part is for, and ends where one likes."""
    page.goto("/jobs")
    page.keyboard.press("Control+F1")
    page.get_by_role("button", name="Take the Tour").click()
    tour = page.locator("dialog.tour")
    expect(tour).to_contain_text(re.compile("^1 of [0-9]+"))
    expect(page.locator("nav.menu")).to_have_class(re.compile("toured"))
    page.keyboard.press("Enter")
    expect(page.locator("#tell")).to_have_class(re.compile("toured"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("nav.menu")).to_have_class(re.compile("toured"))
    page.keyboard.press("Escape")
    expect(tour).to_have_count(0)
    expect(page.locator(".toured")).to_have_count(0)


@pytest.mark.parametrize("path", MAIN_PAGES)
def test_at_200_percent_nothing_is_beside_the_window(open_page: OpenPage, path: str) -> None:
    """Wide lists scroll in themselves, the page does not."""
    page = open_page(viewport=ZOOMED)
    page.goto(path)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= ZOOMED["width"], page.evaluate(
        """() => [...document.querySelectorAll("body *")]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
            .filter((each) => !each.closest(".list, .menu, .sections"))
            .map((each) => each.outerHTML.slice(0, 150)).slice(0, 5)"""
    )


def test_a_page_of_another_origin_can_do_nothing(place: Place, open_page: OpenPage, watch: Watch) -> None:
    """A form of a foreign page that posts to Interlace is refused, cookie or not."""
    watch.expected = ("403",)
    page = open_page()
    page.route(
        "http://elsewhere.example/",
        lambda route: route.fulfill(
            content_type="text/html",
            body=f'<form method="post" action="{place.address}/do/orders/process"><button>Win</button></form>',
        ),
    )
    page.goto("http://elsewhere.example/")
    with page.expect_response(re.compile("/do/orders/process")) as answered:
        page.get_by_role("button").click()
    assert answered.value.status in {303, 403}
    expect(page.locator("body")).to_contain_text(re.compile("Another site's page sent this|Sign in"))
