"""Both ends of each connection kept open for people who look at records: what a service has is learned once."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.connection_settings import ConnectionSettings
from interlace.bootstrap.ends import Ends
from interlace.engine.service import ServiceMismatch, SignInRefused

T = TypeVar("T")
PAGE_SIZE: Final = 200
"""How many records are read at once: a page's worth, and not many more."""
_RETRIES: Final = 1
_LEARNED_ANEW_SECONDS: Final = 600.0
"""After which columns and tables that were added meanwhile are learned, too."""
_CLOSING_SECONDS: Final = 10.0


class Reading(Protocol):
    """Reads from the two services of a connection for somebody who waits."""

    async def read(self, connection: Connection, work: Callable[[Ends], Awaitable[T]], seconds: float) -> T:
        """Carry reading work out over both ends; raises TimeoutError when it takes longer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnce:
    """Opens both ends for one question, as a command does."""

    application: Application

    async def read(self, connection: Connection, work: Callable[[Ends], Awaitable[T]], seconds: float) -> T:
        """Carry reading work out; the ends are closed behind it."""

        async def reading() -> T:
            """Open both ends, read and close them."""
            opened = self.application.ends(connection, retries_max=_RETRIES, page_size=PAGE_SIZE)
            async with asyncio.timeout(seconds), opened as ends:
                return await work(ends)

        # It also asks the store, which blocks: that may hold up nobody else.
        return await asyncio.to_thread(lambda: asyncio.run(reading()))


@dataclass(slots=True, kw_only=True)
class _Opened:
    """Both ends of a connection as they are kept."""

    settings: ConnectionSettings
    ends: Ends
    resources: AsyncExitStack
    since: float
    users: int = 0
    is_former: bool = False
    """Closed when nobody uses them any more."""


@dataclass(slots=True)
class ReadingEnds:
    """Keeps both ends of each connection open, in a thread with a loop of its own."""

    application: Application
    _opened: dict[str, _Opened] = field(default_factory=dict)
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _starting: threading.Lock = field(default_factory=threading.Lock)
    _loop: asyncio.AbstractEventLoop | None = None
    _thread: threading.Thread | None = None

    async def read(self, connection: Connection, work: Callable[[Ends], Awaitable[T]], seconds: float) -> T:
        """Carry reading work out over the ends that are kept."""

        async def reading() -> T:
            """Read within the time that is given."""
            async with asyncio.timeout(seconds):
                return await self._read(connection, work)

        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(reading(), self._running_loop()))

    def close(self) -> None:
        """Close what is open, and end the thread."""
        with self._starting:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close_all(), loop).result(_CLOSING_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_CLOSING_SECONDS)
        loop.close()

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="reading-records", daemon=True
                )
                self._thread.start()
            return self._loop

    async def _read(self, connection: Connection, work: Callable[[Ends], Awaitable[T]]) -> T:
        opened = await self._open(connection)
        opened.users += 1
        try:
            return await work(opened.ends)
        except (SignInRefused, ServiceMismatch):
            # Another secret may be stored by then, or a column be there: the next question begins anew.
            self._leave(connection, opened)
            raise
        finally:
            opened.users -= 1
            await _close_former(opened)

    async def _open(self, connection: Connection) -> _Opened:
        async with self._opening:
            held = self._opened.get(connection.id)
            now = time.monotonic()
            if held is not None and (
                held.settings != connection.settings or now - held.since > _LEARNED_ANEW_SECONDS
            ):
                self._leave(connection, held)
                await _close_former(held)
                held = None
            if held is None:
                async with AsyncExitStack() as opening:
                    ends = await opening.enter_async_context(
                        self.application.ends(connection, retries_max=_RETRIES, page_size=PAGE_SIZE)
                    )
                    held = _Opened(
                        settings=connection.settings, ends=ends, resources=opening.pop_all(), since=now
                    )
                self._opened[connection.id] = held
            return held

    def _leave(self, connection: Connection, opened: _Opened) -> None:
        opened.is_former = True
        if self._opened.get(connection.id) is opened:
            del self._opened[connection.id]

    async def _close_all(self) -> None:
        for each in list(self._opened.values()):
            await each.resources.aclose()
        self._opened.clear()


async def _close_former(opened: _Opened) -> None:
    if opened.is_former and not opened.users:
        await opened.resources.aclose()
