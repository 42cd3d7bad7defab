"""Which part of a mapping's filter the ERP may apply itself."""

from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.odata_table import ColumnKind
from interlace.connectors.query import equals
from interlace.domain.table_filter import Comparison, TableFilter


def filter_hint(table: ErpTable, table_filter: TableFilter) -> str | None:
    """Leave out what certainly fails: only comparisons that both sides make exactly alike are handed over.

    Texts are not: the service may see blanks, letter case and filter signs differently from us.
    """
    exact = (ColumnKind.WHOLE, ColumnKind.BOOLEAN)
    terms = [
        equals(table.column(condition.field), condition.value)
        for condition in table_filter.conditions
        if condition.comparison is Comparison.EQUAL
        and condition.value is not None
        and condition.field in table.columns
        and table.column(condition.field).kind in exact
    ]
    return " and ".join(terms) or None
