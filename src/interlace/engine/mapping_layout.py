"""What a mapping's declarations come to, worked out once: the views of its tables, and each pass's plan, compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from interlace.domain.compiled_transfer import (
    Differing,
    IsAgreed,
    MakeRecord,
    compile_differing,
    compile_is_agreed,
    compile_new_record,
)
from interlace.domain.integration_field_mapping import Direction, NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.side import Side
from interlace.domain.transfer_fields import TransferPlan, transfer_plan
from interlace.engine.ports import TableView

_REMEMBERED_MAX = 256
_ROLLED_OUT: dict[int, "MappingLayout"] = {}
"""By the mapping's identity: to compare one whole mapping with another costs as much as to lay it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PassLayout:
    """One pass's plan and the functions compiled of it."""

    plan: TransferPlan
    make_record: MakeRecord
    is_agreed: IsAgreed
    one_way: Differing
    opposite_one_way: Differing
    to_restore: Differing


@dataclass(slots=True)
class MappingLayout:
    """A mapping's views, and its passes as they are asked for."""

    mapping: IntegrationTableMapping
    named_keys: Mapping[NamedKey, str]
    views: dict[Side, TableView] = field(default_factory=dict)
    _passes: dict[Direction, PassLayout] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.views = {side: _view(self.mapping, side) for side in Side}

    def of_pass(self, direction: Direction) -> PassLayout:
        """Return the layout of the pass in the one-way direction."""
        if direction not in self._passes:
            self._passes[direction] = _lay_out(self.mapping, direction, self.named_keys)
        return self._passes[direction]


def layout_of(mapping: IntegrationTableMapping, named_keys: Mapping[NamedKey, str]) -> MappingLayout:
    """Return a mapping's layout."""
    found = _ROLLED_OUT.get(id(mapping))
    if found is not None and found.mapping is mapping and found.named_keys == named_keys:
        return found
    if len(_ROLLED_OUT) >= _REMEMBERED_MAX:
        _ROLLED_OUT.clear()
    made = MappingLayout(mapping, dict(named_keys))
    _ROLLED_OUT[id(mapping)] = made
    return made


def _view(mapping: IntegrationTableMapping, side: Side) -> TableView:
    if side is Side.ERP:
        return TableView(
            side=side, table=mapping.erp_table, fields=mapping.erp_fields, filter=mapping.table_filter
        )
    return TableView(
        side=side,
        table=mapping.integration_table,
        fields=mapping.crm_fields,
        filter=mapping.integration_table_filter,
        lookup_targets=tuple(mapping.lookup_targets.items()),
        choice_column=mapping.choice_column,
    )


def _lay_out(
    mapping: IntegrationTableMapping, direction: Direction, named_keys: Mapping[NamedKey, str]
) -> PassLayout:
    plan = transfer_plan(mapping, direction, named_keys)
    opposite = [transfer_plan(mapping, way, named_keys) for way in mapping.passes if way is not direction]
    restorable = frozenset().union(*(each.restorable for each in opposite))
    source, destination = (0, 1) if direction is Direction.TO_INTEGRATION_TABLE else (1, 0)
    return PassLayout(
        plan=plan,
        make_record=compile_new_record(plan),
        is_agreed=compile_is_agreed(plan),
        one_way=_differing(plan.destinations, plan.restorable, destination),
        opposite_one_way=_differing(plan.destinations, restorable, destination),
        to_restore=_differing(plan.sources, restorable, source),
    )


def _differing(places: tuple[int | None, ...], rows: frozenset[int], side: int) -> Differing:
    return compile_differing([place if index in rows else None for index, place in enumerate(places)], side)
