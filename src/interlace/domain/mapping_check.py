"""Says what is wrong with mappings before they run: unknown fields, contradictions, references, circles."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from interlace.domain.dependency import DependencyCycle, waves
from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.locale.translatable import as_sentence, text_of, translatable

Columns: TypeAlias = Mapping[str, str]
"""Kind of each field of a table, by name, as the connectors tell it."""

LOOKUP = "lookup"
VIRTUAL = "virtual"

_FAMILIES = {
    "whole number": "number",
    "decimal": "number",
    "date": "date",
    "moment": "date",
    "guid": "key",
    LOOKUP: "key",
}
"""Kinds that may meet without a rule; a kind that is not listed stands for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingProblem:
    """Something that a person must correct in a mapping."""

    mapping: MappingName
    row: str | None
    """The field row concerned, or None for the mapping as a whole."""
    message: str


def check_mapping(
    mapping: IntegrationTableMapping, erp_columns: Columns, crm_columns: Columns
) -> list[MappingProblem]:
    """Check one mapping against the fields that its two tables have."""
    problems = [*_unknown_fields(mapping, erp_columns, crm_columns)]
    writers: dict[tuple[Direction, str], str] = {}
    for row in mapping.fields:
        problems += _check_row(mapping, row, writers)
        problems += _check_kinds(mapping, row, erp_columns, crm_columns)
    return problems


def check_mappings(mappings: Sequence[IntegrationTableMapping]) -> list[MappingProblem]:
    """Check how mappings refer to one another."""
    by_name = {mapping.name: mapping for mapping in mappings}
    problems: list[MappingProblem] = []
    seen: set[MappingName] = set()
    for mapping in mappings:
        if mapping.name in seen:
            problems.append(
                _problem(
                    mapping, None, translatable("The name is used twice. Give each mapping its own name.")
                )
            )
        seen.add(mapping.name)
        problems += _unknown_parents(mapping, by_name)
        for row in mapping.fields:
            if row.reference is not None:
                problems += _check_reference(mapping, row, row.reference, by_name)
    try:
        waves({mapping.name: mapping.depends_on for mapping in mappings})
    except DependencyCycle as circle:
        problems.append(MappingProblem(mapping=circle.circle[0], row=None, message=text_of(circle)))
    return problems


def _problem(
    mapping: IntegrationTableMapping, row: IntegrationFieldMapping | None, message: str
) -> MappingProblem:
    return MappingProblem(mapping=mapping.name, row=None if row is None else row.row_id, message=message)


def _unknown_fields(
    mapping: IntegrationTableMapping, erp_columns: Columns, crm_columns: Columns
) -> Iterator[MappingProblem]:
    erp_template = (each.field for each in mapping.table_config_template)
    crm_template = (each.field for each in mapping.integration_table_config_template)
    sides: tuple[tuple[str, str, Columns, Iterable[str]], ...] = (
        ("ERP", mapping.erp_table, erp_columns, (*mapping.erp_fields, *erp_template)),
        ("CRM", mapping.integration_table, crm_columns, (*mapping.crm_fields, *crm_template)),
    )
    for side, table, columns, names in sides:
        for name in dict.fromkeys(names):
            if name not in columns:
                yield _problem(
                    mapping,
                    None,
                    translatable(
                        "The {side}'s table {table} has no field {field}. Correct the name, or take out what "
                        "uses it.",
                        side=side,
                        table=table,
                        field=name,
                    ),
                )


def _check_row(
    mapping: IntegrationTableMapping,
    row: IntegrationFieldMapping,
    writers: dict[tuple[Direction, str], str],
) -> Iterator[MappingProblem]:
    if row.erp_field is None and row.crm_field is None:
        yield _problem(mapping, row, translatable("The row names no field. Name one, or take the row out."))
    if not _fits(row.direction, mapping.direction):
        yield _problem(
            mapping,
            row,
            translatable(
                "The row's direction is {row}, but the mapping only goes {mapping}. Change one of them.",
                row=row.direction.value,
                mapping=mapping.direction.value,
            ),
        )
    if row.is_constant and row.direction is not _way_of_constant(row):
        yield _problem(
            mapping,
            row,
            translatable(
                "The row writes a constant, which can only go {direction}. Change its direction.",
                direction=_way_of_constant(row).value,
            ),
        )
    for way in mapping.passes:
        target = row.crm_field if way is Direction.TO_INTEGRATION_TABLE else row.erp_field
        if target is None or not row.direction.allows(way) or row.insert_only:
            # A row that counts at creation only gives a start value, which another row may replace.
            continue
        other = writers.setdefault((way, target), row.row_id)
        if other != row.row_id:
            yield _problem(
                mapping,
                row,
                translatable(
                    "{field} is written by the row {row} as well. Take one of them out.",
                    field=target,
                    row=other,
                ),
            )


