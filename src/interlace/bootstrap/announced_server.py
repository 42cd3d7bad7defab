"""The HTTP server of an embedded service."""

import os
import socket
from collections.abc import Callable

import uvicorn


class AnnouncedServer(uvicorn.Server):
    """Tells when it has begun to answer, and ends when nobody is left who could stop it."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None], parent: int | None) -> None:
        super().__init__(config)
        self._tell = started
        self._parent = parent

    async def on_tick(self, counter: int) -> bool:
        """Tell whether it is time to end."""
        # A demo that is killed can't stop its services; they would keep its ports and records for ever.
        orphaned = self._parent is not None and os.getppid() != self._parent
        return await super().on_tick(counter) or orphaned

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer, then tell it."""
        await super().startup(sockets)
        self._tell()
