"""Fields of posted invoices and their lines that no page shows: what is open, the state, amounts net of VAT.

A CRM document knows prices without tax, in the base unit of a product that is on sale; everything else on an
invoice is a write-in. These fields say what an invoice is in those terms. The amounts themselves stay the ERP's.
"""

from collections.abc import Callable, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from interlace.connectors.business_central.view_fields import WRITE_IN, DerivedField
from interlace.connectors.business_central.virtual_fields import Row, VirtualField, currency_of_group
from interlace.domain.values import Value

HEADER: Final = "Sales_Invoice_Header"
LINE: Final = "Sales_Invoice_Line"

_ZERO = Decimal(0)
_ONE = Decimal(1)
_CENT = Decimal("0.01")
_ACTIVE, _PAID, _CANCELED = 0, 2, 3
_BILLED, _COMPLETE, _PARTIAL, _CANCELED_REASON = 4, 100_001, 100_002, 100_003


def _amount(row: Row, name: str) -> Decimal:
    value = row[name]
    return _ZERO if value is None else Decimal(str(value))


# --- what other pages say


def _open_amounts(rows: Iterable[Row], today: date) -> dict[str, Value]:
    return {str(row["Entry_No"]): row["Remaining_Amount"] for row in rows}


def _units(rows: Iterable[Row], today: date) -> dict[str, Value]:
    return {str(row["No"]): row["Base_Unit_of_Measure"] for row in rows}


def _listed(rows: Iterable[Row], today: date) -> dict[str, Value]:
    return {str(row["No"]): True for row in rows}


def _base_unit(name: str, service: str) -> VirtualField:
    return VirtualField(
        table=LINE,
        name=name,
        argument="No",
        service=service,
        columns=("No", "Base_Unit_of_Measure"),
        fold=_units,
        default="",
    )


def _is_listed(name: str, service: str, condition: str, *, argument: str = "No") -> VirtualField:
    return VirtualField(
        table=LINE,
        name=name,
        argument=argument,
        service=service,
        columns=("No",),
        fold=_listed,
        condition=condition,
        default=False,
    )


POSTED_INVOICE_VIRTUAL_FIELDS: Final = (
    VirtualField(
        table=HEADER,
        name="Open_Amount",
        argument="Cust_Ledger_Entry_No",
        service="CustomerLedgerEntries",
        columns=("Entry_No", "Remaining_Amount"),
        fold=_open_amounts,
        # A payment moves no stamp of the invoice: its entry changes in this list, or leaves it.
        condition="Open eq true",
        default=_ZERO,
    ),
    VirtualField(
        table=HEADER,
        name="Group_Currency",
        argument="Customer_Price_Group",
        service="SalesPrices",
        columns=("Sales_Type", "Sales_Code", "Currency_Code"),
        fold=currency_of_group,
        default="",
    ),
    _base_unit("Item_Base_Unit", "ItemCard"),
    _base_unit("Resource_Base_Unit", "ResourceCard"),
    _is_listed("Item_Blocked", "ItemCard", "Blocked eq true"),
    _is_listed("Resource_Blocked", "ResourceCard", "Blocked eq true"),
    _is_listed(
        "Prices_Including_VAT",
        "PostedSalesInvoice",
        "Prices_Including_VAT eq true",
        argument="Document_No",
    ),
)

# --- headers


def _is_unpaid(row: Row) -> bool:
    left = _amount(row, "Open_Amount")
    return left != _ZERO and left >= _amount(row, "Amount_Including_VAT")


def _state(row: Row) -> Value:
    if row["Cancelled"]:
        return _CANCELED
    return _ACTIVE if _is_unpaid(row) else _PAID


def _state_reason(row: Row) -> Value:
    if row["Cancelled"]:
        return _CANCELED_REASON
    if _is_unpaid(row):
        return _BILLED
    return _PARTIAL if _amount(row, "Open_Amount") else _COMPLETE


def _price_list(row: Row) -> Value:
    """The invoice's price group if it is in its currency; blank stands for the default list of the local one."""
    currency = str(row["Currency_Code"] or "")
    if row["Customer_Price_Group"] and str(row["Group_Currency"] or "") == currency:
        return row["Customer_Price_Group"]
    return f"(no price list in {currency})" if currency else ""


def _tax(row: Row) -> Value:
    return _amount(row, "Amount_Including_VAT") - _amount(row, "Amount")


def _invoice_discount(row: Row) -> Value:
    return max(_ZERO, _amount(row, "Invoice_Discount_Amount"))


def _line_amounts(row: Row) -> Value:
    return _amount(row, "Amount") + max(_ZERO, _amount(row, "Invoice_Discount_Amount"))


# --- lines


def _base_unit_of(row: Row) -> Value:
    if row["Type"] == "Item":
        return row["Item_Base_Unit"] or None
    return row["Resource_Base_Unit"] or None if row["Type"] == "Resource" else None


def _stands_for_write_ins(row: Row) -> bool:
    return row[WRITE_IN] == f"{row['Type']} {row['No']}"


def _product_unit(row: Row) -> Value:
    """The unit in which the CRM sells what the line names; None for a write-in.

    The CRM takes no retired product on a document, so what is blocked by now becomes a write-in, too; and what
    write-ins of CRM orders became in the ERP is one again.
    """
    if _stands_for_write_ins(row):
        return None
    is_blocked = row["Item_Blocked"] if row["Type"] == "Item" else row["Resource_Blocked"]
    return None if is_blocked else _base_unit_of(row)


