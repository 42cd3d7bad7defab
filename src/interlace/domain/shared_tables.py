"""When two mappings can share tables: then no record may be one of both.

1. Two mappings of the same two tables that go the same way need filters, on the side that they read, which no record
   meets both.
2. What one mapping writes into a CRM table, another one that reads this table must not take for its own: the values
   that the writer gives every record must fail the reader's filter.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from interlace.domain.integration_field_mapping import Direction, NamedKey
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.side import Side
from interlace.domain.table_filter import BETWEEN, Comparison, Condition, TableFilter
from interlace.domain.values import Value

_TO_CRM, _FROM_CRM = Direction.TO_INTEGRATION_TABLE, Direction.FROM_INTEGRATION_TABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Where two mappings may take the same record, and what would keep them apart."""

    side: Side
    """Whose filter has to keep records out."""
    writer: IntegrationTableMapping | None = None
    """The mapping whose records the other one would take; None: both read the same records."""


def overlap_of(one: IntegrationTableMapping, other: IntegrationTableMapping) -> Overlap | None:
    """Return where two mappings may take the same record; None: nowhere."""
    if one.integration_table != other.integration_table or one.run_by_saga or other.run_by_saga:
        return None
    if one.choice_column is not None or other.choice_column is not None:
        return None
    if one.erp_table == other.erp_table:
        for way in (_TO_CRM, _FROM_CRM):
            both_go = one.direction.allows(way) and other.direction.allows(way)
            if both_go and not are_apart(_filter(one, way.source_side), _filter(other, way.source_side)):
                return Overlap(side=way.source_side)
    for reader, writer in ((one, other), (other, one)):
        reads = reader.direction.allows(_FROM_CRM) and writer.direction.allows(_TO_CRM)
        if reads and not are_apart(reader.integration_table_filter, _given_by(writer)):
            return Overlap(side=Side.CRM, writer=writer)
    return None


def are_apart(one: TableFilter, other: TableFilter) -> bool:
    """Tell whether certainly no record meets both filters."""
    return any(
        _exclude(each, against) or _exclude(against, each)
        for each in one.conditions
        for against in other.conditions
        if each.field == against.field and each.other_field is None and against.other_field is None
    )


def _filter(mapping: IntegrationTableMapping, side: Side) -> TableFilter:
    return mapping.table_filter if side is Side.ERP else mapping.integration_table_filter


def _given_by(writer: IntegrationTableMapping) -> TableFilter:
    """Return what holds of every CRM record that a mapping makes: the values that it gives all of them."""
    given: dict[str, Value] = {each.field: each.value for each in writer.integration_table_config_template}
    for row in writer.fields:
        if row.erp_field is None and row.crm_field is not None and not isinstance(row.constant, NamedKey):
            given[row.crm_field] = row.constant
    conditions = (
        Condition(field=name, comparison=Comparison.EQUAL, value=value) for name, value in given.items()
    )
    return TableFilter(conditions=tuple(conditions))


def _exclude(each: Condition, against: Condition) -> bool:
    """Tell whether no value that meets the first condition of a field meets the second one."""
    match each.comparison, against.comparison:
        case Comparison.BEGINS_WITH, Comparison.BEGINS_WITH:
            one, other = str(each.value), str(against.value)
            return not (one.startswith(other) or other.startswith(one))
        case Comparison.AT_LEAST, Comparison.AT_MOST:
            # The lowest value of the first interval lies above the second one.
            return not _holds(against, each.value)
        case _:
            values = tuple(_values(each))
            return bool(values) and not any(_holds(against, value) for value in values)


def _values(condition: Condition) -> Iterator[Value]:
    """Give the only values that meet a condition; none where they can't be counted."""
    match condition.comparison:
        case Comparison.EQUAL:
            yield condition.value
        case Comparison.BLANK:
            yield None
        case Comparison.ONE_OF:
            yield from (text.strip() for text in str(condition.value).split(BETWEEN))
        case _:
            return


def _holds(condition: Condition, value: Value) -> bool:
    return condition.holds(lambda _: value)
