"""Fields of opportunities that the card doesn't show: the customer behind the contact, and figures that are filled."""

from decimal import Decimal
from typing import Final

from interlace.connectors.business_central.view_fields import DerivedField
from interlace.connectors.business_central.virtual_fields import Row, VirtualField, customer_of_company
from interlace.domain.values import Value

TABLE: Final = "Opportunity"


def _customer(name: str, argument: str, *, writable: bool = False) -> VirtualField:
    return VirtualField(
        table=TABLE,
        name=name,
        argument=argument,
        service="ContactBusinessRelations",
        columns=("Contact_No", "Link_to_Table", "No"),
        fold=customer_of_company,
        default="",
        writable=writable,
    )


def _person(row: Row) -> Value:
    """The contact, unless it is the company itself: that is the account in the CRM."""
    return None if row["Contact_No"] == row["Contact_Company_No"] else row["Contact_No"]


def _value(row: Row) -> Value:
    """The estimated value; nobody has estimated one where it is zero."""
    return Decimal(str(row["Estimated_Value_LCY"] or 0)) or None


OPPORTUNITY_VIRTUAL_FIELDS: Final = (
    _customer("Customer_No", "Contact_Company_No"),
    # An opportunity that begins in the CRM without a person is kept for the customer's company contact.
    _customer("Customer_of_Contact", "Contact_No", writable=True),
)
OPPORTUNITY_DERIVED_FIELDS: Final = (
    DerivedField(table=TABLE, name="Person_No", of=("Contact_No", "Contact_Company_No"), compute=_person),
    DerivedField(table=TABLE, name="Estimated_Value", of=("Estimated_Value_LCY",), compute=_value),
)
