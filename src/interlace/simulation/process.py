"""A process of Interlace that can die at any await and between any two statements.

Whatever belongs to it waits through it; when it dies, every one of its waits ends with ProcessDied, which no
code below the simulation catches. What it has sent to a service goes on without it.
"""

import asyncio
import itertools
from typing import Any


class ProcessDied(BaseException):
    """The process ended here, in the middle of whatever it did."""


class Process:
    """One life of Interlace: from its start to its end or crash."""

    def __init__(self, name: str, clock_offset: float = 0.0) -> None:
        self.name = name
        self.alive = True
        self.deaths_at: str | None = None
        self._clock_offset = clock_offset
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()

    def live(self) -> None:
        """Go on, unless the process is dead."""
        if not self.alive:
            raise ProcessDied(self.name)

    def die(self, place: str) -> None:
        """End everything that the process does; nothing of it takes another step."""
        if not self.alive:
            return
        self.alive = False
        self.deaths_at = place
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ProcessDied(self.name))

    async def wait(self, future: "asyncio.Future[Any]") -> Any:  # noqa: ANN401 - whatever the future holds
        """Wait for something as long as the process lives."""
        self.live()
        number = next(self._numbers)
        self._waiting[number] = future
        try:
            return await future
        finally:
            del self._waiting[number]

    async def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.live()
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        timer = loop.call_later(max(seconds, 0.0), _wake, future)
        try:
            await self.wait(future)
        finally:
            timer.cancel()


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
