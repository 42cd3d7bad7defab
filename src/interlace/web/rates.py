"""How much may be asked: so and so many requests a minute for each session, key and address, exports far fewer.

Counted in memory, for one server: what passes it is only slowed down, never a matter of who may do what.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

_SUBJECTS_MAX = 10_000
_MINUTE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """So many a minute, and as many at once."""

    name: str
    a_minute: int


OF_CALLER = Rate(name="caller", a_minute=1200)
"""Each session and key."""
OF_STRANGERS = Rate(name="address", a_minute=600)
"""Each address, of which nobody is signed in."""
OF_EXPORTS = Rate(name="exports", a_minute=5)


class Rates:
    """A bucket for each subject, which fills with time and from which each request takes one."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()

    def wait(self, rate: Rate, subject: str) -> float:
        """Take one and return 0, or return for how many seconds there is none."""
        now, key = self._clock(), (rate.name, subject)
        held, at = self._buckets.pop(key, (float(rate.a_minute), now))
        held = min(rate.a_minute, held + (now - at) * rate.a_minute / _MINUTE)
        is_taken = held >= 1
        self._buckets[key] = (held - 1 if is_taken else held, now)
        if len(self._buckets) > _SUBJECTS_MAX:
            # The one that was not heard of for the longest time has a full bucket by now, or nearly so.
            self._buckets.popitem(last=False)
        return 0.0 if is_taken else (1 - held) * _MINUTE / rate.a_minute
