"""Documents made from others: orders and invoices from quotes, credit memos from posted invoices."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.number_series import next_number
from interlace.sandbox.erp.posting.customer_ledger import entry_of
from interlace.sandbox.erp.posting.records import insert_new
from interlace.sandbox.erp.posting.release import name_of
from interlace.sandbox.erp.posting.sales_posting import post_sales
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.comment_rules import copy_comments, delete_comments
from interlace.sandbox.erp.rules.sales_header_rules import check_customer, take_terms
from interlace.sandbox.erp.rules.sales_totals import currency_factor, header_of, lines_of, recalculate

_SERIES: Final = {"Order": "S-ORD", "Invoice": "S-INV", "Credit Memo": "S-CR"}
_ZERO: Final = Decimal(0)


def _insert_document(
    erp: Application, kind: str, header: Mapping[str, Value], lines: Iterable[Mapping[str, Value]]
) -> Record:
    """Add an open document of a kind with lines of which nothing has been shipped or invoiced."""
    check_customer(erp, str(header["Sell_to_Customer_No"]), kind)
    number = next_number(
        erp.records.store, _SERIES[kind], lambda tried: header_of(erp, kind, tried) is not None
    )
    given: Values = {**header, "Document_Type": kind, "No": number, "Status": "Open"}
    given["Posting_Date"] = given["Document_Date"] = given["Order_Date"] = erp.records.today
    given["Posting_Description"] = f"{kind} {number}"
    take_terms(erp, given, frozenset())
    made = insert_new(erp, "Sales_Header", given)
    for line in lines:
        quantity = line["Quantity"]
        untouched: Values = {
            "Document_Type": kind,
            "Document_No": number,
            "Bill_to_Customer_No": given["Bill_to_Customer_No"],
            "Outstanding_Quantity": quantity,
            "Outstanding_Qty_Base": Decimal(str(quantity)) * Decimal(str(line["Qty_per_Unit_of_Measure"])),
            "Qty_to_Ship": quantity,
            "Qty_to_Invoice": quantity,
            "Quantity_Shipped": _ZERO,
            "Quantity_Invoiced": _ZERO,
            "Qty_Shipped_Not_Invoiced": _ZERO,
            "Inv_Disc_Amount_Invoiced": _ZERO,
        }
        insert_new(erp, "Sales_Line", {**line, **untouched})
    return made


def _convert_quote(erp: Application, quote: Record, kind: str) -> Record:
    with erp.records.transaction():
        if not quote.text("Sell_to_Customer_No"):
            raise refusals.dialog(f"{name_of(quote)} has no customer yet. Create the customer first.")
        header: Values = {**quote.values, "Quote_No": quote.values["No"]}
        lines = lines_of(erp, quote)
        header["Currency_Factor"] = currency_factor(erp, quote.text("Currency_Code"), erp.records.today)
        made = _insert_document(erp, kind, header, [line.values for line in lines])
        _win_opportunity(erp, quote)
        copy_comments(erp, quote, kind, made.text("No"))
        delete_comments(erp, quote)
        for line in lines:
            erp.records.delete(line)
        erp.records.delete(quote)
        return erp.reread(recalculate(erp, made))


def _win_opportunity(erp: Application, quote: Record) -> None:
    opportunity = erp.records.by_code("Opportunity", quote.text("Opportunity_No"))
    if opportunity is not None and not opportunity.values["Closed"]:
        won: Values = {"Status": "Won", "Closed": True, "Date_Closed": erp.records.today}
        erp.records.update(opportunity, {**opportunity.values, **won})


def make_order(erp: Application, quote: Record) -> Record:
    """Make an order of a quote; prices and discounts stay, the quote goes, its opportunity is won."""
    return _convert_quote(erp, quote, "Order")


def make_invoice(erp: Application, quote: Record) -> Record:
    """Make an invoice of a quote; prices and discounts stay, the quote goes, its opportunity is won."""
    return _convert_quote(erp, quote, "Invoice")


def make_corrective_credit_memo(erp: Application, invoice: Record) -> Record:
    """Make an open credit memo that takes back a posted invoice which nobody has paid yet."""
    entry = entry_of(erp, "Invoice", invoice.text("No"))
    if invoice.values["Cancelled"] or entry is None:
        raise refusals.dialog(f"Invoice {invoice.text('No')} has been cancelled already.")
    if entry.amount("Remaining_Amount") != entry.amount("Original_Amount"):
        raise refusals.dialog(
            f"You cannot cancel invoice {invoice.text('No')} because it has been paid or applied in part. "
            "Create a credit memo by hand instead."
        )
    with erp.records.transaction():
        header: Values = {
            **invoice.values,
            "Applies_to_Doc_Type": "Invoice",
            "Applies_to_Doc_No": invoice.values["No"],
            "Invoice_Discount_Calculation": "Amount",
        }
        lines = erp.records.find_equal("Sales_Invoice_Line", Document_No=invoice.text("No"))
        return _insert_document(erp, "Credit Memo", header, [line.values for line in lines])


def cancel_invoice(erp: Application, invoice: Record) -> Record:
    """Take a posted invoice back by a corrective credit memo, posted at once and applied to it."""
    with erp.records.transaction():
        memo = make_corrective_credit_memo(erp, invoice)
        posted = post_sales(erp, memo, ship=True, invoice=True, corrective=True)
        current = erp.reread(invoice)
        erp.records.update(current, {**current.values, "Cancelled": True})
        return posted
