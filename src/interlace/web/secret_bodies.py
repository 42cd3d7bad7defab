"""Takes secrets that are kept nowhere out of a request's body, before anything makes a text of it.

An administrator's password is entered once and used at once, by a process that ends then. On its way through this one
it would be copied by whoever reads forms; so it goes beside them (`management.entered_secrets`). Secrets are entered
by people on pages; the API takes none.
"""

import re
from typing import Final
from urllib.parse import unquote_plus

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPRequestEvent, Receive, Scope, Send

from interlace.management.entered_secrets import held_secrets, hold, wipe
from interlace.management.setup import ANSWER
from interlace.management.solution import REDEPLOY
from interlace.management.translatable import translatable
from interlace.web.addresses import DO
from interlace.web.front_door import headers_of, refuse

_ADDRESSES: Final = frozenset(f"{DO}/{each.address}" for each in (ANSWER, REDEPLOY))
_SECRETS: Final = "secrets."
_KIND: Final = "application/x-www-form-urlencoded"
_BYTES_MAX: Final = 1024 * 1024
"""No answers of the set-up are that long."""
_WITHOUT_LENGTH: Final = translatable("Say how long the answers are: send Content-Length.")
_TOO_LONG: Final = translatable("These answers are longer than any can be. Send shorter ones.")
_OF_OTHER_KIND: Final = translatable("Send the answers as {kind}.", kind=_KIND)
_ENCODED: Final = re.compile(rb"%[0-9a-fA-F]{2}|\+")


class SecretBodies:
    """Stands before the application, for the forms in which such secrets are sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, with tokens instead of secrets; whoever handles it takes them."""
        if scope["type"] != ScopeType.HTTP or scope["method"] != "POST" or scope["path"] not in _ADDRESSES:
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        length = headers.get("content-length", "")
        if not length.isdecimal():
            await refuse(send, headers, 411, _WITHOUT_LENGTH)
            return
        if int(length) > _BYTES_MAX:
            await refuse(send, headers, 413, _TOO_LONG)
            return
        if headers.get("content-type", "").partition(";")[0].strip().lower() != _KIND:
            await refuse(send, headers, 415, _OF_OTHER_KIND)
            return
        with held_secrets():
            body = await _whole(receive, int(length))
            emptied = _without_secrets(body)
            wipe(body)
            scope["headers"] = [
                (name, str(len(emptied)).encode() if name.lower() == b"content-length" else value)
                for name, value in scope["headers"]
            ]
            await self._app(scope, _before(emptied, receive), send)


async def _whole(receive: Receive, length: int) -> bytearray:
    """Return a body that is so long, or what came of it before the client went away; its parts are wiped."""
    body, at = bytearray(length), 0
    while True:
        message = await receive()
        part = message.get("body", b"") if message["type"] == "http.request" else b""
        memoryview(body)[at : at + len(part)] = part
        at += len(part)
        wipe(part)
        if message["type"] != "http.request" or not message.get("more_body", False):
            return body


def _before(body: bytes, receive: Receive) -> Receive:
    """Give a body that stands already, then whatever else comes."""
    whole: HTTPRequestEvent = {"type": "http.request", "body": body, "more_body": False}
    messages = iter([whole])

    async def next_message() -> HTTPRequestEvent | object:
        """Return the body first."""
        return next(messages, None) or await receive()

    return next_message  # type: ignore[return-value]  # whatever receive gives is a message


def _without_secrets(body: bytearray) -> bytes:
    """Hold the secrets of a form; it names their tokens instead."""
    pairs, start = [], 0
    while start <= len(body):
        end = body.find(b"&", start)
        end = len(body) if end < 0 else end
        equals = body.find(b"=", start, end)
        name = bytes(body[start:equals]) if equals >= 0 else b""
        if unquote_plus(name.decode("latin-1")).startswith(_SECRETS) and equals + 1 < end:
            pairs.append(name + b"=" + hold(_decoded(body, equals + 1, end)).encode())
        else:
            pairs.append(bytes(body[start:end]))
        start = end + 1
    return b"&".join(pairs)


def _decoded(body: bytearray, start: int, end: int) -> bytearray:
    """Return what a value of a form means, copied from there into its final place and nowhere else."""
    places = [
        (found.start(), found.end(), _meaning(found.group())) for found in _ENCODED.finditer(body, start, end)
    ]
    saved = sum(after - before - len(meant) for before, after, meant in places)
    secret = bytearray(end - start - saved)
    # Slices of a bytearray would be set by way of a copy.
    source, target, at = memoryview(body), memoryview(secret), 0
    for before, after, meant in [*places, (end, end, b"")]:
        plain = before - start
        target[at : at + plain] = source[start:before]
        target[at + plain : at + plain + len(meant)] = meant
        at += plain + len(meant)
        start = after
    return secret


def _meaning(encoded: bytes) -> bytes:
    return b" " if encoded == b"+" else bytes([int(encoded[1:], 16)])
