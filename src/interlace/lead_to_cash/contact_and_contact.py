"""CONTACT: persons of customers' companies and contacts of accounts in step, both ways."""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import address_rows, both_ways, erp_constant, to_crm

PERSON: Final = "Person"

CONTACT_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.CONTACT,
    erp_table="Contact",
    integration_table="contact",
    direction=Direction.BIDIRECTIONAL,
    depends_on=(mapping_names.CUSTOMER,),
    table_filter=TableFilter(
        conditions=(
            Condition(
                field="Type",
                comparison=Comparison.EQUAL,
                value=PERSON,
                reason="the contact is a company; it reaches the CRM as its customer's account",
            ),
            Condition(
                field="Company_No",
                comparison=Comparison.NOT_BLANK,
                reason="the person belongs to no company",
            ),
            Condition(
                field="Customer_No",
                comparison=Comparison.NOT_BLANK,
                reason="the person's company is not a customer",
            ),
        )
    ),
    integration_table_filter=TableFilter(
        conditions=(
            Condition(
                field="parentcustomerid",
                comparison=Comparison.NOT_BLANK,
                reason="the contact belongs to nobody",
            ),
            Condition(
                field="accountid",
                comparison=Comparison.NOT_BLANK,
                reason="the contact belongs to another contact, not to an account",
            ),
        )
    ),
    fields=(
        to_crm("Salesperson_Code", "ownerid", reference=references.OWNER, not_null=True),
        both_ways("Currency_Code", "transactioncurrencyid", reference=references.CURRENCY),
        *address_rows(),
        both_ways("E_Mail", "emailaddress1"),
        both_ways("Fax_No", "fax"),
        both_ways("First_Name", "firstname"),
        both_ways("Middle_Name", "middlename"),
        both_ways("Surname", "lastname"),
        both_ways("Home_Page", "websiteurl"),
        both_ways("Mobile_Phone_No", "mobilephone"),
        both_ways("Pager", "pager"),
        both_ways("Phone_No", "telephone1"),
        erp_constant("Type", PERSON),
        both_ways("Customer_No", "parentcustomerid", reference=references.ACCOUNT, insert_only=True),
    ),
    erp_caption="Name",
    caption="Contacts",
)
