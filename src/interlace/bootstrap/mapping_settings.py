"""What users change in a mapping, as plain values over the default."""

from collections.abc import Mapping
from dataclasses import replace

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import row_names
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
)

CHANGEABLE = (
    "direction",
    "synch_only_coupled_records",
    "update_conflict_resolution",
    "deletion_conflict_resolution",
    "field_conflict_resolution",
)

_REASONS = {
    "direction": "no field row goes that way",
    "field_conflict_resolution": "the mapping has no such field row, the policy is not known, or it makes one value "
    "of both sides' values though the row transforms them or belongs to a group",
}


def with_changes(mapping: IntegrationTableMapping, changes: Mapping[str, object]) -> IntegrationTableMapping:
    """Return the mapping with a user's changes; raises ConnectionProblem naming a change that makes no sense."""
    for name, value in changes.items():
        try:
            mapping = _with_change(mapping, name, value)
        except ValueError as problem:
            reason = _REASONS.get(name, "the value is not known")
            msg = f"{mapping.name}: {name} can't be {value!r}: {reason}. Changeable: {', '.join(CHANGEABLE)}."
            raise ConnectionProblem(msg) from problem
    return mapping


def _with_change(mapping: IntegrationTableMapping, name: str, value: object) -> IntegrationTableMapping:
    match name:
        case "direction":
            return _directed(mapping, Direction(value))
        case "synch_only_coupled_records":
            return replace(mapping, synch_only_coupled_records=bool(value))
        case "update_conflict_resolution":
            return replace(mapping, update_conflict_resolution=_for_whole_mappings(value))
        case "deletion_conflict_resolution":
            return replace(mapping, deletion_conflict_resolution=DeletionConflictResolution(value))
        case "field_conflict_resolution":
            return _with_field_policies(mapping, value)
        case _:
            raise ValueError(name)


def _for_whole_mappings(value: object) -> UpdateConflictResolution:
    resolution = UpdateConflictResolution(value)
    if resolution.makes_one_of_both:
        raise ValueError(value)
    return resolution


def _with_field_policies(mapping: IntegrationTableMapping, value: object) -> IntegrationTableMapping:
    """Give two-way rows an answer of their own; what makes one value of both needs a row that changes nothing."""
    if not isinstance(value, Mapping):
        raise ValueError(value)  # noqa: TRY004 - a stored setting that makes no sense, not a caller's mistake
    chosen = {row: UpdateConflictResolution(text) for row, text in value.items()}
    names = row_names([row.row_id for row in mapping.fields])
    if not chosen.keys() <= set(names):
        raise ValueError(value)
    rows = []
    for name, row in zip(names, mapping.fields, strict=True):
        resolution = chosen.get(name, row.conflict_resolution)
        if resolution is not None and resolution.makes_one_of_both and not row.is_plain:
            raise ValueError(value)
        rows.append(replace(row, conflict_resolution=resolution))
    return replace(mapping, fields=tuple(rows))


def _directed(mapping: IntegrationTableMapping, direction: Direction) -> IntegrationTableMapping:
    """Turn a mapping's rows with it: in a one-way mapping the source wins, rows of the other way have no part."""
    rows = mapping.fields
    if direction is not Direction.BIDIRECTIONAL:
        rows = tuple(replace(row, direction=direction) for row in rows if row.direction.allows(direction))
    turned = replace(mapping, direction=direction, fields=rows)
    for way in turned.passes:
        if not any(row.direction.allows(way) and not row.is_constant for row in rows):
            raise ValueError(direction)
    return turned
