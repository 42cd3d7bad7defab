"""Plays fault rules at the HTTP edge of any ASGI application: an embedded service, or a proxy before a real one.

`GET /sandbox/faults` tells what was injected; `POST` of `{"on": false}` there stops it, `true` goes on.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from interlace.sandbox import json_codec
from interlace.sandbox.fault_rules import Arriving, Effect, FaultKind, FaultRule, FaultScript, Strike

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Asgi: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

CONTROL_PATH = "/sandbox/faults"
_EXPIRED_DELTA_CODE = "0x80072493"
_CODES = {
    401: "Authentication_InvalidCredentials",
    409: "Request_EntityChanged",
    412: "0x80060882",
    429: "0x80072322",
}
_GATEWAY_STATUSES = frozenset({502, 504})
_GARBAGE = b'{"value":[{"@odata.etag":"W/\\"'
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    is_complete: bool = True
    """False: the connection ends in the middle of it."""

    def with_header(self, name: bytes, value: bytes) -> "tuple[tuple[bytes, bytes], ...]":
        """Return the headers with one of them replaced."""
        return (*(each for each in self.headers if each[0].lower() != name), (name, value))


@dataclass(slots=True)
class FaultInjection:
    """An ASGI application around another one, whose requests and answers it spoils by the rules."""

    application: Asgi
    script: FaultScript
    pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    _expired: set[str] = field(default_factory=set, init=False)
    """Authorization headers that count as expired from now on."""
    _late: set[asyncio.Task[_Answer]] = field(default_factory=set, init=False)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, or the life of the server."""
        if scope["type"] == "lifespan":
            await self.application(scope, receive, send)
            _logger.warning("Injected faults: %s", self.script.summary())
            return
        body = await _body(receive)
        if scope["path"] == CONTROL_PATH:
            await _send(send, self._control(scope["method"], body))
            return
        named = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        authorization = named.get("authorization", "")
        strike = self.script.strike(
            Arriving(
                method=scope["method"],
                path=(scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0],
                query=scope["query_string"].decode("latin-1"),
                agent=named.get("user-agent", ""),
                is_signed_in=bool(authorization),
            )
        )
        if strike.delay_seconds:
            await self.pause(strike.delay_seconds)
        if strike.rule is not None and strike.rule.kind is FaultKind.EXPIRED_TOKEN:
            self._expired.add(authorization)
        if self.script.is_on and authorization and authorization in self._expired:
            await _send(send, _refusal(401, "The access token has expired."))
            return
        answer = await self._answer(strike, scope, body)
        if answer is None:
            await _hang_up(receive, send)
        elif not answer.is_complete:
            await _hang_up(receive, send, started=answer if answer.body else None)
        else:
            await _send(send, answer)

    async def _answer(self, strike: Strike, scope: Message, body: bytes) -> _Answer | None:
        """Carry a request out as far as the fault lets it, and return the answer, if one shall arrive."""
        rule = strike.rule
        match None if rule is None else rule.kind:
            case FaultKind.DROP_REQUEST:
                return None
            case FaultKind.DROP_ANSWER:
                await self._carry_out(scope, body)
                return None
            case FaultKind.LATE_EFFECT:
                self._carry_out_later(scope, body, strike.seconds)
            case FaultKind.REPEAT_REQUEST:
                await self._carry_out(scope, body)
                return await self._carry_out(scope, body)
            case FaultKind.EXPIRED_DELTA:
                return _refusal(400, "The delta token is expired.", _EXPIRED_DELTA_CODE)
            case FaultKind.ANSWER:
                if rule is not None and rule.effect is Effect.DONE:
                    await self._carry_out(scope, body)
            case _:
                answer = await self._carry_out(scope, body)
                return answer if rule is None else _spoiled(answer, rule)
        return None if rule is None or rule.status is None else _answer_of(rule, rule.status)

    async def _carry_out(self, scope: Message, body: bytes) -> _Answer:
        """Let the application answer a request and gather the answer whole."""
        started: Message = {"status": 500, "headers": []}
        chunks: list[bytes] = []
        is_complete = False

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal started, is_complete
            if message["type"] == "http.response.start":
                started = message
            else:
                chunks.append(message.get("body", b""))
                is_complete = not message.get("more_body", False)

        await self.application(scope, receive, send)
        headers = tuple((bytes(name), bytes(value)) for name, value in started["headers"])
        return _Answer(
            status=started["status"], headers=headers, body=b"".join(chunks), is_complete=is_complete
        )

    def _carry_out_later(self, scope: Message, body: bytes, seconds: float) -> None:
        async def wait_and_carry_out() -> _Answer:
            await self.pause(seconds)
            return await self._carry_out(scope, body)

        task = asyncio.create_task(wait_and_carry_out())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _control(self, method: str, body: bytes) -> _Answer:
        if method == "POST":
            try:
                wanted = json_codec.decode_object(body).get("on")
            except json_codec.JsonError:
                wanted = None
            if not isinstance(wanted, bool):
                return _refusal(400, 'Send {"on": true} or {"on": false}.', "BadRequest")
            self.script.is_on = wanted
            self._expired.clear()
        shown = {"on": self.script.is_on, "under_way": len(self._late), "rules": self.script.counts()}
        return _json(200, json_codec.encode(shown))


