"""The three-way merge of one pair in one pass: which fields are written, and what both sides then agree on.

For each field row there are four values: what the source and the destination hold now, and what each held
when they last agreed. With D for the source's value carried over to the destination's terms:

    neither changed                       nothing
    D equals the destination              agreement, whoever changed what
    only the source changed               write D
    only the destination changed          two-way row: the opposite pass carries it; one-way row: write D
    both changed                          two-way row: conflict; one-way row: write D

A source that says nothing (`not_null`) agrees with whatever the destination holds, but not with the destination's
change alone: that is the opposite pass's.

What was agreed in a row may be unknown: then both sides count as changed. A side may be doubtful, because its
service went back in time: there an earlier agreed value is no change but is to be written over, and a value that
never was agreed is no plain change but a conflict.

A conflict is settled by the row's policy (`conflict_resolution`); what it leaves to a person is `conflicting`.
Rows of one merge group are in conflict when both sides changed something of the group, and are taken whole.

What a write overwrites though it is news is returned as lost, for the journal. Without agreed values (a pair just
coupled) the source's value is written and the destination's is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from interlace.domain.errors import RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.observation import Difference
from interlace.domain.row_merge import (
    NO_DOUBTS,
    UNMOVED,
    Doubts,
    Moved,
    RowMerge,
    Verdict,
    compared,
    judge,
    judge_groups,
    moved,
    pair_of,
    settle,
)
from interlace.domain.side import Side
from interlace.domain.transfer_fields import Pair, Remembered, TransferPlan, Translate
from interlace.domain.values import Value, canonical, same_value


@dataclass(slots=True, kw_only=True)
class FieldMerge:
    """What the merge of one pair says."""

    write: dict[str, Value] = field(default_factory=dict)
    """Fields of the destination that the source's changes ask for."""
    conflicting: dict[str, Value] = field(default_factory=dict)
    """Fields of the destination in which a person must choose, with the source's value."""
    conflict_rows: list[int] = field(default_factory=list)
    """The rows of `conflicting`."""
    lost: dict[str, Value] = field(default_factory=dict)
    """Values of the destination that a write of `write` overwrites though they are news."""
    agreed: list[Remembered] = field(default_factory=list)
    """Agreed values after `write` took effect, one pair a row."""
    failed: list[str] = field(default_factory=list)
    """Fields of the destination to which the source's value can't be carried over."""
    error: RecordError | None = None
    """Why not, of the first of them."""
    memory_moved: bool = False
    """The agreed values differ from the remembered ones."""
    pending: list[WaitsFor] = field(default_factory=list)
    """Records whose coupling would fill references that are cleared for now."""
    left: bool = False
    """The destination has changes that the opposite pass carries."""
    hand_over: bool = False
    """It is not certain that a feed names them: the opposite pass is to be told."""

    @property
    def difference(self) -> Difference:
        """Sum up the rows for the decision."""
        if self.conflicting:
            return Difference.CONFLICT
        if self.write:
            return Difference.SOURCE
        if self.left:
            return Difference.DESTINATION
        return Difference.AGREEMENT if self.memory_moved else Difference.NONE


def merge_fields(
    plan: TransferPlan,
    source: Sequence[Value],
    destination: Sequence[Value],
    agreed: Sequence[Remembered] | None,
    translate: Translate,
    doubts: Doubts = NO_DOUBTS,
) -> FieldMerge:
    """Merge one coupled pair for one pass; see the table above."""
    merge = FieldMerge(agreed=_starting_pairs(plan, source, destination, agreed), memory_moved=agreed is None)
    rows = []
    for each in plan.rows:
        if each.row.insert_only:
            continue
        row = compared(plan, each, source, destination, agreed, doubts)
        if row.source is not Moved.NOT or row.destination is not Moved.NOT:
            judge(plan, row, translate, merge.pending, never_agreed=agreed is None)
            rows.append(row)
    judge_groups(plan, rows, doubts)
    for row in rows:
        settle(plan, row, doubts)
        _take(plan, row, merge)
    _agree_on_rows_of_creates(plan, source, destination, merge)
    return merge


def holds_news(
    plan: TransferPlan,
    record: Sequence[Value],
    agreed: Sequence[Remembered] | None,
    doubts: Doubts = NO_DOUBTS,
    *,
    of_source: bool,
) -> bool:
    """Tell whether a record whose partner is absent holds anything that was not agreed on.

    `of_source` says which role the surviving record has in the plan's pass. Without agreed values everything is
    news; an earlier value of a side that went back in time is none.
    """
    if agreed is None:
        return True
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    side = Side.ERP if of_source is to_crm else Side.CRM
    places = plan.sources if of_source else plan.destinations
    for row_id, place, then in zip(plan.row_ids, places, agreed, strict=True):
        if place is None:
            continue
        if then is None:
            return True
        known = then[0 if side is Side.ERP else 1]
        if moved(canonical(record[place]), known, side, row_id, doubts) not in UNMOVED:
            return True
    return False


