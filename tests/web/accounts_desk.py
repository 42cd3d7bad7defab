"""A web client on accounts of its own: a store in memory, cheap digests of passwords, a clock that is set."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import httpx
from argon2 import PasswordHasher
from litestar import Litestar

from interlace.bootstrap.accounts import AccountRules, StoredAccounts, open_accounts
from interlace.bootstrap.desk.account_areas import add_account_areas
from interlace.management import connections
from interlace.management.caller import Caller, Door
from interlace.management.connections import Connections, ListConnections
from interlace.management.desk import Desk, Works
from interlace.management.permission import Permission
from interlace.management.users import ADD, AddUser
from interlace.management.views import LIST_VIEWS, ListViews, Views
from interlace.store.state_store import StateStore
from interlace.web.app import WebParts, create_web
from interlace.web.security import WebRules

PASSWORD = "correct horse battery"
ORIGIN = "http://127.0.0.1:8100"
MACHINE = Caller(
    user_id="", name="machine", permissions=frozenset(Permission), door=Door.MACHINE, address="127.0.0.1"
)


def cheap_hasher() -> PasswordHasher:
    """A hasher that costs next to nothing."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment it was set to."""
        return self.moment

    def forward(self, **amount: float) -> None:
        """Move the clock."""
        self.moment += timedelta(**amount)


class NoChanges:
    """Nothing changes by itself; whoever waits is told so at once."""

    def __init__(self) -> None:
        self.at_wait: Callable[[], object] = lambda: None
        self.held = "0"

    async def token(self) -> str:
        """Tell the same token until a test sets another."""
        return self.held

    async def wait(self, after: str, timeout: float) -> str:  # noqa: ASYNC109 - nothing is waited for
        """Tell the same token until a test sets another."""
        self.at_wait()
        return self.held


class Place:
    """The store, the accounts, the desk and the web client of one test."""

    def __init__(
        self, directory: Path, *, rules: AccountRules | None = None, web: WebRules | None = None
    ) -> None:
        self.clock = SetClock()
        self.database = directory / "interlace.db"
        self.state = StateStore.open(
            f"sqlite:///{self.database}",
            key_file=directory / "secret.key",
            clock=self.clock,
            synchronous="NORMAL",
        )
        self.accounts: StoredAccounts = open_accounts(
            self.state, rules or AccountRules(hasher=cheap_hasher())
        )
        self.works = works = Works()
        add_account_areas(works, self.accounts)
        works.add(connections.LIST, _no_connections)
        works.add(LIST_VIEWS, _no_views)
        self.desk = Desk(works, self.accounts.audit, now=self.clock)
        self.rules = web or WebRules()
        self.changes = NoChanges()
        self.app: Litestar = create_web(
            WebParts(desk=self.desk, accounts=self.accounts, changes=self.changes, rules=self.rules)
        )

    def close(self) -> None:
        """Close the store."""
        self.state.close()

    async def add(self, name: str, *sets: str) -> None:
        """Add a user with the password of all tests."""
        asked = AddUser(name=name, password=PASSWORD, permission_sets=sets)
        await self.desk.perform(ADD, MACHINE, asked)

    @asynccontextmanager
    async def browser(self, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
        """A browser that follows nothing by itself and says where its requests come from."""
        transport = httpx.ASGITransport(cast("Any", self.app), client=(address, 50000))
        async with httpx.AsyncClient(
            transport=transport,
            base_url=f"{self.rules.scheme}://127.0.0.1:8100",
            headers={"Sec-Fetch-Site": "same-origin"},
        ) as client:
            yield client

    @asynccontextmanager
    async def signed_in(self, name: str) -> AsyncIterator[httpx.AsyncClient]:
        """A browser in which somebody is signed in."""
        async with self.browser() as client:
            answer = await sign_in(client, name)
            assert answer.status_code == 303, answer.text
            yield client


async def sign_in(
    client: httpx.AsyncClient, name: str, password: str = PASSWORD, return_to: str = "/"
) -> httpx.Response:
    """Send the form of the sign-in page."""
    return await client.post("/sign-in", data={"name": name, "password": password, "return_to": return_to})


def fields_of(page: str) -> Mapping[str, str]:
    """Return the fields of a page's forms by name."""
    found = re.findall(r"<input[^>]*>", page)
    named = [(re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)) for each in found]
    return {name[1]: value[1] if value else "" for name, value in named if name}


async def _no_connections(_caller: Caller, _asked: ListConnections) -> Connections:
    return Connections(connections=())


async def _no_views(_caller: Caller, _asked: ListViews) -> Views:
    return Views()
