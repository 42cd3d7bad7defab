"""Work that goes on behind a server's answers: each piece in a thread with an event loop of its own."""

import asyncio
import logging
import threading
from collections.abc import Callable, Coroutine
from typing import Any

_logger = logging.getLogger(__name__)


class BackgroundWork:
    """Runs pieces of asynchronous work until they end or it is closed."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: dict[threading.Thread, tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = {}
        self._is_closed = False

    def begin(self, work: Callable[[], Coroutine[Any, Any, None]], name: str) -> None:
        """Begin a piece of work; what it raises is only logged, so it tells by itself how it ended."""
        loop = asyncio.new_event_loop()
        task = loop.create_task(work())
        thread = threading.Thread(target=self._run, args=(loop, task), name=name, daemon=True)
        with self._guard:
            assert not self._is_closed
            self._running[thread] = (loop, task)
            thread.start()

    def close(self) -> None:
        """Stop all of it, wherever it is, and wait for that."""
        with self._guard:
            self._is_closed = True
            running = dict(self._running)
            for loop, task in running.values():
                loop.call_soon_threadsafe(task.cancel)
        for thread in running:
            thread.join()

    def _run(self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
        try:
            loop.run_until_complete(task)
        except asyncio.CancelledError:
            _logger.info("The work %s was stopped.", threading.current_thread().name)
        except Exception:
            _logger.exception("The work %s failed.", threading.current_thread().name)
        finally:
            with self._guard:
                # From here on nobody may call the loop any more.
                self._running.pop(threading.current_thread(), None)
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()
