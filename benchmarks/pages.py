"""How long pages of the web client take on the server, over a memory with many couplings, errors and writes."""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import httpx
from argon2 import PasswordHasher
from litestar import Litestar

from benchmarks.coupling_state import fill, fill_work, names_of
from benchmarks.engine_run import connection_settings
from benchmarks.lists import LIMIT_MILLIS
from benchmarks.page_state import fill_conflicts, fill_orders, fill_review
from benchmarks.servers import Ends, Stage
from interlace.bootstrap.accounts import AccountRules, StoredAccounts, open_accounts
from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import CRM_SECRET, ERP_KEY_SECRET
from interlace.bootstrap.demo import enable_connection
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.serving import Server
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk
from interlace.management.permission import Permission
from interlace.management.users import ADD, AddUser
from interlace.settings import load_config
from interlace.web.app import WebParts, create_web
from interlace.web.navigation import PARTS
from interlace.web.security import WebRules

_NAME, _PASSWORD = "benchmark", "a password of nobody"
_SET = "INTERLACE ADMIN"
_ORIGIN = "http://127.0.0.1:8100"
_CUSTOMERS = 1_900
"""So many have both services, which answer records: fewer than are sorted."""
_WAIT_SECONDS = 60.0
_RECORDS = "/records/"
"""Lists of tables, all read in the same way."""
FLOOR = "/about"
"""A page that asks nothing: frame, menu, session."""
_NAMED: Mapping[str, str] = {
    "floor": FLOOR,
    "home": "/",
    "couplings": "/couplings",
    "couplings, search": f"/couplings?search={quote('toys oslo 7777')}",
    "couplings, filter": f"/couplings?filters.erp_name={quote('Nord*')}&sort=crm_name",
    "jobs": "/jobs",
    "causes of errors": "/errors",
    "errors": "/errors/skipped",
    "conflicts": "/conflicts",
    "conflicts, one mapping": "/conflicts?filters.mapping=CUSTOMER",
    "review": "/review",
    "orders": "/orders",
    "orders, filter": "/orders?filters.stage=Shipped&sort=title",
    "orders, search": f"/orders?search={quote('101777')}",
    "records": "/records/CUSTOMER",
    "records, CRM": "/records/CUSTOMER?side=crm",
    "records, filter": f"/records/CUSTOMER?filters.caption={quote('@*toys*')}",
    "records, sort": "/records/CUSTOMER?sort=caption",
    "record": "/records/CUSTOMER/C00010",
    "users": "/users",
    "audit log": "/audit",
    "journal": "/journal",
    "mappings": "/mappings",
    "mapping": "/mappings/CUSTOMER",
    "field mappings": "/mappings/CUSTOMER/fields",
    "queue": "/queue",
}
_OF_MENU = [place.path for part in PARTS for place in part.places if not place.path.startswith(_RECORDS)]
PAGES: Mapping[str, str] = {
    **_NAMED,
    **{path.strip("/"): path for path in _OF_MENU if path not in _NAMED.values()},
}
"""Those above, and whatever else the menu has: a new page is measured by being there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTime:
    """How long one page took."""

    page: str
    median_millis: float
    worst_millis: float
    kibibytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTimes:
    """What was measured on one memory."""

    couplings: int
    pages: Sequence[PageTime]

    @property
    def floor(self) -> PageTime:
        """The page that asks nothing."""
        return next(each for each in self.pages if each.page == "floor")

    def ratios(self) -> dict[str, float]:
        """Return each page's median by that of the floor."""
        return {
            f"pages: {each.page} / floor": each.median_millis / self.floor.median_millis
            for each in self.pages
            if each is not self.floor
        }

    def lines(self, facts: Mapping[str, object]) -> list[dict[str, object]]:
        """Return the pages as records for trends."""
        return [
            {
                **facts,
                "contender": "pages",
                "scenario": each.page,
                "couplings": self.couplings,
                "median_millis": round(each.median_millis, 1),
                "worst_millis": round(each.worst_millis, 1),
                "kibibytes": round(each.kibibytes, 1),
            }
            for each in self.pages
        ]


