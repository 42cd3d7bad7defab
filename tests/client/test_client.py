"""The typed client against a web client in the same process: what it asks, what comes back, what is refused."""

from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.cli.both_ends import served
from tests.client.running import Running, running

from interlace.bootstrap.sandbox_server import LOOPBACK, listen
from interlace.client.client import Client
from interlace.client.unanswered import Unanswered
from interlace.management import audit, connections, users, views
from interlace.management.audit import ListEntries
from interlace.management.connections import ListConnections
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.users import AddUser, NamedUser
from interlace.management.views import SaveView

_WRONG = "W" * 43 + "="
_Message = MutableMapping[str, Any]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """A running web client with the administrator ada."""
    with running(tmp_path) as started:
        yield started


@dataclass(slots=True)
class _Stranger:
    """A server that is no Interlace: answers everything alike and keeps what it was sent."""

    status: int
    body: bytes = b""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    asked: list[tuple[str, dict[bytes, bytes]]] = field(default_factory=list)

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            for ended in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{ended}.complete"})
            return
        self.asked.append((scope["path"], dict(scope["headers"])))
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


def _texts(problem: BaseException | None) -> str:
    """Everything that a log would show of an exception, with those that it came from."""
    shown = ""
    while problem is not None:
        shown += f"{problem!r} {problem} {vars(problem)}"
        problem = problem.__cause__ or problem.__context__
    return shown


def test_what_reads_comes_back_as_the_declared_values(server: Running) -> None:
    """Times and tuples are values again, not the texts that they were sent as."""
    with Client(server.address, server.key) as client:
        assert client.ask(connections.LIST, ListConnections()).connections == ()
        newest, oldest = client.ask(audit.LIST, ListEntries()).rows
    assert (newest.operation, newest.at) == ("tokens.create", datetime(2026, 3, 1, 9, tzinfo=UTC))
    assert (oldest.operation, oldest.sequence) == ("users.add", newest.sequence - 1)


def test_fields_of_every_kind_reach_the_operation(server: Running) -> None:
    """Times, numbers and yes or no stand in the address as the operation reads them; blanks ask for all."""
    moment = server.place.clock.moment
    with Client(server.address, server.key) as client:
        every = client.ask(audit.LIST, ListEntries())
        assert [each.operation for each in every.rows] == ["tokens.create", "users.add"]
        assert client.ask(audit.LIST, ListEntries(since=moment, limit=1)).rows == every.rows[:1]
        assert client.ask(audit.LIST, ListEntries(operation="users")).rows == every.rows[1:]
        assert client.ask(audit.LIST, ListEntries(refused_only=True)).rows == ()


def test_what_writes_is_done_and_stands_in_the_audit_log_with_its_key(server: Running) -> None:
    """What is sent arrives as it was written, in every script; the log says by which key it came."""
    sent = SaveView(of="jobs.list", name="Zoë & Ø → 日本", filters={"state": "failed", "id": "a=b&c"})
    with Client(server.address, server.key) as client:
        assert client.ask(views.SAVE_VIEW, sent).id == "view-1"
        newest = client.ask(audit.LIST, ListEntries(limit=1)).rows[0]
    assert server.saved == [sent]
    assert (newest.operation, newest.user, newest.key) == ("views.save", "ada", server.key[:8])


def test_plain_values_are_asked_and_answered_as_json_has_them(server: Running) -> None:
    """What has no declared types at hand is asked by names and values."""
    with Client(server.address, server.key) as client:
        answer = client.ask_plain(audit.LIST, {"limit": 1})  # type: ignore[arg-type]
    assert [(each["operation"], each["at"]) for each in answer["rows"]] == [
        ("tokens.create", "2026-03-01T09:00:00Z")
    ]


def test_a_refusal_is_the_one_that_the_desk_raised(server: Running) -> None:
    """Kind, title, reason and next step come back; people's matters stay refused to keys."""
    with Client(server.address, server.key) as client:
        with pytest.raises(Refused) as unknown:
            client.ask(users.SHOW, NamedUser(name="nobody"))
        with pytest.raises(Refused) as delicate:
            client.ask(users.ADD, AddUser(name="bob", password="seven quiet otters"))
    assert unknown.value.kind is RefusalKind.NOT_FOUND
    assert delicate.value.kind is RefusalKind.FORBIDDEN
    assert delicate.value.code == "needs-a-person"
    assert delicate.value.text.startswith("An access key can't do this. Users, keys, secrets")


