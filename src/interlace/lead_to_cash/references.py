"""References that several mappings share: whose coupling translates a code or a number."""

from typing import Final

from interlace.domain.integration_field_mapping import NamedKey, PartOf, Reference
from interlace.lead_to_cash import mapping_names

OWNER: Final = Reference(mapping=mapping_names.SALESPEOPLE, target_table="systemuser")
ACCOUNT: Final = Reference(mapping=mapping_names.CUSTOMER, target_table="account")
CURRENCY: Final = Reference(
    mapping=mapping_names.CURRENCY, target_table="transactioncurrency", blank=NamedKey.BASE_CURRENCY
)
UNIT_GROUP: Final = Reference(mapping=mapping_names.UNIT_OF_MEASURE, target_table="uomschedule")
UNIT: Final = Reference(
    mapping=mapping_names.UNIT_OF_MEASURE,
    target_table="uom",
    part=PartOf(table="uom", match="uomscheduleid", match_text="name"),
)
"""The unit of a unit group that bears the code's name: a group that was changed by hand is an error."""
