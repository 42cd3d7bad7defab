"""Fault rules at the HTTP edge: what the service did, and what the caller saw, over a real socket."""

import asyncio
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, IncompleteRead, RemoteDisconnected

import pytest
import uvicorn

from interlace.bootstrap.sandbox_server import listen
from interlace.sandbox.fault_file import parse_faults
from interlace.sandbox.fault_injection import FaultInjection, Message, Receive, Send

BODY = json.dumps({"value": ["x" * 100]}).encode()


@dataclass
class Counting:
    """A service that counts what it carries out."""

    effects: list[str] = field(default_factory=list)
    changed: threading.Event = field(default_factory=threading.Event)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer everything with the same body."""
        assert (await receive())["type"] == "http.request"
        self.effects.append(scope["method"])
        self.changed.set()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": BODY})


@contextmanager
def served(rule: str) -> Iterator[tuple[Counting, str]]:
    """Serve the counting service behind a rule that strikes the first request."""
    service = Counting()
    script = parse_faults(f"[[rule]]\n{rule}\nrequests = [1]\n", "f")
    config = uvicorn.Config(FaultInjection(service, script), log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    with listen(0) as listening:
        # Connections wait until the server has begun.
        listening.listen()
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
        thread.start()
        try:
            yield service, f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def ask(address: str, method: str = "POST", **headers: str) -> tuple[int, str, bytes, str | None]:
    """Send one request; return status, content type, body and Retry-After."""
    request = urllib.request.Request(f"{address}/things?$deltatoken=1", b"{}", headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers["content-type"], answer.read(), None
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["content-type"], error.read(), error.headers["retry-after"]


@pytest.mark.parametrize(
    ("rule", "failure", "effects"),
    [
        ('fault = "drop-request"', RemoteDisconnected, 0),
        ('fault = "drop-answer"', RemoteDisconnected, 1),
        ('fault = "truncate"', IncompleteRead, 1),
    ],
)
def test_a_connection_that_ends_early(rule: str, failure: type[HTTPException], effects: int) -> None:
    """Before the effect, after it, or in the middle of the answer; the next request goes well."""
    with served(rule) as (service, address):
        with pytest.raises(failure):
            ask(address)
        assert len(service.effects) == effects
        assert ask(address)[:3] == (200, "application/json", BODY)


@pytest.mark.parametrize(
    ("rule", "status", "kind", "retry_after", "effects"),
    [
        ('fault = "answer"\nstatus = 503\nretry_after = 7', 503, "application/json", "7", 0),
        ('fault = "answer"\nstatus = 500\neffect = "done"', 500, "application/json", None, 1),
        ('fault = "answer"\nstatus = 504', 504, "text/html", None, 0),
        ('fault = "answer"\nstatus = 412', 412, "application/json", None, 0),
        ('fault = "expired-delta"', 400, "application/json", None, 0),
        ('fault = "content-type"', 200, "text/html", None, 1),
        ('fault = "garbage"', 200, "application/json", None, 1),
        ('fault = "repeat-request"', 200, "application/json", None, 2),
        ('fault = "latency"\nseconds = 0.01', 200, "application/json", None, 1),
    ],
)
def test_an_answer_that_is_not_the_services(
    rule: str, status: int, kind: str, retry_after: str | None, effects: int
) -> None:
    """Status, content type and Retry-After as the rule says; the effect happened as often as it says."""
    with served(rule) as (service, address):
        answer = ask(address)
        assert (answer[0], answer[1], answer[3]) == (status, kind, retry_after)
        assert len(service.effects) == effects
        if "garbage" in rule:
            with pytest.raises(json.JSONDecodeError):
                json.loads(answer[2])


def test_an_effect_that_comes_late() -> None:
    """The caller is told of a gateway's time-out at once; the effect follows."""
    with served('fault = "late-effect"\nseconds = 0.2\nstatus = 504') as (service, address):
        assert ask(address)[0] == 504
        assert service.effects == []
        assert service.changed.wait(10)
        assert service.effects == ["POST"]


def test_an_expired_token_stays_expired() -> None:
    """From the strike on the token is refused; another one is taken."""
    with served('fault = "expired-token"') as (service, address):
        assert [ask(address, Authorization=token)[0] for token in ("Bearer a", "Bearer a", "Bearer b")] == [
            401,
            401,
            200,
        ]
        assert len(service.effects) == 1


def test_faults_are_counted_and_can_be_switched_off() -> None:
    """The control page tells what was struck; switched off, the rules strike nothing."""
    with served('fault = "drop-request"') as (service, address):
        control = f"{address}/sandbox/faults"

        def tell(body: bytes | None) -> dict[str, object]:
            with urllib.request.urlopen(control, body, timeout=10) as answer:
                told: dict[str, object] = json.load(answer)
            return told

        assert tell(b'{"on": false}')["on"] is False
        assert ask(address)[0] == 200
        with pytest.raises(urllib.error.HTTPError) as refused:
            tell(b"[]")
        refused.value.close()
        assert tell(b'{"on": true}')["rules"] == [
            {"name": "1 drop-request", "fault": "drop-request", "met": 0, "struck": 0}
        ]
        assert service.effects == ["POST"]
