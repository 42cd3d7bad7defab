"""Service protection: a sliding window of requests and execution time per caller, and concurrency."""

from __future__ import annotations

import enum
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """The published ceilings; each applies to one caller within the window."""

    requests: int = 6_000
    execution_seconds: float = 1_200.0
    concurrent: int = 52
    window_seconds: float = 300.0


class LimitKind(enum.Enum):
    """Which ceiling was reached."""

    REQUESTS = "requests"
    EXECUTION_TIME = "execution time"
    CONCURRENCY = "concurrency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """A request that must wait: the ceiling and how many seconds until there is room."""

    kind: LimitKind
    retry_after_seconds: int


@dataclass(slots=True)
class _Usage:
    finished: deque[tuple[float, float]]
    execution: float = 0.0
    running: int = 0


class RequestLimits:
    """Counts requests per caller; times come from the caller's clock, in seconds."""

    def __init__(self, settings: LimitSettings) -> None:
        self.settings = settings
        self._usage: dict[object, _Usage] = {}

    def admit(self, caller: object, now: float) -> Throttled | None:
        """Lets a request in (then `finish` must follow) or says how long to wait."""
        usage = self._current(caller, now)
        settings = self.settings
        if usage.running >= settings.concurrent:
            return Throttled(kind=LimitKind.CONCURRENCY, retry_after_seconds=1)
        if len(usage.finished) + usage.running >= settings.requests:
            return Throttled(kind=LimitKind.REQUESTS, retry_after_seconds=self._wait(usage, now))
        if usage.execution >= settings.execution_seconds:
            return Throttled(kind=LimitKind.EXECUTION_TIME, retry_after_seconds=self._wait(usage, now))
        usage.running += 1
        return None

    def finish(self, caller: object, now: float, seconds: float) -> None:
        """Books an admitted request with its execution time."""
        usage = self._current(caller, now)
        usage.running -= 1
        usage.finished.append((now, seconds))
        usage.execution += seconds

    def remaining(self, caller: object, now: float) -> tuple[int, float]:
        """Requests and seconds of execution time that the caller has left in this window."""
        usage = self._current(caller, now)
        left = self.settings.requests - len(usage.finished) - usage.running
        return max(left, 0), max(self.settings.execution_seconds - usage.execution, 0.0)

    def _current(self, caller: object, now: float) -> _Usage:
        usage = self._usage.setdefault(caller, _Usage(deque()))
        begin = now - self.settings.window_seconds
        while usage.finished and usage.finished[0][0] <= begin:
            usage.execution -= usage.finished.popleft()[1]
        return usage

    def _wait(self, usage: _Usage, now: float) -> int:
        if not usage.finished:
            return 1
        oldest = usage.finished[0][0]
        return max(1, int(oldest + self.settings.window_seconds - now) + 1)
