"""Writes down what a client and an embedded service say to each other, where it passes into the service."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer; header names are lower case, `target` is the path with its query."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    status: int
    answer_headers: dict[str, str]
    answer: bytes


class Recorder:
    """An ASGI application in front of another that keeps every exchange, in the order in which they ended."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.exchanges: list[Exchange] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """The ASGI entry."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        body, answer = bytearray(), bytearray()
        begun: dict[str, Any] = {}

        async def hear() -> Message:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        async def tell(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
            else:
                answer.extend(message.get("body", b""))
            await send(message)

        await self._application(scope, hear, tell)
        raw = scope.get("raw_path") or scope["path"].encode()
        query = scope["query_string"].decode("latin-1")
        self.exchanges.append(
            Exchange(
                method=scope["method"],
                target=raw.decode("latin-1").partition("?")[0] + (f"?{query}" if query else ""),
                headers=_texts(scope["headers"]),
                body=bytes(body),
                status=begun["status"],
                answer_headers=_texts(begun["headers"]),
                answer=bytes(answer),
            )
        )


def _texts(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
