"""Fields that are computed when a record is read: stock from item entries, balances from customer entries.

They belong to no version of the record: neither its etag nor its modification time moves with them.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.declaration import Table, Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import plain_decimal, unscaled
from interlace.sandbox.erp.option_members import to_wire_name
from interlace.sandbox.stored_table import SqlClause, SqlValue, quoted

FlowValues = Mapping[str, Mapping[str, Value]]

_ZERO = Decimal(0)
_CHUNK = 900

STATISTICS_FIELDS: Final = frozenset(
    {
        "Sales_This_Year_LCY",
        "Outstanding_Orders_LCY",
        "Shipped_Not_Invoiced_LCY",
        "Outstanding_Invoices_LCY",
        "Total_LCY",
    }
)


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
    result: dict[str, dict[str, Value]] = {}
    for key in keys:
        balance, sales = totals.get(key, (_ZERO, _ZERO))
        result[key] = {
            "Balance_LCY": balance,
            "Balance_Due_LCY": due.get(key, (_ZERO,))[0],
            "Sales_LCY": sales,
        }
    if names & STATISTICS_FIELDS:
        _add_statistics(records, keys, result)
    return result


def _of_type(document_type: str) -> SqlClause:
    # Without the sign the rows would be searched by it, and nearly all have it.
    return SqlClause('+"Document_Type" = ?', (document_type,))


def _add_statistics(records: ErpRecords, keys: Sequence[str], result: dict[str, dict[str, Value]]) -> None:
    """What the statistics page shows besides the balance: it costs more than lists should pay."""
    first_day = f"{records.today[:4]}-01-01"
    this_year = SqlClause('"Posting_Date" >= ?', (first_day,))
    sales = _sums(records, "Cust_Ledger_Entry", "Customer_No", ("Sales_LCY",), keys, this_year)
    amounts = ("Outstanding_Amount_LCY", "Shipped_Not_Invoiced_LCY")
    orders = _sums(records, "Sales_Line", "Bill_to_Customer_No", amounts, keys, _of_type("Order"))
    invoices = _sums(records, "Sales_Line", "Bill_to_Customer_No", amounts[:1], keys, _of_type("Invoice"))
    for key, fields in result.items():
        outstanding, shipped = orders.get(key, (_ZERO, _ZERO))
        drafts = invoices.get(key, (_ZERO,))[0]
        fields["Sales_This_Year_LCY"] = sales.get(key, (_ZERO,))[0]
        fields["Outstanding_Orders_LCY"] = outstanding
        fields["Shipped_Not_Invoiced_LCY"] = shipped
        fields["Outstanding_Invoices_LCY"] = drafts
        balance = fields["Balance_LCY"]
        assert isinstance(balance, Decimal), "balances are amounts"
        fields["Total_LCY"] = plain_decimal(balance + outstanding + shipped + drafts)


def _items(records: ErpRecords, keys: Sequence[str], names: frozenset[str]) -> FlowValues:
    stock = (
        _sums(records, "Item_Ledger_Entry", "Item_No", ("Quantity",), keys)
        if names & {"Inventory", "Projected_Available_Balance"}
        else {}
    )
    ordered: dict[SqlValue, tuple[Decimal, ...]] = {}
    if names & {"Qty_on_Sales_Order", "Projected_Available_Balance"}:
        orders = SqlClause('+"Document_Type" = ? AND "Type" = ?', ("Order", "Item"))
        ordered = _sums(records, "Sales_Line", "No", ("Outstanding_Qty_Base",), keys, orders)
    result: dict[str, Mapping[str, Value]] = {}
    for key in keys:
        inventory, wanted = stock.get(key, (_ZERO,))[0], ordered.get(key, (_ZERO,))[0]
        result[key] = {
            "Inventory": inventory,
            "Qty_on_Sales_Order": wanted,
            "Projected_Available_Balance": plain_decimal(inventory - wanted),
        }
    return result


def _remaining(document_type: str, sign: int) -> Callable[..., FlowValues]:
    def compute(records: ErpRecords, keys: Sequence[str], names: frozenset[str]) -> FlowValues:
        entries = _of_type(to_wire_name(document_type))
        left = _sums(records, "Cust_Ledger_Entry", "Document_No", ("Remaining_Amount",), keys, entries)
        return {
            key: {
                "Remaining_Amount": sign * left.get(key, (_ZERO,))[0],
                "Closed": key in left and left[key][0] == _ZERO,
            }
            for key in keys
        }

    return compute


def _availability(records: ErpRecords, keys: Sequence[str], names: frozenset[str]) -> FlowValues:
    """The stock that CRM records show: that of the item to which each of them belongs."""
    rows = records.store.get_many("CRM_Integration_Record", [(key,) for key in keys])
    layout = records.layouts["CRM_Integration_Record"]
    numbers = {str(key[0]): layout.from_stored(row).text("Item_No") for key, row in rows.items()}
    wanted = sorted(set(numbers.values()))
    cards = records.store.get_many("Item", [(number,) for number in wanted])
    units = {
        str(key[0]): records.layouts["Item"].from_stored(row).text("Base_Unit_of_Measure")
        for key, row in cards.items()
    }
    stock = _items(records, wanted, names)
    return {
        key: {
            "UOM": units.get(number, ""),
            "Inventory": stock[number]["Inventory"],
            "Projected_Available_Balance": stock[number]["Projected_Available_Balance"],
        }
        for key, number in numbers.items()
    }


_COMPUTATIONS = {
    "CRM_Integration_Record": _availability,
    "Customer": _customers,
    "Item": _items,
    "Sales_Invoice_Header": _remaining("Invoice", 1),
    "Sales_Cr_Memo_Header": _remaining("Credit Memo", -1),
}


def compute_flow_fields(
    records: ErpRecords, table: Table, keys: Sequence[str], names: frozenset[str] | None = None
) -> FlowValues:
    """Return the flow fields of the records with these keys; names says which are wanted, None means all."""
    wanted = names if names is not None else frozenset(field.name for field in table.flow_fields)
    if not wanted or not keys:
        return {}
    return _COMPUTATIONS[table.name](records, keys, wanted)
