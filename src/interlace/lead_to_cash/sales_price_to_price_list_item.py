"""SALESPRC-PRODPRICE: the sales prices of customer price groups become items of their price lists.

A CRM price list knows neither quantities nor dates nor variants, and holds one currency: what it can't hold stays
out, with the reason. It prices a product in units of its unit group: a price per another unit waits for that unit.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, Reference
from interlace.domain.integration_table_mapping import DeletionConflictResolution, IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import to_crm
from interlace.lead_to_cash.price_list_item_rows import price_rows, product_reference

CUSTOMER_PRICE_GROUP: Final = "Customer_x0020_Price_x0020_Group"
"""The sales type as the page web service spells it."""

_PRICE_LIST: Final = Reference(mapping=mapping_names.CUSTPRCGRP_PRICE, target_table="pricelevel")

_FILTER: Final = TableFilter(
    conditions=(
        Condition(
            field="Sales_Type",
            comparison=Comparison.EQUAL,
            value=CUSTOMER_PRICE_GROUP,
            reason="the price is not that of a customer price group",
        ),
        Condition(
            field="Sales_Code",
            comparison=Comparison.NOT_BLANK,
            reason="the price names no customer price group",
        ),
        Condition(
            field="Minimum_Quantity",
            comparison=Comparison.EQUAL,
            value=0,
            reason="the price holds from a minimum quantity on, which a CRM price list can't express",
        ),
        Condition(
            field="Variant_Code",
            comparison=Comparison.BLANK,
            reason="the price is that of a variant, which the CRM does not have",
        ),
        Condition(
            field="Starting_Date",
            comparison=Comparison.BLANK,
            reason="the price has a starting date, which a CRM price list item can't express",
        ),
        Condition(
            field="Ending_Date",
            comparison=Comparison.BLANK,
            reason="the price has an ending date, which a CRM price list item can't express",
        ),
        Condition(
            field="Currency_Code",
            comparison=Comparison.EQUAL_TO_FIELD,
            other_field="Group_Currency",
            reason="the price is in another currency than the group's first price; a CRM price list has one",
        ),
    )
)

SALES_PRICE_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.SALESPRC_PRODPRICE,
    erp_table="Sales_Price",
    integration_table="productpricelevel",
    direction=Direction.TO_INTEGRATION_TABLE,
    depends_on=(
        mapping_names.CUSTPRCGRP_PRICE,
        mapping_names.ITEM_PRODUCT,
        mapping_names.RESOURCE_PRODUCT,
    ),
    synch_only_coupled_records=False,
    # A price that ends must not be quoted any more.
    deletion_conflict_resolution=DeletionConflictResolution.DELETE,
    leaving_filter_deletes=True,
    table_filter=_FILTER,
    fields=(
        to_crm("Sales_Code", "pricelevelid", reference=_PRICE_LIST),
        to_crm("Item_No", "productid", reference=product_reference(mapping_names.ITEM_PRODUCT)),
        to_crm("Currency_Code", "transactioncurrencyid", reference=references.CURRENCY),
        *price_rows("Price_Unit", "Item_Base_Unit"),
    ),
    erp_caption="Item_No",
    caption="Sales prices and price list items",
)