def _spoiled(answer: _Answer, rule: FaultRule) -> _Answer:
    """Return an answer whose status is right and whose body can't be read."""
    match rule.kind:
        case FaultKind.TRUNCATE:
            return replace(answer, is_complete=False)
        case FaultKind.CONTENT_TYPE:
            return replace(
                answer, headers=answer.with_header(b"content-type", rule.content_type.encode("latin-1"))
            )
        case FaultKind.GARBAGE:
            headers = answer.with_header(b"content-type", b"application/json")
            return replace(answer, status=200, headers=headers, body=_GARBAGE)
        case _:
            return answer


def _answer_of(rule: FaultRule, status: int) -> _Answer:
    message = f"The fault rule {rule.name!r} answers instead of the service."
    if status in _GATEWAY_STATUSES and rule.code is None:
        # Gateways know nothing of the protocol behind them.
        page = f"<html><body><h1>{status}</h1>{message}</body></html>".encode()
        return _Answer(status=status, headers=((b"content-type", b"text/html"),), body=page)
    return _refusal(status, message, rule.code, rule.retry_after)


def _refusal(status: int, message: str, code: str | None = None, retry_after: int | None = None) -> _Answer:
    content = {"error": {"code": code or _CODES.get(status, str(status)), "message": message}}
    answer = _json(status, json_codec.encode(content))
    headers = answer.headers
    if retry_after is not None:
        headers = (*headers, (b"retry-after", str(retry_after).encode()))
    if status == 401:
        headers = (*headers, (b"www-authenticate", b'Bearer error="invalid_token"'))
    return _Answer(status=status, headers=headers, body=answer.body)


def _json(status: int, body: bytes) -> _Answer:
    return _Answer(status=status, headers=((b"content-type", b"application/json"),), body=body)


async def _body(receive: Receive) -> bytes:
    chunks = []
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(chunks)


async def _send(send: Send, answer: _Answer) -> None:
    length = str(len(answer.body)).encode()
    headers = list(answer.headers)
    if answer.status not in {204, 304}:
        headers = list(answer.with_header(b"content-length", length))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _hang_up(receive: Receive, send: Send, started: _Answer | None = None) -> None:
    """End the connection without an answer, or in the middle of the one that was started."""
    if started is not None:
        headers = started.with_header(b"content-length", str(len(started.body)).encode())
        await send({"type": "http.response.start", "status": started.status, "headers": list(headers)})
        half = started.body[: len(started.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})
    # The server's own connection: ASGI has no word for an end without any answer.
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.close()
        while (await receive())["type"] != "http.disconnect":
            pass
    elif started is None:
        # An answer that is announced and not delivered makes the server close the connection.
        start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
        await send(start)
