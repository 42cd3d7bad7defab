"""Names of connections: which are refused, what a rename keeps, and which connection is meant where none is named."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest
from tests.bootstrap.serving_ends import application_at
from tests.web.accounts_desk import cheap_hasher

from interlace.bootstrap.accounts import AccountRules, open_accounts
from interlace.bootstrap.application import Application
from interlace.bootstrap.connection_names import LENGTH_MAX, ConnectionNameProblem, checked_name
from interlace.bootstrap.connection_naming import begin_connection, make_default, rename_connection
from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.desk.opened import open_desk
from interlace.bootstrap.serving import Server
from interlace.management import connection_list, connections, home, queue, setup, tokens, users
from interlace.management.caller import Caller, Door
from interlace.management.connection_list import (
    BeginConnection,
    DefaultConnection,
    RenameConnection,
    ShowConnections,
)
from interlace.management.connections import ListConnections, OneConnection, RemoveConnection
from interlace.management.desk import Desk
from interlace.management.home import ShowHome
from interlace.management.operation import Operation
from interlace.management.permission import Permission
from interlace.management.queue import SetMinutes, ShowQueue
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.setup import ShowSetup
from interlace.management.tokens import CreateKey
from interlace.management.users import AddUser

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
MACHINE = Caller(user_id="", name="machine", permissions=frozenset(Permission), door=Door.MACHINE)


@pytest.mark.parametrize("name", ["main", "Nord & Ost", "2024_test.v-1", "Компания Юг", "x" * LENGTH_MAX])
def test_a_name_that_people_and_addresses_can_hold_is_taken(name: str) -> None:
    """Letters of any script, digits, blanks within, and a few signs; blanks around it are left out."""
    assert checked_name(f" {name} ", ["other"]) == name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "blank"),
        ("  ", "blank"),
        ("x" * (LENGTH_MAX + 1), "at most"),
        ("-main", "begins with"),
        ("a/b", "holds letters"),
        ("a'b", "holds letters"),
        ("a\x00b", "holds letters"),
        ("MAIN", "A connection named main exists already"),
        ("main", "A connection named main exists already"),
    ],
)
def test_another_name_is_refused_with_its_reason(name: str, why: str) -> None:
    """The text says what is wrong with it, and what to do."""
    with pytest.raises(ConnectionNameProblem, match=why):
        checked_name(name, ["main"])


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    """An Interlace that knows no connection."""
    with application_at(tmp_path / "state") as opened:
        yield opened


def test_a_rename_keeps_the_connection(application: Application) -> None:
    """Its id, and with it everything that is remembered, stays; the old name is free again."""
    begun = begin_connection(application, "north")
    renamed = rename_connection(application, begun, "North")
    assert [(each.id, each.settings.name) for each in application.connections()] == [(begun.id, "North")]
    begin_connection(application, "south")
    with pytest.raises(ConnectionNameProblem, match="south exists already"):
        rename_connection(application, renamed, "SOUTH")


def test_the_default_is_meant_where_none_is_named(application: Application) -> None:
    """Of several none is meant until one is chosen; the one chosen last is, until it is removed."""
    first, second = (begin_connection(application, name) for name in ("a", "b"))
    with pytest.raises(ConnectionProblem, match="several connections"):
        application.connection(None)
    make_default(application, second)
    assert application.connection(None).id == second.id
    make_default(application, application.connection("a"))
    assert application.connection(None).id == first.id
    application.state.delete_connection(first.id)
    assert application.connection(None).id == second.id


@pytest.fixture
def desk(application: Application) -> Iterator[Desk]:
    """The desk of a server on it."""
    with Server(application) as server:
        yield open_desk(server, open_accounts(application.state, AccountRules(hasher=cheap_hasher())))


def ask(desk: Desk, operation: Operation[AskedT, AnswerT], asked: AskedT) -> AnswerT:
    """Ask as somebody who may do everything."""
    return asyncio.run(desk.perform(operation, MACHINE, asked))


def test_a_connection_begins_with_its_name_and_is_set_up_beside_others(desk: Desk) -> None:
    """It is listed at once as one that is being set up, and every page of it can be opened."""
    for name in ("north", "Nord & Ost"):
        begun = ask(desk, connection_list.BEGIN, BeginConnection(name=f" {name} "))
        assert begun.page.startswith("/setup?connection=")
    found = ask(desk, connection_list.OVERVIEW, ShowConnections()).connections
    assert [(each.summary.name, each.state) for each in found] == [("Nord & Ost", "new"), ("north", "new")]
    shown = ask(desk, setup.SHOW, ShowSetup(connection="north"))
    assert (shown.connection, shown.current) == ("north", "addresses")
    assert ask(desk, home.SHOW, ShowHome(connection="north")).coupled == 0
    assert not ask(desk, connections.SHOW, OneConnection(connection="north")).summary.enabled
    with pytest.raises(Refused) as tested:
        ask(desk, connections.TEST, OneConnection(connection="north"))
    with pytest.raises(Refused) as enabled:
        ask(desk, connections.ENABLE, OneConnection(connection="north"))
    for refused in (tested.value, enabled.value):
        assert "still being set up" in refused.why


@pytest.mark.parametrize(("name", "why"), [("North", "exists already"), ("a/b", "can't be"), (" ", "blank")])
def test_a_name_that_is_taken_or_invalid_is_told_at_its_field(desk: Desk, name: str, why: str) -> None:
    """Whether a connection begins, is called otherwise, or its set-up is asked for by name."""
    ask(desk, connection_list.BEGIN, BeginConnection(name="north"))
    ask(desk, connection_list.BEGIN, BeginConnection(name="south"))
    with pytest.raises(Refused) as begun:
        ask(desk, connection_list.BEGIN, BeginConnection(name=name))
    with pytest.raises(Refused) as renamed:
        ask(desk, connection_list.RENAME, RenameConnection(connection="south", name=name))
    with pytest.raises(Refused) as shown:
        ask(desk, setup.SHOW, ShowSetup(connection=name))
    for refused in (begun.value, renamed.value, shown.value):
        assert refused.kind is RefusalKind.INVALID
        assert why in refused.fields["name"]


def test_a_default_and_a_rename_are_seen_by_every_page(desk: Desk) -> None:
    """Pages open with the default; the answer leads to the new name."""
    for name in ("a", "b"):
        ask(desk, connection_list.BEGIN, BeginConnection(name=name))
    ask(desk, connection_list.MAKE_DEFAULT, DefaultConnection(connection="b"))
    renamed = ask(desk, connection_list.RENAME, RenameConnection(connection="b", name="c d"))
    assert renamed.page == "/connections?connection=c+d"
    held = ask(desk, connections.LIST, ListConnections()).connections
    assert [(each.name, each.is_default) for each in held] == [("a", False), ("c d", True)]


def test_a_name_that_access_keys_are_limited_to_stays(desk: Desk) -> None:
    """They would open nothing any more; the refusal names them."""
    ask(desk, connection_list.BEGIN, BeginConnection(name="north"))
    ask(
        desk,
        users.ADD,
        AddUser(name="ada", password="correct horse battery", permission_sets=("INTERLACE ADMIN",)),
    )
    key = CreateKey(name="nightly", user="ada", permissions=(Permission.READ,), connections=("north",))
    ask(desk, tokens.CREATE, key)
    with pytest.raises(Refused) as refused:
        ask(desk, connection_list.RENAME, RenameConnection(connection="north", name="south"))
    assert refused.value.kind is RefusalKind.NOT_READY
    assert "nightly" in refused.value.why


def test_a_connection_that_was_only_begun_is_removed_like_any_other(desk: Desk) -> None:
    """Its name is free then."""
    ask(desk, connection_list.BEGIN, BeginConnection(name="north"))
    ask(desk, connections.REMOVE, RemoveConnection(connection="north", typed_name="north"))
    ask(desk, connection_list.BEGIN, BeginConnection(name="north"))


def test_what_is_done_in_one_connection_changes_nothing_in_the_other(desk: Desk) -> None:
    """Each has a job queue of its own: a job that is put on hold in one goes on in the other."""
    for name in ("north", "south"):
        ask(desk, connection_list.BEGIN, BeginConnection(name=name))
    before = ask(desk, queue.LIST, ShowQueue(connection="south")).rows
    ask(desk, queue.SET_MINUTES, SetMinutes(connection="north", mapping="CUSTOMER", minutes=20))
    north, south = (ask(desk, queue.LIST, ShowQueue(connection=name)).rows for name in ("north", "south"))
    assert south == before
    assert north != south
