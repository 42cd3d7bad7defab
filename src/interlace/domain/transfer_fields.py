"""How a mapping's values travel: the rows of one pass laid out, single values carried over, new records made.

What becomes of two records that both exist is `field_merge`'s to say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import row_names
from interlace.domain.errors import ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.domain.transformation_rule import apply_rules
from interlace.domain.values import Value, canonical
from interlace.locale.translatable import as_sentence, text_of, translatable

Pair: TypeAlias = tuple[Value, Value]
"""(ERP value, CRM value) of one row."""

Remembered: TypeAlias = Pair | None
"""What both sides agreed on in one row; None: nobody knows."""


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
    resolution: UpdateConflictResolution = UpdateConflictResolution.NONE
    """The row's own answer to a conflict, or the mapping's."""


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
    row_ids: tuple[str, ...] = ()
    """Name of each of the mapping's rows, each once."""
    insert_only: tuple[bool, ...] = ()
    """Which of the mapping's rows count at creates only."""

    @property
    def source_side(self) -> Side:
        """The side that the pass reads from."""
        return self.run.source_side

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
                resolution=_resolution(mapping, row),
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
        row_ids=row_names([row.row_id for row in mapping.fields]),
        insert_only=tuple(row.insert_only for row in mapping.fields),
    )


def _resolution(mapping: IntegrationTableMapping, row: IntegrationFieldMapping) -> UpdateConflictResolution:
    """Return a row's answer to a conflict; one value is made of both only where neither is transformed."""
    resolution = row.conflict_resolution or mapping.update_conflict_resolution
    if resolution.makes_one_of_both and not row.is_plain:
        return UpdateConflictResolution.NONE
    return resolution


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
                message=translatable(
                    "{row}: the value {value} can't be carried over: {problem}. "
                    "Correct the value or the transformation rule.",
                    row=row.row_id,
                    value=repr(source_value),
                    problem=as_sentence(text_of(problem)),
                ),
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
    agreed: list[Remembered]
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
    agreed: list[Remembered] = [(None, None)] * plan.row_count
    for index, place in enumerate(plan.sources):
        if place is not None:
            held = canonical(source[place])
            agreed[index] = (held, None) if to_crm else (None, held)
    for each in plan.rows:
        if each.row.after_insert:
            # Only a CRM record may owe an opening; what a person's own record holds is not to be taken for one.
            agreed[each.index] = (None, None) if to_crm else None
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
    plan: TransferPlan, values: Mapping[str, Value], agreed: list[Remembered], *, to_crm: bool
) -> None:
    """Let a template's values, which override mapped ones, be what both sides agree on."""
    templated = {name for name, _ in plan.template}
    for each in plan.rows:
        if each.target in templated:
            erp, crm = agreed[each.index] or (None, None)
            value = values[each.target]
            agreed[each.index] = (erp, value) if to_crm else (value, crm)


def agreed_after_insert(
    plan: TransferPlan, agreed: Sequence[Remembered], destination: Sequence[Value]
) -> list[Remembered]:
    """Take what a new record holds in its deferred rows for agreed, so that only the source counts as changed."""
    pairs = list(agreed)
    for index in plan.deferred:
        place = plan.destinations[index]
        held = None if place is None else canonical(destination[place])
        pairs[index] = (None, held) if plan.run is Direction.TO_INTEGRATION_TABLE else (held, None)
    return pairs
