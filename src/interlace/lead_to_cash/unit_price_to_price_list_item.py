"""ITEM-PRODPRICE, RESOURCE-PRODPRICE: unit prices become items of the CRM's default price list.

The CRM takes no price of a retired product, so blocked records wait until they are free again.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, NamedKey
from interlace.domain.integration_table_mapping import DeletionConflictResolution, IntegrationTableMapping
from interlace.domain.keys import MappingName
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash.field_rows import crm_constant, to_crm
from interlace.lead_to_cash.mapping_names import (
    ITEM_PRODPRICE,
    ITEM_PRODUCT,
    RESOURCE_PRODPRICE,
    RESOURCE_PRODUCT,
)
from interlace.lead_to_cash.price_list_item_rows import price_rows, product_reference


def _unit_prices(
    name: MappingName, product_mapping: MappingName, erp_table: str, erp_caption: str, caption: str
) -> IntegrationTableMapping:
    return IntegrationTableMapping(
        name=name,
        erp_table=erp_table,
        integration_table="productpricelevel",
        direction=Direction.TO_INTEGRATION_TABLE,
        depends_on=(product_mapping,),
        synch_only_coupled_records=False,
        deletion_conflict_resolution=DeletionConflictResolution.DELETE,
        table_filter=TableFilter(
            conditions=(
                Condition(
                    field="Blocked",
                    comparison=Comparison.EQUAL,
                    value=False,
                    reason="the record is blocked; the CRM takes no price of a retired product",
                ),
            )
        ),
        fields=(
            crm_constant("pricelevelid", NamedKey.DEFAULT_PRICE_LIST),
            to_crm("No", "productid", reference=product_reference(product_mapping)),
            crm_constant("transactioncurrencyid", NamedKey.BASE_CURRENCY),
            *price_rows("Base_Unit_of_Measure"),
        ),
        erp_caption=erp_caption,
        caption=caption,
    )


ITEM_PRICE_MAPPING: Final = _unit_prices(
    ITEM_PRODPRICE, ITEM_PRODUCT, "Item", "Description", "Item prices in the default price list"
)
RESOURCE_PRICE_MAPPING: Final = _unit_prices(
    RESOURCE_PRODPRICE, RESOURCE_PRODUCT, "Resource", "Name", "Resource prices in the default price list"
)
