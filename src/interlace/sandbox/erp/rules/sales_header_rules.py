"""Sales documents' headers: what they copy from the customer, what a release locks, how deletion takes the
lines.
"""

from collections.abc import Mapping
from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.date_formulas import add_formula
from interlace.sandbox.erp.declaration import BLANK_DATE
from interlace.sandbox.erp.number_series import next_number
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.comment_rules import delete_comments
from interlace.sandbox.erp.rules.sales_line_rules import follow_header
from interlace.sandbox.erp.rules.sales_totals import (
    currency_factor,
    header_of,
    lines_of,
    recalculate,
    rounding_precision,
)
from interlace.sandbox.erp.sales_amounts import amount_of, discountable, round_to

_ADDRESS: Final = ("Address", "Address_2", "City", "County", "Post_Code", "Country_Region_Code")
_COPIED: Final = (
    "Salesperson_Code",
    "Currency_Code",
    "Prices_Including_VAT",
    "VAT_Bus_Posting_Group",
    "Gen_Bus_Posting_Group",
    "Customer_Posting_Group",
    "Customer_Price_Group",
    "Allow_Line_Disc",
    "Payment_Terms_Code",
    "Payment_Method_Code",
    "Shipment_Method_Code",
    "Shipping_Agent_Code",
    "Shipping_Agent_Service_Code",
    "Shipping_Advice",
    "Location_Code",
    "Responsibility_Center",
    "Ship_to_Code",
)
# What may only change while a document is open.
GUARDED_FIELDS: Final = frozenset(
    {
        "Sell_to_Customer_No",
        "Bill_to_Customer_No",
        "Currency_Code",
        "Customer_Price_Group",
        "Allow_Line_Disc",
        "Prices_Including_VAT",
        "VAT_Bus_Posting_Group",
        "Posting_Date",
        "Payment_Terms_Code",
        "Payment_Discount_Percent",
        "Location_Code",
        "Shipping_Advice",
        "Shipping_Agent_Code",
        "Requested_Delivery_Date",
        "Promised_Delivery_Date",
        "Invoice_Discount_Amount",
    }
)
# Which blockings of a customer forbid a kind of document: see the customer's field Blocked.
_BLOCKING: Final[Mapping[str, frozenset[str]]] = {
    "Quote": frozenset({"All", "Invoice", "Ship"}),
    "Order": frozenset({"All", "Invoice", "Ship"}),
    "Invoice": frozenset({"All", "Invoice"}),
    "Credit Memo": frozenset({"All"}),
}
# The number series of the kinds; the table's own is that of orders.
_SERIES: Final = {"Quote": "S-QUO", "Invoice": "S-INV", "Credit Memo": "S-CR"}


def check_customer(erp: Application, number: str, document_type: str) -> Record:
    """Return a customer who may have such a document; refuses a blocked or unknown one."""
    customer = erp.records.by_code("Customer", number)
    if customer is None:
        raise refusals.dialog(
            f"The customer {number} does not exist. Create it first or send another number."
        )
    if customer.text("Blocked") in _BLOCKING.get(document_type, frozenset({"All"})):
        raise refusals.dialog(
            f"You cannot create this type of document when customer {number} is blocked with type "
            f"{customer.text('Blocked')}. Unblock the customer first."
        )
    return customer


def _sell_to(erp: Application, number: str, document_type: str) -> Values:
    """What the sell-to customer brings: names, addresses, terms."""
    customer = check_customer(erp, number, document_type)
    copied: Values = {
        "Sell_to_Customer_No": number,
        "Sell_to_Customer_Name": customer.values["Name"],
        "Sell_to_Customer_Name_2": customer.values["Name_2"],
        "Sell_to_Contact_No": customer.values["Primary_Contact_No"],
        "Sell_to_Contact": customer.values["Contact"],
        "Sell_to_Phone_No": customer.values["Phone_No"],
        "Sell_to_E_Mail": customer.values["E_Mail"],
        "Ship_to_Name": customer.values["Name"],
        "Ship_to_Name_2": customer.values["Name_2"],
        "Ship_to_Contact": customer.values["Contact"],
    }
    for field in _ADDRESS:
        copied[f"Sell_to_{field}"] = customer.values[field]
        copied[f"Ship_to_{field}"] = customer.values[field]
    for field in _COPIED:
        copied[field] = customer.values[field]
    bill_to = customer.text("Bill_to_Customer_No") or number
    return {**copied, **_bill_to(erp, bill_to, document_type)}


def _bill_to(erp: Application, number: str, document_type: str) -> Values:
    customer = check_customer(erp, number, document_type)
    copied: Values = {
        "Bill_to_Customer_No": number,
        "Bill_to_Name": customer.values["Name"],
        "Bill_to_Name_2": customer.values["Name_2"],
        "Bill_to_Contact_No": customer.values["Primary_Contact_No"],
        "Bill_to_Contact": customer.values["Contact"],
    }
    for field in _ADDRESS:
        copied[f"Bill_to_{field}"] = customer.values[field]
    return copied


