"""POSTEDSALESLINE-INV: the lines of posted sales invoices become the lines of CRM invoices.

Items and resources that the CRM still sells become products in their base unit, everything else a write-in.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.transformation_rule import RoundTo, StartOfDay
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import crm_constant, to_crm
from interlace.lead_to_cash.price_list_item_rows import product_reference
from interlace.lead_to_cash.product_rows import QUANTITY_DECIMALS

BLANK_TYPE: Final = "_x0020_"
"""The type of comment lines as the page web service spells it."""

_INVOICE: Final = Reference(mapping=mapping_names.POSTEDSALESINV_INV, target_table="invoice")

POSTED_INVOICE_LINE_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.POSTEDSALESLINE_INV,
    erp_table="Sales_Invoice_Line",
    integration_table="invoicedetail",
    direction=Direction.TO_INTEGRATION_TABLE,
    depends_on=(mapping_names.POSTEDSALESINV_INV,),
    synch_only_coupled_records=False,
    table_filter=TableFilter(
        conditions=(
            Condition(
                field="Type",
                comparison=Comparison.NOT_EQUAL,
                value=BLANK_TYPE,
                reason="the line is a comment: it has no quantity and no price",
            ),
        )
    ),
    fields=(
        # What a line sells is settled when it is made: the CRM lets nobody turn a product into a write-in.
        to_crm("Document_No", "invoiceid", reference=_INVOICE, insert_only=True),
        to_crm(
            "Item", "productid", reference=product_reference(mapping_names.ITEM_PRODUCT), insert_only=True
        ),
        to_crm(
            "Resource",
            "productid",
            reference=product_reference(mapping_names.RESOURCE_PRODUCT),
            insert_only=True,
        ),
        to_crm("Product_Unit", "uomid", reference=references.UNIT, insert_only=True),
        to_crm("Is_Write_In", "isproductoverridden", insert_only=True),
        to_crm("Write_In_Text", "productdescription", insert_only=True),
        to_crm("Line_No", "lineitemnumber"),
        to_crm("Line_Text", "description"),
        to_crm("Base_Quantity", "quantity", RoundTo(decimals=QUANTITY_DECIMALS)),
        crm_constant("ispriceoverridden", value=True),
        to_crm("Net_Price", "priceperunit"),
        to_crm("Net_Line_Discount", "manualdiscountamount"),
        to_crm("Tax_Amount", "tax"),
        to_crm("Base_Amount", "baseamount"),
        to_crm("Extended_Amount", "extendedamount"),
        to_crm("Shipment_Date", "actualdeliveryon", StartOfDay()),
    ),
    erp_caption="Description",
    caption="Posted sales invoice lines and invoice lines",
)
