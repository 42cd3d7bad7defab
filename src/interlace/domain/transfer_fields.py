"""The three-way merge of one pair in one pass: which fields are written, and what both sides then agree on.

For each field row there are four values: what the source and the destination hold now, and what each held
when they last agreed. With D for the source's value carried over to the destination's terms:

    neither changed                       nothing
    D equals the destination              agreement, whoever changed what
    only the source changed               write D
    only the destination changed          two-way row: the opposite pass carries it; one-way row: write D
    both changed                          two-way row: conflict; one-way row: write D

What a one-way row overwrites is returned as lost, for the journal. Without agreed values (a pair just coupled)
the source's value is written and the destination's is lost.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.observation import Difference
from interlace.domain.transformation_rule import apply_rules
from interlace.domain.values import Value, canonical, same_value

Pair: TypeAlias = tuple[Value, Value]
"""(ERP value, CRM value) of one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCoupled:
    """The answer to a reference whose record has no partner."""

    mapping: MappingName
    key: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """A reference that stays blank until its record is coupled, because its row says so."""

    waits_for: WaitsFor


Translate: TypeAlias = Callable[[IntegrationFieldMapping, Value], "Value | NotCoupled"]
"""Translates a reference's value into the destination's key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowTransfer:
    """A field row with the places of its values in the records of both sides."""

    index: int
    row: IntegrationFieldMapping
    source: int | None
    destination: int | None
    target: str
    """Name of the destination's field."""
    constant: Value
    two_way: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPlan:
    """A mapping's field rows, ready for one direction."""

    run: Direction
    layout: str
    rows: tuple[RowTransfer, ...]
    row_count: int
    sources: tuple[int | None, ...]
    """Place of each of the mapping's rows in the source record, whether the pass carries it or not."""
    destinations: tuple[int | None, ...]
    template: tuple[tuple[str, Value], ...]
    deferred: tuple[int, ...]
    """Rows that are written once the record exists."""

    @property
    def restorable(self) -> frozenset[int]:
        """The pass's one-way rows, which it must restore when the destination changes."""
        return frozenset(each.index for each in self.rows if not each.two_way and not each.row.insert_only)

    @property
    def restores(self) -> bool:
        """Tell whether the pass has rows that it must restore."""
        return bool(self.restorable)


def transfer_plan(
    mapping: IntegrationTableMapping, run: Direction, named_keys: Mapping[NamedKey, str]
) -> TransferPlan:
    """Lay out a mapping's rows for a pass in the one-way direction `run`."""
    to_crm = run is Direction.TO_INTEGRATION_TABLE
    erp_place = {name: place for place, name in enumerate(mapping.erp_fields)}
    crm_place = {name: place for place, name in enumerate(mapping.crm_fields)}
    places = [
        (
            None if row.erp_field is None else erp_place[row.erp_field],
            None if row.crm_field is None else crm_place[row.crm_field],
        )
        for row in mapping.fields
    ]
    rows = []
    for index, row in enumerate(mapping.fields):
        erp, crm = places[index]
        target = row.crm_field if to_crm else row.erp_field
        if target is None or not row.direction.allows(run):
            continue
        constant = row.constant
        rows.append(
            RowTransfer(
                index=index,
                row=row,
                source=erp if to_crm else crm,
                destination=crm if to_crm else erp,
                target=target,
                constant=named_keys[constant] if isinstance(constant, NamedKey) else constant,
                two_way=row.direction is Direction.BIDIRECTIONAL and not row.is_constant,
            )
        )
    template = mapping.integration_table_config_template if to_crm else mapping.table_config_template
    return TransferPlan(
        run=run,
        layout=mapping.layout,
        rows=tuple(rows),
        row_count=len(places),
        sources=tuple(erp if to_crm else crm for erp, crm in places),
        destinations=tuple(crm if to_crm else erp for erp, crm in places),
        template=tuple((each.field, each.value) for each in template),
        deferred=tuple(each.index for each in rows if each.row.after_insert),
    )


