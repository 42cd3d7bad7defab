"""Carries requests to an ASGI application in this very thread, without a socket."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote

from yarl import URL

from interlace.connectors.http_message import HttpAnswer

Message = MutableMapping[str, Any]
AsgiApplication = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class AnswerCut(Exception):
    """The application announced more than it sent: a server would close the connection."""


def exchange(
    application: AsgiApplication, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
) -> HttpAnswer:
    """Carry out one request; the application may not wait for anything, it answers in this moment."""
    raw_path = url.raw_path
    sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    sent.append((b"host", str(url.raw_authority).encode("latin-1")))
    content = body or b""
    sent.append((b"content-length", str(len(content)).encode()))
    scope: Message = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": url.scheme,
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("ascii"),
        "query_string": url.raw_query_string.encode("ascii"),
        "headers": sent,
    }
    messages: list[Message] = []

    async def receive() -> Message:
        """Give the whole request."""
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Message) -> None:
        """Keep a part of the answer."""
        messages.append(message)

    _run_through(application(scope, receive, send))
    start, *parts = messages
    named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in start["headers"]}
    answered = b"".join(part.get("body", b"") for part in parts)
    if len(answered) != int(named.get("content-length", len(answered))):
        raise AnswerCut(f"{len(answered)} bytes came of {named['content-length']}")
    return HttpAnswer(status=int(start["status"]), headers=named, body=answered)


def _run_through(work: Awaitable[None]) -> None:
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration:
        return
    raise AssertionError("an application in a simulation may not wait")
