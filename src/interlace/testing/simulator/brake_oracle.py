"""Judges the brakes: a run that compares whole tables must not carry an emptied table over to the other side."""

from interlace.domain.errors import ErrorCode
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.testing.simulator.memory import MappingMemory
from interlace.testing.simulator.violation import Violation

_TOLD = frozenset({ErrorCode.PARTNER_DELETED, ErrorCode.DELETED_AND_CHANGED})


class BrakeOracle:
    """Knows of which mappings a table was empty, and no person told of it, when their present run began."""

    def __init__(self) -> None:
        self._emptied: dict[tuple[MappingName, Side], tuple[int, str]] = {}
        """With how many records users had entered by then, and the process of the run."""

    def run_begins(
        self,
        mapping: MappingName,
        held: MappingMemory,
        keys: dict[Side, set[str]],
        process: str,
        *,
        entered: int,
    ) -> None:
        """Look at both tables (their keys) as a run of everything begins; `entered` counts what users entered."""
        told = any(error.error.code in _TOLD for error in held.errors.values())
        for side in Side:
            self._emptied.pop((mapping, side), None)
            coupled = set(held.couplings if side is Side.ERP else held.by_crm)
            if len(coupled) > 1 and not told and held.halt is None and not coupled & keys[side]:
                self._emptied[mapping, side] = (entered, process)

    def other_run_begins(self, mapping: MappingName) -> None:
        """Forget what was seen: a run that asks the feeds may know of a part of the deletions only."""
        for side in Side:
            self._emptied.pop((mapping, side), None)

    def restored(self) -> None:
        """Forget what was seen: a restored backup fills an emptied table again."""
        self._emptied.clear()

    def deleted(
        self, mapping: MappingName, held: MappingMemory, side: Side, key: str, process: str, *, entered: int
    ) -> None:
        """Judge a deletion that leaves a process now; one that lost its lease repeats what an older run decided."""
        emptied = self._emptied.get((mapping, side.other)) == (entered, process)
        if emptied and not held.restorations:
            raise Violation(
                "brake",
                f"{mapping}: {side.value} {key} goes because the {side.other.value} table was emptied; "
                "nobody was asked",
            )


def has_begun(held: MappingMemory, run_id: str) -> bool:
    """Tell whether a run has looked at its brakes already."""
    places = [held.passes.get((run_id, direction)) for direction in Direction]
    return any(place is not None and (place[1] is not None or place[2]) for place in places)
