"""UNIT OF MEASURE: each ERP unit becomes a CRM unit group of its own, with one unit of the same name."""

from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.integration_table_mapping import IntegrationTableMapping, MatchRule
from interlace.domain.transformation_rule import Prefix
from interlace.lead_to_cash.field_rows import to_crm
from interlace.lead_to_cash.mapping_names import UNIT_OF_MEASURE

GROUP_PREFIX: Final = "NAV "

UNIT_OF_MEASURE_MAPPING: Final = IntegrationTableMapping(
    name=UNIT_OF_MEASURE,
    erp_table="Unit_of_Measure",
    integration_table="uomschedule",
    direction=Direction.TO_INTEGRATION_TABLE,
    match_rules=(MatchRule(erp_field="Code", crm_field="name", erp_prefix=GROUP_PREFIX),),
    fields=(
        to_crm("Code", "name", Prefix(text=GROUP_PREFIX)),
        # The CRM takes the base unit's name only when it creates the group.
        to_crm("Code", "baseuomname", insert_only=True),
    ),
    erp_caption="Description",
    caption="Units of measure and unit groups",
)
