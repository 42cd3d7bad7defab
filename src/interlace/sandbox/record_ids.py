"""Time-ordered record ids (UUID version 7): new rows append at the end of every index."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from datetime import datetime


class TimeOrderedIds:
    """Gives ids that never decrease, also within one millisecond and when the clock steps back."""

    def __init__(self, now: Callable[[], datetime], randomness: random.Random | None = None) -> None:
        self._now = now
        self._randomness = randomness if randomness is not None else random.SystemRandom()
        self._last = 0

    def next_id(self) -> str:
        """A new id in canonical lower-case form."""
        milliseconds = int(self._now().timestamp() * 1000)
        # 48 bits of time, 12 bits of sub-millisecond counter space, 62 random bits.
        candidate = (milliseconds << 74) | self._randomness.getrandbits(74)
        if candidate <= self._last:
            candidate = self._last + 1 + self._randomness.getrandbits(32)
        self._last = candidate
        high, low = candidate >> 62, candidate & ((1 << 62) - 1)
        value = ((high >> 12) << 80) | (7 << 76) | ((high & 0xFFF) << 64) | (0b10 << 62) | low
        return str(uuid.UUID(int=value))
