"""The HTTP edge of a sandbox: raw ASGI in front of one or several OData service roots.

It routes below the roots, signs callers in, enforces limits, plays planned faults, executes `$batch`
and keeps the request log. What a request means is the business of the endpoint behind the root.
Requests are executed one after the other on the event loop: there is a single writer by construction.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import urlsplit

from interlace.sandbox import json_codec
from interlace.sandbox.batch_execution import BatchPolicy, execute_batch
from interlace.sandbox.exchange import LoggedRequest, Refusal, Request, RequestLog, Response, Waiting
from interlace.sandbox.faults import ConnectionDropped, FaultMoment, FaultPlan
from interlace.sandbox.limits import RequestLimits, Throttled
from interlace.sandbox.windows_accounts import ACCOUNT

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Page = Callable[[Request], Response | Waiting]
Occasion = Callable[[], Awaitable[None]]


class Endpoint(Protocol):
    """An OData service below its roots."""

    @property
    def roots(self) -> Sequence[str]:
        """Paths of the service root, each with leading and trailing slash."""
        ...

    @property
    def batch_policy(self) -> BatchPolicy:
        """How this service executes `$batch`."""
        ...

    def sign_in(self, request: Request) -> object:
        """The caller of a request; raises `Refusal` for strangers."""
        ...

    def handle(self, request: Request) -> Response:
        """Executes one request that is no batch; raises `Refusal`."""
        ...

    def render(self, refusal: Refusal, request: Request) -> Response:
        """The error answer in the dialect of the service."""
        ...

    def throttled(self, reason: Throttled) -> Refusal:
        """The refusal of a request above a limit."""
        ...

    def limit_headers(self, requests_left: int, seconds_left: float) -> tuple[tuple[str, str], ...]:
        """Headers that tell the caller what is left."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing for what happens inside."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeOptions:
    """What the HTTP edge needs besides the endpoints."""

    limits: RequestLimits | None = None
    body_bytes_max: int = 128 * 1024 * 1024
    monotonic: Callable[[], float] = time.monotonic
    measure: Callable[[], float] = time.perf_counter


