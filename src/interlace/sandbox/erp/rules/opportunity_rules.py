"""Opportunities: the contact's company and salesperson come with the contact."""

from typing import Final

from interlace.sandbox.erp.application import Application, Rules, Values
from interlace.sandbox.erp.record_layout import Record


def _take_contact(erp: Application, values: Values) -> None:
    contact = erp.records.by_code("Contact", str(values["Contact_No"])) if values["Contact_No"] else None
    values["Contact_Name"] = contact.text("Name") if contact is not None else ""
    values["Contact_Company_No"] = contact.text("Company_No") if contact is not None else ""
    values["Contact_Company_Name"] = contact.text("Company_Name") if contact is not None else ""
    if contact is not None and not values["Salesperson_Code"]:
        values["Salesperson_Code"] = contact.text("Salesperson_Code")


def _complete(erp: Application, values: Values, given: frozenset[str]) -> None:
    _take_contact(erp, values)
    if "Creation_Date" not in given:
        values["Creation_Date"] = erp.records.today


def _check(erp: Application, old: Record, values: Values, changed: frozenset[str]) -> None:
    if "Contact_No" in changed:
        _take_contact(erp, values)
    values["Closed"] = values["Status"] in {"Won", "Lost"}


OPPORTUNITY_RULES: Final = Rules(complete=_complete, check=_check)
