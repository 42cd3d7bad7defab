"""Changes what users may change in a mapping: checked as a whole before anything is stored."""

from collections.abc import Mapping

from interlace.bootstrap.application import Application, Connection
from interlace.bootstrap.mapping_settings import with_changes
from interlace.domain.integration_table_mapping import IntegrationTableMapping
from interlace.store.encoding import JsonValue


def change_mapping(
    application: Application,
    connection: Connection,
    mapping: IntegrationTableMapping,
    changes: Mapping[str, JsonValue],
) -> dict[str, JsonValue]:
    """Store changes over the earlier ones and return them all; raises ConnectionProblem for one that makes no sense.

    What failed under the earlier settings is tried again by the next run.
    """
    with_changes(mapping, changes)
    known = application.state.mapping_settings(connection.id).get(mapping.name, {})
    changed = {**known, **changes}
    application.state.store_mapping_settings(connection.id, mapping.name, changed)
    return changed