@dataclass(slots=True, kw_only=True)
class FieldMerge:
    """What the merge of one pair says."""

    write: dict[str, Value] = field(default_factory=dict)
    """Fields of the destination that the source's changes ask for."""
    conflicting: dict[str, Value] = field(default_factory=dict)
    """Fields of the destination that both sides changed, with the source's value."""
    lost: dict[str, Value] = field(default_factory=dict)
    """Values of the destination that a write of `write` or `conflicting` overwrites though they are news."""
    agreed: list[Pair] = field(default_factory=list)
    """Agreed values after `write` took effect, one pair a row."""
    overwritten: list[Pair] = field(default_factory=list)
    """Agreed values after `write` and `conflicting` took effect."""
    error: RecordError | None = None
    memory_moved: bool = False
    """The agreed values differ from the remembered ones."""
    pending: list[WaitsFor] = field(default_factory=list)
    """Records whose coupling would fill references that are cleared for now."""
    left: bool = False
    """The destination has changes that the opposite pass carries."""

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


def carry_over(
    plan: TransferPlan, each: RowTransfer, source_value: Value, translate: Translate
) -> Value | Cleared | RecordError:
    """Carry one value over to the destination's terms."""
    row = each.row
    if row.is_constant:
        return each.constant
    value = canonical(source_value)
    rules = row.to_rules if plan.run is Direction.TO_INTEGRATION_TABLE else row.from_rules
    if rules:
        try:
            value = canonical(apply_rules(rules, value))
        except (ValueError, ArithmeticError) as problem:
            return RecordError(
                code=ErrorCode.VALUE_NOT_TRANSFERABLE,
                field=each.target,
                message=f"{row.row_id}: the value {source_value!r} can't be carried over: {problem}. "
                "Correct the value or the transformation rule.",
            )
    if row.reference is None:
        return value
    translated = translate(row, value)
    if not isinstance(translated, NotCoupled):
        return translated
    waits_for = WaitsFor(mapping=translated.mapping, key=translated.key)
    if row.clear_value_on_failed_sync:
        return Cleared(waits_for=waits_for)
    return RecordError(
        code=ErrorCode.REFERENCE_NOT_COUPLED,
        field=each.target,
        message=translated.remedy,
        waits_for=waits_for,
    )


@dataclass(slots=True, kw_only=True)
class NewRecord:
    """A destination record that is to be created."""

    values: dict[str, Value]
    agreed: list[Pair]
    """Agreed values after the create, one pair a row."""
    pending: list[WaitsFor]
    """Records whose coupling would fill references that are cleared for now."""
    deferred: tuple[int, ...] = ()
    """Rows that are written once the record exists."""


def new_record(plan: TransferPlan, source: Sequence[Value], translate: Translate) -> NewRecord | RecordError:
    """Make the values of a destination record that is to be created, and what both sides then agree on."""
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    values: dict[str, Value] = {}
    pending: list[WaitsFor] = []
    agreed: list[Pair] = [(None, None)] * plan.row_count
    for index, place in enumerate(plan.sources):
        if place is not None:
            held = canonical(source[place])
            agreed[index] = (held, None) if to_crm else (None, held)
    for each in plan.rows:
        if each.row.after_insert:
            agreed[each.index] = (None, None)
            continue
        source_value = None if each.source is None else source[each.source]
        desired = carry_over(plan, each, source_value, translate)
        if isinstance(desired, RecordError):
            return desired
        if isinstance(desired, Cleared):
            pending.append(desired.waits_for)
            agreed[each.index] = (None, None)
            continue
        if desired is not None:
            values[each.target] = desired
        held = canonical(source_value)
        agreed[each.index] = (held, desired) if to_crm else (desired, held)
    values.update(plan.template)
    _agree_on_template(plan, values, agreed, to_crm=to_crm)
    return NewRecord(values=values, agreed=agreed, pending=pending, deferred=plan.deferred)


def _agree_on_template(
    plan: TransferPlan, values: Mapping[str, Value], agreed: list[Pair], *, to_crm: bool
) -> None:
    """Let a template's values, which override mapped ones, be what both sides agree on."""
    templated = {name for name, _ in plan.template}
    for each in plan.rows:
        if each.target in templated:
            erp, crm = agreed[each.index]
            value = values[each.target]
            agreed[each.index] = (erp, value) if to_crm else (value, crm)


