"""Pictures of the web client for README and documentation: main pages, light and dark, of a demo of its own.

python -m tools.screenshots             writes docs/images/web-*.png
python -m tools.screenshots DIRECTORY   writes them somewhere else, to be looked at first
"""

import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.e2e.place import Place, new_context, sign_in, started_place

from tools.chromium import HOW, find_chromium

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
SCHEMES = ("light", "dark")
WINDOW = {"width": 1280, "height": 800}
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


def take(browser: Browser, place: Place, directory: Path) -> list[Path]:
    """Take all pictures; gives their files."""
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
    directory = Path(arguments[0]) if arguments else IMAGES
    with ExitStack() as stack:
        state = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        place = stack.enter_context(started_place(state / "demo", USER))
        play(place)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        written = take(browser, place, directory)
    for file in written:
        print(f"{file.name}  {file.stat().st_size:,} bytes")
    return int(any(file.stat().st_size > BYTES_MAX for file in written))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
