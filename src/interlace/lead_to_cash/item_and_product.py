"""ITEM-PRODUCT: items become CRM products; name, unit group and block come back."""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import references
from interlace.lead_to_cash.field_rows import both_ways, to_crm
from interlace.lead_to_cash.mapping_names import ITEM_PRODUCT, UNIT_OF_MEASURE
from interlace.lead_to_cash.product_rows import (
    BLOCKED_AND_RETIRED,
    UNIT_OF_PRODUCT,
    money_to_crm,
    product_constants,
    quantity_to_crm,
)

SALES_INVENTORY: Final = 1

ITEM_MAPPING: Final = IntegrationTableMapping(
    name=ITEM_PRODUCT,
    erp_table="Item",
    integration_table="product",
    direction=Direction.BIDIRECTIONAL,
    depends_on=(UNIT_OF_MEASURE,),
    integration_table_filter=TableFilter(
        conditions=(
            Condition(
                field="producttypecode",
                comparison=Comparison.EQUAL,
                value=SALES_INVENTORY,
                reason="the product's type is not Sales Inventory",
            ),
        )
    ),
    fields=(
        to_crm("No", "productnumber"),
        both_ways("Description", "name"),
        money_to_crm("Unit_Price", "price"),
        money_to_crm("Unit_Cost", "standardcost"),
        money_to_crm("Unit_Cost", "currentcost"),
        quantity_to_crm("Unit_Volume", "stockvolume"),
        quantity_to_crm("Gross_Weight", "stockweight"),
        to_crm("Vendor_No", "vendorid"),
        to_crm("Vendor_Item_No", "vendorpartnumber"),
        quantity_to_crm("Inventory", "quantityonhand"),
        both_ways("Base_Unit_of_Measure", "defaultuomscheduleid", reference=references.UNIT_GROUP),
        UNIT_OF_PRODUCT,
        to_crm("Description_2", "description"),
        BLOCKED_AND_RETIRED,
        *product_constants(SALES_INVENTORY),
    ),
    erp_caption="Description",
    caption="Items and products",
)
