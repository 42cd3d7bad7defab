"""Which mappings can share tables: filters that exclude one another, and what one writes and the other reads."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping
from interlace.domain.integration_table_mapping import IntegrationTableMapping, TemplateField
from interlace.domain.keys import MappingName
from interlace.domain.shared_tables import are_apart, overlap_of
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.values import Value

TO, FROM, BOTH = (
    Direction.TO_INTEGRATION_TABLE,
    Direction.FROM_INTEGRATION_TABLE,
    Direction.BIDIRECTIONAL,
)
EQUAL, ONE_OF, BLANK = Comparison.EQUAL, Comparison.ONE_OF, Comparison.BLANK
BEGINS, LEAST, MOST = Comparison.BEGINS_WITH, Comparison.AT_LEAST, Comparison.AT_MOST


def on(comparison: Comparison, value: Value = None, field: str = "Type") -> TableFilter:
    """Make a filter of one condition."""
    return TableFilter(conditions=(Condition(field=field, comparison=comparison, value=value),))


def mapping(name: str, direction: Direction = TO, **parts: Any) -> IntegrationTableMapping:
    """Make a mapping of two tables."""
    whole = {"erp_table": "Vendor", "integration_table": "account", "fields": (), **parts}
    return IntegrationTableMapping(name=MappingName(name), direction=direction, **whole)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (on(EQUAL, "A"), on(EQUAL, "B"), True),
        (on(EQUAL, "A"), on(EQUAL, "A "), False),
        (on(EQUAL, "A"), on(Comparison.NOT_EQUAL, "A"), True),
        (on(EQUAL, "A"), on(EQUAL, "B", "Other"), False),
        (on(ONE_OF, "A|B"), on(ONE_OF, "C | D"), True),
        (on(ONE_OF, "A|B"), on(ONE_OF, "B|C"), False),
        (on(ONE_OF, "A|B"), on(BEGINS, "A"), False),
        (on(BLANK), on(Comparison.NOT_BLANK), True),
        (on(BLANK), on(EQUAL, "A"), True),
        (on(BLANK), on(Comparison.WITHOUT_TEXT, "A"), False),
        (on(BEGINS, "A"), on(BEGINS, "B"), True),
        (on(BEGINS, "A"), on(BEGINS, "AB"), False),
        (on(LEAST, Decimal(5)), on(MOST, Decimal(4)), True),
        (on(LEAST, Decimal(5)), on(MOST, Decimal(5)), False),
        (on(LEAST, "2026-01-01"), on(MOST, "2025-12-31"), True),
        (on(Comparison.NOT_EQUAL, "A"), on(Comparison.NOT_EQUAL, "B"), False),
        (TableFilter(), on(EQUAL, "A"), False),
    ],
)
def test_filters_exclude_one_another(one: TableFilter, other: TableFilter, *, apart: bool) -> None:
    """Whichever comes first; what can't be told for certain counts as shared."""
    assert are_apart(one, other) is are_apart(other, one) is apart


def test_comparisons_of_two_fields_tell_nothing() -> None:
    """Their value is another record's field."""
    fields = Condition(field="Type", comparison=Comparison.EQUAL_TO_FIELD, other_field="Kind")
    assert not are_apart(TableFilter(conditions=(fields,)), on(EQUAL, "A"))


def test_the_same_tables_need_filters_on_the_side_that_is_read() -> None:
    """ERP filters on the way to the CRM, CRM filters on the way back."""
    first, second = mapping("A", table_filter=on(EQUAL, "A")), mapping("B")
    found = overlap_of(first, second)
    assert found is not None
    assert (found.side, found.writer) == (Side.ERP, None)
    assert overlap_of(first, replace(second, table_filter=on(EQUAL, "B"))) is None
    found = overlap_of(replace(first, direction=FROM), replace(second, direction=FROM))
    assert found is not None
    assert found.side is Side.CRM


def test_what_one_writes_the_other_must_not_read() -> None:
    """A value that every record of the writer gets keeps them out, be it a row's or a template's."""
    reader = mapping("CUSTOMER", BOTH, erp_table="Customer", integration_table_filter=on(EQUAL, 3, "type"))
    writer = mapping("VENDOR")
    for one, other in ((reader, writer), (writer, reader)):
        found = overlap_of(one, other)
        assert found is not None
        assert (found.side, found.writer) == (Side.CRM, writer)
    constant = IntegrationFieldMapping(crm_field="type", direction=TO, constant=11)
    assert overlap_of(reader, replace(writer, fields=(constant,))) is None
    template = (TemplateField(field="type", value=11),)
    assert overlap_of(reader, replace(writer, integration_table_config_template=template)) is None
    assert overlap_of(replace(reader, direction=FROM), replace(writer, direction=FROM)) is None
    # A record of the ERP may have partners in several tables of the CRM.
    assert overlap_of(mapping("A"), mapping("B", integration_table="contact")) is None
    assert overlap_of(reader, replace(writer, choice_column="type")) is None
