"""Records and their couplings, asked for at the desk of a running server over both embedded services."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from tests.bootstrap.serving_ends import copied, server_at
from tests.cli.both_ends import CUSTOMERS, BothEnds, started, synchronize

from interlace.bootstrap.accounts import open_accounts
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.serving import Server
from interlace.management import records
from interlace.management.caller import Caller, Door
from interlace.management.desk import Desk
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.records import ListRecords, RecordRow

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
ANA = Caller(user_id="1", name="ana", permissions=frozenset(Permission), door=Door.PAGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server and its desk."""

    server: Server
    desk: Desk

    def ask(self, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
        """Ask as somebody who may do everything."""
        return asyncio.run(self.desk.perform(operation, ANA, asked))

    def rows(self, **asked: object) -> dict[str, RecordRow]:
        """List customers; gives them by key."""
        found = self.ask(records.LIST, msgspec.convert({"mapping": "CUSTOMER", **asked}, ListRecords))
        return {each.key: each for each in found.rows}


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothEnds]:
    """Both embedded services."""
    with started(tmp_path_factory.mktemp("ends")) as opened:
        yield opened


@pytest.fixture(scope="module")
def synchronized(ends: BothEnds, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state in which everything is synchronized."""
    state = tmp_path_factory.mktemp("synchronized") / "state"
    synchronize(ends, state)
    return state


@pytest.fixture
def place(synchronized: Path, tmp_path: Path) -> Iterator[Place]:
    """A server with its desk, on a state of the test's own."""
    with server_at(copied(synchronized, tmp_path / "state")) as (server, _connection):
        yield Place(server=server, desk=open_desk(server, open_accounts(server.application.state)))


def test_customers_are_listed_with_their_partners(place: Place) -> None:
    """Each page goes on where the one before it ended; every customer comes once."""
    seen: list[RecordRow] = []
    cursor = ""
    while True:
        page = place.ask(records.LIST, ListRecords(mapping="CUSTOMER", limit=15, cursor=cursor))
        assert len(page.rows) <= 15
        seen += page.rows
        cursor = page.next_cursor
        if not cursor:
            break
    assert len(seen) == len({each.key for each in seen}) == CUSTOMERS
    assert page.columns
    coupled = next(each for each in seen if each.status == "coupled")
    assert coupled.partner == coupled.caption
    theirs = place.rows(side="crm", search=coupled.caption)
    assert theirs[coupled.partner_key].partner_key == coupled.key
