"""SALESPEOPLE: CRM users become salespeople; they are matched by e-mail address before any is created."""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping, MatchRule
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash.field_rows import from_crm
from interlace.lead_to_cash.mapping_names import SALESPEOPLE

SALESPEOPLE_MAPPING: Final = IntegrationTableMapping(
    name=SALESPEOPLE,
    erp_table="Salesperson_Purchaser",
    integration_table="systemuser",
    direction=Direction.FROM_INTEGRATION_TABLE,
    integration_table_filter=TableFilter(
        conditions=(
            Condition(
                field="isdisabled",
                comparison=Comparison.EQUAL,
                value=False,
                reason="the user is disabled in the CRM",
            ),
            Condition(
                field="islicensed",
                comparison=Comparison.EQUAL,
                value=True,
                reason="the user has no licence in the CRM",
            ),
            Condition(
                field="isintegrationuser",
                comparison=Comparison.EQUAL,
                value=False,
                reason="the user is an integration user",
            ),
        )
    ),
    match_rules=(MatchRule(erp_field="E_Mail", crm_field="internalemailaddress"),),
    fields=(
        from_crm("E_Mail", "internalemailaddress"),
        from_crm("Name", "fullname"),
        from_crm("Phone_No", "mobilephone"),
    ),
    carries_erp_reference=False,
    erp_caption="Name",
    caption="Salespeople and CRM users",
)
