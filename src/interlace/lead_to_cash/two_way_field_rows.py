"""What two-way orders keep in step: the declared rows of their headers and lines; a saga carries them."""

from dataclasses import replace
from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import both_ways, from_crm, to_crm
from interlace.lead_to_cash.order_field_rows import SALESORDER_ORDER_MAPPING
from interlace.lead_to_cash.price_list_item_rows import product_reference
from interlace.lead_to_cash.terms_to_choices import (
    PAYMENT_TERMS_MAPPING,
    SHIPMENT_METHOD_MAPPING,
    SHIPPING_AGENT_MAPPING,
    choice_reference,
)

SUBMITTED: Final = 1
DAY: Final = "Requested_Delivery_Date"
DISCOUNT: Final = "Invoice_Discount_Amount"
DESCRIPTION: Final = "Work_Description"
QUANTITY: Final = "Quantity"
UNIT_PRICE: Final = "Unit_Price"
LINE_DISCOUNT: Final = "Line_Discount_Amount"

TWO_WAY_ORDER_MAPPING: Final = replace(
    SALESORDER_ORDER_MAPPING,
    direction=Direction.BIDIRECTIONAL,
    synch_only_coupled_records=False,
    integration_table_filter=TableFilter(
        conditions=(
            Condition(
                field="statecode",
                comparison=Comparison.EQUAL,
                value=SUBMITTED,
                reason="the order is not submitted",
            ),
        )
    ),
    fields=(
        to_crm("Salesperson_Code", "ownerid", reference=references.OWNER, not_null=True),
        from_crm("Your_Reference", "ordernumber"),
        both_ways("Sell_to_Customer_No", "customerid", reference=references.ACCOUNT, insert_only=True),
        both_ways("Currency_Code", "transactioncurrencyid", reference=references.CURRENCY, insert_only=True),
        both_ways("Ship_to_Name", "shipto_name"),
        both_ways("Ship_to_Address", "shipto_line1"),
        both_ways("Ship_to_Address_2", "shipto_line2"),
        both_ways("Ship_to_Post_Code", "shipto_postalcode"),
        both_ways("Ship_to_City", "shipto_city"),
        both_ways("Ship_to_Country_Region_Code", "shipto_country"),
        both_ways("Ship_to_County", "shipto_stateorprovince"),
        both_ways("Bill_to_Address", "billto_line1"),
        both_ways("Bill_to_Address_2", "billto_line2"),
        both_ways("Bill_to_Post_Code", "billto_postalcode"),
        both_ways("Bill_to_City", "billto_city"),
        both_ways("Bill_to_Country_Region_Code", "billto_country"),
        both_ways("Bill_to_County", "billto_stateorprovince"),
        both_ways(DAY, "requestdeliveryby"),
        both_ways(DESCRIPTION, "description"),
        both_ways(DISCOUNT, "discountamount"),
        from_crm(
            "Shipping_Agent_Code",
            "shippingmethodcode",
            reference=choice_reference(SHIPPING_AGENT_MAPPING),
            insert_only=True,
        ),
        from_crm(
            "Payment_Terms_Code",
            "paymenttermscode",
            reference=choice_reference(PAYMENT_TERMS_MAPPING),
            insert_only=True,
        ),
        from_crm(
            "Shipment_Method_Code",
            "freighttermscode",
            reference=choice_reference(SHIPMENT_METHOD_MAPPING),
            insert_only=True,
        ),
        to_crm("Last_Shipment_Date", "datefulfilled"),
        to_crm("Amount", "totalamountlessfreight"),
        to_crm("Amount_Including_VAT", "totalamount"),
    ),
)

SOLINE_ORDERDETAIL_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.SOLINE_ORDERDETAIL,
    erp_table="Sales_Line",
    integration_table="salesorderdetail",
    direction=Direction.BIDIRECTIONAL,
    depends_on=(mapping_names.SALESORDER_ORDER,),
    synch_only_coupled_records=False,
    fields=(
        both_ways(
            "No", "productid", reference=product_reference(mapping_names.ITEM_PRODUCT), insert_only=True
        ),
        both_ways("Unit_of_Measure_Code", "uomid", reference=references.UNIT, insert_only=True),
        to_crm("Line_No", "lineitemnumber", insert_only=True),
        both_ways(QUANTITY, "quantity"),
        both_ways(UNIT_PRICE, "priceperunit"),
        both_ways(LINE_DISCOUNT, "manualdiscountamount"),
        to_crm("Line_Amount", "extendedamount"),
        to_crm("Quantity_Shipped", "quantityshipped"),
    ),
    caption="Lines of two-way orders",
    run_by_saga=True,
)

TWO_WAY_MAPPINGS: Final = (TWO_WAY_ORDER_MAPPING, SOLINE_ORDERDETAIL_MAPPING)

KEPT_TERMS: Final = {
    row.erp_field: row.crm_field
    for row in TWO_WAY_ORDER_MAPPING.fields
    if row.direction is Direction.BIDIRECTIONAL and not row.insert_only and row.erp_field and row.crm_field
}
"""ERP field and CRM column of every term of a header that travels both ways."""
KEPT_OF_LINES: Final = (QUANTITY, UNIT_PRICE, LINE_DISCOUNT)
