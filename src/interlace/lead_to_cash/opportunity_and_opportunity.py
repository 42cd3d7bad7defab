"""OPPORTUNITY: open opportunities in step; the ERP's words count, only the name comes back.

Who won or lost an opportunity on one side has closed it there, and nothing closes it on the other: it stays out.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, NamedKey, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash import mapping_names, references
from interlace.lead_to_cash.field_rows import both_ways, crm_constant, from_crm, to_crm

OPEN: Final = 0

_PERSON: Final = Reference(mapping=mapping_names.CONTACT, target_table="contact")

OPPORTUNITY_MAPPING: Final = IntegrationTableMapping(
    name=mapping_names.OPPORTUNITY,
    erp_table="Opportunity",
    integration_table="opportunity",
    direction=Direction.BIDIRECTIONAL,
    depends_on=(mapping_names.CONTACT,),
    synch_only_coupled_records=False,
    table_filter=TableFilter(
        conditions=(
            Condition(
                field="Status",
                comparison=Comparison.NOT_EQUAL,
                value="Won",
                reason="the opportunity is won in the ERP",
            ),
            Condition(
                field="Status",
                comparison=Comparison.NOT_EQUAL,
                value="Lost",
                reason="the opportunity is lost in the ERP",
            ),
            Condition(
                field="Customer_No",
                comparison=Comparison.NOT_BLANK,
                reason="the contact's company is not a customer",
            ),
        )
    ),
    integration_table_filter=TableFilter(
        conditions=(
            Condition(
                field="statecode",
                comparison=Comparison.EQUAL,
                value=OPEN,
                reason="the opportunity is won or lost in the CRM; close it in the ERP as well",
            ),
            Condition(
                field="accountid",
                comparison=Comparison.NOT_BLANK,
                reason="the opportunity's customer is not an account",
            ),
        )
    ),
    fields=(
        both_ways("Description", "name"),
        to_crm("Customer_No", "customerid", reference=references.ACCOUNT),
        to_crm("Customer_No", "parentaccountid", reference=references.ACCOUNT),
        to_crm("Person_No", "parentcontactid", reference=_PERSON, clear_value_on_failed_sync=True),
        # For a new ERP opportunity only: the account's company contact, unless the CRM names a person.
        from_crm("Customer_of_Contact", "customerid", reference=references.ACCOUNT, insert_only=True),
        from_crm("Contact_No", "parentcontactid", reference=_PERSON, insert_only=True),
        to_crm("Salesperson_Code", "ownerid", reference=references.OWNER, not_null=True),
        crm_constant("transactioncurrencyid", NamedKey.BASE_CURRENCY, insert_only=True),
        to_crm("Estimated_Value", "estimatedvalue", not_null=True),
        to_crm("Estimated_Closing_Date", "estimatedclosedate", not_null=True),
    ),
    erp_caption="Description",
    caption="Opportunities",
)
