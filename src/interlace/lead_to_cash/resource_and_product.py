"""RESOURCE-PRODUCT: resources become CRM products of type Services; name and block come back."""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import references
from interlace.lead_to_cash.field_rows import both_ways, to_crm
from interlace.lead_to_cash.mapping_names import RESOURCE_PRODUCT, UNIT_OF_MEASURE
from interlace.lead_to_cash.product_rows import (
    BLOCKED_AND_RETIRED,
    UNIT_OF_PRODUCT,
    money_to_crm,
    product_constants,
    quantity_to_crm,
)

SERVICES: Final = 3

RESOURCE_MAPPING: Final = IntegrationTableMapping(
    name=RESOURCE_PRODUCT,
    erp_table="Resource",
    integration_table="product",
    direction=Direction.BIDIRECTIONAL,
    depends_on=(UNIT_OF_MEASURE,),
    integration_table_filter=TableFilter(
        conditions=(
            Condition(
                field="producttypecode",
                comparison=Comparison.EQUAL,
                value=SERVICES,
                reason="the product's type is not Services",
            ),
        )
    ),
    fields=(
        to_crm("No", "productnumber"),
        both_ways("Name", "name"),
        money_to_crm("Unit_Price", "price"),
        money_to_crm("Unit_Cost", "standardcost"),
        money_to_crm("Unit_Cost", "currentcost"),
        to_crm("Vendor_No", "vendorid"),
        quantity_to_crm("Capacity", "quantityonhand"),
        to_crm("Base_Unit_of_Measure", "defaultuomscheduleid", reference=references.UNIT_GROUP),
        UNIT_OF_PRODUCT,
        BLOCKED_AND_RETIRED,
        *product_constants(SERVICES),
    ),
    erp_caption="Name",
    caption="Resources and products",
)