def measure_pages(directory: Path, couplings: int, rounds: int) -> PageTimes:
    """Make a memory with so many couplings and ask for the pages of the web client."""
    overrides = {"state.directory": str(directory / f"pages-{couplings}")}
    config = load_config(environment={}, overrides=overrides)
    stage = Stage(directory, min(_CUSTOMERS, couplings))
    stage.prepare()
    with Application(config) as application, stage.ends() as ends:
        connection = _connected(application, ends)
        state = application.state
        fill(state, couplings, connection.id)
        fill_work(state, couplings // 20, connection.id)
        fill_conflicts(state, connection.id, couplings // 100)
        fill_orders(state, connection.id, couplings // 10)
        fill_review(state, connection.id)
        while state.coupling_listing.bring_up_to_date(names_of, records=5_000):
            pass
        accounts = open_accounts(state, AccountRules(hasher=PasswordHasher(time_cost=1)))
        with Server(application) as server:
            _hold(server, connection)
            pages = asyncio.run(_pages(server, accounts, rounds))
    return PageTimes(couplings=couplings, pages=pages)


def _connected(application: Application, ends: Ends) -> Connection:
    """Enable a connection to both services."""
    settings = connection_settings(dict(ends.erp.facts), dict(ends.crm.facts))
    secrets = {ERP_KEY_SECRET: ends.erp.facts["key"], CRM_SECRET: ends.crm.facts["secret"]}
    added = application.add_connection(settings, secrets)
    return asyncio.run(enable_connection(application, added))


def _hold(server: Server, connection: Connection) -> None:
    """Let nothing run beside what is measured."""
    until = time.monotonic() + _WAIT_SECONDS
    while not (rows := server.schedules.listed(connection)):
        assert time.monotonic() < until, "the server made no schedules"
    for each in rows:
        if each.mapping:
            server.schedules.hold(connection, each.mapping)


async def _pages(server: Server, accounts: StoredAccounts, rounds: int) -> list[PageTime]:
    desk = open_desk(server, accounts)
    app = create_web(WebParts(desk=desk, accounts=accounts, changes=server.changes, rules=WebRules()))
    async with signed_in(desk, app) as browser:
        return await _timed(browser, rounds)


def browser_at(app: Litestar, address: str = "127.0.0.1") -> httpx.AsyncClient:
    """Return a browser at an address that asks an application of this process."""
    transport = httpx.ASGITransport(cast("Any", app), client=(address, 50000))
    return httpx.AsyncClient(transport=transport, base_url=_ORIGIN, headers={"Sec-Fetch-Site": "same-origin"})


@asynccontextmanager
async def signed_in(desk: Desk, app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    """Add the benchmark's user and sign in."""
    machine = Caller(user_id="", name="benchmark", permissions=frozenset(Permission), door=Door.MACHINE)
    await desk.perform(ADD, machine, AddUser(name=_NAME, password=_PASSWORD, permission_sets=(_SET,)))
    async with browser_at(app) as browser:
        entered = {"name": _NAME, "password": _PASSWORD, "return_to": "/"}
        answer = await browser.post("/sign-in", data=entered)
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.text
        yield browser


async def _timed(browser: httpx.AsyncClient, rounds: int) -> list[PageTime]:
    """Ask for every page in every round, so that neighbours on the machine meet all of them."""
    millis: dict[str, list[float]] = {page: [] for page in PAGES}
    sizes: dict[str, float] = {}
    for number in range(rounds + 1):
        for page, address in PAGES.items():
            begun = time.perf_counter()
            answer = await browser.get(address)
            took = (time.perf_counter() - begun) * 1e3
            assert answer.status_code == httpx.codes.OK, f"{address}: {answer.status_code}"
            if number:  # the first round reads texts, styles and statements for all later ones
                millis[page].append(took)
                sizes[page] = len(answer.content) / 1024
    return [
        PageTime(
            page=page,
            median_millis=statistics.median(took),
            worst_millis=max(took),
            kibibytes=sizes[page],
        )
        for page, took in millis.items()
    ]


def print_pages(times: PageTimes) -> None:
    """Print what was measured for people."""
    floor = times.floor.median_millis
    print(
        f"Pages over {times.couplings:,} couplings (in ms)\n"
        "  page                    median   worst   / floor     KiB"
    )
    for each in times.pages:
        print(
            f"  {each.page:<22}{each.median_millis:>8.1f}{each.worst_millis:>8.1f}"
            f"{each.median_millis / floor:>10.1f}{each.kibibytes:>8.0f}"
        )
    slow = [each.page for each in times.pages if each.median_millis > LIMIT_MILLIS]
    print(f"  over {LIMIT_MILLIS:.0f} ms: {', '.join(slow) or 'none'}", flush=True)
