"""Lines of payment journals: numbers, dates, and the currency of the invoice that is paid."""

from typing import Final

from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.number_series import next_number
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import currency_factor, rounding_precision, to_local
from interlace.sandbox.erp.sales_amounts import amount_of, round_to

_LINE_STEP: Final = 10_000


def _never_taken(number: str) -> bool:
    return False


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    if not values["Line_No"]:
        lines = erp.records.find_equal(
            "Gen_Journal_Line", Journal_Batch_Name=str(values["Journal_Batch_Name"])
        )
        values["Line_No"] = (int(str(lines[-1].values["Line_No"])) if lines else 0) + _LINE_STEP
    if "Document_Type" not in given:
        values["Document_Type"] = "Payment"
    if "Posting_Date" not in given:
        values["Posting_Date"] = erp.records.today
    if not values["Document_No"]:
        values["Document_No"] = next_number(erp.records.store, "GJNL-PMT", _never_taken)
    _take_invoice(erp, values, frozenset({*given, "Applies_to_Doc_No", "Account_No"}))


def _take_invoice(erp: Application, values: Values, given: frozenset[str]) -> None:
    number = str(values["Applies_to_Doc_No"])
    invoice = erp.records.by_code("Sales_Invoice_Header", number) if number else None
    values["Applies_to_Doc_Type"] = "Invoice" if number else " "
    if invoice is not None and not values["Account_No"]:
        values["Account_No"] = invoice.values["Bill_to_Customer_No"]
    customer = erp.records.by_code("Customer", str(values["Account_No"]))
    source = invoice if invoice is not None else customer
    if "Currency_Code" not in given and source is not None:
        values["Currency_Code"] = source.values["Currency_Code"]
    code = str(values["Currency_Code"])
    values["Currency_Factor"] = currency_factor(erp, code, str(values["Posting_Date"]))
    values["Amount"] = round_to(amount_of(values, "Amount"), rounding_precision(erp, code))
    values["Amount_LCY"] = to_local(erp, amount_of(values, "Amount"), amount_of(values, "Currency_Factor"))


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    _take_invoice(erp, values, changed)


JOURNAL_LINE_RULES: Final = Rules(complete=_complete, check=_check)
