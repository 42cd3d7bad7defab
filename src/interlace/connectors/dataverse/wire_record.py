"""Turns the values of a write into the JSON that the Web API takes: lookups are bound, blanks are null."""

from collections.abc import Mapping
from decimal import Decimal

from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.odata_table import ColumnKind
from interlace.connectors.wire_body import ValueNotWritable
from interlace.domain.values import Value
from interlace.engine.ports import TableView


def wire_record(table: CrmTable, view: TableView, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the body of a write; raises ValueNotWritable for a reference that can't be bound."""
    targets = dict(view.lookup_targets)
    body: dict[str, Value] = {}
    for name, value in values.items():
        if table.is_lookup(name):
            property_name, bound = _bound(table, name, targets.get(name), value)
            body[property_name] = bound
        else:
            body[name] = _plain(value, table.column(name).kind)
    return body


def _bound(table: CrmTable, name: str, target: str | None, value: Value) -> tuple[str, Value]:
    lookup = table.lookup(name, target)
    if lookup is None:
        wanted = f" to {target}" if target else ": name its target table in the mapping"
        raise ValueNotWritable(name, f"is no writable lookup of {table.name}{wanted}")
    if value is None or value == "":
        return f"{lookup.navigation}@odata.bind", None
    return f"{lookup.navigation}@odata.bind", f"/{lookup.set_name}({value})"


def _plain(value: Value, kind: ColumnKind) -> Value:
    if value == "":
        return None
    if isinstance(value, Decimal) and kind is ColumnKind.WHOLE and value == value.to_integral_value():
        return int(value)
    return value