def _fits(row: Direction, mapping: Direction) -> bool:
    return mapping is Direction.BIDIRECTIONAL or row is mapping


def _way_of_constant(row: IntegrationFieldMapping) -> Direction:
    to_crm = row.crm_field is not None
    return Direction.TO_INTEGRATION_TABLE if to_crm else Direction.FROM_INTEGRATION_TABLE


def _check_kinds(
    mapping: IntegrationTableMapping, row: IntegrationFieldMapping, erp_columns: Columns, crm_columns: Columns
) -> Iterator[MappingProblem]:
    if row.erp_field is None or row.crm_field is None:
        return
    erp_kind, crm_kind = erp_columns.get(row.erp_field), crm_columns.get(row.crm_field)
    if erp_kind is None or crm_kind is None:
        return  # told as an unknown field
    if row.reference is not None:
        if bool(row.reference.target_table) != (crm_kind == LOOKUP):
            yield _problem(
                mapping,
                row,
                translatable(
                    "The row refers to {table}, but {crm_field} is of kind {crm_kind}. Correct the "
                    "reference's target table.",
                    table=as_sentence(row.reference.target_table or translatable("a choice")),
                    crm_field=row.crm_field,
                    crm_kind=crm_kind,
                ),
            )
    elif crm_kind == LOOKUP:
        yield _problem(
            mapping,
            row,
            translatable(
                "{crm_field} points at other records. Name the mapping whose couplings translate the value.",
                crm_field=row.crm_field,
            ),
        )
    elif not (row.to_rules or row.from_rules) and not may_meet(erp_kind, crm_kind):
        yield _problem(
            mapping,
            row,
            translatable(
                "{erp_field} is of kind {erp_kind}, {crm_field} of kind {crm_kind}. Add a transformation "
                "rule, or map another field.",
                erp_field=row.erp_field,
                erp_kind=erp_kind,
                crm_field=row.crm_field,
                crm_kind=crm_kind,
            ),
        )


def may_meet(erp_kind: str, crm_kind: str) -> bool:
    """Tell whether fields of two kinds may meet without a rule."""
    return erp_kind == VIRTUAL or _FAMILIES.get(erp_kind, erp_kind) == _FAMILIES.get(crm_kind, crm_kind)


def _unknown_parents(
    mapping: IntegrationTableMapping, by_name: Mapping[MappingName, IntegrationTableMapping]
) -> Iterator[MappingProblem]:
    for parent in mapping.depends_on:
        if parent not in by_name:
            yield _problem(
                mapping,
                None,
                translatable(
                    "It depends on {mapping}, which does not exist. Add that mapping, or take the dependency "
                    "out.",
                    mapping=parent,
                ),
            )


def _check_reference(
    mapping: IntegrationTableMapping,
    row: IntegrationFieldMapping,
    reference: Reference,
    by_name: Mapping[MappingName, IntegrationTableMapping],
) -> Iterator[MappingProblem]:
    related = by_name.get(reference.mapping)
    if related is None:
        yield _problem(
            mapping,
            row,
            translatable(
                "The row refers to {mapping}, which does not exist. Add that mapping, or take the row out.",
                mapping=reference.mapping,
            ),
        )
        return
    target = "" if related.choice_column is not None else related.integration_table
    expected = reference.part.table if reference.part is not None else target
    if reference.target_table != expected:
        yield _problem(
            mapping,
            row,
            translatable(
                "The row points at {table}, but {mapping} couples {expected}. Correct the reference's target "
                "table.",
                table=as_sentence(reference.target_table or translatable("a choice")),
                mapping=related.name,
                expected=as_sentence(expected or translatable("choices")),
            ),
        )
    may_be_blank = row.clear_value_on_failed_sync or reference.optional
    if not may_be_blank and related.name not in _needed_by(mapping, by_name):
        yield _problem(
            mapping,
            row,
            translatable(
                "The row refers to {mapping}, but the mapping does not depend on it. Add the dependency, or "
                "let the row clear its value on failed synchronization.",
                mapping=related.name,
            ),
        )


def _needed_by(
    mapping: IntegrationTableMapping, by_name: Mapping[MappingName, IntegrationTableMapping]
) -> set[MappingName]:
    """Return every mapping that runs before this one because something depends on it."""
    needed: set[MappingName] = set()
    waiting = list(mapping.depends_on)
    while waiting:
        name = waiting.pop()
        if name not in needed and name in by_name:
            needed.add(name)
            waiting += by_name[name].depends_on
    return needed
