"""A proxy that passes requests on to any service and spoils them by fault rules on the way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from interlace.bootstrap.sandbox_server import LOOPBACK, SandboxNotStarted, listen, serve
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest, NoAnswer, RequestFailed
from interlace.connectors.sign_in import NoSignIn
from interlace.locale.translatable import as_sentence, text_of, translatable
from interlace.sandbox.fault_file import read_fault_file
from interlace.sandbox.fault_injection import FaultInjection, Message, Receive, Send

# One attempt a request, as many at once as come: what a proxy adds of its own would be mistaken for the service.
_LIMITS = ChannelLimits(requests_at_once_max=1_000, retries_max=0, wait_seconds_max=float("inf"))
_OF_ONE_CONNECTION = frozenset(
    {"connection", "content-encoding", "content-length", "host", "keep-alive", "transfer-encoding", "upgrade"}
)
_Header: TypeAlias = tuple[bytes, bytes]


async def serve_fault_proxy(
    target: str, port: int, faults: Path, started: Callable[[dict[str, str]], None]
) -> None:
    """Serve the proxy until the process is told to stop; raises FaultFileError and SandboxNotStarted."""
    script = read_fault_file(faults)
    channel = _open_channel(target)
    with listen(port) as listening:
        address = f"http://{LOOPBACK}:{listening.getsockname()[1]}"
        async with channel:
            proxy = FaultInjection(Forwarding(channel=channel), script)
            announcement = {"address": address + urlsplit(target).path.rstrip("/"), "target": target}
            await serve(proxy, listening, lambda: started(announcement))


def _open_channel(target: str) -> HttpChannel:
    async def at_once(seconds: float) -> None:
        """Wait for nobody: a service's Retry-After is for the caller to obey."""

    try:
        return HttpChannel(target, NoSignIn(), _LIMITS, pause=at_once)
    except ValueError as problem:
        raise SandboxNotStarted(
            translatable(
                "{problem}. Name the service with --target URL.", problem=as_sentence(text_of(problem))
            )
        ) from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarding:
    """An ASGI application that sends every request on and returns what it is answered.

    Addresses of the service become addresses of the proxy in answers, and the other way round in requests, so
    that next links and batches go through the proxy as well.
    """

    channel: HttpChannel

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the server."""
        if scope["type"] == "lifespan":
            for moment in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{moment}.complete"})
            return
        named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        here = f"{scope.get('scheme', 'http')}://{named.get('host', LOOPBACK)}"
        body = (await receive()).get("body", b"")
        try:
            answer = await self.channel.send(self._request(scope, named, body, here))
        except NoAnswer:
            # Announced and not delivered: the caller learns as little as the proxy.
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})
            return
        except RequestFailed as failure:
            # The service behind is away: what a proxy says then is its own.
            answer = HttpAnswer(
                status=502, headers={"content-type": "text/plain"}, body=str(failure).encode()
            )
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": self._headers(answer, here)}
        )
        await send({"type": "http.response.body", "body": _moved(answer.body, self.channel.origin, here)})

    def _request(self, scope: Message, named: Mapping[str, str], body: bytes, here: str) -> HttpRequest:
        query = scope["query_string"].decode("latin-1")
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        return HttpRequest(
            method=scope["method"],
            url=path + (f"?{query}" if query else ""),
            headers={
                # The channel's own headers are written so; in any other letter case they would be sent twice.
                name.title(): value.replace(here, self.channel.origin)
                for name, value in named.items()
                if name not in _OF_ONE_CONNECTION
            },
            body=_moved(body, here, self.channel.origin) or None,
        )

    def _headers(self, answer: HttpAnswer, here: str) -> list[_Header]:
        return [
            (name.encode("latin-1"), value.replace(self.channel.origin, here).encode("latin-1"))
            for name, value in answer.headers.items()
            if name not in _OF_ONE_CONNECTION
        ]


def _moved(body: bytes, origin: str, to: str) -> bytes:
    """Replace an origin in a body, as it stands and as forms write it."""
    moved = body.replace(origin.encode(), to.encode())
    return moved.replace(quote(origin, safe="").encode(), quote(to, safe="").encode())
