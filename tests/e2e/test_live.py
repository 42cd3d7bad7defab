"""Pages follow what happens elsewhere without being asked."""

from playwright.sync_api import Page, expect
from tests.e2e.place import Place


def test_the_review_moves_while_it_is_looked_at(place: Place, page: Page) -> None:
    """A full synchronization that somebody starts elsewhere shows up and ends on the open page, without a reload."""
    page.goto("/review")
    page.evaluate("window.sinceOpened = true")
    expect(page.locator("main tbody tr")).to_have_count(0)
    started = place.installation.start("full-synch", "start")
    try:
        expect(page.locator("main tbody tr").first).to_be_visible(timeout=20_000)
        expect(page.locator("main tbody")).to_contain_text("Finished", timeout=20_000)
    finally:
        started.kill()
        started.wait()
    assert page.evaluate("window.sinceOpened") is True
