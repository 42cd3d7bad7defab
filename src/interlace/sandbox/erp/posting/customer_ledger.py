"""Customer ledger entries: what documents and payments owe, and how one settles the other.

Amounts in local currency follow the rate of each posting; when a payment settles an invoice at another rate,
the difference is a realized gain or loss on the invoice's entry, so that entries and remainders add up alike
in both currencies.
"""

from collections.abc import Mapping
from decimal import Decimal

from interlace.sandbox.erp.application import Application, Values
from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.field_values import plain_decimal
from interlace.sandbox.erp.option_members import to_wire_name
from interlace.sandbox.erp.posting.records import insert_new, next_entry
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import rounding_precision
from interlace.sandbox.erp.sales_amounts import share_of


def entry_of(erp: Application, document_type: str, document_no: str) -> Record | None:
    """Return the entry of a posted document."""
    found = erp.records.find_equal(
        "Cust_Ledger_Entry", Document_No=document_no, Document_Type=to_wire_name(document_type)
    )
    return found[0] if found else None


def post_entry(
    erp: Application, given: Mapping[str, Value], amount: Decimal, amount_local: Decimal
) -> Record:
    """Post an entry that nothing has settled yet; a debt of the customer is positive."""
    number = next_entry(erp, "Cust_Ledger_Entry")
    debit, credit = max(amount, Decimal(0)), max(-amount, Decimal(0))
    return insert_new(
        erp,
        "Cust_Ledger_Entry",
        {
            **given,
            "Entry_No": number,
            "Transaction_No": number,
            "Original_Amount": amount,
            "Original_Amt_LCY": amount_local,
            "Amount": amount,
            "Amount_LCY": amount_local,
            "Debit_Amount": debit,
            "Debit_Amount_LCY": max(amount_local, Decimal(0)),
            "Credit_Amount": credit,
            "Credit_Amount_LCY": max(-amount_local, Decimal(0)),
            "Remaining_Amount": amount,
            "Remaining_Amt_LCY": amount_local,
            "Open": bool(amount),
            "Positive": amount > 0,
        },
    )


def settle(erp: Application, credit: Record, invoice: Record, day: str) -> None:
    """Let a payment or credit memo settle what it can of an invoice in the same currency."""
    amount = min(-credit.amount("Remaining_Amount"), invoice.amount("Remaining_Amount"))
    if amount <= 0:
        return
    paid, paid_local = _reduced(erp, credit, -amount)
    owed, owed_local = _reduced(erp, invoice, amount)
    realized = -paid_local - owed_local
    owed["Amount_LCY"] = plain_decimal(invoice.amount("Amount_LCY") + realized)
    owed["Debit_Amount_LCY"] = owed["Amount_LCY"]
    for values, other in ((paid, invoice), (owed, credit)):
        if not values["Open"]:
            values["Closed_at_Date"] = day
            values["Closed_by_Entry_No"] = other.values["Entry_No"]
            values["Closed_by_Amount"] = amount if values is owed else -amount
    erp.records.update(credit, paid)
    erp.records.update(invoice, owed)


def _reduced(erp: Application, entry: Record, amount: Decimal) -> tuple[Values, Decimal]:
    """An entry less a settled amount of its own sign, and that amount at the entry's own rate."""
    remaining = plain_decimal(entry.amount("Remaining_Amount") - amount)
    remaining_local = share_of(
        entry.amount("Original_Amt_LCY"),
        remaining,
        entry.amount("Original_Amount"),
        rounding_precision(erp, ""),
    )
    values: Values = {
        **entry.values,
        "Remaining_Amount": remaining,
        "Remaining_Amt_LCY": remaining_local,
        "Open": bool(remaining),
    }
    return values, entry.amount("Remaining_Amt_LCY") - remaining_local
