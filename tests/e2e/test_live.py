"""Pages follow what happens elsewhere without being asked, and say so when they can't."""

import contextlib
import re

from playwright.sync_api import Locator, Page, expect
from tests.e2e.looking import looked_at
from tests.e2e.place import WORK_MILLISECONDS, OpenPage, Watch, confirm

POLL_MILLISECONDS = 5_000
"""How often a page asks that hears no events."""
STREAM, TOKEN = re.compile(r"/live$"), re.compile(r"/live/token$")
HELD = "CURRENCY"
FAILED = "net::ERR_FAILED"


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


def test_a_page_that_hears_no_events_asks_again_and_again(
    page: Page, open_page: OpenPage, watch: Watch
) -> None:
    """Where something between blocks the stream, a job that is held elsewhere is seen all the same."""
    watch.expected = (FAILED,)
    page.clock.install()
    page.route(STREAM, lambda route: route.abort())
    page.goto("/queue")
    page.evaluate("window.sinceOpened = true")
    _ask_now(page)
    expect(_to_hold(page)).to_be_visible()
    elsewhere = open_page("roma")
    elsewhere.goto("/queue")
    _press(elsewhere, "hold")
    _ask_now(page)
    expect(_to_hold(page)).to_have_count(0)
    _press(elsewhere, "resume")
    # It may begin at once: then it can be held again when it has ended.
    _asked_until(page, _to_hold(page))
    assert page.evaluate("window.sinceOpened") is True


def test_a_page_says_since_when_it_is_not_renewed(page: Page, watch: Watch) -> None:
    """While the server doesn't answer, a bar says so and offers to look again; it goes when the server answers."""
    watch.expected = (FAILED,)
    page.clock.install()
    page.route(STREAM, lambda route: route.abort())
    page.goto("/queue")
    stale = page.locator("#stale")
    _ask_now(page)
    expect(stale).to_be_empty()
    page.route(TOKEN, lambda route: route.abort())
    page.clock.run_for(POLL_MILLISECONDS)
    expect(stale).to_contain_text(re.compile(r"\d:\d\d:\d\d"))
    assert looked_at(page) == []
    page.route("**/queue", lambda route: route.abort())
    stale.get_by_role("button").click()
    expect(stale).to_contain_text(re.compile(r"\d:\d\d:\d\d"))
    page.unroute("**/queue")
    stale.get_by_role("button").click()
    expect(stale).to_be_empty()
    page.clock.run_for(POLL_MILLISECONDS)
    expect(stale).not_to_be_empty()
    page.unroute(TOKEN)
    _ask_now(page)
    expect(stale).to_be_empty()


def _ask_now(page: Page) -> None:
    """Let the time pass until the page asks for news, and wait for its answer."""
    with page.expect_response(TOKEN):
        page.clock.run_for(POLL_MILLISECONDS)


def _asked_until(page: Page, wanted: Locator) -> None:
    """Let the page ask for news until it shows something."""
    for _ in range(WORK_MILLISECONDS // POLL_MILLISECONDS):
        _ask_now(page)
        with contextlib.suppress(AssertionError):
            expect(wanted).to_be_visible(timeout=2_000)
            return
    expect(wanted).to_be_visible()


def _to_hold(page: Page) -> Locator:
    """Return the button that sets the job to come on hold; those that ended stand below it."""
    job = page.get_by_role("row").filter(has=page.get_by_role("link", name=HELD, exact=True)).first
    return job.get_by_role("button", name="Set On Hold")


def _press(page: Page, verb: str) -> None:
    """Hold the job or let it go on, on a page of somebody else's language."""
    with page.expect_navigation():
        page.locator(f"form[action='/do/queue/{verb}']:has(input[value='{HELD}']) button").click()
