"""What keeps a running server in order, again and again: schedules, woken mappings, what follows full synchronizations.

All of it could be left out for a while without losing anything: recurring runs find every change in the end.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.background_full_synch import BackgroundFullSynch
from interlace.bootstrap.recurring import Schedules
from interlace.domain.full_synch_review import is_over
from interlace.domain.keys import ConnectionId, MappingName
from interlace.jobs.job_client import JobClient

_logger = logging.getLogger(__name__)
_ROUND_SECONDS: Final = 5.0
_WOKEN_SECONDS: Final = 1.0
PAUSE_SECONDS: Final = 5.0
"""Between two runs of a mapping that notices wake: they come in bursts."""


class Rounds:
    """Goes its rounds in a thread of its own."""

    def __init__(
        self,
        application: Application,
        client: JobClient,
        schedules: Schedules,
        full_synch: BackgroundFullSynch,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._application = application
        self._client = client
        self._schedules = schedules
        self._full_synch = full_synch
        self._monotonic = monotonic
        self._woken: set[tuple[ConnectionId, MappingName]] = set()
        self._begun: dict[tuple[ConnectionId, MappingName], float] = {}
        self._running: set[str] = set()
        self._lock = threading.Lock()
        self._round = threading.Lock()
        self._event = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go, name="rounds", daemon=True)

    def open(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        self._stop.set()
        self._event.set()
        if self._thread.is_alive():
            self._thread.join()

    def is_alive(self) -> bool:
        """Whether it goes its rounds."""
        return self._thread.is_alive()

    def wake(self, connection_id: ConnectionId, mappings: Iterable[MappingName]) -> None:
        """Have mappings run soon that have something to do; returns at once."""
        with self._lock:
            self._woken.update((connection_id, mapping) for mapping in mappings)
        self._event.set()

    def once(self) -> None:
        """Go one round."""
        with self._round:
            for part in (self._schedules.keep, self._follow_up, self._begin_woken):
                try:
                    part()
                except Exception:
                    # A database that is away for a moment must not end the rounds; the next one comes in seconds.
                    _logger.warning("A part of the server's upkeep failed and is tried again.", exc_info=True)

    def _go(self) -> None:
        while not self._stop.is_set():
            self.once()
            self._event.wait(_WOKEN_SECONDS if self._woken else _ROUND_SECONDS)
            self._event.clear()

    def _begin_woken(self) -> None:
        with self._lock:
            woken = sorted(self._woken)
        known = {each.id: each for each in self._application.connections()} if woken else {}
        for connection_id, mapping in woken:
            if self._is_settled(known.get(connection_id), mapping):
                with self._lock:
                    self._woken.discard((connection_id, mapping))

    def _is_settled(self, connection: Connection | None, mapping: MappingName) -> bool:
        """Begin a run if that is possible now; a run that began before the notice does not count."""
        if connection is None or not self._schedules.is_due(connection, mapping):
            # What holds the runs back ends with a run.
            return True
        key = (connection.id, mapping)
        if self._monotonic() - self._begun.get(key, float("-inf")) < PAUSE_SECONDS:
            return False
        if not self._client.begin_run(connection.id, mapping, recurring=True).is_new:
            return False
        self._begun[key] = self._monotonic()
        return True

    def _follow_up(self) -> None:
        """Wake what runs after a full synchronization, once it is over."""
        for connection in self._application.connections():
            review = self._full_synch.latest(connection) if connection.settings.enabled else None
            if review is None:
                continue
            if any(line.is_open for line in review.lines):
                self._running.add(review.run_id)
            elif review.run_id in self._running and is_over(review.lines):
                self._running.discard(review.run_id)
                self.wake(connection.id, self._full_synch.to_follow_up(connection))
