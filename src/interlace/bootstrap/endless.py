"""Endless asynchronous work of a server, in a thread and on an event loop of its own."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

_logger = logging.getLogger(__name__)
_PAUSE_SECONDS = 5.0


class Endless:
    """Runs work until it is closed; what fails begins again after a pause."""

    def __init__(
        self,
        work: Callable[[], Coroutine[Any, Any, None]],
        name: str,
        *,
        pause_seconds: float = _PAUSE_SECONDS,
    ) -> None:
        self._work = work
        self._name = name
        self._pause_seconds = pause_seconds
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def open(self) -> None:
        """Begin."""
        self._task = self._loop.create_task(self._again_and_again())
        self._thread.start()

    def close(self) -> None:
        """Stop, wherever the work is."""
        task = self._task
        if task is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):
                # The loop may have come to its end in this moment.
                self._loop.call_soon_threadsafe(task.cancel)
            self._thread.join()

    def _run(self) -> None:
        assert self._task is not None
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _again_and_again(self) -> None:
        while True:
            try:
                await self._work()
            except Exception:
                _logger.warning("The work %s failed and begins again.", self._name, exc_info=True)
            await asyncio.sleep(self._pause_seconds)
