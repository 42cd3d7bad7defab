"""How often something must have been met at least, when so many times were to be expected."""

import math

_DEVIATIONS = 4.0
"""Standard deviations below what is expected: once in 30,000 a count falls further by chance."""
_VARIANCE = 3.0
"""Of a count, as a multiple of what is expected: events come in clusters, a few in one schedule.

Between pieces of 25,000 schedules it was 1 to 3 for all that is rare.
"""
_TELLING_FROM = 10.0
"""Of what is expected less often, none at all may be chance; of this, not once in 20,000."""


def least_count(expected: float) -> int:
    """Return the smallest count that chance explains; at least 1 for whatever must not be absent."""
    if expected < _TELLING_FROM:
        return 0
    return max(1, math.ceil(expected - _DEVIATIONS * math.sqrt(_VARIANCE * expected)))
