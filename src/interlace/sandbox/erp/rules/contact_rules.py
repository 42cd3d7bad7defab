"""Contacts: persons' names and their parts, the company they belong to, and the customer behind a company."""

from typing import Final

from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.record_layout import Record
from interlace.sandbox.erp.rules.customer_rules import SHARED_FIELDS, follow_name
from interlace.sandbox.stored_table import SqlClause

_NAME_PARTS: Final = ("First_Name", "Middle_Name", "Surname")
_PART_LENGTH: Final = 30


def _join_name(values: Values) -> str:
    return " ".join(str(values[part]) for part in _NAME_PARTS if values[part])


def _split_name(values: Values) -> None:
    """Take a person's name apart: the last word is the surname, the first one the first name."""
    words = str(values["Name"]).split()
    parts = {
        "First_Name": words[0] if len(words) > 1 else "",
        "Middle_Name": " ".join(words[1:-1]),
        "Surname": words[-1] if words else "",
    }
    for name, part in parts.items():
        values[name] = part[:_PART_LENGTH].rstrip()


def _name_person(values: Values, given: frozenset[str]) -> None:
    if given & set(_NAME_PARTS):
        values["Name"] = _join_name(values)
    elif "Name" in given:
        _split_name(values)


def _take_company(erp: Application, values: Values) -> None:
    number = str(values["Company_No"])
    company = erp.records.by_code("Contact", number) if number else None
    if company is not None and company.text("Type") != "Company":
        raise refusals.field_validation(
            f"Contact {number} is a person. Company No must name a contact of type Company."
        )
    values["Company_Name"] = company.text("Name") if company is not None else ""


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    if values["Type"] == "Person":
        _name_person(values, given)
        _take_company(erp, values)
    values["Contact_Business_Relation"] = "None"
    follow_name(values, "", str(values["Name"]))


def _created(erp: Application, contact: Record) -> None:
    if contact.text("Type") == "Company":
        number, name = contact.text("No"), contact.text("Name")
        erp.records.update(contact, {**contact.values, "Company_No": number, "Company_Name": name})


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    if values["Type"] == "Person":
        _name_person(values, changed)
        if "Company_No" in changed:
            _take_company(erp, values)
    else:
        if "Company_No" in changed and values["Company_No"] != values["No"]:
            raise refusals.field_validation(
                f"Contact {values['No']} is a company. Its Company No is its own number."
            )
        values["Company_Name"] = values["Name"]
    if "Search_Name" not in changed:
        follow_name(values, old.text("Name"), str(values["Name"]))


def _changed(erp: Application, old: Record, new: Record, changed: frozenset[str]) -> None:
    shared = {name for name in SHARED_FIELDS if old.values[name] != new.values[name]}
    if new.text("Type") == "Company" and "Name" in shared:
        _rename_company(erp, new)
    if not shared:
        return
    number = new.text("No")
    for relation in erp.records.find_equal("Contact_Business_Relation", Contact_No=number):
        if relation.text("Link_to_Table") == "Customer":
            customer = erp.records.by_code("Customer", relation.text("No"))
            if customer is not None:
                erp.change(customer, {name: new.values[name] for name in shared})


def _rename_company(erp: Application, company: Record) -> None:
    number, name = company.text("No"), company.text("Name")
    for person in erp.records.find_equal("Contact", Company_No=number):
        if person.text("No") != number and person.text("Company_Name") != name:
            erp.records.update(person, {**person.values, "Company_Name": name})


def _may_delete(erp: Application, contact: Record) -> None:
    number = contact.text("No")
    if erp.records.has_any("Opportunity", Contact_No=number):
        raise refusals.dialog(
            f"You cannot delete contact {number} because there are opportunities for it. Delete them first."
        )


def _deleted(erp: Application, contact: Record) -> None:
    number = contact.text("No")
    for relation in erp.records.find_equal("Contact_Business_Relation", Contact_No=number):
        erp.records.delete(relation)
    for person in erp.records.find_equal("Contact", Company_No=number):
        erp.records.update(person, {**person.values, "Company_No": "", "Company_Name": ""})
    _leave_customers(erp, number)


def _leave_customers(erp: Application, number: str) -> None:
    customers = erp.records.find(
        erp.records.layouts["Customer"].table,
        SqlClause("json_extract(CAST(_body AS TEXT), '$.Primary_Contact_No') = ?", (number,)),
    )
    for customer in customers:
        erp.records.update(customer, {**customer.values, "Primary_Contact_No": "", "Contact": ""})


CONTACT_RULES: Final = Rules(
    complete=_complete,
    created=_created,
    check=_check,
    changed=_changed,
    may_delete=_may_delete,
    deleted=_deleted,
)
