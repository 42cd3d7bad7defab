"""CUSTOMER: customers and accounts in step, both ways.

Inactive accounts block their customer; nothing un-blocks it. A customer that is blocked for shipping or
invoicing only should keep its word, but a row can't ask for the destination's value: here it becomes All.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping, TemplateField
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.transformation_rule import Choose
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import address_rows, both_ways, from_crm, to_crm
from interlace.lead_to_cash.terms_to_choices import (
    PAYMENT_TERMS_MAPPING,
    SHIPMENT_METHOD_MAPPING,
    SHIPPING_AGENT_MAPPING,
    choice_reference,
)

ACTIVE: Final = 0
INACTIVE: Final = 1
CUSTOMER_TYPE: Final = 3
BLOCKED_FOR_ALL: Final = "All"

_PRIMARY_CONTACT: Final = Reference(mapping=mapping_names.CONTACT, target_table="contact")

CUSTOMER_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.CUSTOMER,
    erp_table="Customer",
    integration_table="account",
    direction=Direction.BIDIRECTIONAL,
    depends_on=(
        mapping_names.SALESPEOPLE,
        mapping_names.CURRENCY,
        mapping_names.PAYMENT_TERMS,
        mapping_names.SHIPMENT_METHOD,
        mapping_names.SHIPPING_AGENT,
    ),
    integration_table_filter=TableFilter(
        conditions=(
            Condition(
                field="statecode",
                comparison=Comparison.EQUAL,
                value=ACTIVE,
                reason="the account is inactive",
            ),
            Condition(
                field="customertypecode",
                comparison=Comparison.EQUAL,
                value=CUSTOMER_TYPE,
                reason="the account's relationship type is not Customer",
            ),
        )
    ),
    integration_table_config_template=(TemplateField(field="customertypecode", value=CUSTOMER_TYPE),),
    fields=(
        to_crm("Salesperson_Code", "ownerid", reference=references.OWNER, not_null=True),
        both_ways("Name", "name"),
        both_ways("Contact", "address1_primarycontactname"),
        *address_rows(),
        both_ways("Currency_Code", "transactioncurrencyid", reference=references.CURRENCY),
        both_ways("E_Mail", "emailaddress1"),
        both_ways("Fax_No", "fax"),
        both_ways("Home_Page", "websiteurl"),
        both_ways("Phone_No", "telephone1"),
        both_ways(
            "Shipment_Method_Code",
            "address1_freighttermscode",
            reference=choice_reference(SHIPMENT_METHOD_MAPPING),
        ),
        both_ways(
            "Shipping_Agent_Code",
            "address1_shippingmethodcode",
            reference=choice_reference(SHIPPING_AGENT_MAPPING),
        ),
        both_ways(
            "Payment_Terms_Code", "paymenttermscode", reference=choice_reference(PAYMENT_TERMS_MAPPING)
        ),
        to_crm("Credit_Limit_LCY", "creditlimit"),
        both_ways(
            "Primary_Contact_No",
            "primarycontactid",
            reference=_PRIMARY_CONTACT,
            clear_value_on_failed_sync=True,
        ),
        from_crm("Blocked", "statecode", Choose(pairs=((INACTIVE, BLOCKED_FOR_ALL),)), not_null=True),
    ),
    erp_caption="Name",
    caption="Customers and accounts",
)
