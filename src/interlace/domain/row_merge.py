"""One field row on its way through the merge: how each side stands to its own past, and what becomes of the row.

`field_merge` tells the rules; here they are applied row by row, then to the groups of rows that are taken whole.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from interlace.domain.conflict_resolution import Undecided, UpdateConflictResolution, merged_value
from interlace.domain.errors import RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.side import Side
from interlace.domain.transfer_fields import (
    Cleared,
    Pair,
    Remembered,
    RowTransfer,
    TransferPlan,
    Translate,
    carry_over,
)
from interlace.domain.values import Value, canonical, same_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What makes a pair's present values doubtful, or tells which side's change came later."""

    sides: frozenset[Side] = frozenset()
    """Sides that went back in time since the pair last agreed."""
    earlier: Mapping[str, Sequence[Pair]] = field(default_factory=dict)
    """What the pair agreed on earlier, by row id."""
    newer: Side | None = None
    """The side whose change is proved, by its own history, to be the later one."""

    def was_agreed(self, side: Side, row_id: str, value: Value) -> bool:
        """Tell whether a side's value is one that both sides agreed on earlier."""
        place = 0 if side is Side.ERP else 1
        return any(same_value(pair[place], value) for pair in self.earlier.get(row_id, ()))


NO_DOUBTS = Doubts()


class Moved(Enum):
    """How one side's value stands to its own past."""

    NOT = "holds what was agreed"
    NEWS = "changed"
    BACK = "holds an earlier agreed value since its service went back in time"
    SUSPECT = "holds a value that never was agreed, and its service went back in time"
    UNKNOWN = "nobody knows what was agreed"


UNMOVED = frozenset({Moved.NOT, Moved.BACK})


class Verdict(Enum):
    """What becomes of one row."""

    AGREED = "agreed"
    WRITE = "write"
    LEFT = "left to the opposite pass"
    CONFLICT = "conflict"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class RowMerge:
    """One row on its way through the merge."""

    each: RowTransfer
    source_now: Value
    destination_now: Value
    source: Moved
    destination: Moved
    desired: Value = None
    error: RecordError | None = None
    verdict: Verdict = Verdict.AGREED
    never_carried: bool = False
    """A record was created and this row, which it takes only afterwards, was not written yet."""
    says_nothing: bool = False
    """Whatever the source holds, it asks nothing of the destination."""
    of_both: bool = False
    """`desired` is made of both sides' values: the source is to get it too, from the opposite pass."""


def pair_of(plan: TransferPlan, source_value: Value, destination_value: Value) -> Pair:
    """Order a source's and a destination's value as ERP and CRM value, or such a pair the other way round."""
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    return (source_value, destination_value) if to_crm else (destination_value, source_value)


def compared(
    plan: TransferPlan,
    each: RowTransfer,
    source: Sequence[Value],
    destination: Sequence[Value],
    agreed: Sequence[Remembered] | None,
    doubts: Doubts,
) -> RowMerge:
    """Compare each side's value with that side's own past."""
    assert each.destination is not None
    source_now = None if each.source is None else canonical(source[each.source])
    destination_now = canonical(destination[each.destination])
    row = RowMerge(
        each=each,
        source_now=source_now,
        destination_now=destination_now,
        source=Moved.UNKNOWN,
        destination=Moved.UNKNOWN,
    )
    then = None if agreed is None else agreed[each.index]
    if then is not None:
        sides = plan.source_side, plan.source_side.other
        known = pair_of(plan, then[0], then[1])
        row.never_carried = each.row.after_insert and then == (None, None)
        row.source = moved(source_now, known[0], sides[0], plan.row_ids[each.index], doubts)
        row.destination = moved(destination_now, known[1], sides[1], plan.row_ids[each.index], doubts)
    return row


def moved(now: Value, then: Value, side: Side, row_id: str, doubts: Doubts) -> Moved:
    """Tell how a value stands to what its own side held when both last agreed."""
    if same_value(now, then):
        return Moved.NOT
    if side not in doubts.sides:
        return Moved.NEWS
    return Moved.BACK if doubts.was_agreed(side, row_id, now) else Moved.SUSPECT


