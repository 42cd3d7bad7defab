"""Fields that are computed when a record is read: stock from item entries, balances from customer entries.

They belong to no version of the record: neither its etag nor its modification time moves with them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from interlace.sandbox.erp.declaration import Table, Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import unscaled
from interlace.sandbox.stored_table import SqlClause, SqlValue, quoted

FlowValues = Mapping[str, Mapping[str, Value]]

_ZERO = Decimal(0)
_CHUNK = 900


def _sums(
    records: ErpRecords,
    table: str,
    group: str,
    amounts: Sequence[str],
    keys: Sequence[str],
    condition: SqlClause | None = None,
) -> dict[SqlValue, tuple[Decimal, ...]]:
    found: dict[SqlValue, tuple[Decimal, ...]] = {}
    for start in range(0, len(keys), _CHUNK):
        chunk = tuple(keys[start : start + _CHUNK])
        text = f"{quoted(group)} IN ({', '.join('?' * len(chunk))})"
        parameters: tuple[SqlValue, ...] = chunk
        if condition is not None:
            text = f"{text} AND {condition.text}"
            parameters = (*chunk, *condition.parameters)
        rows = records.store.sums(table, group, amounts, SqlClause(text, parameters))
        for key, values in rows.items():
            found[key] = tuple(unscaled(value) for value in values)
    return found


def _customers(records: ErpRecords, keys: Sequence[str], names: frozenset[str]) -> FlowValues:
    entries = "Cust_Ledger_Entry"
    totals = _sums(records, entries, "Customer_No", ("Remaining_Amt_LCY", "Sales_LCY"), keys)
    due: dict[SqlValue, tuple[Decimal, ...]] = {}
    if "Balance_Due_LCY" in names and totals:
        overdue = SqlClause('"Due_Date" < ?', (records.today,))
        due = _sums(records, entries, "Customer_No", ("Remaining_Amt_LCY",), keys, overdue)
    result: dict[str, Mapping[str, Value]] = {}
    for key in keys:
        balance, sales = totals.get(key, (_ZERO, _ZERO))
        result[key] = {
            "Balance_LCY": balance,
            "Balance_Due_LCY": due.get(key, (_ZERO,))[0],
            "Sales_LCY": sales,
        }
    return result


def _items(records: ErpRecords, keys: Sequence[str], names: frozenset[str]) -> FlowValues:
    stock = (
        _sums(records, "Item_Ledger_Entry", "Item_No", ("Quantity",), keys) if "Inventory" in names else {}
    )
    ordered: dict[SqlValue, tuple[Decimal, ...]] = {}
    if "Qty_on_Sales_Order" in names:
        orders = SqlClause('"Document_Type" = ? AND "Type" = ?', ("Order", "Item"))
        ordered = _sums(records, "Sales_Line", "No", ("Outstanding_Qty_Base",), keys, orders)
    return {
        key: {
            "Inventory": stock.get(key, (_ZERO,))[0],
            "Qty_on_Sales_Order": ordered.get(key, (_ZERO,))[0],
        }
        for key in keys
    }


def _invoices(records: ErpRecords, keys: Sequence[str], names: frozenset[str]) -> FlowValues:
    invoices = SqlClause('"Document_Type" = ?', ("Invoice",))
    left = _sums(records, "Cust_Ledger_Entry", "Document_No", ("Remaining_Amount",), keys, invoices)
    return {
        key: {
            "Remaining_Amount": left.get(key, (_ZERO,))[0],
            "Closed": key in left and left[key][0] == _ZERO,
        }
        for key in keys
    }


_COMPUTATIONS = {"Customer": _customers, "Item": _items, "Sales_Invoice_Header": _invoices}


def compute_flow_fields(
    records: ErpRecords, table: Table, keys: Sequence[str], names: frozenset[str] | None = None
) -> FlowValues:
    """Return the flow fields of the records with these keys; names says which are wanted, None means all."""
    wanted = names if names is not None else frozenset(field.name for field in table.flow_fields)
    if not wanted or not keys:
        return {}
    return _COMPUTATIONS[table.name](records, keys, wanted)
