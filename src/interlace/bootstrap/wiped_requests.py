"""A protocol in whose buffers nothing stays of what it was asked: a secret that somebody sent must be nowhere later.

What has been read is wiped as soon as the parser has copied it, and the bodies of requests as soon as they have been
handed on. Who takes a body decides what becomes of that copy.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar, Self

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from interlace.management.entered_secrets import wipe

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class WipedBody(bytearray):
    """A body as far as it has arrived; it leaves nothing behind where it grows out of, nor at its end."""

    def __iadd__(self, more: ReadableBuffer, /) -> Self:  # type: ignore[override]  # as bytearray declares it
        """Grow in a place of its own, instead of being moved by whoever looks after memory."""
        grown = type(self)(len(self) + memoryview(more).nbytes)
        # Slices of a bytearray would be set by way of a copy.
        place = memoryview(grown)
        place[: len(self)] = self
        place[len(self) :] = more
        wipe(self)
        return grown

    def __del__(self) -> None:
        """Be wiped."""
        wipe(self)


class WipedRequests(HttpToolsProtocol):
    """Keeps bodies where they can be wiped."""

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        if not isinstance(self.cycle.body, WipedBody):
            self.cycle.body = WipedBody(self.cycle.body)
        super().on_body(body)
        wipe(body)


class WipedReading(asyncio.BufferedProtocol):
    """Reads for a protocol into a place of its own: an event loop that read for it would keep what it read.

    It is no `asyncio.Protocol`, as the server's own are: some loops would take it for one that wants to be read for.
    """

    read_bytes: ClassVar[int] = 32 * 1024
    reads_for: ClassVar[type[HttpToolsProtocol]] = WipedRequests

    def __init__(self, **parts: Any) -> None:  # noqa: ANN401 - what the server gives its protocols is its own affair
        self._requests = self.reads_for(**parts)
        self._room = bytearray(self.read_bytes)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let the protocol answer over the connection itself."""
        self._requests.connection_made(transport)  # type: ignore[arg-type]  # a connection's transport is a whole one

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._requests.connection_lost(exc)

    def eof_received(self) -> None:
        """Nothing more comes."""
        self._requests.eof_received()

    def pause_writing(self) -> None:
        """Wait until the client has read."""
        self._requests.pause_writing()

    def resume_writing(self) -> None:
        """Go on."""
        self._requests.resume_writing()

    def get_buffer(self, sizehint: int) -> bytearray:
        """Return where the next bytes are to stand."""
        return self._room

    def buffer_updated(self, nbytes: int) -> None:
        """Take what has been read."""
        data = bytes(memoryview(self._room)[:nbytes])
        self._room[:nbytes] = bytes(nbytes)
        self._requests.data_received(data)
        wipe(data)