def agreed_after_insert(
    plan: TransferPlan, agreed: Sequence[Pair], destination: Sequence[Value]
) -> list[Pair]:
    """Take what a new record holds in its deferred rows for agreed, so that only the source counts as changed."""
    pairs = list(agreed)
    for index in plan.deferred:
        place = plan.destinations[index]
        held = None if place is None else canonical(destination[place])
        pairs[index] = (None, held) if plan.run is Direction.TO_INTEGRATION_TABLE else (held, None)
    return pairs


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


def merge_fields(
    plan: TransferPlan,
    source: Sequence[Value],
    destination: Sequence[Value],
    agreed: Sequence[Pair] | None,
    translate: Translate,
) -> FieldMerge:
    """Merge one coupled pair for one pass; see the table above."""
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    merge = FieldMerge(
        agreed=_starting_pairs(plan, source, destination, agreed, to_crm=to_crm),
        memory_moved=agreed is None,
    )
    for each in plan.rows:
        if each.row.insert_only:
            continue
        _merge_row(plan, each, source, destination, agreed, translate, merge)
        if merge.error is not None:
            return merge
    merge.overwritten = list(merge.agreed)
    for each in plan.rows:
        if each.target in merge.conflicting and each.source is not None:
            held = canonical(source[each.source])
            value = merge.conflicting[each.target]
            merge.overwritten[each.index] = (held, value) if to_crm else (value, held)
    return merge


def _starting_pairs(
    plan: TransferPlan,
    source: Sequence[Value],
    destination: Sequence[Value],
    agreed: Sequence[Pair] | None,
    *,
    to_crm: bool,
) -> list[Pair]:
    if agreed is not None:
        return list(agreed)
    carried = {each.index for each in plan.rows}
    pairs: list[Pair] = []
    for index in range(plan.row_count):
        if index not in carried:
            # Nobody has carried this row yet: whatever its source holds is news for the opposite pass.
            pairs.append((None, None))
            continue
        source_place, destination_place = plan.sources[index], plan.destinations[index]
        held = None if source_place is None else canonical(source[source_place])
        other = None if destination_place is None else canonical(destination[destination_place])
        pairs.append((held, other) if to_crm else (other, held))
    return pairs


def _changed(
    then: Pair | None, source_now: Value, destination_now: Value, *, to_crm: bool
) -> tuple[bool, bool]:
    """Compare each side with its own past; a pair that never agreed counts as changed on both sides."""
    if then is None:
        return True, True
    source_then, destination_then = then if to_crm else (then[1], then[0])
    return not same_value(source_now, source_then), not same_value(destination_now, destination_then)


def _merge_row(
    plan: TransferPlan,
    each: RowTransfer,
    source: Sequence[Value],
    destination: Sequence[Value],
    agreed: Sequence[Pair] | None,
    translate: Translate,
    merge: FieldMerge,
) -> None:
    assert each.destination is not None
    to_crm = plan.run is Direction.TO_INTEGRATION_TABLE
    source_now = None if each.source is None else canonical(source[each.source])
    destination_now = canonical(destination[each.destination])
    then = None if agreed is None else agreed[each.index]
    source_changed, destination_changed = _changed(then, source_now, destination_now, to_crm=to_crm)
    if not source_changed and not destination_changed:
        return
    desired = carry_over(plan, each, source_now, translate)
    if isinstance(desired, RecordError):
        if source_changed or not each.two_way:
            merge.error = desired
        else:
            merge.left = True
        return
    if isinstance(desired, Cleared):
        # Remembered as blank, so that the reference still counts as changed when its record gets coupled.
        merge.pending.append(desired.waits_for)
        desired = source_now = None
    if desired is None and each.row.not_null:
        desired = destination_now
    if same_value(desired, destination_now):
        now: Pair = (source_now, destination_now) if to_crm else (destination_now, source_now)
        if merge.agreed[each.index] != now:
            merge.agreed[each.index] = now
            merge.memory_moved = True
        return
    if agreed is not None and each.two_way and not source_changed:
        merge.left = True
        return
    if agreed is not None and each.two_way and destination_changed:
        merge.conflicting[each.target] = desired
        merge.lost[each.target] = destination_now
        return
    merge.write[each.target] = desired
    merge.memory_moved = True
    merge.agreed[each.index] = (source_now, desired) if to_crm else (desired, source_now)
    if destination_changed and destination_now is not None:
        merge.lost[each.target] = destination_now
