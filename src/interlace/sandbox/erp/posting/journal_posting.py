"""Payment journals: their lines become customer ledger entries that settle invoices."""

from decimal import Decimal

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.posting.customer_ledger import entry_of, post_entry, settle
from interlace.sandbox.erp.posting.posting_checks import check_posting_date
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import currency_factor, to_local

# The sign that the amount of a kind of entry has: what the customer gives is negative.
_SIGNS = {"Payment": -1, "Credit Memo": -1, "Refund": 1, "Invoice": 1}


def post_journal(erp: Application, batch: Record) -> None:
    """Post every line of a journal, or none; the journal is empty afterwards."""
    with erp.records.transaction():
        lines = erp.records.find_equal("Gen_Journal_Line", Journal_Batch_Name=batch.text("Name"))
        if not lines:
            raise refusals.dialog(f"There is nothing to post in journal {batch.text('Name')}.")
        for line in lines:
            _post_line(erp, line)
            erp.records.delete(line)


def _post_line(erp: Application, line: Record) -> None:
    where = f"line {line.values['Line_No']} of journal {line.text('Journal_Batch_Name')}"
    customer = erp.records.by_code("Customer", line.text("Account_No"))
    if customer is None:
        raise refusals.dialog(f"Account No must have a value in {where}: the customer who pays.")
    if customer.text("Blocked") == "All":
        raise refusals.dialog(f"You cannot post {where}: customer {customer.text('No')} is blocked.")
    check_posting_date(erp, line.text("Posting_Date"), where)
    amount, kind = line.amount("Amount"), line.text("Document_Type")
    sign = _SIGNS.get(kind)
    if not amount or (sign is not None and amount * sign < 0):
        wanted = "negative" if sign == -1 else "positive"
        raise refusals.dialog(f"Amount must be {wanted} in {where} for a {kind}, but it is {amount}.")
    owed = _applied(erp, line, where)
    code = line.text("Currency_Code")
    factor = currency_factor(erp, code, line.text("Posting_Date"))
    given: Values = {
        "Posting_Date": line.values["Posting_Date"],
        "Document_Date": line.values["Posting_Date"],
        "Due_Date": line.values["Posting_Date"],
        "Document_Type": kind,
        "Document_No": line.values["Document_No"],
        "External_Document_No": line.values["External_Document_No"],
        "Customer_No": customer.values["No"],
        "Customer_Name": customer.values["Name"],
        "Sell_to_Customer_No": customer.values["No"],
        "Description": line.values["Description"] or f"{kind} {line.text('Document_No')}",
        "Customer_Posting_Group": customer.values["Customer_Posting_Group"],
        "Salesperson_Code": customer.values["Salesperson_Code"],
        "Currency_Code": code,
        "Applies_to_Doc_Type": line.values["Applies_to_Doc_Type"],
        "Applies_to_Doc_No": line.values["Applies_to_Doc_No"],
    }
    entry = post_entry(erp, given, amount, to_local(erp, amount, factor))
    if owed is not None and amount < Decimal(0):
        settle(erp, entry, owed, line.text("Posting_Date"))


def _applied(erp: Application, line: Record, where: str) -> Record | None:
    number = line.text("Applies_to_Doc_No")
    if not number:
        return None
    owed = entry_of(erp, "Invoice", number)
    if owed is None or not owed.values["Open"]:
        raise refusals.dialog(f"Invoice {number} in {where} is not open. Apply the payment to another one.")
    if owed.text("Customer_No") != line.text("Account_No"):
        raise refusals.dialog(
            f"Invoice {number} in {where} belongs to another customer. Correct one of them."
        )
    if owed.text("Currency_Code") != line.text("Currency_Code"):
        raise refusals.dialog(f"Invoice {number} in {where} is in another currency. Pay it in its own.")
    return owed
