"""What users change in a mapping, as plain values over the default."""

from collections.abc import Mapping
from dataclasses import replace

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.bootstrap.mapping_conditions import FILTER_OF, with_conditions
from interlace.bootstrap.match_settings import MATCHING, matching_of
from interlace.bootstrap.own_rows import OWN_FIELDS, is_written_twice, own_ids, with_own_rows
from interlace.domain.conflict_resolution import UpdateConflictResolution
from interlace.domain.coupling import row_names
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import (
    DeletionConflictResolution,
    IntegrationTableMapping,
)
from interlace.domain.table_filter import TableFilter
from interlace.locale.translatable import translatable

CHANGEABLE = (
    "direction",
    "synch_only_coupled_records",
    "update_conflict_resolution",
    "deletion_conflict_resolution",
    "field_conflict_resolution",
    "disabled_fields",
    OWN_FIELDS,
    MATCHING,
    *FILTER_OF.values(),
)

_REASONS = {
    "direction": translatable("no field row goes that way"),
    "field_conflict_resolution": translatable(
        "the mapping has no such field row, the policy is not known, or it makes one value "
        "of both sides' values though the row transforms them or belongs to a group"
    ),
    "disabled_fields": translatable(
        "only plain field rows can be disabled that no other part of the mapping needs, and one must be left"
    ),
    OWN_FIELDS: translatable(
        "a row of one's own goes somewhere where the mapping doesn't, changes values as nobody knows how, "
        "refers to a mapping that is not there, or writes a field that another row writes"
    ),
    MATCHING: translatable(
        "a criterion names no two fields, its priority is no number up to 99, "
        "or records of this mapping are not matched"
    ),
    **dict.fromkeys(
        FILTER_OF.values(),
        translatable("a condition is not understood, or orders are followed document by document"),
    ),
}
_TURNS = {OWN_FIELDS: 0, "field_conflict_resolution": 1, "disabled_fields": 2}
_UNKNOWN = translatable("the value is not known")


class MappingSettingProblem(ConnectionProblem):
    """A change of a mapping that makes no sense; `setting` names it, `reason` says why."""

    def __init__(self, mapping: str, setting: str, value: object) -> None:
        self.setting = setting
        self.reason = _REASONS.get(setting, _UNKNOWN)
        super().__init__(
            translatable(
                "{mapping}: {setting} can't be {value}: {reason}. Changeable: {changeable}.",
                mapping=mapping,
                setting=setting,
                value=repr(value),
                reason=self.reason,
                changeable=", ".join(CHANGEABLE),
            )
        )


def with_changes(mapping: IntegrationTableMapping, changes: Mapping[str, object]) -> IntegrationTableMapping:
    """Return the mapping with a user's changes; raises MappingSettingProblem naming a change that makes no sense."""
    try:
        own = own_ids(changes)
    except ValueError as problem:
        raise MappingSettingProblem(mapping.name, OWN_FIELDS, changes.get(OWN_FIELDS)) from problem
    # Rows that are disabled, or have no part in this direction, keep their policy for when they have one again.
    for name, value in sorted(changes.items(), key=lambda each: _TURNS.get(each[0], len(_TURNS))):
        try:
            mapping = _with_change(mapping, name, value, own)
        except ValueError as problem:
            raise MappingSettingProblem(mapping.name, name, value) from problem
    if is_written_twice(mapping.fields, own):
        raise MappingSettingProblem(mapping.name, OWN_FIELDS, ", ".join(sorted(own)))
    return mapping


def _with_change(
    mapping: IntegrationTableMapping, name: str, value: object, own: frozenset[str]
) -> IntegrationTableMapping:
    match name:
        case "own_fields":
            return with_own_rows(mapping, value)
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
        case "table_filter":
            return replace(mapping, table_filter=_narrowed(mapping, mapping.table_filter, value))
        case "integration_table_filter":
            narrowed = _narrowed(mapping, mapping.integration_table_filter, value)
            return replace(mapping, integration_table_filter=narrowed)
        case "match_based_coupling":
            matching_of({name: value}, mapping)
            return mapping
        case "disabled_fields":
            return _without_fields(mapping, value, own)
        case _:
            raise ValueError(name)


def _narrowed(mapping: IntegrationTableMapping, given: TableFilter, value: object) -> TableFilter:
    if mapping.run_by_saga and value:
        raise ValueError(value)
    return with_conditions(given, value)


def may_be_disabled(mapping: IntegrationTableMapping, row: IntegrationFieldMapping) -> bool:
    """Tell whether a field row is nobody's but its own: no constant, reference or group, and nothing is found by it."""
    if row.is_constant or not row.is_plain or row.after_insert or mapping.run_by_saga:
        return False
    found_by = {rule.erp_field for rule in mapping.match_rules} | {mapping.erp_caption}
    # What stands in several rows has its rows depend on one another.
    alike = [
        each for each in mapping.fields if row.erp_field == each.erp_field or row.crm_field == each.crm_field
    ]
    return row.erp_field not in found_by and len(alike) == 1


def _without_fields(
    mapping: IntegrationTableMapping, value: object, own: frozenset[str]
) -> IntegrationTableMapping:
    if not isinstance(value, list):
        raise ValueError(value)  # noqa: TRY004 - a stored setting that makes no sense, not a caller's mistake
    # Users' rows beside it change nothing about what a mapping's own row is needed for; they are removed instead.
    bare = replace(mapping, fields=tuple(row for row in mapping.fields if row.row_id not in own))
    possible = {row.row_id for row in bare.fields if may_be_disabled(bare, row)}
    if not set(value) <= possible:
        raise ValueError(value)
    left = tuple(row for row in mapping.fields if row.row_id not in value)
    for way in mapping.passes:
        if not any(row.direction.allows(way) and not row.is_constant for row in left):
            raise ValueError(value)
    return replace(mapping, fields=left)


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
