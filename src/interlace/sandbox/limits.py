"""Service protection: a sliding window of requests and execution time per caller, lanes, and a queue before them.

Nothing here waits: times come in from the caller's clock, and what comes out says when an answer is due.
"""

from __future__ import annotations

import enum
import heapq
import math
from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings:
    """The ceilings; each applies to one caller. The defaults are those that Dataverse publishes."""

    requests: int = 6_000
    execution_seconds: float = 1_200.0
    window_seconds: float = 300.0
    concurrent: int = 52
    queued: int = 0
    """How many more wait for one of the concurrent places; 0: they are refused."""
    queue_seconds_max: float = math.inf
    operation_seconds_max: float = math.inf
    gateway_seconds_max: float = math.inf
    """When a gateway gives up an answer, though the service goes on."""
    seconds_an_operation: float = 0.0
    """Execution time that every operation takes at least; a batch has as many as it has parts."""
    penalty_seconds: float = 0.0
    """How much longer the next Retry-After is for each request that came too early."""


CRM_PUBLISHED = LimitSettings(penalty_seconds=5.0)
ERP_PUBLISHED = LimitSettings(
    execution_seconds=math.inf,
    concurrent=5,
    queued=95,
    queue_seconds_max=480.0,
    operation_seconds_max=480.0,
    gateway_seconds_max=600.0,
)


class LimitKind(enum.Enum):
    """Which ceiling was reached."""

    REQUESTS = "requests"
    EXECUTION_TIME = "execution time"
    CONCURRENCY = "concurrency"
    QUEUE_TIME = "time in the queue"
    OPERATION_TIME = "time of the operation"
    GATEWAY_TIME = "time at the gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """A request that is refused: the ceiling, what reached it, and how many seconds until there is room."""

    kind: LimitKind
    retry_after_seconds: int
    actual: int = 0
    maximum: int = 0
    held_seconds: float = 0.0
    """How long the service takes to say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A request that was let in: when it came, and when one of the places was free for it."""

    arrived: float
    begin: float
    least_seconds: float


@dataclass(slots=True)
class _Usage:
    booked: deque[tuple[float, float]] = field(default_factory=deque)
    execution: float = 0.0
    running_until: list[float] = field(default_factory=list)
    """When each place becomes free again, a heap."""
    begins: deque[float] = field(default_factory=deque)
    """When those that wait will begin, in order."""
    refused_until: float = -math.inf
    penalty: float = 0.0


class RequestLimits:
    """Counts requests per caller; times come from the caller's clock, in seconds."""

    def __init__(self, settings: LimitSettings) -> None:
        self.settings = settings
        self.refused = 0
        self._usage: dict[object, _Usage] = {}

    def admit(self, caller: object, now: float, operations: int = 1) -> Throttled | Admission:
        """Lets a request in (then `finish` must follow) or says why not, and how long to wait."""
        usage = self._current(caller, now)
        throttled = self._above_window(usage, now) or self._without_place(usage, now)
        begin = self._begin(usage, now)
        least = self.settings.seconds_an_operation * operations
        if throttled is None:
            throttled = self._too_slow(begin - now, least)
        if throttled is not None:
            self.refused += 1
            return throttled
        usage.penalty, usage.refused_until = 0.0, -math.inf
        return Admission(arrived=now, begin=begin, least_seconds=least)

    def finish(self, caller: object, admission: Admission, seconds: float) -> float | Throttled:
        """Books an admitted request with its execution time; says how long its answer is held back from arrival.

        Instead of an answer that comes too late for the gateway, its refusal is given: the effect stands.
        """
        usage = self._current(caller, admission.arrived)
        seconds = max(seconds, admission.least_seconds)
        usage.booked.append((admission.arrived, seconds))
        usage.execution += seconds
        if len(usage.running_until) >= self.settings.concurrent:
            heapq.heappop(usage.running_until)
        heapq.heappush(usage.running_until, admission.begin + seconds)
        if admission.begin > admission.arrived:
            usage.begins.append(admission.begin)
        held = admission.begin + seconds - admission.arrived
        gateway = self.settings.gateway_seconds_max
        if held > gateway:
            return Throttled(kind=LimitKind.GATEWAY_TIME, retry_after_seconds=0, held_seconds=gateway)
        # What was measured has passed already; only what the settings ask for on top is still to come.
        return held if admission.least_seconds or admission.begin > admission.arrived else 0.0

    def remaining(self, caller: object, now: float) -> tuple[int, float]:
        """Requests and seconds of execution time that the caller has left in this window."""
        usage = self._current(caller, now)
        left = self.settings.requests - len(usage.booked)
        return max(left, 0), max(self.settings.execution_seconds - usage.execution, 0.0)

    def _current(self, caller: object, now: float) -> _Usage:
        usage = self._usage.setdefault(caller, _Usage())
        window_begin = now - self.settings.window_seconds
        while usage.booked and usage.booked[0][0] <= window_begin:
            usage.execution -= usage.booked.popleft()[1]
        while usage.running_until and usage.running_until[0] <= now:
            heapq.heappop(usage.running_until)
        while usage.begins and usage.begins[0] <= now:
            usage.begins.popleft()
        return usage

    def _above_window(self, usage: _Usage, now: float) -> Throttled | None:
        settings = self.settings
        if len(usage.booked) >= settings.requests:
            kind, actual, maximum = LimitKind.REQUESTS, len(usage.booked) + 1, settings.requests
        elif usage.execution >= settings.execution_seconds:
            kind = LimitKind.EXECUTION_TIME
            actual, maximum = round(usage.execution), round(settings.execution_seconds)
        else:
            return None
        if now < usage.refused_until:
            usage.penalty += settings.penalty_seconds
        room = usage.booked[0][0] + settings.window_seconds - now if usage.booked else 0.0
        seconds = max(1, math.ceil(min(room + usage.penalty, settings.window_seconds)))
        # Whoever finds room is let in nevertheless: else one client could keep all others of its user out.
        usage.refused_until = now + seconds
        return Throttled(kind=kind, retry_after_seconds=seconds, actual=actual, maximum=maximum)

    def _without_place(self, usage: _Usage, now: float) -> Throttled | None:
        settings = self.settings
        if len(usage.running_until) < settings.concurrent or len(usage.begins) < settings.queued:
            return None
        maximum = settings.concurrent + settings.queued
        return Throttled(
            kind=LimitKind.CONCURRENCY, retry_after_seconds=1, actual=maximum + 1, maximum=maximum
        )

    def _begin(self, usage: _Usage, now: float) -> float:
        """When a place is free: the earliest end, as the ends of those that wait are in the heap, too."""
        if len(usage.running_until) < self.settings.concurrent:
            return now
        return max(now, usage.running_until[0])

    def _too_slow(self, waits: float, least: float) -> Throttled | None:
        settings = self.settings
        if waits > settings.queue_seconds_max:
            return Throttled(
                kind=LimitKind.QUEUE_TIME, retry_after_seconds=0, held_seconds=settings.queue_seconds_max
            )
        if least > settings.operation_seconds_max:
            held = waits + settings.operation_seconds_max
            return Throttled(kind=LimitKind.OPERATION_TIME, retry_after_seconds=0, held_seconds=held)
        return None
