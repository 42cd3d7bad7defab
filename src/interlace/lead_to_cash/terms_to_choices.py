"""PAYMENT TERMS, SHIPMENT METHOD, SHIPPING AGENT: ERP codes become the choices of a column of accounts.

The code is the choice's label, so labels are unique: ERP codes have at most ten characters.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction, Reference
from interlace.domain.integration_table_mapping import IntegrationTableMapping, MatchRule
from interlace.domain.keys import MappingName
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.lead_to_cash.field_rows import to_crm
from interlace.lead_to_cash.mapping_names import PAYMENT_TERMS, SHIPMENT_METHOD, SHIPPING_AGENT

_NO_COMMA = Condition(
    field="Code",
    comparison=Comparison.WITHOUT_TEXT,
    value=",",
    reason="the code contains a comma, which a choice's label may not",
)


def _choices(
    name: MappingName, erp_table: str, column: str, erp_caption: str, caption: str
) -> IntegrationTableMapping:
    return IntegrationTableMapping(
        name=name,
        erp_table=erp_table,
        integration_table="account",
        choice_column=column,
        direction=Direction.TO_INTEGRATION_TABLE,
        table_filter=TableFilter(conditions=(_NO_COMMA,)),
        match_rules=(MatchRule(erp_field="Code", crm_field="label"),),
        fields=(to_crm("Code", "label"),),
        carries_erp_reference=False,
        erp_caption=erp_caption,
        caption=caption,
    )


PAYMENT_TERMS_MAPPING: Final = _choices(
    PAYMENT_TERMS, "Payment_Terms", "paymenttermscode", "Description", "Payment terms"
)
SHIPMENT_METHOD_MAPPING: Final = _choices(
    SHIPMENT_METHOD, "Shipment_Method", "address1_freighttermscode", "Description", "Shipment methods"
)
SHIPPING_AGENT_MAPPING: Final = _choices(
    SHIPPING_AGENT, "Shipping_Agent", "address1_shippingmethodcode", "Name", "Shipping agents"
)


def choice_reference(mapping: IntegrationTableMapping) -> Reference:
    """Refer to a choice: the coupling translates the code to the choice's number, no table is pointed at."""
    return Reference(mapping=mapping.name, target_table="")
