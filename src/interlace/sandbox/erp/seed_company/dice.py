"""A small random number generator of our own (SplitMix64): the same numbers in every Python version.

Every record has its own dice, so that it stays the same however many records come before it.
"""

from collections.abc import Sequence
from typing import Final, TypeVar
from zlib import crc32

_MASK: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB

T = TypeVar("T")


def _mix(value: int) -> int:
    value = ((value ^ (value >> 30)) * _FIRST) & _MASK
    value = ((value ^ (value >> 27)) * _SECOND) & _MASK
    return value ^ (value >> 31)


class Dice:
    """Random choices that depend on a seed, a stream's name and a number only."""

    __slots__ = ("_state",)

    def __init__(self, seed: int, stream: str, number: int = 0) -> None:
        self._state = _mix((_mix(seed & _MASK) ^ crc32(stream.encode()) ^ (number * _STEP)) & _MASK)

    def below(self, limit: int) -> int:
        """Return a whole number from zero to limit - 1."""
        self._state = (self._state + _STEP) & _MASK
        return (_mix(self._state) * limit) >> 64

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included."""
        return low + self.below(high - low + 1)

    def chance(self, percent: int) -> bool:
        """Say yes in that many of a hundred cases."""
        return self.below(100) < percent

    def pick(self, choices: Sequence[T]) -> T:
        """Return one of the choices, each as likely as the others."""
        return choices[self.below(len(choices))]

    def fill(self, pattern: str) -> str:
        """Return the pattern with a digit for every # and a capital letter for every @."""
        return "".join(
            str(self.below(10))
            if char == "#"
            else "ABDEFGHJLNPQRSTUWXYZ"[self.below(20)]
            if char == "@"
            else char
            for char in pattern
        )
