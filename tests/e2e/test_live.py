"""Pages follow what happens elsewhere without being asked."""

from playwright.sync_api import Page, expect
from tests.e2e.place import WORK_MILLISECONDS, OpenPage, confirm


def test_the_review_moves_while_it_is_looked_at(page: Page, open_page: OpenPage) -> None:
    """A full synchronization that somebody starts and pauses elsewhere is seen on the open page, without a reload."""
    page.goto("/review")
    page.evaluate("window.sinceOpened = true")
    rows = page.locator("main tbody tr")
    elsewhere = open_page("roma", locale="ru-RU")
    elsewhere.goto("/review")
    elsewhere.locator("form[action='/do/reviews/start'] button").click()
    expect(elsewhere.locator("dialog.question")).to_contain_text("?")
    confirm(elsewhere)
    expect(rows.filter(has_text="In Process").first).to_be_visible(timeout=WORK_MILLISECONDS)
    elsewhere.locator("form[action='/do/reviews/cancel'] button").click()
    expect(rows.filter(has_text="On Hold").first).to_be_visible(timeout=WORK_MILLISECONDS)
    expect(page.get_by_role("button", name="Go On", exact=True)).to_be_visible(timeout=WORK_MILLISECONDS)
    assert page.evaluate("window.sinceOpened") is True
