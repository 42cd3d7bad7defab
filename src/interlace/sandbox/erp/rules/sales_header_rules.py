"""Sales orders' headers: what they copy from the customer, what a release locks, how deletion takes the
lines.
"""

from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.sales_totals import currency_factor, lines_of, recalculate

_ADDRESS: Final = ("Address", "Address_2", "City", "County", "Post_Code", "Country_Region_Code")
_COPIED: Final = (
    "Salesperson_Code",
    "Currency_Code",
    "Prices_Including_VAT",
    "VAT_Bus_Posting_Group",
    "Gen_Bus_Posting_Group",
    "Customer_Posting_Group",
    "Customer_Price_Group",
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
_GUARDED: Final = frozenset(
    {"Sell_to_Customer_No", "Bill_to_Customer_No", "Currency_Code", "Prices_Including_VAT", "Posting_Date"}
)


def _customer(erp: Application, number: str) -> Record:
    customer = erp.records.by_code("Customer", number)
    if customer is None:
        raise refusals.dialog(
            f"The customer {number} does not exist. Create it first or send another number."
        )
    if customer.text("Blocked") != " ":
        raise refusals.dialog(
            f"You cannot create this type of document when customer {number} is blocked with type "
            f"{customer.text('Blocked')}. Unblock the customer first."
        )
    return customer


def _sell_to(erp: Application, number: str) -> Values:
    """What the sell-to customer brings: names, addresses, terms."""
    customer = _customer(erp, number)
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
    return {**copied, **_bill_to(erp, customer.text("Bill_to_Customer_No") or number)}


def _bill_to(erp: Application, number: str) -> Values:
    customer = _customer(erp, number)
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


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    sent = {name: values[name] for name in given}
    for name in ("Document_Date", "Posting_Date", "Order_Date", "Shipment_Date"):
        values[name] = erp.records.today
    if values["Sell_to_Customer_No"]:
        values.update(_sell_to(erp, str(values["Sell_to_Customer_No"])))
    if sent.get("Bill_to_Customer_No"):
        values.update(_bill_to(erp, str(sent["Bill_to_Customer_No"])))
    values.update(sent)
    values["Currency_Factor"] = currency_factor(erp, values)
    if not values["Due_Date"] or "Due_Date" not in given:
        values["Due_Date"] = values["Document_Date"]
    values["Status"] = "Open"


def _created(erp: Application, header: Record) -> None:
    number = header.text("No")
    description = f"{header.text('Document_Type')} {number}"
    if not header.values["Posting_Description"]:
        erp.records.update(header, {**header.values, "Posting_Description": description})


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    guarded = changed & _GUARDED
    if guarded and old.text("Status") != "Open":
        raise refusals.dialog(
            f"Status must be equal to 'Open' in Sales Header: Document Type={old.text('Document_Type')}, "
            f"No={old.text('No')}. Current value is '{old.text('Status')}'. Reopen the document first."
        )
    sent = {name: values[name] for name in changed}
    if "Sell_to_Customer_No" in changed:
        if lines_of(erp, old):
            raise refusals.dialog(
                f"You cannot change the customer of order {old.text('No')} while it has lines. Delete them."
            )
        values.update(_sell_to(erp, str(values["Sell_to_Customer_No"])))
    if "Bill_to_Customer_No" in changed:
        values.update(_bill_to(erp, str(values["Bill_to_Customer_No"])))
    if changed & {f"Ship_to_{field}" for field in (*_ADDRESS, "Name")}:
        values["Ship_to_Code"] = ""
    if old.text("Bill_to_Customer_No") == old.text("Sell_to_Customer_No"):
        for field in _ADDRESS:
            if f"Sell_to_{field}" in changed and f"Bill_to_{field}" not in changed:
                values[f"Bill_to_{field}"] = values[f"Sell_to_{field}"]
    values.update(sent)
    if changed & {"Currency_Code", "Posting_Date"}:
        values["Currency_Factor"] = currency_factor(erp, values)


def _changed(erp: Application, old: Record, new: Record, changed: frozenset[str]) -> None:
    if changed & {"Invoice_Discount_Amount", "Prices_Including_VAT", "Currency_Code"}:
        recalculate(erp, new)


def _deleted(erp: Application, header: Record) -> None:
    for line in lines_of(erp, header):
        erp.records.delete(line)


SALES_HEADER_RULES: Final = Rules(
    complete=_complete, created=_created, check=_check, changed=_changed, deleted=_deleted
)
