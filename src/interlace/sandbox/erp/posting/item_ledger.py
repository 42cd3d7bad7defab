"""Item ledger entries: what sales take out of stock and credit memos bring back, first in first out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.posting.records import insert_new, next_entry
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import rounding_precision
from interlace.sandbox.erp.sales_amounts import amount_of, round_to, share_of

_UNIT_PRECISION: Final = Decimal("0.00001")
_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """Goods of one line that leave the stock (a negative quantity of base units) or come back."""

    header: Record
    line: Record
    item: Record
    quantity: Decimal
    document_type: str
    document_no: str
    sales_amount: Decimal


def stocked_item(erp: Application, line: Record) -> Record | None:
    """Return the item of a line if it has a stock; services and comments have none."""
    item = erp.records.by_code("Item", line.text("No")) if line.text("Type") == "Item" else None
    return item if item is not None and item.text("Type") == "Inventory" else None


def base_quantity(line: Record, quantity: Decimal) -> Decimal:
    """Return a quantity of a line in the item's base unit."""
    return round_to(quantity * (line.amount("Qty_per_Unit_of_Measure") or _ONE), _UNIT_PRECISION)


def move(erp: Application, movement: Movement) -> Record:
    """Post an entry; its costs and sales amounts are expected until it is invoiced."""
    quantity = movement.quantity
    header, line = movement.header, movement.line
    place = (line.text("Variant_Code"), line.text("Location_Code"))
    left, cost = _take(erp, movement.item, place, quantity)
    return insert_new(
        erp,
        "Item_Ledger_Entry",
        {
            "Entry_No": next_entry(erp, "Item_Ledger_Entry"),
            "Posting_Date": header.values["Posting_Date"],
            "Document_Date": header.values["Document_Date"],
            "Entry_Type": "Sale",
            "Document_Type": movement.document_type,
            "Document_No": movement.document_no,
            "Document_Line_No": line.values["Line_No"],
            "Item_No": line.values["No"],
            "Variant_Code": line.values["Variant_Code"],
            "Description": line.values["Description"],
            "Location_Code": line.values["Location_Code"],
            "Quantity": quantity,
            "Remaining_Quantity": plain_decimal(left),
            "Qty_per_Unit_of_Measure": line.values["Qty_per_Unit_of_Measure"],
            "Unit_of_Measure_Code": line.values["Unit_of_Measure_Code"],
            "Sales_Amount_Expected": movement.sales_amount,
            "Cost_Amount_Expected": cost,
            "Open": bool(left),
            "Positive": quantity > 0,
            "Order_No": header.values["No"] if header.text("Document_Type") == "Order" else "",
            "Order_Line_No": line.values["Line_No"] if header.text("Document_Type") == "Order" else 0,
            "External_Document_No": header.values["External_Document_No"],
            "Source_Type": "Customer",
            "Source_No": header.values["Sell_to_Customer_No"],
        },
    )


def _take(
    erp: Application, item: Record, place: tuple[str, str], quantity: Decimal
) -> tuple[Decimal, Decimal]:
    """Close open entries of the other sign at a place (variant, location), oldest first.

    Returns what stays open and what the movement costs.
    """
    if quantity < 0:
        _check_stock(erp, item, quantity)
    sign = 1 if quantity > 0 else -1
    left, cost = abs(quantity), _ZERO
    precision = rounding_precision(erp, "")
    for entry in erp.records.find_equal("Item_Ledger_Entry", Item_No=item.text("No")):
        open_quantity = -sign * entry.amount("Remaining_Quantity")
        same = (entry.text("Variant_Code"), entry.text("Location_Code")) == place
        if not left or open_quantity <= 0 or not same:
            continue
        taken = min(left, open_quantity)
        if sign < 0:
            whole = entry.amount("Cost_Amount_Actual") + entry.amount("Cost_Amount_Expected")
            cost += share_of(whole, taken, entry.amount("Quantity"), precision)
        _reduce(erp, entry, sign * taken)
        left -= taken
    rest = abs(quantity) if sign > 0 else left
    cost += round_to(rest * item.amount("Unit_Cost"), precision)
    return sign * left, plain_decimal(sign * cost)


def _reduce(erp: Application, entry: Record, taken: Decimal) -> None:
    rest = plain_decimal(entry.amount("Remaining_Quantity") + taken)
    erp.records.update(entry, {**entry.values, "Remaining_Quantity": rest, "Open": bool(rest)})


def _check_stock(erp: Application, item: Record, quantity: Decimal) -> None:
    setup = erp.records.by_code("Inventory_Setup", "")
    if setup is None or not setup.values["Prevent_Negative_Inventory"]:
        return
    stock = stock_of(erp, item)
    if stock + quantity < 0:
        raise refusals.dialog(
            f"You have insufficient quantity of item {item.text('No')} on inventory: {stock} are there, "
            f"{-quantity} are wanted. Receive the goods or ship less."
        )


def stock_of(erp: Application, item: Record) -> Decimal:
    """Return how much of an item is in stock."""
    entries = erp.records.find_equal("Item_Ledger_Entry", Item_No=item.text("No"))
    return sum((entry.amount("Quantity") for entry in entries), _ZERO)


def adjust(erp: Application, item: Record, stock: Decimal) -> None:
    """Bring an item's stock to a counted quantity by one entry; without a difference there is none."""
    if item.text("Type") != "Inventory":
        raise refusals.dialog(f"Item {item.text('No')} is of type {item.text('Type')} and has no inventory.")
    difference = plain_decimal(round_to(stock, _UNIT_PRECISION) - stock_of(erp, item))
    if not difference:
        return
    left, cost = _take(erp, item, ("", ""), difference)
    insert_new(
        erp,
        "Item_Ledger_Entry",
        {
            "Entry_No": next_entry(erp, "Item_Ledger_Entry"),
            "Posting_Date": erp.records.today,
            "Document_Date": erp.records.today,
            "Entry_Type": "Positive Adjmt." if difference > 0 else "Negative Adjmt.",
            "Document_No": "ADJUSTMENT",
            "Item_No": item.values["No"],
            "Description": item.values["Description"],
            "Quantity": difference,
            "Invoiced_Quantity": difference,
            "Remaining_Quantity": plain_decimal(left),
            "Qty_per_Unit_of_Measure": _ONE,
            "Unit_of_Measure_Code": item.values["Base_Unit_of_Measure"],
            "Cost_Amount_Actual": cost,
            "Completely_Invoiced": True,
            "Open": bool(left),
            "Positive": difference > 0,
        },
    )


def invoice(erp: Application, entry: Record, quantity: Decimal, sales_amount: Decimal) -> None:
    """Turn expected into actual amounts for the invoiced part (base units, with the entry's sign)."""
    values: Values = dict(entry.values)
    open_quantity = entry.amount("Quantity") - entry.amount("Invoiced_Quantity")
    precision = rounding_precision(erp, "")
    for kind in ("Cost", "Sales"):
        expected = amount_of(values, f"{kind}_Amount_Expected")
        part = share_of(expected, quantity, open_quantity, precision)
        values[f"{kind}_Amount_Expected"] = plain_decimal(expected - part)
        actual = part if kind == "Cost" else sales_amount
        values[f"{kind}_Amount_Actual"] = plain_decimal(amount_of(values, f"{kind}_Amount_Actual") + actual)
    invoiced = plain_decimal(entry.amount("Invoiced_Quantity") + quantity)
    values["Invoiced_Quantity"] = invoiced
    values["Completely_Invoiced"] = invoiced == entry.amount("Quantity")
    erp.records.update(entry, values)
