"""What the browser tests work on: both services, a server with its users, and a page that tells when it is broken."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState
from tests.acceptance.conftest import Installation, clean_environment
from tests.acceptance.trade import Trade

from interlace.bootstrap.demo import demo_connection, demo_sandboxes

CUSTOMERS = 20
PASSWORD = "correct horse battery staple"
PATIENCE_MILLISECONDS = 20_000
WORK_MILLISECONDS = 90_000
"""What a synchronization may take where everything is slow."""
WIDE = {"width": 1360, "height": 900}
_STEP_SECONDS = "0.5"
_LOOK_MILLISECONDS = 500


@dataclass(frozen=True, kw_only=True)
class Place:
    """A running server over both services, where everything has been synchronized once."""

    installation: Installation
    address: str
    trade: Trade
    log: Path
    """What the server writes."""
    cookies: dict[str, tuple[float, StorageState]] = field(default_factory=dict)
    """The cookies of users who have signed in, and when."""

    def interlace(self, *arguments: str) -> str:
        """Run a command beside the server, which has to end well; gives what it wrote."""
        ended = self.installation.interlace(*arguments)
        assert ended.returncode in {0, 3}, ended.stdout + ended.stderr
        return ended.stdout

    def listed(self, *arguments: str) -> list[dict[str, Any]]:
        """Run a command that writes objects, and return them."""
        return [json.loads(line) for line in self.interlace(*arguments, "--json").splitlines()]


@dataclass(kw_only=True)
class Watch:
    """What pages complained about: their script, the policy of their content, addresses that failed."""

    expected: tuple[str, ...] = ()
    """Parts of what a test wants to be complained about, such as the status of a refusal."""
    heard: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Listen to a page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(f"{message.location['url']}: {message.text}")

    def problems(self) -> list[str]:
        """Return what no test expected."""
        return [each for each in self.heard if not any(part in each for part in self.expected)]


@contextmanager
def started_place(state: Path, users: Mapping[str, Sequence[str]]) -> Iterator[Place]:
    """Start everything and close it at the end."""
    with demo_sandboxes(state, CUSTOMERS, (0, 0)) as ends:
        installation = Installation(state=state, ends=ends)
        # The browser's library keeps an event loop running in this thread.
        with ThreadPoolExecutor(1) as thread, installation.opened() as application:
            thread.submit(demo_connection, application, ends).result()
        for _ in range(2):
            ended = installation.interlace("synch", "--full")
            assert ended.returncode in {0, 3}, ended.stderr
        for name, options in users.items():
            add_user(installation, name, *options)
        with serving(state) as (address, _):
            trade = Trade(installation)
            yield Place(installation=installation, address=address, trade=trade, log=_log_of(state))


OpenPage = Callable[..., Page]
"""Opens a page of a user: `open_page("vera", color_scheme="dark")`."""


@contextmanager
def serving(state: Path) -> Iterator[tuple[str, str | None]]:
    """Start a server and wait until it answers; gives its address and that of its first start."""
    with _log_of(state).open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "interlace", "serve", "--port", "0", "--json", "--state", str(state)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=clean_environment() | {"INTERLACE_SYNCH__STEP_SECONDS": _STEP_SECONDS},
        )
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line, _log_of(state).read_text(encoding="utf-8")
            told = json.loads(line)
            yield told["address"], told["first_start"]
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def _log_of(state: Path) -> Path:
    return state.parent / f"{state.name}-server.log"


def add_user(installation: Installation, name: str, *options: str) -> None:
    """Add a user with the password of all tests."""
    file = installation.state / "password.txt"
    file.write_text(PASSWORD, encoding="utf-8")
    ended = installation.interlace("users", "add", name, "--password-file", str(file), *options)
    assert ended.returncode == 0, ended.stderr


def sign_in(page: Page, name: str) -> None:
    """Enter name and password where the page asks for them."""
    page.fill("main input[name=name]", name)
    page.fill("main input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_load_state()


def new_context(browser: Browser, address: str, **options: Any) -> BrowserContext:
    """Open a window of its own for a server."""
    context = browser.new_context(base_url=address, **{"viewport": WIDE, **options})
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    return context


def confirm(page: Page) -> None:
    """Say yes to the question of the page."""
    page.locator("dialog.question button.primary").click()
    page.wait_for_load_state()


def until(page: Page, holds: Callable[[], bool], what: str) -> None:
    """Wait for something that no page shows."""
    for _ in range(WORK_MILLISECONDS // _LOOK_MILLISECONDS):
        if holds():
            return
        page.wait_for_timeout(_LOOK_MILLISECONDS)
    msg = f"did not come: {what}"
    raise AssertionError(msg)
