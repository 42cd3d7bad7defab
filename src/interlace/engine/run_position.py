"""How far a run has got: which tables it still reads whole, and from where it goes on after a restart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from interlace.domain.side import Side
from interlace.engine.memory import PassPosition


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPosition:
    """The sides still to be scanned, the place in the first of them, and the cursors to store at the end."""

    scans: tuple[Side, ...]
    after: str | None = None
    coupled_seen: int = 0
    """Coupled records met in the present scan: fewer than couplings means that some are gone or filtered."""
    counted: bool = False
    """The records of the page at this place are in the counters already: it is taken again after a crash."""
    cursors: dict[str, str | None] = field(default_factory=dict)
    repairing: tuple[Side, ...] = ()
    """Services that were found restored when the run began."""
    rebuilding: bool = False
    """The tables are read whole because no earlier run came to its end, or because what it knew was lost."""
    is_first: bool = False
    """No run of the mapping had written anything when this one began, and no pair of this one has ended since."""

    def with_page_counted(self) -> Self:
        """Return the same place, its page's records counted."""
        return replace(self, counted=True)

    @property
    def finished(self) -> bool:
        """Tell whether nothing is left to scan."""
        return not self.scans

    def moved(self, after: str, coupled: int) -> Self:
        """Return the position behind one more page."""
        return replace(self, after=after, coupled_seen=self.coupled_seen + coupled, counted=False)

    def next_scan(self) -> Self:
        """Return the position at the beginning of the next scan."""
        return replace(self, scans=self.scans[1:], after=None, coupled_seen=0, counted=False)

    def dump(self) -> str:
        """Write the position as text for the store."""
        return json.dumps(
            {
                "scans": [side.value for side in self.scans],
                "after": self.after,
                "coupled_seen": self.coupled_seen,
                "counted": self.counted,
                "cursors": self.cursors,
                "rebuilding": self.rebuilding,
                "is_first": self.is_first,
                "repairing": [side.value for side in self.repairing],
            }
        )

    @classmethod
    def load(cls, text: str) -> Self:
        """Read a position back from its text."""
        held = json.loads(text)
        return cls(
            scans=tuple(Side(value) for value in held["scans"]),
            after=held["after"],
            coupled_seen=held["coupled_seen"],
            counted=held["counted"],
            cursors=held["cursors"],
            rebuilding=held["rebuilding"],
            is_first=held["is_first"],
            repairing=tuple(Side(value) for value in held["repairing"]),
        )


def place_of(stored: str, others: Sequence[PassPosition | None]) -> RunPosition:
    """Return a run's place by its first pass's word.

    The others, where they stand at the same place, may know more: that the page there was counted, or a pair ended.
    """
    position = RunPosition.load(stored)
    for each in others:
        if each is None or each.after is None:
            continue
        other = RunPosition.load(each.after)
        if replace(other, counted=position.counted, is_first=position.is_first) == position:
            counted, is_first = position.counted or other.counted, position.is_first and other.is_first
            position = replace(position, counted=counted, is_first=is_first)
    return position
