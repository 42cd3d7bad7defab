"""How many requests may be under way at once: one more after a good round, half after a refusal."""

import asyncio
from collections import deque
from types import TracebackType


class AdaptiveLimit:
    """Admits up to a number of requests that follows what the service bears, never more than the maximum."""

    def __init__(self, maximum: int, initial: int | None = None) -> None:
        self._maximum = max(1, maximum)
        self._limit = float(min(self._maximum, initial or self._maximum))
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """How many requests may be under way now."""
        return int(self._limit)

    async def __aenter__(self) -> None:
        if self._under_way < self.limit and not self._waiting:
            self._under_way += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._leave()
            else:
                self._waiting.remove(turn)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def went_well(self) -> None:
        """Note an answer in good time: a whole round of them admits one more."""
        self._limit = min(float(self._maximum), self._limit + 1.0 / self._limit)
        self._admit()

    def was_refused(self) -> None:
        """Note that the service has too much to do: half as many from now on."""
        self._limit = max(1.0, self._limit / 2.0)

    def _leave(self) -> None:
        self._under_way -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._under_way < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self._under_way += 1
                turn.set_result(None)
