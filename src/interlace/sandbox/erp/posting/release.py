"""Release and reopening of sales documents: only an open document may be edited."""

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_header_rules import check_customer
from interlace.sandbox.erp.rules.sales_totals import lines_of, recalculate


def name_of(header: Record) -> str:
    """Return a document as messages to people name it."""
    return f"{header.text('Document_Type')} {header.text('No')}"


def release(erp: Application, header: Record) -> Record:
    """Release a document; one that is released already stays as it is."""
    if header.text("Status") == "Released":
        return header
    if header.text("Status") != "Open":
        raise refusals.dialog(
            f"{name_of(header)} cannot be released while its status is '{header.text('Status')}'. "
            "Finish the approval or the prepayment first."
        )
    with erp.records.transaction():
        check_customer(erp, header.text("Sell_to_Customer_No"), header.text("Document_Type"))
        lines = [line for line in lines_of(erp, header) if line.text("Type") != " "]
        if not any(line.amount("Quantity") for line in lines):
            raise refusals.dialog(
                f"There is nothing to release for the document of type {header.text('Document_Type')} with "
                f"the number {header.text('No')}. Add a line with a quantity."
            )
        for line in lines:
            if line.text("Type") == "Item" and not line.text("Unit_of_Measure_Code"):
                raise refusals.dialog(
                    f"Unit of Measure Code must have a value in line {line.values['Line_No']} of "
                    f"{name_of(header)}. It cannot be blank."
                )
        totalled = recalculate(erp, header)
        return erp.records.update(totalled, {**totalled.values, "Status": "Released"})


def reopen(erp: Application, header: Record) -> Record:
    """Open a released document for editing; an open one stays as it is."""
    if header.text("Status") == "Open":
        return header
    if header.text("Status") == "Pending Approval":
        raise refusals.dialog(
            f"{name_of(header)} cannot be reopened while its approval is pending. Cancel the approval first."
        )
    with erp.records.transaction():
        return erp.records.update(header, {**header.values, "Status": "Open"})