def take_terms(erp: Application, values: Values, sent: frozenset[str]) -> None:
    """The due date and the payment discount follow from the payment terms and the document date."""
    terms = erp.records.by_code("Payment_Terms", str(values["Payment_Terms_Code"]))
    day = str(values["Document_Date"])
    discounted = terms is not None and (
        values["Document_Type"] != "Credit Memo" or bool(terms.values["Calc_Pmt_Disc_on_Cr_Memos"])
    )
    computed: Values = {
        "Due_Date": add_formula(day, terms.text("Due_Date_Calculation")) if terms is not None else day,
        "Payment_Discount_Percent": 0,
        "Pmt_Discount_Date": BLANK_DATE,
    }
    if terms is not None and discounted and terms.amount("Discount_Percent"):
        computed["Payment_Discount_Percent"] = terms.amount("Discount_Percent")
        computed["Pmt_Discount_Date"] = add_formula(day, terms.text("Discount_Date_Calculation"))
    values.update({name: value for name, value in computed.items() if name not in sent})


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    sent = {name: values[name] for name in given}
    kind = str(values["Document_Type"])
    for name in ("Document_Date", "Posting_Date", "Order_Date", "Shipment_Date"):
        values[name] = erp.records.today
    if values["Sell_to_Customer_No"]:
        values.update(_sell_to(erp, str(values["Sell_to_Customer_No"]), kind))
    if sent.get("Bill_to_Customer_No"):
        values.update(_bill_to(erp, str(sent["Bill_to_Customer_No"]), kind))
    values.update(sent)
    values["Currency_Factor"] = currency_factor(
        erp, str(values["Currency_Code"]), str(values["Posting_Date"])
    )
    take_terms(erp, values, given)
    if "Invoice_Discount_Amount" in given:
        _take_manual_discount(erp, values)
    if values["Applies_to_Doc_No"]:
        values["Applies_to_Doc_Type"] = "Invoice"
    values["Status"] = "Open"
    if not values["No"] and kind in _SERIES:
        values["No"] = next_number(
            erp.records.store, _SERIES[kind], lambda number: header_of(erp, kind, number) is not None
        )


def _take_manual_discount(erp: Application, values: Values) -> None:
    precision = rounding_precision(erp, str(values["Currency_Code"]))
    values["Invoice_Discount_Amount"] = round_to(amount_of(values, "Invoice_Discount_Amount"), precision)
    values["Invoice_Discount_Calculation"] = "Amount"
    values["Invoice_Discount_Value"] = values["Invoice_Discount_Amount"]


def _created(erp: Application, header: Record) -> None:
    number = header.text("No")
    description = f"{header.text('Document_Type')} {number}"
    if not header.values["Posting_Description"]:
        erp.records.update(header, {**header.values, "Posting_Description": description})


def _check_discount(erp: Application, old: Record, values: Values) -> None:
    _take_manual_discount(erp, values)
    lines = lines_of(erp, old)
    base = discountable([line.values for line in lines])
    if lines and not 0 <= amount_of(values, "Invoice_Discount_Amount") <= abs(base):
        raise refusals.field_validation(
            f"The invoice discount of {old.text('Document_Type')} {old.text('No')} must lie between 0 and "
            f"{base}, the amount of the lines that allow one. Send a smaller discount."
        )


def _check_status(old: Record, changed: frozenset[str]) -> None:
    if changed & GUARDED_FIELDS and old.text("Status") != "Open":
        raise refusals.dialog(
            f"Status must be equal to 'Open' in Sales Header: Document Type={old.text('Document_Type')}, "
            f"No={old.text('No')}. Current value is '{old.text('Status')}'. Reopen the document first."
        )


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    _check_status(old, changed)
    kind = old.text("Document_Type")
    sent = {name: values[name] for name in changed}
    if "Sell_to_Customer_No" in changed:
        if lines_of(erp, old):
            raise refusals.dialog(
                f"You cannot change the customer of order {old.text('No')} while it has lines. Delete them."
            )
        values.update(_sell_to(erp, str(values["Sell_to_Customer_No"]), kind))
    if "Bill_to_Customer_No" in changed:
        values.update(_bill_to(erp, str(values["Bill_to_Customer_No"]), kind))
    if changed & {f"Ship_to_{field}" for field in (*_ADDRESS, "Name")}:
        values["Ship_to_Code"] = ""
    if old.text("Bill_to_Customer_No") == old.text("Sell_to_Customer_No"):
        moved = [name for name in _ADDRESS if f"Sell_to_{name}" in changed]
        values.update({f"Bill_to_{name}": values[f"Sell_to_{name}"] for name in moved})
    values.update(sent)
    if changed & {"Currency_Code", "Posting_Date", "Sell_to_Customer_No"}:
        values["Currency_Factor"] = currency_factor(
            erp, str(values["Currency_Code"]), str(values["Posting_Date"])
        )
    if changed & {"Document_Date", "Payment_Terms_Code", "Sell_to_Customer_No"}:
        take_terms(erp, values, changed)
    if "Invoice_Discount_Amount" in changed:
        _check_discount(erp, old, values)
    if "Applies_to_Doc_No" in changed:
        values["Applies_to_Doc_Type"] = "Invoice" if values["Applies_to_Doc_No"] else " "


_PRICED: Final = frozenset(
    {"Currency_Code", "Prices_Including_VAT", "VAT_Bus_Posting_Group", "Customer_Price_Group"}
)
_TOTALLED: Final = frozenset({"Invoice_Discount_Amount", "Posting_Date", "Bill_to_Customer_No"})


def _changed(erp: Application, old: Record, new: Record, changed: frozenset[str]) -> None:
    if changed & _PRICED:
        follow_header(erp, old, new)
    if changed & (_PRICED | _TOTALLED):
        recalculate(erp, new)


def _may_delete(erp: Application, header: Record) -> None:
    for line in lines_of(erp, header):
        if line.amount("Qty_Shipped_Not_Invoiced"):
            raise refusals.dialog(
                f"You cannot delete {header.text('Document_Type')} {header.text('No')} because its line "
                f"{line.values['Line_No']} has been shipped but not invoiced. Invoice it first."
            )


def _deleted(erp: Application, header: Record) -> None:
    delete_comments(erp, header)
    for line in lines_of(erp, header):
        erp.records.delete(line)


SALES_HEADER_RULES: Final = Rules(
    complete=_complete,
    created=_created,
    check=_check,
    changed=_changed,
    may_delete=_may_delete,
    deleted=_deleted,
)
