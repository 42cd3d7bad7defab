"""The item or resource that stands for write-in products takes no part in mappings: it must never be coupled."""

from dataclasses import replace

from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter


def without_write_in_product(
    mapping: IntegrationTableMapping, *, table: str, number: str
) -> IntegrationTableMapping:
    """Leave the record that stands for write-in products out of the mappings of its table, if there is one."""
    if not number or mapping.erp_table != table:
        return mapping
    condition = Condition(
        field="No",
        comparison=Comparison.NOT_EQUAL,
        value=number.upper(),
        reason="the record stands for write-in products",
    )
    conditions = (*mapping.table_filter.conditions, condition)
    return replace(mapping, table_filter=TableFilter(conditions=conditions))
