"""Answers that have to ask something first, where the web library waits for nothing: in its handlers of exceptions."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from litestar import Litestar, Response
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from interlace.web.request import AnyRequest

_Find: TypeAlias = Callable[[], Awaitable[Response[Any]]]


class AnswerLater(Response[bytes]):
    """An answer that is found while it is sent."""

    def __init__(self, find: _Find) -> None:
        super().__init__(b"")
        self._find = find

    def to_asgi_response(self, app: Litestar | None, request: AnyRequest, **_options: object) -> ASGIResponse:
        """Return what asks and sends."""
        return _Sent(self._find, request)


class _Sent(ASGIResponse):
    def __init__(self, find: _Find, request: AnyRequest) -> None:
        super().__init__()
        self._find = find
        self._request = request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask, and send what came of it."""
        answer = await self._find()
        await answer.to_asgi_response(app=None, request=self._request)(scope, receive, send)
