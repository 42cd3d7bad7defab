"""The amounts of a sales document as a whole: kept right after every change of header or lines."""

from decimal import Decimal
from typing import Final

from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.sales_amounts import round_to, total_document
from interlace.sandbox.stored_table import SqlClause

_CENT: Final = Decimal("0.01")
_ONE: Final = Decimal(1)


def lines_of(erp: Application, header: Record) -> list[Record]:
    """Return the lines of a sales document in line order."""
    return erp.records.find_equal(
        "Sales_Line", Document_Type=header.text("Document_Type"), Document_No=header.text("No")
    )


def header_of(erp: Application, document_type: str, number: str) -> Record | None:
    """Return the header of a sales document."""
    return erp.records.get(erp.records.layouts["Sales_Header"].table, (document_type, number))


def rounding_precision(erp: Application, currency_code: str) -> Decimal:
    """Return what amounts of a currency are rounded to; blank is the local currency."""
    currency = erp.records.by_code("Currency", currency_code) if currency_code else None
    precision = currency.amount("Amount_Rounding_Precision") if currency is not None else Decimal(0)
    return precision or _CENT


def currency_factor(erp: Application, values: Values) -> Decimal:
    """Return how many units of the document's currency one unit of the local currency buys on the posting
    date.
    """
    code = str(values["Currency_Code"])
    if not code:
        return _ONE
    rates = erp.records.find(
        erp.records.layouts["Currency_Exchange_Rate"].table,
        SqlClause('"Currency_Code" = ? AND "Starting_Date" <= ?', (code, str(values["Posting_Date"]))),
    )
    if not rates or not rates[-1].amount("Relational_Exch_Rate_Amount"):
        return _ONE
    factor = rates[-1].amount("Exchange_Rate_Amount") / rates[-1].amount("Relational_Exch_Rate_Amount")
    return round_to(factor, Decimal("0.000001"))


def recalculate(erp: Application, header: Record) -> Record:
    """Compute all amounts of a document anew and write what changed; the header's version always moves."""
    lines = lines_of(erp, header)
    computed: list[Values] = [dict(line.values) for line in lines]
    total, including = total_document(
        computed,
        discount=header.amount("Invoice_Discount_Amount"),
        prices_including_vat=bool(header.values["Prices_Including_VAT"]),
        precision=rounding_precision(erp, header.text("Currency_Code")),
    )
    for line, values in zip(lines, computed, strict=True):
        if values != line.values:
            erp.records.update(line, values)
    return erp.records.update(
        header,
        {**header.values, "Amount": plain_decimal(total), "Amount_Including_VAT": plain_decimal(including)},
    )
