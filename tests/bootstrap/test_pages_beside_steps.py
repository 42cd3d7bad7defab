"""Pages beside steps of the set-up that wait for a service: whoever needs no service is answered all the same."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests.bootstrap.serving_ends import application_at
from tests.bootstrap.test_connection_settings import SETTINGS
from tests.web.accounts_desk import cheap_hasher

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.connection_settings import CRM_SECRET, ERP_KEY_SECRET
from interlace.bootstrap.desk.connections import add_connections
from interlace.bootstrap.desk.home import add_home
from interlace.bootstrap.desk.setup import add_setup
from interlace.bootstrap.serving import Server
from interlace.management import connections, home, setup
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk, Works
from interlace.management.home import ShowHome
from interlace.management.permission import Permission
from interlace.management.setup import AnswerSetup, ShowSetup

ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.MACHINE)
PAGE_THREADS = 2
STEPS_AT_WORK = 5
PAGES = 10
SOON_SECONDS = 30.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server whose connections lead to a service that takes every connection and never says a word."""
    with application_at(tmp_path / "state") as application, Server(application) as opened:
        silent = socket.create_server(("127.0.0.1", 0), backlog=512)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        for number in range(STEPS_AT_WORK):
            settings = replace(
                SETTINGS,
                name=f"c{number}",
                erp_company=f"Company {number}",
                erp_address=f"{address}/BC",
                crm_address=address,
                crm_token_url=f"{address}/token",
                crm_internal_host=True,
            )
            application.add_connection(settings, {ERP_KEY_SECRET: "key", CRM_SECRET: "secret"})
        with silent:
            yield opened


def names() -> list[str]:
    """Return the names of all connections."""
    return [f"c{number}" for number in range(STEPS_AT_WORK)]


def impatient_desk(server: Server) -> Desk:
    """Return the desk of a server that lets nobody wait for services, with fewer threads for pages than services."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(max_workers=PAGE_THREADS))
    accounts = open_accounts(server.application.state, AccountRules(hasher=cheap_hasher()))
    works = Works()
    add_home(works, server)
    add_connections(works, server)
    add_setup(works, server, patience_seconds=0.05)
    return Desk(works, accounts.audit)


def test_no_page_waits_for_steps_at_work(server: Server) -> None:
    """More steps wait for a service than pages have threads, and pages in numbers are answered nevertheless."""

    async def visits() -> None:
        """Carry steps out at every connection, then ask for pages."""
        desk = impatient_desk(server)
        async with asyncio.timeout(SOON_SECONDS):
            told = await asyncio.gather(
                *(
                    desk.perform(setup.ANSWER, ANA, AnswerSetup(connection=name, step="sign-in"))
                    for name in names()
                )
            )
            shown = await asyncio.gather(
                *(desk.perform(setup.SHOW, ANA, ShowSetup(connection=name)) for name in names()),
            )
            for _ in range(PAGES):
                await desk.perform(home.SHOW, ANA, ShowHome(connection="c0"))
                await desk.perform(connections.LIST, ANA, connections.ListConnections())
        assert {each.message for each in told} == {"The step is being carried out."}
        assert all(each.is_working for each in shown)

    asyncio.run(visits())


def test_no_page_waits_for_looks_at_steps(server: Server) -> None:
    """The page of a set-up whose services don't answer says so soon; many visitors share one look."""

    async def visits() -> None:
        """Ask for the set-up of every connection, several at a time."""
        desk = impatient_desk(server)
        asked = [ShowSetup(connection=name) for name in names() for _ in range(3)]
        async with asyncio.timeout(SOON_SECONDS):
            shown = await asyncio.gather(*(desk.perform(setup.SHOW, ANA, each) for each in asked))
            await desk.perform(home.SHOW, ANA, ShowHome(connection="c0"))
        assert all(each.is_looking for each in shown)
        looks = [each for each in asyncio.all_tasks() if "look_at_steps" in str(each.get_coro())]
        assert len(looks) == len(names())

    asyncio.run(visits())


def test_a_look_that_was_broken_off_meanwhile_is_made_anew(server: Server) -> None:
    """Nobody waited for it any more: whoever comes back takes part in a new one, and is not broken off with it."""

    def looks() -> set[asyncio.Task[object]]:
        """Return the looks that are under way."""
        return {each for each in asyncio.all_tasks() if "look_at_steps" in str(each.get_coro())}

    async def visits() -> None:
        """Ask, break off what was begun for it, and ask again."""
        desk = impatient_desk(server)
        async with asyncio.timeout(SOON_SECONDS):
            assert (await desk.perform(setup.SHOW, ANA, ShowSetup(connection="c0"))).is_looking
            [broken_off] = looks()
            broken_off.cancel()
            await asyncio.wait({broken_off})
            assert (await desk.perform(setup.SHOW, ANA, ShowSetup(connection="c0"))).is_looking
            assert len(looks()) == 1

    asyncio.run(visits())