class SandboxApplication:
    """An ASGI application; tests may also `call` it without a socket.

    `pages` answer plain paths outside the service roots (token endpoints, small status pages); a key
    that ends in a slash covers everything below it. `on_startup` and `on_shutdown` run with the
    server's life (or by the test that needs them).
    """

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        *,
        pages: Mapping[str, Page] | None = None,
        options: EdgeOptions | None = None,
        on_startup: Sequence[Occasion] = (),
        on_shutdown: Sequence[Occasion] = (),
    ) -> None:
        self._roots = sorted(
            ((root.lower(), endpoint) for endpoint in endpoints for root in endpoint.roots),
            key=lambda entry: -len(entry[0]),
        )
        self._pages: dict[str, Page] = {"/sandbox/requests": self._show_requests, **(pages or {})}
        self._options = options if options is not None else EdgeOptions()
        self.requests = RequestLog()
        self.faults = FaultPlan()
        self.on_startup = list(on_startup)
        self.on_shutdown = list(on_shutdown)

    # --- in process

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        address: str = "http://127.0.0.1",
    ) -> Response:
        """Executes one request given by its path (or absolute address) without a socket."""
        parts = urlsplit(url)
        if parts.scheme:
            address = f"{parts.scheme}://{parts.netloc}"
        named = {name.lower(): value for name, value in (headers or {}).items()}
        return self.respond(method, parts.path, parts.query, named, body, address)

    def respond(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes, address: str
    ) -> Response:
        """Executes one request; `path` is raw and begins with a slash, header names are lower case."""
        while isinstance(answer := self._begin(method, path, query, headers, body, address), Waiting):
            answer.work()
        return answer

    def serves(self, path: str) -> bool:
        """Whether a path lies below a service root."""
        return self._endpoint(path)[0] is not None

    def _begin(
        self,
        method: str,
        path: str,
        query: str,
        headers: Mapping[str, str],
        body: bytes,
        address: str,
        account: str = "",
    ) -> Response | Waiting:
        endpoint, root_length = self._endpoint(path)
        if endpoint is None:
            plain = Request(
                method=method,
                path=path,
                query=query,
                headers=headers,
                body=body,
                service_url=f"{address}/",
            )
            answer = self._plain(plain)
            return answer if isinstance(answer, Waiting) else self._logged(plain, answer)
        request = Request(
            method=method,
            path=path[root_length:],
            query=query,
            headers=headers,
            body=body,
            service_url=address + path[:root_length].rstrip("/") + "/",
            account=account,
        )
        instead = self.faults.meet(request, FaultMoment.BEFORE)
        if instead is not None:
            return instead
        response = self._serve(endpoint, request)
        return self.faults.meet(request, FaultMoment.AFTER) or response

    def _endpoint(self, path: str) -> tuple[Endpoint | None, int]:
        lowered = path.lower()
        for root, endpoint in self._roots:
            if lowered.startswith(root):
                return endpoint, len(root)
            if lowered == root[:-1]:
                return endpoint, len(root) - 1
        return None, 0

    def _logged(self, request: Request, response: Response) -> Response:
        self.requests.add(LoggedRequest(method=request.method, path=request.path, status=response.status))
        return response

    def _plain(self, request: Request) -> Response | Waiting:
        page = self._pages.get(request.path)
        if page is None:
            for prefix, candidate in self._pages.items():
                if prefix.endswith("/") and request.path.startswith(prefix):
                    page = candidate
        if page is None:
            return Response(status=404, headers=(("Content-Type", "text/plain"),), body=b"Not found")
        return page(request)

    def _serve(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            caller = endpoint.sign_in(request)
            response = self._limited(endpoint, replace(request, caller=caller))
        except Refusal as refusal:
            response = endpoint.render(refusal, request)
        return self._logged(request, response)

    def _limited(self, endpoint: Endpoint, request: Request) -> Response:
        limits = self._options.limits
        if limits is None:
            return self._dispatch(endpoint, request)
        now = self._options.monotonic()
        admission = limits.admit(request.caller, now, operations_of(request))
        if isinstance(admission, Throttled):
            return self._throttled(endpoint, request, admission)
        begin = self._options.measure()
        held: float | Throttled = 0.0
        try:
            response = self._dispatch(endpoint, request)
        finally:
            seconds = self._options.measure() - begin
            held = limits.finish(request.caller, admission, seconds)
        if isinstance(held, Throttled):
            return self._throttled(endpoint, request, held)
        left = endpoint.limit_headers(*limits.remaining(request.caller, now))
        later = max(0.0, held - seconds)
        return replace(response, headers=(*response.headers, *left), held_seconds=later)

    def _throttled(self, endpoint: Endpoint, request: Request, reason: Throttled) -> Response:
        refused = endpoint.render(endpoint.throttled(reason), request)
        return replace(refused, held_seconds=reason.held_seconds)

    def _dispatch(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            if request.path == "$batch" and request.method == "POST":
                return execute_batch(endpoint, request, self.requests)
            return endpoint.handle(request)
        except Refusal as refusal:
            return endpoint.render(refusal, request)

    def _show_requests(self, request: Request) -> Response:
        """Counts by method, for people and for tests in another process."""
        limits = self._options.limits
        refused = 0 if limits is None else limits.refused
        counts = {
            "counts": dict(self.requests.counts),
            "writes": self.requests.written,
            "refused": refused,
        }
        headers = (("Content-Type", "application/json"),)
        return Response(status=200, headers=headers, body=json_codec.encode(counts))

    # --- ASGI

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await self._body(receive)
        if body is None:
            await _send(send, Response(status=413, body=b"The request body is too large."))
            return
        raw_path = scope.get("raw_path") or scope["path"].encode()
        address = f"{scope.get('scheme', 'http')}://{headers.get('host', '127.0.0.1')}"
        account = scope.get(ACCOUNT, "")
        path, query = raw_path.decode("latin-1").partition("?")[0], scope["query_string"].decode("latin-1")
        try:
            while isinstance(
                answer := self._begin(scope["method"], path, query, headers, body, address, account), Waiting
            ):
                await asyncio.to_thread(answer.work)
        except ConnectionDropped:
            # An answer that is announced and not delivered makes the server close the connection.
            start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
            await send(start)
            return
        if answer.held_seconds:
            await asyncio.sleep(answer.held_seconds)
        await _send(send, answer)

    async def _body(self, receive: Receive) -> bytes | None:
        message = await receive()
        body: bytes = message.get("body", b"")
        if not message.get("more_body", False):
            return body if len(body) <= self._options.body_bytes_max else None
        chunks = [body]
        size = len(body)
        while message.get("more_body", False):
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._options.body_bytes_max:
                return None
            chunks.append(chunk)
        return b"".join(chunks)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            occasions = self.on_startup if message["type"] == "lifespan.startup" else self.on_shutdown
            for occasion in occasions:
                await occasion()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


def operations_of(request: Request) -> int:
    """How many operations a request counts for: a batch as many as it has parts, anything else one."""
    if request.path != "$batch" or request.method != "POST":
        return 1
    is_multipart = "multipart" in (request.header("content-type") or "").lower()
    return max(1, request.body.count(b" HTTP/1.1" if is_multipart else b'"method"'))


async def _send(send: Send, response: Response) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
