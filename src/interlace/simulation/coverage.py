"""What a campaign must have met before its silence means anything: each kind at least so often."""

from collections import Counter
from collections.abc import Iterator

from interlace.simulation.wire_faults import WireFault
from interlace.testing.least_count import least_count

_SCHEDULES_PER_MEETING = {
    **{fault.value: 5.0 for fault in WireFault},
    "crash while a request was under way": 7.0,
    "crash at an await": 7.0,
    "crash before COMMIT": 7.0,
    "crash after COMMIT": 7.0,
    "user created": 1.0,
    "user changed": 0.2,
    "user deleted": 2.0,
    "engine created": 0.5,
    "engine changed": 0.25,
    "engine deleted": 12.0,
    "run finished": 0.1,
    "run stopped": 6.0,
}
"""In so many schedules each kind is met once, on the average; in fact a little more often."""
_SCHEDULES_PER_RESTORATION = {"restored erp": 30.0, "restored crm": 30.0, "restored memory": 30.0}
_TELLING_FROM = 200
"""Fewer schedules than this prove nothing about what they meet."""


def shortfalls(counts: Counter[str], schedules: int, *, restores: bool) -> Iterator[str]:
    """Yield what was met too rarely."""
    if schedules < _TELLING_FROM:
        return
    wanted_kinds = _SCHEDULES_PER_MEETING | (_SCHEDULES_PER_RESTORATION if restores else {})
    for kind, every in wanted_kinds.items():
        wanted = least_count(schedules / every)
        if counts[kind] < wanted:
            yield f"{kind}: met {counts[kind]} times, at least {wanted} are needed"


def table(counts: Counter[str]) -> Iterator[str]:
    """Yield what was met, one kind a line."""
    width = max((len(kind) for kind in counts), default=0)
    for kind in sorted(counts):
        yield f"  {kind:<{width}} {counts[kind]:>9,}"
