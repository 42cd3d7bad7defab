"""Values of documents as the wire has them."""

from collections.abc import Mapping
from decimal import Decimal

from interlace.connectors.business_central.tables import ErpTable
from interlace.domain.values import Value


def wire_values(table: ErpTable, values: Mapping[str, Value]) -> dict[str, Value]:
    """Say what stands for blanks; a field that the page lacks is told apart by the API's declaration."""
    wire: dict[str, Value] = {}
    for name, value in values.items():
        if name in table.columns and (value is None or value == ""):
            wire[name] = table.blank_of(name)
        elif isinstance(value, Decimal) and value == value.to_integral_value():
            wire[name] = int(value)
        else:
            wire[name] = value
    return wire
