"""What a sales document must satisfy before it is posted; every refusal says what to do."""

from collections.abc import Sequence
from decimal import Decimal

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application
from interlace.sandbox.erp.declaration import BLANK_DATE
from interlace.sandbox.erp.posting.release import name_of
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.vat_setup import vat_setup

_POSTED_TYPES = frozenset({"Order", "Invoice", "Credit Memo"})


def check_posting(
    erp: Application, header: Record, lines: Sequence[Record], *, ship: bool, invoice: bool
) -> None:
    """Refuse a posting that the ERP would not do."""
    if header.text("Document_Type") not in _POSTED_TYPES:
        raise refusals.dialog(f"{name_of(header)} cannot be posted. Make an order or an invoice of it first.")
    if header.text("Status") not in {"Open", "Released"}:
        raise refusals.dialog(
            f"{name_of(header)} cannot be posted while its status is '{header.text('Status')}'."
        )
    _check_header(erp, header)
    _check_blocked(erp, header, ship=ship, invoice=invoice)
    handled = [
        line for line in lines if line.text("Type") != " " and _is_handled(line, ship=ship, invoice=invoice)
    ]
    if not handled:
        raise refusals.dialog(
            f"There is nothing to post in {name_of(header)} because it does not contain a quantity to ship "
            "or to invoice."
        )
    for line in handled:
        _check_line(erp, header, line, ship=ship, invoice=invoice)
    if ship and header.text("Document_Type") == "Order":
        _check_advice(header, lines)


def check_posting_date(erp: Application, day: str, subject: str) -> None:
    """Refuse a posting date outside of the range that the ledger's setup allows."""
    if day == BLANK_DATE:
        raise refusals.dialog(f"Posting Date must have a value in {subject}. It cannot be blank.")
    setup = erp.records.by_code("General_Ledger_Setup", "")
    if setup is None:
        return
    first, last = setup.text("Allow_Posting_From"), setup.text("Allow_Posting_To")
    if day < first or (last != BLANK_DATE and day > last):
        raise refusals.field_validation(
            f"The Posting Date {day} of {subject} is not within your range of allowed posting dates. "
            "Change the date, or the range in the General Ledger Setup."
        )


def _is_handled(line: Record, *, ship: bool, invoice: bool) -> bool:
    return bool((ship and line.amount("Qty_to_Ship")) or (invoice and line.amount("Qty_to_Invoice")))


def _check_header(erp: Application, header: Record) -> None:
    check_posting_date(erp, header.text("Posting_Date"), name_of(header))
    for name in ("Sell_to_Customer_No", "Bill_to_Customer_No", "Document_Date"):
        if header.values[name] == header.table.by_name[name].blank:
            raise refusals.dialog(
                f"{header.table.by_name[name].caption} must have a value in {name_of(header)}. "
                "It cannot be blank."
            )
    setup = erp.records.by_code("Sales_Receivables_Setup", "")
    mandatory = setup is not None and bool(setup.values["Ext_Doc_No_Mandatory"])
    if mandatory and not header.text("External_Document_No"):
        raise refusals.dialog(
            f"External Document No must have a value in {name_of(header)}. It cannot be blank."
        )


def _check_blocked(erp: Application, header: Record, *, ship: bool, invoice: bool) -> None:
    for name, is_concerned, kind in (
        ("Sell_to_Customer_No", ship and header.text("Document_Type") == "Order", "Ship"),
        ("Bill_to_Customer_No", invoice and header.text("Document_Type") != "Credit Memo", "Invoice"),
    ):
        number = header.text(name)
        customer = erp.records.by_code("Customer", number)
        if customer is None:
            raise refusals.dialog(f"The customer {number} of {name_of(header)} does not exist.")
        blocked = customer.text("Blocked")
        if customer.values["Privacy_Blocked"] or blocked == "All" or (is_concerned and blocked == kind):
            raise refusals.dialog(
                f"You cannot post {name_of(header)} when customer {number} is blocked with type {blocked}. "
                "Unblock the customer first."
            )


def _check_line(erp: Application, header: Record, line: Record, *, ship: bool, invoice: bool) -> None:
    where = f"line {line.values['Line_No']} of {name_of(header)}"
    if not line.text("No"):
        raise refusals.dialog(f"No must have a value in {where}. It cannot be blank.")
    vat_setup(erp, header.text("VAT_Bus_Posting_Group"), line.text("VAT_Prod_Posting_Group"))
    product = {"Item": "Item", "Resource": "Resource", "G/L Account": "G_L_Account"}.get(line.text("Type"))
    record = erp.records.by_code(product, line.text("No")) if product is not None else None
    if product is not None and record is None:
        raise refusals.dialog(f"{line.text('Type')} {line.text('No')} in {where} does not exist any more.")
    if record is not None and record.values["Blocked"]:
        raise refusals.dialog(
            f"{line.text('Type')} {line.text('No')} in {where} is blocked. Unblock it first."
        )
    if invoice and header.text("Document_Type") == "Order":
        shipped = line.amount("Qty_Shipped_Not_Invoiced") + (
            line.amount("Qty_to_Ship") if ship else Decimal(0)
        )
        if abs(line.amount("Qty_to_Invoice")) > abs(shipped):
            raise refusals.dialog(
                f"You cannot invoice more than {shipped} units in {where}: the rest has not been shipped."
            )


def _check_advice(header: Record, lines: Sequence[Record]) -> None:
    if header.text("Shipping_Advice") != "Complete":
        return
    if any(line.amount("Qty_to_Ship") != line.amount("Outstanding_Quantity") for line in lines):
        raise refusals.dialog(
            f"{name_of(header)} must be shipped completely: its Shipping Advice is Complete. Ship every "
            "line in full or change the advice."
        )
