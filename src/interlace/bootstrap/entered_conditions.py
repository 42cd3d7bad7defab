"""Reads conditions that somebody enters by what the service tells of the table's fields."""

from collections.abc import Sequence

from interlace.bootstrap.ends import Ends
from interlace.bootstrap.mapping_conditions import EnteredCondition, stored_conditions
from interlace.bootstrap.mapping_problems import columns_of
from interlace.bootstrap.values_in_use import with_options_spelled
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.domain.side import Side
from interlace.store.encoding import JsonValue


async def read_conditions(
    ends: Ends, mapping: IntegrationTableMapping, side: Side, entered: Sequence[EnteredCondition]
) -> list[JsonValue]:
    """Return conditions on one of a mapping's tables as they are stored; raises ConditionProblem."""
    stored = stored_conditions(entered, await columns_of(mapping, ends, side))
    return list(stored if side is Side.CRM else await with_options_spelled(ends, mapping.erp_table, stored))
