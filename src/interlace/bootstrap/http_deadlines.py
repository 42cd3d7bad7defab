"""Connections whose requests must arrive in time and in bounds: who sends a byte a minute keeps nobody out."""

import asyncio
from typing import ClassVar

from interlace.bootstrap.wiped_requests import WipedReading, WipedRequests


class PunctualProtocol(WipedRequests):
    """Closes a connection whose request takes too long to arrive; how long its answer takes doesn't matter."""

    head_seconds: ClassVar[float] = 15.0
    """For a request's line and headers, from the connection or from its first byte on."""
    body_seconds: ClassVar[float] = 60.0
    """For its body, however slow the line."""
    head_bytes_max: ClassVar[int] = 64 * 1024
    """For line and headers; the parser itself would take any number. What is read at once may exceed it."""
    _deadline: asyncio.TimerHandle | None = None
    _head_bytes: int | None = 0
    """What has arrived of a head; None between head and end of a request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._expect(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has arrived, and no head without end."""
        if self._head_bytes is not None:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes is not None and self._head_bytes > self.head_bytes_max:
            self.send_400_response("Too many headers.")

    def on_message_begin(self) -> None:
        """Begin to wait for the head of another request."""
        super().on_message_begin()
        self._expect(self.head_seconds)

    def on_headers_complete(self) -> None:
        """Wait for the body now."""
        self._head_bytes = None
        self._expect(self.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for nothing more until the answer is given; after that the server's own limit holds."""
        self._head_bytes = 0
        self._arrived()
        super().on_message_complete()

    def _expect(self, seconds: float) -> None:
        self._arrived()
        self._deadline = asyncio.get_running_loop().call_later(seconds, self._too_late)

    def _arrived(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


class PunctualReading(WipedReading):
    """Reads for it."""

    reads_for = PunctualProtocol
