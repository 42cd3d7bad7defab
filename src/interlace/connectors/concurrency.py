"""How many requests may be under way at once: one more after a good round, half after a refusal.

Where answers take much longer than the same kind took before, requests only wait for each other in the service:
then there are fewer, too.
"""

_SLOW_BY_SECONDS = 0.5
_STRAINED = 3.0
_RELAXED = 2.0
_FEWEST_WHEN_SLOW = 2.0
_KINDS_MAX = 500


class Concurrency:
    """A number that follows what a service bears, never more than the maximum."""

    def __init__(self, maximum: int) -> None:
        self._maximum = max(1, maximum)
        self._highest = self._maximum
        self._limit = float(self._maximum)
        self._usual: dict[str, float] = {}
        self._strain = 1.0

    @property
    def limit(self) -> int:
        """How many requests may be under way now."""
        return int(self._limit)

    def take_hint(self, hint: int) -> None:
        """Take what the service recommends, where that is less than the maximum."""
        self._highest = min(self._maximum, max(1, hint))
        self._limit = min(self._limit, float(self._highest))

    def was_refused(self) -> None:
        """Note that the service has too much to do: half as many from now on."""
        self._limit = max(1.0, self._limit / 2.0)

    def went_well(self, kind: str, seconds: float) -> None:
        """Note an answer and how long it took: a whole round of quick ones admits one more."""
        self._note(kind, seconds)
        if self._strain >= _STRAINED:
            self._limit = max(min(self._limit, _FEWEST_WHEN_SLOW), self._limit - 0.25)
        elif self._strain < _RELAXED:
            self._limit = min(float(self._highest), self._limit + 1.0 / self._limit)

    def _note(self, kind: str, seconds: float) -> None:
        """Compare with what the kind usually takes, which follows a lasting change slowly."""
        usual = self._usual.get(kind)
        if usual is None:
            if len(self._usual) >= _KINDS_MAX:
                self._usual.clear()
            self._usual[kind] = seconds
            return
        ratio = seconds / usual if usual > 0 and seconds - usual > _SLOW_BY_SECONDS else 1.0
        self._strain += (min(ratio, 10.0) - self._strain) * 0.1
        self._usual[kind] = seconds if seconds < usual else usual + (seconds - usual) * 0.005
