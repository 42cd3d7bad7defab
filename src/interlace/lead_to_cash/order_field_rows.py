"""SALESORDER-ORDER: what a released ERP order tells its CRM order; the pairs themselves are made by a saga."""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import to_crm
from interlace.lead_to_cash.terms_to_choices import (
    PAYMENT_TERMS_MAPPING,
    SHIPPING_AGENT_MAPPING,
    choice_reference,
)

ORDER: Final = "Order"
RELEASED: Final = "Released"

SALESORDER_ORDER_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.SALESORDER_ORDER,
    erp_table="Sales_Header",
    integration_table="salesorder",
    direction=Direction.TO_INTEGRATION_TABLE,
    depends_on=(mapping_names.CUSTOMER, mapping_names.ITEM_PRODUCT, mapping_names.RESOURCE_PRODUCT),
    table_filter=TableFilter(
        conditions=(
            Condition(
                field="Document_Type",
                comparison=Comparison.EQUAL,
                value=ORDER,
                reason="the document is not an order",
            ),
            Condition(
                field="Status",
                comparison=Comparison.EQUAL,
                value=RELEASED,
                reason="the order is not released",
            ),
        )
    ),
    fields=(
        to_crm("No", "ordernumber"),
        to_crm("Salesperson_Code", "ownerid", reference=references.OWNER, not_null=True),
        # No currency: the CRM changes none of an order with lines.
        to_crm("Ship_to_Name", "shipto_name"),
        to_crm("Ship_to_Address", "shipto_line1"),
        to_crm("Ship_to_Address_2", "shipto_line2"),
        to_crm("Ship_to_City", "shipto_city"),
        to_crm("Ship_to_Country_Region_Code", "shipto_country"),
        to_crm("Ship_to_Post_Code", "shipto_postalcode"),
        to_crm("Ship_to_County", "shipto_stateorprovince"),
        to_crm("Last_Shipment_Date", "datefulfilled"),
        to_crm("Bill_to_Name", "billto_name"),
        to_crm("Bill_to_Address", "billto_line1"),
        to_crm("Bill_to_Address_2", "billto_line2"),
        to_crm("Bill_to_City", "billto_city"),
        to_crm("Bill_to_Country_Region_Code", "billto_country"),
        to_crm("Bill_to_Post_Code", "billto_postalcode"),
        to_crm("Bill_to_County", "billto_stateorprovince"),
        to_crm("Amount", "totalamountlessfreight"),
        to_crm("Amount_Including_VAT", "totalamount"),
        to_crm("Invoice_Discount_Amount", "discountamount"),
        to_crm(
            "Shipping_Agent_Code", "shippingmethodcode", reference=choice_reference(SHIPPING_AGENT_MAPPING)
        ),
        to_crm("Payment_Terms_Code", "paymenttermscode", reference=choice_reference(PAYMENT_TERMS_MAPPING)),
        to_crm("Requested_Delivery_Date", "requestdeliveryby"),
    ),
    erp_caption="Sell_to_Customer_Name",
    caption="Orders",
    run_by_saga=True,
)