def _item(row: Row) -> Value:
    return row["No"] if row["Type"] == "Item" and _product_unit(row) else None


def _resource(row: Row) -> Value:
    return row["No"] if row["Type"] == "Resource" and _product_unit(row) else None


def _is_write_in(row: Row) -> Value:
    return _product_unit(row) is None


def _write_in_text(row: Row) -> Value:
    if _product_unit(row) is not None:
        return None
    number = "" if _stands_for_write_ins(row) else row["No"] or ""
    return f"{number} {row['Description'] or ''}".strip() or "-"


def _units_each(row: Row) -> Decimal:
    """How many base units one unit of the line is; 1 for what the CRM doesn't count in base units."""
    base = _base_unit_of(row)
    if base is None or base == row["Unit_of_Measure_Code"]:
        return _ONE
    return _amount(row, "Qty_per_Unit_of_Measure") or _ONE


def _quantity(row: Row) -> Value:
    return _amount(row, "Quantity") * _units_each(row)


def _net(row: Row, name: str) -> Decimal:
    """An amount without the VAT that the document's prices may include."""
    share = 1 + _amount(row, "VAT_Percent") / 100 if row["Prices_Including_VAT"] else _ONE
    return _amount(row, name) / share


def _price(row: Row) -> Value:
    return (_net(row, "Unit_Price") / _units_each(row)).quantize(_CENT, ROUND_HALF_UP)


def _discount(row: Row, name: str) -> Decimal:
    """A discount as the CRM takes it: never negative; what it can't hold stays in the base amount.

    It has the digits of its currency, unless VAT has to be taken out of it.
    """
    net = _net(row, name)
    return max(_ZERO, net.quantize(_CENT, ROUND_HALF_UP) if row["Prices_Including_VAT"] else net)


def _line_discount(row: Row) -> Value:
    return _discount(row, "Line_Discount_Amount")


def _base_amount(row: Row) -> Value:
    discounts = _discount(row, "Line_Discount_Amount") + _discount(row, "Inv_Discount_Amount")
    return _amount(row, "Amount") + discounts


def _extended_amount(row: Row) -> Value:
    return _amount(row, "Amount_Including_VAT") + _discount(row, "Inv_Discount_Amount")


def _text(row: Row) -> Value:
    """The line's own words; sold in another unit than the base unit, it says how many and at which price."""
    text = f"{row['Description'] or ''} {row['Description_2'] or ''}".strip()
    if _units_each(row) == _ONE:
        return text or None
    quantity, price = _amount(row, "Quantity").normalize(), _amount(row, "Unit_Price")
    return f"{text} ({quantity:f} {row['Unit_of_Measure_Code']} at {price:f})".strip()


_BASE = ("Type", "Item_Base_Unit", "Resource_Base_Unit")
_PRODUCT = (*_BASE, "No", WRITE_IN, "Item_Blocked", "Resource_Blocked")
_UNITS = (*_BASE, "Unit_of_Measure_Code", "Qty_per_Unit_of_Measure")
_TAXED = ("Prices_Including_VAT", "VAT_Percent")
_PAID_BY = ("Cancelled", "Open_Amount", "Amount_Including_VAT")


def _field(table: str, name: str, compute: Callable[[Row], Value], *of: str) -> DerivedField:
    return DerivedField(table=table, name=name, of=of, compute=compute)


POSTED_INVOICE_DERIVED_FIELDS: Final = (
    _field(HEADER, "State", _state, *_PAID_BY),
    _field(HEADER, "State_Reason", _state_reason, *_PAID_BY),
    _field(HEADER, "Price_List", _price_list, "Currency_Code", "Customer_Price_Group", "Group_Currency"),
    _field(HEADER, "Tax_Amount", _tax, "Amount", "Amount_Including_VAT"),
    _field(HEADER, "Discount_Amount", _invoice_discount, "Invoice_Discount_Amount"),
    _field(HEADER, "Line_Amounts", _line_amounts, "Amount", "Invoice_Discount_Amount"),
    _field(LINE, "Item", _item, *_PRODUCT),
    _field(LINE, "Resource", _resource, *_PRODUCT),
    _field(LINE, "Product_Unit", _product_unit, *_PRODUCT),
    _field(LINE, "Is_Write_In", _is_write_in, *_PRODUCT),
    _field(LINE, "Write_In_Text", _write_in_text, "Description", *_PRODUCT),
    _field(LINE, "Base_Quantity", _quantity, "Quantity", *_UNITS),
    _field(LINE, "Net_Price", _price, "Unit_Price", *_UNITS, *_TAXED),
    _field(LINE, "Net_Line_Discount", _line_discount, "Line_Discount_Amount", *_TAXED),
    _field(LINE, "Tax_Amount", _tax, "Amount", "Amount_Including_VAT"),
    _field(
        LINE, "Base_Amount", _base_amount, "Amount", "Line_Discount_Amount", "Inv_Discount_Amount", *_TAXED
    ),
    _field(LINE, "Extended_Amount", _extended_amount, "Amount_Including_VAT", "Inv_Discount_Amount", *_TAXED),
    _field(LINE, "Line_Text", _text, "Description", "Description_2", "Quantity", "Unit_Price", *_UNITS),
)
