"""The receiver of webhook notices, as an ASGI application that a server mounts at its own secret path.

It answers at once and acts on no content: a notice with the right client state wakes the runs of the sets it names.
"""

import hmac
import json
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qsl

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Wake = Callable[[frozenset[str]], None]
BODY_BYTES_MAX: Final = 1_000_000
_SECRET_BYTES: Final = 32
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{1,512}")
_SET: Final = re.compile(r"/?([A-Za-z]\w*)(?:\([^)]*\))?(?:\?.*)?$")


def new_path_secret() -> str:
    """Return a new random path: 256 bits, written as a part of an address."""
    return secrets.token_urlsafe(_SECRET_BYTES)


class NoticeReceiver:
    """Answers below `/PATH_SECRET`; `wake` must return at once."""

    def __init__(self, path_secret: str, client_state: str, wake: Wake) -> None:
        self._path = f"/{path_secret}".encode()
        self._client_state = client_state.encode()
        self._wake = wake

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = str(scope.get("path", "")).encode()
        mounted = str(scope.get("root_path", "")).encode()
        if not hmac.compare_digest(path.removeprefix(mounted), self._path):
            await _answer(send, 404)
            return
        if scope.get("method") != "POST":
            await _answer(send, 405)
            return
        query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))
        token = query.get("validationToken")
        if token is not None:
            is_safe = _TOKEN.fullmatch(token) is not None
            await _answer(send, 200 if is_safe else 400, token.encode() if is_safe else b"")
            return
        body = await _body(receive)
        if body is None:
            await _answer(send, 413)
            return
        await _answer(send, 202)
        named = self._sets_in(body)
        if named:
            self._wake(named)

    def _sets_in(self, body: bytes) -> frozenset[str]:
        """Return the sets that trustworthy notices name; anything else is as good as nothing."""
        try:
            notices = json.loads(body)["value"]
            return frozenset(
                found.group(1)
                for each in notices
                if hmac.compare_digest(str(each.get("clientState")).encode(), self._client_state)
                and (found := _SET.search(str(each.get("resource")).split("?")[0].rpartition("/")[2]))
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return frozenset()


async def _body(receive: Receive) -> bytes | None:
    """Read a body; None for one that is too long."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _answer(send: Send, status: int, body: bytes = b"") -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
