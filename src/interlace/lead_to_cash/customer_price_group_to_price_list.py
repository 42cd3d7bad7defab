"""CUSTPRCGRP-PRICE: customer price groups become CRM price lists.

A price list has one currency, chosen when it is created: that of the group's first price.
"""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.lead_to_cash import references
from interlace.lead_to_cash.field_rows import to_crm
from interlace.lead_to_cash.mapping_names import CURRENCY, CUSTPRCGRP_PRICE

CUSTOMER_PRICE_GROUP_MAPPING: Final = IntegrationTableMapping(
    name=CUSTPRCGRP_PRICE,
    erp_table="Customer_Price_Group",
    integration_table="pricelevel",
    direction=Direction.TO_INTEGRATION_TABLE,
    depends_on=(CURRENCY,),
    fields=(
        to_crm("Code", "name"),
        to_crm("Description", "description", insert_only=True),
        to_crm("Price_Currency", "transactioncurrencyid", reference=references.CURRENCY),
    ),
    erp_caption="Description",
    caption="Customer price groups and price lists",
)
