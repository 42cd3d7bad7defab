"""The protocol of an HTTP server that tells its application over which connection a request came."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from interlace.sandbox.windows_accounts import CONNECTION


class KeptConnections(HttpToolsProtocol):
    """Gives each connection a dictionary of its own, which the application finds in the state of every scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own type
        """Begin with nothing known of whoever connects."""
        kept: dict[str, Any] = {}
        self.app_state = {**self.app_state, CONNECTION: kept}
        super().connection_made(transport)
