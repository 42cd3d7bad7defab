"""What happened in a schedule, event by event, and how often each kind did; events can be masked for shrinking."""

import hashlib
from collections.abc import Iterable

from interlace.engine.ports import Call
from interlace.testing.simulator.under_way import named


class Events:
    """The trace of one schedule.

    Whatever a user or a fault does asks `allows` first: its number and kind can be masked, and then it does not
    happen, while everything else is drawn as before.
    """

    def __init__(self, masked: Iterable[int] = (), masked_kinds: Iterable[str] = ()) -> None:
        self._masked = frozenset(masked)
        self._masked_kinds = frozenset(masked_kinds)
        self.trace: list[tuple[object, ...]] = []
        self.counts: dict[str, int] = {}
        self.allowed: list[tuple[int, str]] = []
        """Number and kind of what was done by users and faults."""
        self._asked = 0

    def allows(self, kind: str) -> bool:
        """Tell whether the next event from outside happens; count it if so."""
        self._asked += 1
        if self._asked in self._masked or kind in self._masked_kinds:
            return False
        self.allowed.append((self._asked, kind))
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return True

    def count(self, kind: str) -> None:
        """Count something that the coverage is told by."""
        self.counts[kind] = self.counts.get(kind, 0) + 1

    def note(self, now: float, *facts: object) -> None:
        """Add an event to the trace."""
        self.trace.append((now, *facts))

    def lines(self) -> list[str]:
        """Return the trace as text."""
        return [f"{each[0]:9.2f}  " + "  ".join(map(_text, each[1:])) for each in self.trace]

    def digest(self) -> str:
        """Return a digest of the whole trace: equal for equal schedules."""
        return hashlib.blake2b("\n".join(self.lines()).encode(), digest_size=16).hexdigest()


def _text(fact: object) -> str:
    if isinstance(fact, Call):
        return f"{type(fact).__name__}  {named(fact)}"
    if isinstance(fact, dict):
        return "{" + ", ".join(f"{name}={value}" for name, value in fact.items()) + "}"
    return str(fact)
