"""Tells listeners when something changes that pages show: one look at the store a second, shared by all of them."""

import asyncio
import time
from typing import Final

from interlace.bootstrap.kept_files import Told

_LOOK_SECONDS: Final = 1.0


class StoreChanges:
    """What the web client waits for; nobody looks while nobody waits."""

    def __init__(self, changes: Told, *, look_seconds: float = _LOOK_SECONDS) -> None:
        self._changes = changes
        self._look_seconds = look_seconds
        self._looking: asyncio.Task[str] | None = None
        self._token = ""
        self._looked_at = float("-inf")
        self._is_closed = False

    def close(self) -> None:
        """Let everybody who waits, or comes to wait, go on: the server ends."""
        self._is_closed = True

    async def token(self) -> str:
        """Return a text that changes with the store."""
        return await self._look()

    async def wait(self, after: str, timeout: float) -> str:  # noqa: ASYNC109 - one wait is shared by all listeners
        """Return the token as soon as it differs from `after`, or the same one after `timeout` seconds."""
        until = time.monotonic() + timeout
        while (token := await self._look()) == after:
            left = until - time.monotonic()
            if left <= 0 or self._is_closed:
                break
            await asyncio.sleep(min(self._look_seconds, left))
        return token

    async def _look(self) -> str:
        """Look at the store unless that was done within the last second; whoever comes meanwhile gets the same."""
        if time.monotonic() - self._looked_at < self._look_seconds:
            return self._token
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_now())
        return await asyncio.shield(self._looking)

    async def _look_now(self) -> str:
        self._token = await asyncio.to_thread(self._changes.now)
        self._looked_at = time.monotonic()
        return self._token
