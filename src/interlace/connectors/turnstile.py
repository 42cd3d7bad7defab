"""Lets requests through one by one when their governor says so, those that somebody waits for first."""

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from interlace.connectors.governor import Governor, Passage
from interlace.connectors.http_message import HttpAnswer, NoAnswer, NothingSent, RequestFailed
from interlace.connectors.purpose import Purpose
from interlace.connectors.told_limits import told_limits
from interlace.locale.translatable import translatable

_TIMED_OUT = frozenset({408, 504})
_logger = logging.getLogger(__name__)
_TURNS_TO_PRECEDENCE = 9
"""How many may pass one that has waited longest before it is its turn."""


@dataclass(slots=True, order=True)
class _Waiting:
    purpose: Purpose
    number: int
    turn: "asyncio.Future[None] | None" = field(default=None, compare=False)


class Turnstile:
    """The one way out of a channel; as many are inside as the governor allows."""

    def __init__(
        self,
        governor: Governor,
        service: str,
        *,
        monotonic: Callable[[], float],
        epoch_seconds: Callable[[], float],
        pause: Callable[[float], Awaitable[object]],
        wait_seconds_max: float,
    ) -> None:
        self.governor = governor
        self._service = service
        self._monotonic = monotonic
        self._epoch_seconds = epoch_seconds
        self._pause = pause
        self._wait_seconds_max = wait_seconds_max
        self._waiting: list[_Waiting] = []
        self._arrived = 0
        self._passed_by = 0
        self.waited_seconds = 0.0
        """For how long all who came have waited because of the service's limits."""

    @property
    def now(self) -> float:
        """The present moment of the clock that it goes by."""
        return self._monotonic()

    @property
    def asked_to_wait(self) -> float:
        """For how many seconds more the service wants to be left alone."""
        return self.governor.asked_to_wait(self._monotonic())

    async def enter(self, purpose: Purpose) -> Passage:
        """Wait for a turn; raises NothingSent when the service asked for a longer pause than may be waited out."""
        self._arrived += 1
        me = _Waiting(purpose, self._arrived)
        heapq.heappush(self._waiting, me)
        try:
            while True:
                if self._next() is not me or not self.governor.has_place:
                    await self._call(me)
                    continue
                now = self._monotonic()
                asked = self.governor.asked_to_wait(now)
                if asked > self._wait_seconds_max:
                    message = translatable(
                        "{service} asked for a pause of another {seconds} seconds",
                        service=self._service,
                        seconds=round(asked),
                    )
                    raise NothingSent(message, asked)
                # What has let others pass long enough needs not leave them anything either.
                entitled = self._waiting[0].purpose
                seconds = self.governor.wait(now, entitled)
                if seconds <= 0:
                    self._count_passed_by(me)
                    return self.governor.sent(now, entitled)
                self.waited_seconds += seconds
                await self._pause(seconds)
        finally:
            self._waiting.remove(me)
            heapq.heapify(self._waiting)
            self._wake()

    def leave(self, passage: Passage, outcome: HttpAnswer | RequestFailed | None, *, kind: str) -> None:
        """End a passage with what came of it; None: it was given up."""
        now = self._monotonic()
        if isinstance(outcome, HttpAnswer) and outcome.status not in _TIMED_OUT:
            told = told_limits(outcome, self._epoch_seconds())
            if told.refusal is not None:
                words = {"service": self._service, "retry_after": told.retry_after_seconds}
                _logger.warning("service is busy", extra=words)
            self.governor.answered(now, passage, told, kind=kind)
        else:
            was_busy = isinstance(outcome, HttpAnswer | NoAnswer)
            self.governor.failed(now, passage, was_busy=was_busy)
        self._wake()

    def _wake(self) -> None:
        """Call the next one, if there is a place."""
        if not self._waiting or not self.governor.has_place:
            return
        turn = self._next().turn
        if turn is not None and not turn.done():
            turn.set_result(None)

    def _next(self) -> _Waiting:
        if self._passed_by >= _TURNS_TO_PRECEDENCE:
            return min(self._waiting, key=lambda each: each.number)
        return self._waiting[0]

    def _count_passed_by(self, me: _Waiting) -> None:
        oldest = min(each.number for each in self._waiting)
        self._passed_by = 0 if oldest == me.number else self._passed_by + 1

    async def _call(self, me: _Waiting) -> None:
        me.turn = asyncio.get_running_loop().create_future()
        try:
            await me.turn
        finally:
            me.turn = None
