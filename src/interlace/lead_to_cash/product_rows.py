"""The field rows that items and resources have in common when they become CRM products."""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey
from interlace.domain.transformation_rule import Choose, NotBelowZero, RoundTo
from interlace.lead_to_cash import references
from interlace.lead_to_cash.field_rows import crm_constant, to_crm

ACTIVE: Final = 0
RETIRED: Final = 1
MONEY_DECIMALS: Final = 4
QUANTITY_DECIMALS: Final = 5
DECIMALS_ON_ORDER_LINES: Final = 2


def money_to_crm(erp_field: str, crm_field: str) -> IntegrationFieldMapping:
    """Carry an amount that the CRM keeps with four decimals and does not take below zero."""
    return to_crm(erp_field, crm_field, NotBelowZero(), RoundTo(decimals=MONEY_DECIMALS))


def quantity_to_crm(erp_field: str, crm_field: str) -> IntegrationFieldMapping:
    """Carry a quantity that the CRM keeps with five decimals and does not take below zero."""
    return to_crm(erp_field, crm_field, NotBelowZero(), RoundTo(decimals=QUANTITY_DECIMALS))


UNIT_OF_PRODUCT: Final = to_crm("Base_Unit_of_Measure", "defaultuomid", reference=references.UNIT)

BLOCKED_AND_RETIRED: Final = IntegrationFieldMapping(
    erp_field="Blocked",
    crm_field="statecode",
    direction=Direction.BIDIRECTIONAL,
    not_null=True,
    # A product is born as a draft, and only an active one can be retired.
    after_insert=True,
    opening_value=ACTIVE,
    to_rules=(Choose(pairs=((False, ACTIVE), (True, RETIRED))),),
    # A product in draft or under revision says nothing about the ERP record.
    from_rules=(Choose(pairs=((ACTIVE, False), (RETIRED, True))),),
)


def product_constants(product_type: int) -> tuple[IntegrationFieldMapping, ...]:
    """Return what every product of a type gets, whatever its ERP record says."""
    return (
        crm_constant("producttypecode", product_type),
        crm_constant("transactioncurrencyid", NamedKey.BASE_CURRENCY),
        crm_constant("quantitydecimal", DECIMALS_ON_ORDER_LINES, insert_only=True),
    )
