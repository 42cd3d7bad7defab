"""Customers: the company contact that comes with each one, the primary contact, and what forbids deletion.

A customer and its company contact hold the same name and address; whichever is edited, the other follows.
"""

from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.tables import TABLES

CUSTOMER_RELATION: Final = "CUST"

# What a customer and its company contact hold in common.
SHARED_FIELDS: Final = (
    "Name",
    "Name_2",
    "Address",
    "Address_2",
    "Country_Region_Code",
    "City",
    "County",
    "Post_Code",
    "Phone_No",
    "Mobile_Phone_No",
    "E_Mail",
    "Fax_No",
    "Home_Page",
    "Salesperson_Code",
    "Currency_Code",
    "Language_Code",
    "Territory_Code",
    "VAT_Registration_No",
)


def company_contact_of(erp: Application, customer_no: str) -> Record | None:
    """Return the contact that stands for the customer as a company."""
    for relation in erp.records.find_equal("Contact_Business_Relation", No=customer_no):
        if relation.text("Link_to_Table") == "Customer":
            return erp.records.by_code("Contact", relation.text("Contact_No"))
    return None


def follow_name(values: Values, old_name: str, new_name: str, search_field: str = "Search_Name") -> None:
    """Let the search name follow the name for as long as nobody gave it one of its own."""
    if not values[search_field] or values[search_field] == old_name.upper():
        values[search_field] = new_name.upper()


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    follow_name(values, "", str(values["Name"]))
    if "Allow_Line_Disc" not in given:
        values["Allow_Line_Disc"] = True
    if values["Primary_Contact_No"]:
        _take_primary_contact(erp, None, values, named="Contact" in given)


def _created(erp: Application, customer: Record) -> None:
    contact_values: Values = {name: customer.values[name] for name in SHARED_FIELDS}
    contact_values["Type"] = customer.values["Contact_Type"]
    contact = erp.create(TABLES["Contact"], contact_values)
    erp.records.insert(
        TABLES["Contact_Business_Relation"],
        {
            "Contact_No": contact.values["No"],
            "Business_Relation_Code": CUSTOMER_RELATION,
            "Link_to_Table": "Customer",
            "No": customer.values["No"],
        },
    )
    erp.records.update(contact, {**contact.values, "Contact_Business_Relation": "Customer"})


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    if "Name" in changed and "Search_Name" not in changed:
        follow_name(values, old.text("Name"), str(values["Name"]))
    if "Primary_Contact_No" in changed:
        _take_primary_contact(erp, old, values, named="Contact" in changed)


def _take_primary_contact(erp: Application, old: Record | None, values: Values, *, named: bool) -> None:
    """Check that the primary contact belongs to the customer's company and show its name."""
    number = str(values["Primary_Contact_No"])
    if not number:
        if not named:
            values["Contact"] = ""
        return
    contact = erp.records.by_code("Contact", number)
    if contact is None:
        return  # the relation check names the field
    company = company_contact_of(erp, old.text("No")) if old is not None else None
    if company is None or contact.text("Company_No") != company.text("No"):
        raise refusals.dialog(
            f"Contact {number} {contact.text('Name')} is not related to customer {values['No']}. "
            "Choose a contact whose company is this customer."
        )
    if not named:
        values["Contact"] = contact.text("Name")


def _changed(erp: Application, old: Record, new: Record, changed: frozenset[str]) -> None:
    if "No" in changed:
        for relation in erp.records.find_equal("Contact_Business_Relation", No=old.text("No")):
            if relation.text("Link_to_Table") == "Customer":
                erp.records.update(relation, {**relation.values, "No": new.text("No")})
    shared = changed & set(SHARED_FIELDS)
    contact = company_contact_of(erp, new.text("No")) if shared else None
    if contact is not None:
        erp.change(contact, {name: new.values[name] for name in shared})


def _may_delete(erp: Application, customer: Record) -> None:
    number = customer.text("No")
    if erp.records.has_any("Cust_Ledger_Entry", Customer_No=number):
        raise refusals.dialog(
            f"You cannot delete customer {number} because it has ledger entries. Block it instead."
        )
    is_sold_to = erp.records.has_any("Sales_Header", Sell_to_Customer_No=number)
    if is_sold_to or erp.records.has_any("Sales_Line", Bill_to_Customer_No=number):
        raise refusals.dialog(
            f"You cannot delete customer {number} because there is at least one outstanding sales document "
            "for it. Delete or post the document first."
        )


def _deleted(erp: Application, customer: Record) -> None:
    for relation in erp.records.find_equal("Contact_Business_Relation", No=customer.text("No")):
        if relation.text("Link_to_Table") != "Customer":
            continue
        erp.records.delete(relation)
        contact = erp.records.by_code("Contact", relation.text("Contact_No"))
        if contact is not None:
            erp.records.update(contact, {**contact.values, "Contact_Business_Relation": "None"})


CUSTOMER_RULES: Final = Rules(
    complete=_complete,
    created=_created,
    check=_check,
    changed=_changed,
    may_delete=_may_delete,
    deleted=_deleted,
)
