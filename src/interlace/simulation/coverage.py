"""What a campaign must have met before its silence means anything: each kind at least so often."""

from collections import Counter
from collections.abc import Iterator

from interlace.simulation.wire_faults import WireFault
from interlace.testing.least_count import least_count

_SCHEDULES_PER_MEETING = {
    **{fault.value: 25 for fault in WireFault},
    WireFault.SIGN_IN_EXPIRED.value: 50,
    "crash while a request was under way": 20,
    "crash at an await": 20,
    "crash before COMMIT": 40,
    "crash after COMMIT": 40,
    "user created": 4,
    "user changed": 2,
    "user deleted": 5,
    "engine created": 2,
    "engine changed": 2,
    "engine deleted": 50,
    "run finished": 1,
    "run stopped": 10,
}
"""In how many schedules each kind must have been met once, on the average."""
_SCHEDULES_PER_RESTORATION = {"restored erp": 200, "restored crm": 200, "restored memory": 200}
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
