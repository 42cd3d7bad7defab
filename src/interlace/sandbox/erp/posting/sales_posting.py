"""Posting of sales orders, invoices and credit memos: shipment, invoice, both ledgers, and what stays open."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.posting.customer_ledger import entry_of, post_entry, settle
from interlace.sandbox.erp.posting.invoiced_lines import invoiced_lines, keep_shipments_invoiced
from interlace.sandbox.erp.posting.item_ledger import Movement, base_quantity, invoice, move, stocked_item
from interlace.sandbox.erp.posting.posting_checks import check_posting
from interlace.sandbox.erp.posting.records import copied, insert_new, posted_number
from interlace.sandbox.erp.posting.release import name_of, release
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.comment_rules import copy_comments, delete_comments
from interlace.sandbox.erp.rules.sales_totals import (
    lines_of,
    recalculate,
    rounding_precision,
    to_local,
)
from interlace.sandbox.erp.sales_amounts import amount_of, round_to
from interlace.sandbox.erp.tables import TABLES

_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """How a kind of document is invoiced: where to, under which numbers, and with which sign."""

    header: str
    line: str
    series: str
    entry_type: str
    item_document: str
    comments: str
    """The document type of the comments on what is posted."""
    sign: int


_INVOICE: Final = _Kind(
    header="Sales_Invoice_Header",
    line="Sales_Invoice_Line",
    series="S-INV+",
    entry_type="Invoice",
    item_document="Sales Invoice",
    comments="Posted Invoice",
    sign=1,
)
_CREDIT_MEMO: Final = _Kind(
    header="Sales_Cr_Memo_Header",
    line="Sales_Cr_Memo_Line",
    series="S-CR+",
    entry_type="Credit Memo",
    item_document="Sales Credit Memo",
    comments="Posted Credit Memo",
    sign=-1,
)


def post_sales(
    erp: Application, header: Record, *, ship: bool, invoice: bool, corrective: bool = False
) -> Record:
    """Post a document and return what came of it: the posted invoice or credit memo, else the shipment.

    Invoices and credit memos are always posted whole. All or nothing: a refusal leaves no trace.
    """
    with erp.records.transaction():
        is_order = header.text("Document_Type") == "Order"
        ship, invoice = (ship, invoice) if is_order else (True, True)
        check_posting(erp, header, lines_of(erp, header), ship=ship, invoice=invoice)
        header = release(erp, header)
        result: Record | None = None
        if is_order and ship:
            result = _ship(erp, header)
        if invoice:
            result = _invoice(erp, header, corrective=corrective) or result
        if result is None:
            raise refusals.dialog(f"There is nothing to post in {name_of(header)}.")
        _finish(erp, header, result)
        return erp.reread(result)


# --- shipping


def _ship(erp: Application, header: Record) -> Record | None:
    lines = lines_of(erp, header)
    if not any(line.amount("Qty_to_Ship") for line in lines):
        return None
    number = posted_number(erp, "S-SHPT", "Sales_Shipment_Header")
    given = {**header.values, "No": number, "Order_No": header.values["No"]}
    shipment = insert_new(erp, "Sales_Shipment_Header", given)
    for line in lines:
        if line.text("Type") == " " or line.amount("Qty_to_Ship"):
            _ship_line(erp, header, line, number)
    copy_comments(erp, header, "Shipment", number)
    return shipment


def _ship_line(erp: Application, header: Record, line: Record, number: str) -> None:
    quantity = line.amount("Qty_to_Ship")
    values = copied(line.values, TABLES["Sales_Shipment_Line"])
    values.update(
        {
            "Document_No": number,
            "Order_No": header.values["No"],
            "Order_Line_No": line.values["Line_No"],
            "Sell_to_Customer_No": header.values["Sell_to_Customer_No"],
            "Quantity": quantity,
            "Quantity_Invoiced": _ZERO,
        }
    )
    item = stocked_item(erp, line)
    if item is not None and quantity:
        whole = line.amount("Amount") * quantity / line.amount("Quantity")
        movement = Movement(
            header=header,
            line=line,
            item=item,
            quantity=-base_quantity(line, quantity),
            document_type="Sales Shipment",
            document_no=number,
            sales_amount=to_local(erp, whole, header.amount("Currency_Factor")),
        )
        values["Item_Shpt_Entry_No"] = move(erp, movement).values["Entry_No"]
    insert_new(erp, "Sales_Shipment_Line", values)
    shipped = plain_decimal(line.amount("Quantity_Shipped") + quantity)
    erp.records.update(line, {**line.values, **_open_quantities(line, shipped=shipped)})


def _open_quantities(line: Record, *, shipped: Decimal) -> Values:
    outstanding = plain_decimal(line.amount("Quantity") - shipped)
    return {
        "Quantity_Shipped": shipped,
        "Outstanding_Quantity": outstanding,
        "Outstanding_Qty_Base": base_quantity(line, outstanding),
        "Qty_Shipped_Not_Invoiced": plain_decimal(shipped - line.amount("Quantity_Invoiced")),
        "Qty_to_Ship": outstanding,
    }


# --- invoicing


def _invoice(erp: Application, header: Record, *, corrective: bool) -> Record | None:
    kind = _CREDIT_MEMO if header.text("Document_Type") == "Credit Memo" else _INVOICE
    lines = lines_of(erp, header)
    if not any(line.amount("Qty_to_Invoice") for line in lines):
        return None
    precision = rounding_precision(erp, header.text("Currency_Code"))
    parts = invoiced_lines(header, lines, precision)
    total = sum((amount_of(part, "Amount") for _, part in parts), _ZERO)
    including = sum((amount_of(part, "Amount_Including_VAT") for _, part in parts), _ZERO)
    if including < 0:
        raise refusals.dialog(
            f"The total amount of {name_of(header)} must be zero or more, but it is {including}. "
            "Make a credit memo instead."
        )
    number = posted_number(erp, kind.series, kind.header)
    posted = _insert_posted(erp, header, kind, number, parts, corrective=corrective)
    copy_comments(erp, header, kind.comments, number)
    profit = _post_lines(erp, header, kind, number, parts)
    entry = _post_customer(erp, posted, kind, (total, including), profit)
    posted = erp.records.update(posted, {**posted.values, "Cust_Ledger_Entry_No": entry.values["Entry_No"]})
    applied = header.text("Applies_to_Doc_No") if kind is _CREDIT_MEMO else ""
    owed = entry_of(erp, "Invoice", applied) if applied else None
    if owed is not None:
        _settle_invoice(erp, header, entry, owed)
    return posted


def _settle_invoice(erp: Application, header: Record, credit: Record, owed: Record) -> None:
    if any(owed.text(name) != credit.text(name) for name in ("Customer_No", "Currency_Code")):
        raise refusals.dialog(
            f"{name_of(header)} cannot be applied to invoice {owed.text('Document_No')}: customer or currency "
            "differ. Apply it to another invoice or to none."
        )
    settle(erp, credit, owed, header.text("Posting_Date"))


def _insert_posted(
    erp: Application,
    header: Record,
    kind: _Kind,
    number: str,
    parts: Sequence[tuple[Record, Values]],
    *,
    corrective: bool,
) -> Record:
    is_order = header.text("Document_Type") == "Order"
    sums = {
        target: plain_decimal(sum((amount_of(part, source) for _, part in parts), _ZERO))
        for target, source in (
            ("Invoice_Discount_Amount", "Inv_Discount_Amount"),
            ("Amount", "Amount"),
            ("Amount_Including_VAT", "Amount_Including_VAT"),
        )
    }
    given = {
        **header.values,
        **sums,
        "No": number,
        "Order_No": header.values["No"] if is_order else "",
        "Pre_Assigned_No": "" if is_order else header.values["No"],
        "Corrective": corrective,
    }
    # A posted invoice keeps the id of its draft; what is invoiced of an order is a document of its own.
    return insert_new(erp, kind.header, given, None if is_order else header.system_id)


def _post_lines(
    erp: Application,
    header: Record,
    kind: _Kind,
    number: str,
    parts: Sequence[tuple[Record, Values]],
) -> Decimal:
    """Insert the posted lines, invoice their goods; return the profit in local currency."""
    factor = header.amount("Currency_Factor")
    profit = _ZERO
    for line, part in parts:
        local = to_local(erp, amount_of(part, "Amount"), factor)
        values = copied({**line.values, **part}, TABLES[kind.line])
        values["Document_No"] = number
        values["Sell_to_Customer_No"] = header.values["Sell_to_Customer_No"]
        values["VAT_Base_Amount"] = part["Amount"]
        if header.text("Document_Type") == "Order":
            values["Order_No"], values["Order_Line_No"] = header.values["No"], line.values["Line_No"]
            values.update(keep_shipments_invoiced(erp, header, line, part, local))
            _count_invoiced(erp, line, part)
        elif stocked_item(erp, line) is not None and amount_of(part, "Quantity"):
            _move_directly(erp, header, kind, number, line, local)
        insert_new(erp, kind.line, values)
        cost = line.amount("Unit_Cost_LCY") * amount_of(part, "Quantity")
        profit += local - round_to(cost, rounding_precision(erp, ""))
    return profit


def _count_invoiced(erp: Application, line: Record, part: Values) -> None:
    current = erp.reread(line)
    invoiced = plain_decimal(current.amount("Quantity_Invoiced") + amount_of(part, "Quantity"))
    discount = current.amount("Inv_Disc_Amount_Invoiced") + amount_of(part, "Inv_Discount_Amount")
    given: Values = {
        **current.values,
        "Quantity_Invoiced": invoiced,
        "Inv_Disc_Amount_Invoiced": plain_decimal(discount),
        "Qty_Shipped_Not_Invoiced": plain_decimal(current.amount("Quantity_Shipped") - invoiced),
    }
    erp.records.update(current, given)


def _move_directly(
    erp: Application, header: Record, kind: _Kind, number: str, line: Record, local: Decimal
) -> None:
    """Goods of an invoice or credit memo without order move when it is posted."""
    item = stocked_item(erp, line)
    assert item is not None, "only goods are moved"
    movement = Movement(
        header=header,
        line=line,
        item=item,
        quantity=-kind.sign * base_quantity(line, line.amount("Quantity")),
        document_type=kind.item_document,
        document_no=number,
        sales_amount=kind.sign * local,
    )
    entry = move(erp, movement)
    invoice(erp, entry, movement.quantity, movement.sales_amount)


def _post_customer(
    erp: Application, posted: Record, kind: _Kind, totals: tuple[Decimal, Decimal], profit: Decimal
) -> Record:
    factor = posted.amount("Currency_Factor")
    total, including = totals
    percent = posted.amount("Payment_Discount_Percent")
    precision = rounding_precision(erp, posted.text("Currency_Code"))
    possible = round_to(including * percent / 100, precision)
    discount = posted.amount("Invoice_Discount_Amount")
    given: Values = {
        **{
            name: posted.values[name]
            for name in (
                "Posting_Date",
                "Document_Date",
                "Due_Date",
                "Pmt_Discount_Date",
                "Sell_to_Customer_No",
                "Your_Reference",
                "Customer_Posting_Group",
                "Salesperson_Code",
                "Currency_Code",
                "Payment_Method_Code",
                "External_Document_No",
            )
        },
        "Document_Type": kind.entry_type,
        "Document_No": posted.values["No"],
        "Customer_No": posted.values["Bill_to_Customer_No"],
        "Customer_Name": posted.values["Bill_to_Name"],
        "Description": f"{kind.entry_type} {posted.text('No')}",
        "Sales_LCY": kind.sign * to_local(erp, total, factor),
        "Profit_LCY": kind.sign * profit,
        "Inv_Discount_LCY": kind.sign * to_local(erp, discount, factor),
        "Original_Pmt_Disc_Possible": kind.sign * possible,
        "Remaining_Pmt_Disc_Possible": kind.sign * possible,
    }
    return post_entry(erp, given, kind.sign * including, kind.sign * to_local(erp, including, factor))


# --- what stays


def _finish(erp: Application, header: Record, result: Record) -> None:
    """Delete what is done; of an order that is not, count anew what is left."""
    lines = lines_of(erp, header)
    is_order = header.text("Document_Type") == "Order"
    if not is_order or all(line.amount("Quantity") == line.amount("Quantity_Invoiced") for line in lines):
        for line in lines:
            erp.records.delete(line)
        delete_comments(erp, header)
        erp.records.delete(erp.reread(header))
        return
    for line in lines:
        left = line.amount("Quantity_Shipped") - line.amount("Quantity_Invoiced")
        to_invoice = plain_decimal(left + line.amount("Outstanding_Quantity"))
        erp.records.update(
            line,
            {**line.values, "Qty_to_Ship": line.values["Outstanding_Quantity"], "Qty_to_Invoice": to_invoice},
        )
    current = erp.reread(header)
    shipped = result.table.name == "Sales_Shipment_Header"
    whole = all(not line.amount("Outstanding_Quantity") for line in lines)
    recalculate(
        erp,
        erp.records.update(
            current,
            {
                **current.values,
                "Completely_Shipped": whole,
                "Last_Shipment_Date": header.values["Posting_Date"],
                "Last_Shipping_No" if shipped else "Last_Posting_No": result.values["No"],
            },
        ),
    )
