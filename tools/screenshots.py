"""Pictures of the web client for README and documentation: main pages, light and dark, of a demo of its own.

python -m tools.screenshots                             writes docs/images/web-*.png
python -m tools.screenshots DIRECTORY                   writes them somewhere else, to be looked at first
python -m tools.screenshots --all DIRECTORY [ru_RU …]   more pages, wide and narrow, in each language or those named
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.e2e.place import Place, new_context, sign_in, started_place

from interlace.locale.languages import LANGUAGES
from tools.chromium import HOW, find_chromium

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SCHEMES = ("light", "dark")
WINDOW = {"width": 1280, "height": 800}
WIDTHS = (1400, 420)
BYTES_MAX = 200_000
USER = {"ingrid": ("-p", "INTERLACE ADMIN", "--full-name", "Ingrid Solberg")}
CONFLICTING, ORDERING = "C00010", "C00060"


def play(place: Place) -> None:
    """Let something have happened: a conflict, an order on its way, and a full synchronization."""
    trade = place.trade
    trade.submit(trade.order(str(trade.account_of(ORDERING)["accountid"]), "1000", "1001"))
    place.interlace("full-synch", "start")
    place.interlace("orders", "process")
    trade.change_customer(CONFLICTING, Name="Möbelhaus Brandt & Söhne", Phone_No="+49 30 9018-200")
    trade.change_account(CONFLICTING, name="Möbelhaus Brandt Berlin GmbH", telephone1="+49 30 9018-333")
    place.interlace("synch", "CUSTOMER")


def first(page: Page, path: str) -> str:
    """Return the address of the first card of a list."""
    page.goto(path)
    return page.locator("main tbody tr a").first.get_attribute("href") or path


def pages(page: Page) -> dict[str, str]:
    """Return the addresses by the names of their pictures."""
    return {
        "home": "/",
        "setup": "/setup",
        "review": "/review",
        "causes": "/errors",
        "conflict": first(page, "/conflicts"),
        "order": first(page, "/orders"),
        "mapping": "/mappings/CUSTOMER",
        "record": f"/records/CUSTOMER/{ORDERING}",
    }


def every_page(page: Page) -> dict[str, str]:
    """Return the addresses of what people look at most, and of what is hardest to lay out."""
    return {
        **pages(page),
        "mappings": "/mappings",
        "fields": "/mappings/CUSTOMER/fields",
        "filter": "/mappings/CUSTOMER/filter?side=crm",
        "records": "/records/CUSTOMER",
        "coupling": f"/coupling/CUSTOMER/{ORDERING}",
        "couplings": "/couplings",
        "conflicts": "/conflicts",
        "orders": "/orders",
        "skipped": "/errors/skipped",
        "jobs": "/jobs",
        "job": first(page, "/jobs"),
        "queue": "/queue",
        "journal": "/journal",
        "connection": "/connection",
        "users": "/users",
        "audit": "/audit",
        "search": "/search?search=order",
        "availability": "/availability?item=1000",
        "verification": "/verification",
        "plans": "/plans",
    }


def take_all(browser: Browser, address: str, directory: Path, names: Mapping[str, str]) -> list[Path]:
    """Take whole pages wide and narrow, light and dark, as each of the named users sees them in his language."""
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for language, name in names.items():
        for scheme in SCHEMES:
            with new_context(browser, address, color_scheme=scheme, viewport=WINDOW) as context:
                page = context.new_page()
                page.goto("/sign-in")
                sign_in(page, name)
                for shown, path in every_page(page).items():
                    page.goto(path)
                    for width in WIDTHS:
                        page.set_viewport_size({"width": width, "height": WINDOW["height"]})
                        written.append(directory / f"{shown}-{language}-{scheme}-{width}.png")
                        page.screenshot(path=written[-1], full_page=True)
    return written


def take(browser: Browser, place: Place, directory: Path) -> list[Path]:
    """Take the pictures of the documentation; gives their files."""
    directory.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for scheme in SCHEMES:
        with new_context(browser, place.address, color_scheme=scheme, viewport=WINDOW) as context:
            page = context.new_page()
            page.goto("/sign-in")
            sign_in(page, *USER)
            for name, path in pages(page).items():
                page.goto(path)
                file = directory / f"web-{name}-{scheme}.png"
                page.screenshot(path=file)
                written.append(file)
    return written


def main(arguments: Sequence[str]) -> int:
    """Start a demo, take the pictures, and say which are too large for a page."""
    program = find_chromium()
    if program is None:
        print(f"There is no Chromium: {HOW}.")
        return 1
    if arguments[:1] == ["--all"]:
        if len(arguments) == 1:
            print("Name the directory: python -m tools.screenshots --all DIRECTORY")
            return 1
        return _look_at_all(program, Path(arguments[1]), arguments[2:] or [each.name for each in LANGUAGES])
    with _opened(program, USER) as (browser, place):
        written = take(browser, place, Path(arguments[0]) if arguments else IMAGES)
    for file in written:
        print(f"{file.name}  {file.stat().st_size:,} bytes")
    return int(any(file.stat().st_size > BYTES_MAX for file in written))


def _look_at_all(program: str, directory: Path, languages: Sequence[str]) -> int:
    names = {each: f"reader-{each.lower()}" for each in languages}
    readers = {name: ("-p", "INTERLACE ADMIN", "--language", each) for each, name in names.items()}
    with _opened(program, readers) as (browser, place):
        written = take_all(browser, place.address, directory, names)
    print(f"{len(written)} pictures in {directory}")
    return 0


@contextmanager
def _opened(program: str, users: Mapping[str, Sequence[str]]) -> Iterator[tuple[Browser, Place]]:
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(started_place(state / "demo", users))
        play(place)
        playwright = stack.enter_context(sync_playwright())
        yield playwright.chromium.launch(executable_path=program, args=["--no-sandbox"]), place


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
