"""CURRENCY: ERP currencies become CRM currencies, with the rate of the day.

The local currency has no record of its own in the ERP: a blank code stands for the CRM's base currency.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping, MatchRule
from interlace.domain.transformation_rule import RoundTo
from interlace.lead_to_cash.field_rows import crm_constant, to_crm
from interlace.lead_to_cash.mapping_names import CURRENCY

RATE_DECIMALS: Final = 10
PRECISION_OF_NEW_CURRENCIES: Final = 2

CURRENCY_MAPPING: Final = IntegrationTableMapping(
    name=CURRENCY,
    erp_table="Currency",
    integration_table="transactioncurrency",
    direction=Direction.TO_INTEGRATION_TABLE,
    match_rules=(MatchRule(erp_field="Code", crm_field="isocurrencycode"),),
    fields=(
        to_crm("Code", "isocurrencycode"),
        # The CRM demands a symbol; many ERP currencies have none, so the code stands in for it.
        to_crm("Code", "currencysymbol", insert_only=True),
        to_crm("Symbol", "currencysymbol", not_null=True),
        to_crm("Description", "currencyname"),
        crm_constant("currencyprecision", PRECISION_OF_NEW_CURRENCIES, insert_only=True),
        to_crm("Exchange_Rate", "exchangerate", RoundTo(decimals=RATE_DECIMALS)),
    ),
    erp_caption="Description",
    caption="Currencies",
)
