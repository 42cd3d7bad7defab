"""The field rows that every kind of price list item shares."""

from typing import Final

from interlace.domain.integration_field_mapping import IntegrationFieldMapping, Reference
from interlace.domain.keys import MappingName
from interlace.lead_to_cash import references
from interlace.lead_to_cash.field_rows import crm_constant, to_crm
from interlace.lead_to_cash.product_rows import money_to_crm

CURRENCY_AMOUNT: Final = 1
"""Pricing method: the amount is the price."""


def product_reference(mapping: MappingName) -> Reference:
    """Refer to a product by the number of its ERP record."""
    return Reference(mapping=mapping, target_table="product")


def price_rows(unit_field: str, group_field: str | None = None) -> tuple[IntegrationFieldMapping, ...]:
    """Return unit, unit group, pricing method and amount of a price.

    `unit_field` holds the unit's code, `group_field` that of the unit for which the group is made, if another.
    """
    return (
        to_crm(unit_field, "uomid", reference=references.UNIT),
        to_crm(group_field or unit_field, "uomscheduleid", reference=references.UNIT_GROUP),
        crm_constant("pricingmethodcode", CURRENCY_AMOUNT),
        money_to_crm("Unit_Price", "amount"),
    )
