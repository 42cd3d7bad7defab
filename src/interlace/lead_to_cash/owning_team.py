"""Records that a team owns in the CRM: new ones get the team, and nobody asks for the salesperson's user."""

from dataclasses import replace
from functools import lru_cache
from typing import Final

from interlace.domain.integration_field_mapping import (
    Direction,
    IntegrationFieldMapping,
    NamedKey,
    Reference,
)
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.lead_to_cash.mapping_names import SALESPEOPLE

_OWNER = "ownerid"
_OWNING_TEAM: Final = IntegrationFieldMapping(
    crm_field=_OWNER,
    direction=Direction.TO_INTEGRATION_TABLE,
    constant=NamedKey.OWNING_TEAM,
    insert_only=True,
    # Owners are of several tables: the reference says that this one is a team.
    reference=Reference(mapping=SALESPEOPLE, target_table="team"),
)


@lru_cache(maxsize=64)
def owned_by_team(mapping: IntegrationTableMapping) -> IntegrationTableMapping:
    """Let new CRM records of a mapping belong to the owning team; whoever owns the others goes on owning them."""
    if not any(row.crm_field == _OWNER for row in mapping.fields):
        return mapping
    rows = tuple(_OWNING_TEAM if row.crm_field == _OWNER else row for row in mapping.fields)
    parents = tuple(name for name in mapping.depends_on if name != SALESPEOPLE)
    return replace(mapping, fields=rows, depends_on=parents)