def test_a_field_that_can_not_be_understood_is_named(server: Running) -> None:
    """The refusal says which field of what was asked is wrong."""
    with Client(server.address, server.key) as client, pytest.raises(Refused) as refused:
        client.ask_plain(audit.LIST, {"limit": "many"})  # type: ignore[arg-type]
    assert refused.value.kind is RefusalKind.INVALID
    assert list(refused.value.fields) == ["limit"]


def test_a_wrong_key_is_refused_and_never_repeated(server: Running) -> None:
    """Neither the refusal nor what it came from shows the key."""
    with Client(server.address, _WRONG) as client, pytest.raises(Refused) as refused:
        client.ask(connections.LIST, ListConnections())
    assert refused.value.kind is RefusalKind.NOT_SIGNED_IN
    assert _WRONG not in _texts(refused.value)


@pytest.mark.parametrize(
    "key", ["", "short", "two\nlines" * 4, "Bearer " + "k" * 43, "k" * 201, "schlüssel" * 5]
)
def test_what_can_not_be_a_key_is_refused_before_it_is_sent(key: str) -> None:
    """The message says what to give and does not repeat what was given."""
    with pytest.raises(Unanswered, match="can't be one") as refused:
        Client("https://interlace.example.com", key)
    assert not key or key not in _texts(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "http://interlace.example.com",
        "http://192.0.2.7:8100",
        "http://localhost.example.com",
        "http://localhost@interlace.example.com",
        "ftp://interlace.example.com",
        "interlace.example.com",
    ],
)
def test_no_key_goes_readable_over_a_network(address: str) -> None:
    """Without TLS only this machine itself is asked, however the address is written."""
    with pytest.raises(Unanswered, match="Use https") as refused:
        Client(address, _WRONG)
    assert _WRONG not in _texts(refused.value)


@pytest.mark.parametrize("address", ["http://localhost:8100", "http://[::1]:8100", "https://a.example.com/"])
def test_this_machine_and_tls_are_asked(address: str) -> None:
    """Addresses of this machine, and every one with TLS, are taken."""
    Client(address, _WRONG).close()


def test_a_redirect_is_not_followed() -> None:
    """Whoever answers with another address gets no second request, and the other none with the key."""
    elsewhere = _Stranger(status=200, body=b"{}")
    with served(elsewhere) as other:
        first = _Stranger(status=307, headers=[(b"location", f"{other}/api/v1/".encode())])
        with (
            served(first) as address,
            Client(address, _WRONG) as client,
            pytest.raises(Unanswered, match="answers with 307, and not as Interlace does") as refused,
        ):
            client.ask(connections.LIST, ListConnections())
    assert [path for path, _ in first.asked] == ["/api/v1/connections/list"]
    assert elsewhere.asked == []
    assert _WRONG not in _texts(refused.value)


def test_no_proxy_of_the_environment_gets_the_key_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not encrypted goes straight to this machine, whatever HTTP_PROXY names."""
    proxy, own = _Stranger(status=200, body=b"{}"), _Stranger(status=200, body=b'{"connections": []}')
    with served(proxy) as proxy_address, served(own) as address:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy_address)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        with Client(address, _WRONG) as client:
            assert client.ask(connections.LIST, ListConnections()).connections == ()
    assert proxy.asked == []
    assert own.asked[0][1][b"authorization"] == f"Bearer {_WRONG}".encode()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "otherwise than this version expects"),
        (200, b'{"connections": 5}', "otherwise than this version expects"),
        (502, b"<html>Bad Gateway</html>", "answers with 502"),
        (400, b'{"error": {"title": "x", "kind": "of another age"}}', "answers with 400"),
        (404, b"", "answers with 404"),
    ],
)
def test_what_is_no_interlace_is_told(status: int, body: bytes, said: str) -> None:
    """An answer that is none of Interlace's is never taken for one, and the message says what to look at."""
    with (
        served(_Stranger(status=status, body=body)) as address,
        Client(address, _WRONG) as client,
        pytest.raises(Unanswered, match=said) as problem,
    ):
        client.ask(connections.LIST, ListConnections())
    assert address in str(problem.value)
    assert _WRONG not in _texts(problem.value)


def test_nobody_there_is_told_without_the_key() -> None:
    """An address at which nothing listens is named, with what to look at."""
    with closing(listen(0)) as taken:
        address = f"http://{LOOPBACK}:{taken.getsockname()[1]}"
    with (
        Client(address, _WRONG, timeout_seconds=5) as client,
        pytest.raises(Unanswered, match="does not answer") as problem,
    ):
        client.ask(connections.LIST, ListConnections())
    assert _WRONG not in _texts(problem.value)