def is_unopened(
    plan: TransferPlan, source: Sequence[Value], destination: Sequence[Value], agreed: Sequence[Remembered]
) -> bool:
    """Tell whether a new CRM record still has to pass through its opening value: its writer did not live to write it.

    A record that does not hold what was agreed any more was changed by a person.
    """
    if not plan.deferred or plan.run is not Direction.TO_INTEGRATION_TABLE:
        return False
    for each in plan.rows:
        then = agreed[each.index]
        if then is None or not owes_opening(each.row, then):
            continue
        erp = None if each.source is None else canonical(source[each.source])
        held = None if each.destination is None else canonical(destination[each.destination])
        if erp is not None and (then[1] is None or same_value(held, then[1])):
            return True
    return False


def owes_opening(row: IntegrationFieldMapping, then: Remembered) -> bool:
    """Tell whether a row was agreed on without the ERP's value, before the opening value was written.

    That is what `new_record` and `agreed_after_insert` leave of a record that was created, and no more than that.
    """
    opening = row.opening_value
    return opening is not None and then is not None and then[0] is None and not same_value(then[1], opening)


def open_record(plan: TransferPlan, merge: FieldMerge, destination: Sequence[Value]) -> bool:
    """Turn a new record's merge to the values that it must pass through first; False when it holds them all."""
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    opened = False
    for each in plan.rows:
        opening = each.row.opening_value
        if each.destination is None or opening is None or same_value(destination[each.destination], opening):
            continue
        merge.write[each.target] = opening
        merge.agreed[each.index] = (None, opening) if to_crm else (opening, None)
        opened = True
    return opened


def _starting_pairs(
    plan: TransferPlan,
    source: Sequence[Value],
    destination: Sequence[Value],
    agreed: Sequence[Remembered] | None,
) -> list[Remembered]:
    if agreed is not None:
        return list(agreed)
    carried = {each.index for each in plan.rows}
    # Nobody has carried the other rows yet: whatever their source holds is news for the opposite pass.
    return [
        _held_by_both(plan, index, source, destination) if index in carried else (None, None)
        for index in range(plan.row_count)
    ]


def _held_by_both(
    plan: TransferPlan, index: int, source: Sequence[Value], destination: Sequence[Value]
) -> Pair:
    source_place, destination_place = plan.sources[index], plan.destinations[index]
    held = None if source_place is None else canonical(source[source_place])
    other = None if destination_place is None else canonical(destination[destination_place])
    return pair_of(plan, held, other)


def _take(plan: TransferPlan, row: RowMerge, merge: FieldMerge) -> None:
    """Take a row's verdict into the merge of the pair."""
    each, index = row.each, row.each.index
    match row.verdict:
        case Verdict.FAILED:
            merge.failed.append(each.target)
            merge.error = merge.error or row.error
        case Verdict.AGREED:
            now = pair_of(plan, row.source_now, row.destination_now)
            merge.memory_moved |= merge.agreed[index] != now
            merge.agreed[index] = now
        case Verdict.LEFT:
            merge.left = True
            merge.hand_over |= row.says_nothing
        case Verdict.CONFLICT:
            merge.conflicting[each.target] = row.desired
            merge.conflict_rows.append(index)
        case Verdict.WRITE:
            merge.write[each.target] = row.desired
            merge.memory_moved = True
            # What is made of both is news for the opposite pass: it finds the source as it was agreed on.
            then = row.destination_now if row.of_both else row.desired
            merge.agreed[index] = pair_of(plan, row.source_now, then)
            if _is_lost(row):
                merge.lost[each.target] = row.destination_now
        case _:
            assert_never(row.verdict)


def _is_lost(row: RowMerge) -> bool:
    """Tell whether a write overwrites a value that is news, or that a source went back behind."""
    if row.destination_now is None or row.of_both:
        return False
    return row.destination not in UNMOVED or row.source in {Moved.BACK, Moved.SUSPECT}


def _agree_on_rows_of_creates(
    plan: TransferPlan, source: Sequence[Value], destination: Sequence[Value], merge: FieldMerge
) -> None:
    """Take what both sides hold for agreed in rows that count at creates only, where nobody knows better."""
    for index, then in enumerate(merge.agreed):
        if then is None and plan.insert_only[index]:
            merge.agreed[index] = _held_by_both(plan, index, source, destination)
            merge.memory_moved = True
