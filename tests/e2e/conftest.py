"""A browser, a server over both embedded services, and pages of its users, for the tests of this directory."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, Page, StorageState, sync_playwright
from tests.e2e import place as places
from tests.e2e.place import OpenPage, Place, Watch, new_context, sign_in
from tools.chromium import HOW, find_chromium, is_required

_SIGNED_IN_SECONDS = 600.0
_PLACE = pytest.StashKey[Place]()
USERS = {
    # The last two are changed by tests, so that nobody else uses them.
    "ada": ("-p", "INTERLACE ADMIN", "--full-name", "Ada Lind"),
    "vera": ("-p", "INTERLACE VIEW", "--full-name", "Vera Berg"),
    "roma": ("-p", "INTERLACE ADMIN", "--full-name", "Roman Orlow", "--language", "ru_RU"),
    "lena": ("-p", "INTERLACE VIEW", "--full-name", "Lena Moe"),
    "sam": ("-p", "INTERLACE SYNCHRONIZE", "--full-name", "Sam Ward"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser."""
    for item in items:
        if "tests/e2e" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's program; without one the tests are reported as not run, or fail where one is required."""
    program = find_chromium()
    if program is None:
        if is_required():
            pytest.fail(f"There is no Chromium: {HOW}.")
        pytest.skip(f"not run, there is no Chromium: {HOW}")
    return program


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """The system's Chromium, closed after each module: while it is open, other tests can't run an event loop here."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def place(request: pytest.FixtureRequest, chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One server for all tests of this directory, which use records of their own.

    It looks for changes twice a second, so it is closed when tests of other directories follow.
    """
    directory = request.node.parent
    if _PLACE not in directory.stash:
        with ExitStack() as stack:
            started = places.started_place(tmp_path_factory.mktemp("place"), USERS)
            directory.stash[_PLACE] = stack.enter_context(started)
            stack.callback(directory.stash.__delitem__, _PLACE)
            directory.addfinalizer(stack.pop_all().close)
    held: Place = directory.stash[_PLACE]
    return held


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Whatever a page complains about fails the test."""
    held = Watch()
    yield held
    assert held.problems() == []


@pytest.fixture
def open_page(browser: Browser, place: Place, watch: Watch) -> Iterator[OpenPage]:
    """Opens windows of users who are signed in."""
    with ExitStack() as stack:

        def opened(name: str = "ada", **options: object) -> Page:
            # Between tests others may take longer than a session lasts unused.
            if name not in place.cookies or time.monotonic() - place.cookies[name][0] > _SIGNED_IN_SECONDS:
                place.cookies[name] = (time.monotonic(), _cookies_of(browser, place, name))
            context = new_context(browser, place.address, storage_state=place.cookies[name][1], **options)
            stack.enter_context(context)
            page = context.new_page()
            watch.follow(page)
            return page

        yield opened


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page of the administrator."""
    return open_page()


def _cookies_of(browser: Browser, place: Place, name: str) -> StorageState:
    with new_context(browser, place.address) as context:
        page = context.new_page()
        page.goto("/sign-in")
        sign_in(page, name)
        return context.storage_state()
