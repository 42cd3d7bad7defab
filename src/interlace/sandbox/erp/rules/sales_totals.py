"""The amounts of a sales document as a whole: kept right after every change of header or lines."""

from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.option_members import to_wire_name
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.sales_amounts import (
    amount_of,
    discountable,
    share_of,
    total_document,
)
from interlace.sandbox.stored_table import OrderColumn, SqlClause

_CENT: Final = Decimal("0.01")
_UNIT_PRECISION: Final = Decimal("0.00001")
_FACTOR_PRECISION: Final = Decimal("1E-10")
_ONE: Final = Decimal(1)
_HUNDRED: Final = Decimal(100)


def lines_of(erp: Application, header: Record) -> list[Record]:
    """Return the lines of a sales document in line order."""
    return erp.records.find_equal(
        "Sales_Line",
        Document_Type=to_wire_name(header.text("Document_Type")),
        Document_No=header.text("No"),
    )


def last_line_no(erp: Application, header: Record) -> int:
    """Return the number of a document's last line, 0 for one without lines."""
    key = (to_wire_name(header.text("Document_Type")), header.text("No"))
    of_document = SqlClause('"Document_Type" = ? AND "Document_No" = ?', key)
    last = erp.records.store.page(
        "Sales_Line", where=of_document, order=[OrderColumn("Line_No", True)], limit=1
    )
    if not last:
        return 0
    return int(str(erp.records.layouts["Sales_Line"].from_stored(last[0]).values["Line_No"]))


def header_of(erp: Application, document_type: str, number: str) -> Record | None:
    """Return the header of a sales document."""
    table = erp.records.layouts["Sales_Header"].table
    return erp.records.get(table, (to_wire_name(document_type), number))


def _precision(erp: Application, currency_code: str, name: str, default: Decimal) -> Decimal:
    """A precision of a currency; the local currency's stands in the ledger's setup."""
    setup = erp.records.by_code("Currency" if currency_code else "General_Ledger_Setup", currency_code)
    return (setup.amount(name) if setup is not None else Decimal(0)) or default


def rounding_precision(erp: Application, currency_code: str) -> Decimal:
    """Return what amounts of a currency are rounded to; blank is the local currency."""
    return _precision(erp, currency_code, "Amount_Rounding_Precision", _CENT)


def unit_precision(erp: Application, currency_code: str) -> Decimal:
    """Return what unit prices in a currency are rounded to; blank is the local currency."""
    return _precision(erp, currency_code, "Unit_Amount_Rounding_Precision", _UNIT_PRECISION)


def currency_factor(erp: Application, code: str, day: str) -> Decimal:
    """Return how many units of a currency one unit of the local currency buys on a day."""
    if not code:
        return _ONE
    rates = erp.records.find(
        erp.records.layouts["Currency_Exchange_Rate"].table,
        SqlClause('"Currency_Code" = ? AND "Starting_Date" <= ?', (code, day)),
    )
    if not rates or not rates[-1].amount("Relational_Exch_Rate_Amount"):
        return _ONE
    exchange, relational = (
        rates[-1].amount(name) for name in ("Exchange_Rate_Amount", "Relational_Exch_Rate_Amount")
    )
    return share_of(exchange, _ONE, relational, _FACTOR_PRECISION) or _ONE


def to_local(erp: Application, amount: Decimal, factor: Decimal) -> Decimal:
    """Return an amount in local currency, rounded as the ledger rounds."""
    return share_of(amount, _ONE, factor or _ONE, rounding_precision(erp, ""))


def _discount_percent(erp: Application, header: Record, base: Decimal) -> Decimal | None:
    """The invoice discount that the customer's code gives for this amount; None when none is computed."""
    setup = erp.records.by_code("Sales_Receivables_Setup", "")
    customer = erp.records.by_code("Customer", header.text("Bill_to_Customer_No"))
    if setup is None or not setup.values["Calc_Inv_Discount"] or customer is None:
        return None
    code = customer.text("Invoice_Disc_Code")
    rows = erp.records.find_equal("Cust_Invoice_Disc", Code=code, Currency_Code=header.text("Currency_Code"))
    reached = [row for row in rows if row.amount("Minimum_Amount") <= base]
    if not reached:
        return Decimal(0) if rows else None
    return max(reached, key=lambda row: row.amount("Minimum_Amount")).amount("Discount_Percent")


def _take_discount(erp: Application, header: Record, lines: list[Values], precision: Decimal) -> Values:
    """The header's discount fields: an amount given by hand stays, a percentage follows the lines."""
    if header.text("Invoice_Discount_Calculation") == "Amount":
        return {}
    base = discountable(lines)
    percent = _discount_percent(erp, header, base)
    if percent is None:
        return {}
    return {
        "Invoice_Discount_Calculation": "Percent" if percent else "None",
        "Invoice_Discount_Value": percent,
        "Invoice_Discount_Amount": share_of(base, percent, _HUNDRED, precision),
    }


def _keep_open_amounts(values: Values, factor: Decimal, precision: Decimal) -> None:
    """Keep what is open on a line in local currency: ordered and not shipped, shipped and not invoiced."""
    quantity = amount_of(values, "Quantity")
    including = amount_of(values, "Amount_Including_VAT")
    for target, part in (
        ("Outstanding_Amount_LCY", "Outstanding_Quantity"),
        ("Shipped_Not_Invoiced_LCY", "Qty_Shipped_Not_Invoiced"),
    ):
        whole = quantity * (factor or _ONE)
        values[target] = share_of(including, amount_of(values, part), whole, precision)


def recalculate(erp: Application, header: Record) -> Record:
    """Compute all amounts of a document anew and write what changed; the header's version always moves."""
    lines = lines_of(erp, header)
    computed: list[Values] = [dict(line.values) for line in lines]
    precision = rounding_precision(erp, header.text("Currency_Code"))
    discount = _take_discount(erp, header, computed, precision)
    given = amount_of({**header.values, **discount}, "Invoice_Discount_Amount")
    total, including = total_document(
        computed,
        # A discount by hand may be left above the lines when some of them go.
        discount=min(given, max(discountable(computed), Decimal(0))),
        prices_including_vat=bool(header.values["Prices_Including_VAT"]),
        precision=precision,
    )
    factor, local_precision = header.amount("Currency_Factor"), rounding_precision(erp, "")
    for line, values in zip(lines, computed, strict=True):
        _keep_open_amounts(values, factor, local_precision)
        if values != line.values:
            erp.records.update(line, values)
    totals: Values = {"Amount": plain_decimal(total), "Amount_Including_VAT": plain_decimal(including)}
    return erp.records.update(header, {**header.values, **discount, **totals})
