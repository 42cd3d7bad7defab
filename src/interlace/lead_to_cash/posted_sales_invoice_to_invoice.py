"""POSTEDSALESINV-INV: posted sales invoices become CRM invoices, and show there how far they are paid.

What was posted is fixed; only the state follows the customer's ledger. Totals are the ERP's to the cent.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, IntegrationFieldMapping, NamedKey, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.transformation_rule import Prefix, StartOfDay, Truncate
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import crm_constant, to_crm

DESCRIPTION_LENGTH: Final = 2000
ORDER_KEY_PREFIX: Final = f"Order{KEY_SEPARATOR}"
"""A sales header's key begins with the kind of its document."""

_PRICE_LIST: Final = Reference(
    mapping=mapping_names.CUSTPRCGRP_PRICE,
    target_table="pricelevel",
    blank=NamedKey.DEFAULT_PRICE_LIST,
    optional=True,
)
_ORDER: Final = Reference(mapping=mapping_names.SALESORDER_ORDER, target_table="salesorder", optional=True)
_OPPORTUNITY: Final = Reference(mapping=mapping_names.OPPORTUNITY, target_table="opportunity", optional=True)


def _address(erp_prefix: str, crm_prefix: str) -> tuple[IntegrationFieldMapping, ...]:
    pairs = (
        ("Name", "name"),
        ("Address", "line1"),
        ("Address_2", "line2"),
        ("City", "city"),
        ("County", "stateorprovince"),
        ("Post_Code", "postalcode"),
        ("Country_Region_Code", "country"),
    )
    return tuple(to_crm(f"{erp_prefix}_{erp}", f"{crm_prefix}_{crm}") for erp, crm in pairs)


POSTED_INVOICE_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.POSTEDSALESINV_INV,
    erp_table="Sales_Invoice_Header",
    integration_table="invoice",
    direction=Direction.TO_INTEGRATION_TABLE,
    depends_on=(
        mapping_names.CUSTOMER,
        mapping_names.ITEM_PRODUCT,
        mapping_names.RESOURCE_PRODUCT,
        mapping_names.CUSTPRCGRP_PRICE,
        mapping_names.OPPORTUNITY,
    ),
    # Posting sends the invoice back by itself.
    synch_only_coupled_records=False,
    fields=(
        to_crm("No", "invoicenumber"),
        to_crm("No", "name", insert_only=True),
        to_crm("Sell_to_Customer_No", "customerid", reference=references.ACCOUNT),
        to_crm("Salesperson_Code", "ownerid", reference=references.OWNER, not_null=True),
        to_crm("Currency_Code", "transactioncurrencyid", reference=references.CURRENCY),
        to_crm("Price_List", "pricelevelid", reference=_PRICE_LIST, insert_only=True),
        # Where an invoice comes from is settled when it is posted; the ERP order is gone by then.
        to_crm("Order_No", "salesorderid", Prefix(text=ORDER_KEY_PREFIX), reference=_ORDER, insert_only=True),
        to_crm("Opportunity_No", "opportunityid", reference=_OPPORTUNITY, insert_only=True),
        to_crm("Due_Date", "duedate"),
        to_crm("Shipment_Date", "datedelivered", StartOfDay()),
        *_address("Ship_to", "shipto"),
        *_address("Bill_to", "billto"),
        to_crm("Work_Description", "description", Truncate(length=DESCRIPTION_LENGTH)),
        to_crm("Line_Amounts", "totallineitemamount"),
        to_crm("Discount_Amount", "discountamount"),
        to_crm("Amount", "totalamountlessfreight"),
        crm_constant("freightamount", 0),
        to_crm("Tax_Amount", "totaltax"),
        to_crm("Amount_Including_VAT", "totalamount"),
        # A CRM invoice is made as an active one; what is paid or cancelled is said once it exists.
        to_crm("State", "statecode", after_insert=True),
        to_crm("State_Reason", "statuscode", after_insert=True),
    ),
    erp_caption="Sell_to_Customer_Name",
    caption="Posted sales invoices and invoices",
)
