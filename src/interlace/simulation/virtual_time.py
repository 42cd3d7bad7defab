"""An event loop whose clock jumps to the next timer instead of waiting: a day passes in milliseconds.

Nothing in it waits for sockets, threads or signals; a loop that has nothing left to do is stuck, and says so.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

BEGINNING = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)
"""The moment at which every schedule begins."""


class Stuck(Exception):
    """Every task waits and no timer is set: nothing will ever happen again."""


class VirtualClock:
    """The time of one schedule: seconds that never step, and a date that follows them."""

    def __init__(self, beginning: datetime = BEGINNING) -> None:
        self.seconds = 0.0
        self._beginning = beginning

    def now(self) -> datetime:
        """Return the present moment."""
        return self._beginning + timedelta(seconds=self.seconds)

    def elapsed(self) -> float:
        """Return the seconds since the schedule began."""
        return self.seconds

    def epoch_seconds(self) -> float:
        """Return the present moment as the wall clock's seconds."""
        return self.now().timestamp()


class _Jump:
    """Stands where a loop waits for its sockets: lets the time to the next timer pass at once."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let the time pass."""
        if timeout is None:
            raise Stuck("every task waits for another one: nothing will ever happen again")
        self._clock.seconds += timeout
        return []


class VirtualTimeLoop(asyncio.BaseEventLoop):
    """asyncio's own loop over a virtual clock."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__()
        self._virtual_clock = clock
        self._selector = _Jump(clock)
        # Timers due within one tick run together; floating-point sums of one moment differ by less.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Return the virtual seconds."""
        return self._virtual_clock.seconds

    def _process_events(self, event_list: list[Any]) -> None:
        """Do nothing: no event ever comes from outside."""

    def _write_to_self(self) -> None:
        """Do nothing: nobody else can wake this loop."""
