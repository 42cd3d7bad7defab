"""What stands before the web client: health checks, figures and the receiver of notices; the rest is passed on."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol, cast

from interlace.bootstrap.metrics import CONTENT_TYPE, Figures
from interlace.bootstrap.serving import Server
from interlace.bootstrap.webhooks import WEBHOOKS, Receivers
from interlace.settings import Config
from interlace.web.front_door import WebRules, completing

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
_TEXT = "text/plain; charset=utf-8"
_PROXY_HEADERS = frozenset({b"x-forwarded-for", b"x-real-ip", b"forwarded"})
_NAMES = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})
_THIS_MACHINE = frozenset({"127.0.0.1", "::1"})
_OWN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


class Health(Protocol):
    """Knows whether the server can work."""

    def problem(self) -> str:
        """Return what keeps it from working; blank: nothing."""


class Front:
    """The ASGI application that the server is asked through."""

    def __init__(
        self,
        web: Asgi,
        *,
        config: Config,
        rules: WebRules,
        health: Health,
        figures: Figures,
        receivers: Receivers,
    ) -> None:
        self._web = web
        self._metrics = config.metrics
        self._rules = rules
        self._health = health
        self._figures = figures
        self._receivers = receivers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the web client answer."""
        path = str(scope.get("path", "")) if scope["type"] == "http" else ""
        if path in _OWN_PATHS or path.startswith(f"{WEBHOOKS}/"):
            completed = cast("Send", completing(cast("Any", send), self._rules))
            await self._answer_itself(path, scope, receive, completed)
        else:
            await self._web(scope, receive, send)

    async def _answer_itself(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path == "/healthz":
            await _answer(scope, send, 200, "live\n")
        elif path == "/readyz":
            problem = await asyncio.to_thread(self._health.problem)
            await _answer(scope, send, 503 if problem else 200, f"{problem or 'ready'}\n")
        elif path == "/metrics":
            await self._show_figures(scope, send)
        else:
            await self._take_notice(path, scope, receive, send)

    async def _show_figures(self, scope: Scope, send: Send) -> None:
        if self._metrics == "off" or (self._metrics == "local" and not _is_local(scope)):
            await _answer(scope, send, 404, "Not found\n")
            return
        text = await asyncio.to_thread(self._figures.text)
        await _answer(scope, send, 200, text, CONTENT_TYPE)

    async def _take_notice(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        secret = path.removeprefix(f"{WEBHOOKS}/")
        receiver = await asyncio.to_thread(self._receivers.receiver, secret)
        if receiver is None:
            await _answer(scope, send, 404, "Not found\n")
            return
        await receiver({**scope, "root_path": WEBHOOKS}, receive, send)


def in_front(web: Asgi, server: Server, rules: WebRules) -> Asgi:
    """Put health checks, figures and the receiver of notices before a web client."""
    application = server.application
    return Front(
        web,
        config=application.config,
        rules=rules,
        health=server,
        figures=Figures(application.state, server),
        receivers=server.receivers,
    )


def _is_local(scope: Scope) -> bool:
    """Tell whether a program on this machine asks, and not a proxy for somebody else."""
    client = scope.get("client")
    passed_on = any(name.lower() in _PROXY_HEADERS for name, _ in scope.get("headers", ()))
    # A page of another site whose name leads here asks under that name.
    asked = next((value for name, value in scope.get("headers", ()) if name.lower() == b"host"), b"")
    is_named_so = asked.rpartition(b":")[0] in _NAMES or asked in _NAMES
    return client is not None and client[0] in _THIS_MACHINE and is_named_so and not passed_on


async def _answer(scope: Scope, send: Send, status: int, text: str, content_type: str = _TEXT) -> None:
    if scope.get("method") not in {"GET", "HEAD"} and status == 200:
        status, text = 405, "Method not allowed\n"
    body = text.encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else body})