def judge(
    plan: TransferPlan, row: RowMerge, translate: Translate, pending: list[WaitsFor], *, never_agreed: bool
) -> None:
    """Say what becomes of a row by itself, before its group and its policy are asked."""
    each = row.each
    desired = carry_over(plan, each, row.source_now, translate)
    if isinstance(desired, RecordError):
        row.error = desired
        left = each.two_way and row.source in UNMOVED and row.destination not in UNMOVED
        row.verdict = Verdict.LEFT if left else Verdict.FAILED
        return
    if isinstance(desired, Cleared):
        # Remembered as blank, so that the reference still counts as changed when its record gets coupled.
        pending.append(desired.waits_for)
        desired = row.source_now = None
    if desired is None and each.row.not_null:
        desired, row.says_nothing = row.destination_now, True
    row.desired = desired
    if row.says_nothing and each.two_way and _only_destination_has_news(row):
        # Agreeing here would take the opposite pass its reason to write: a new record would never be opened.
        row.verdict = Verdict.LEFT
    elif same_value(desired, row.destination_now):
        row.verdict = Verdict.AGREED
    elif never_agreed or not each.two_way:
        row.verdict = Verdict.WRITE
    else:
        row.verdict = _two_way_verdict(row)


def _only_destination_has_news(row: RowMerge) -> bool:
    return row.destination is Moved.NEWS and (row.source in UNMOVED or row.never_carried)


def _two_way_verdict(row: RowMerge) -> Verdict:
    """Judge two different values by how each stands to its own past."""
    match row.source, row.destination:
        case (Moved.NEWS, Moved.NOT | Moved.BACK) | (Moved.NOT, Moved.BACK):
            return Verdict.WRITE
        case (Moved.NOT | Moved.BACK, Moved.NEWS) | (Moved.BACK, Moved.NOT):
            return Verdict.LEFT
        case _:
            return Verdict.CONFLICT


def judge_groups(plan: TransferPlan, rows: Sequence[RowMerge], doubts: Doubts) -> None:
    """Take a group whole where both sides changed something of it."""
    groups: dict[str, list[RowMerge]] = {}
    for row in rows:
        if row.each.row.merge_group is not None and row.each.two_way:
            groups.setdefault(row.each.row.merge_group, []).append(row)
    for group in groups.values():
        contested = [row for row in group if row.verdict in {Verdict.WRITE, Verdict.LEFT, Verdict.CONFLICT}]
        verdicts = {row.verdict for row in contested}
        if verdicts in (set(), {Verdict.WRITE}, {Verdict.LEFT}):
            continue
        resolutions = {row.each.resolution for row in contested}
        agreed_on = resolutions.pop() if len(resolutions) == 1 else UpdateConflictResolution.NONE
        verdict = _winner(plan, agreed_on, doubts)
        for row in contested:
            row.verdict = verdict
            if verdict is Verdict.WRITE and row.error is not None:
                row.verdict = Verdict.FAILED


def _winner(plan: TransferPlan, resolution: UpdateConflictResolution, doubts: Doubts) -> Verdict:
    """Say which side wins a conflict by a policy that names sides; every other policy asks a person here."""
    match resolution:
        case UpdateConflictResolution.SEND_UPDATE_TO_INTEGRATION:
            winner: Side | None = Side.ERP
        case UpdateConflictResolution.GET_UPDATE_FROM_INTEGRATION:
            winner = Side.CRM
        case UpdateConflictResolution.NEWEST:
            winner = doubts.newer
        case (
            UpdateConflictResolution.NONE
            | UpdateConflictResolution.LARGER
            | UpdateConflictResolution.SMALLER
            | UpdateConflictResolution.FILLED
            | UpdateConflictResolution.JOINED_LINES
        ):
            winner = None
        case _:
            assert_never(resolution)
    if winner is None:
        return Verdict.CONFLICT
    return Verdict.WRITE if winner is plan.source_side else Verdict.LEFT


def settle(plan: TransferPlan, row: RowMerge, doubts: Doubts) -> None:
    """Settle a single row's conflict by its policy, if it can; groups are judged whole."""
    if row.verdict is not Verdict.CONFLICT or row.each.row.merge_group is not None:
        return
    resolution = row.each.resolution
    if not resolution.makes_one_of_both:
        row.verdict = _winner(plan, resolution, doubts)
        return
    erp, crm = pair_of(plan, row.source_now, row.destination_now)
    one = merged_value(resolution, erp, crm)
    if isinstance(one, Undecided):
        return
    if same_value(one, row.destination_now):
        row.verdict = Verdict.LEFT
        return
    row.verdict = Verdict.WRITE
    row.of_both = not same_value(one, row.desired)
    row.desired = one
