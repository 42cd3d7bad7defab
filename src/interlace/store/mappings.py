"""Numbers a connection's mappings and keeps what users changed in them."""

import sqlalchemy as sa

from interlace.store.encoding import JsonValue, from_json, to_json
from interlace.store.schema import integration_table_mapping, lease, marker, metadata

_NUMBER = sa.select(integration_table_mapping.c.id).where(
    integration_table_mapping.c.connection_id == sa.bindparam("connection_id"),
    integration_table_mapping.c.name == sa.bindparam("name"),
)


def mapping_id_of(connection: sa.Connection, connection_id: str, name: str) -> int:
    """Return the number of a mapping; a mapping that is named for the first time gets one."""
    named = {"connection_id": connection_id, "name": name}
    found = connection.execute(_NUMBER, named).scalar()
    if found is None:
        # Two workers may name it at the same moment; the second one finds the first one's row.
        connection.execute(
            sa.text(
                "INSERT INTO integration_table_mapping (connection_id, name) VALUES (:connection_id, :name) "
                "ON CONFLICT (connection_id, name) DO NOTHING"
            ),
            named,
        )
        found = connection.execute(_NUMBER, named).scalar_one()
    return int(found)


def read_settings(connection: sa.Connection, connection_id: str) -> dict[str, dict[str, JsonValue]]:
    """Return what users changed, by mapping name; untouched mappings are missing."""
    table = integration_table_mapping
    rows = connection.execute(
        sa.select(table.c.name, table.c.settings).where(
            table.c.connection_id == connection_id, table.c.settings != "{}"
        )
    )
    changed = {}
    for row in rows:
        settings = from_json(row.settings)
        assert isinstance(settings, dict)
        changed[row.name] = settings
    return changed


def store_settings(
    connection: sa.Connection, connection_id: str, name: str, settings: dict[str, JsonValue]
) -> None:
    """Replace what users changed in a mapping; an empty dictionary restores the defaults."""
    mapping_id = mapping_id_of(connection, connection_id, name)
    connection.execute(
        sa.update(integration_table_mapping)
        .where(integration_table_mapping.c.id == mapping_id)
        .values(settings=to_json(settings))
    )


def remove(connection: sa.Connection, connection_id: str, name: str) -> None:
    """Remove all that goes with a mapping, but for what is known of its marker rows and for its lease's number.

    The marker rows stay in the services, and a mapping that is added under the same name reads them again. Were it not
    known any more that we wrote them, our memory would look older than they are, as if a backup had been restored. A
    number that was given out once more would let a worker commit that slept since before the removal.
    """
    mapping_id = mapping_id_of(connection, connection_id, name)
    for table in reversed(metadata.sorted_tables):
        if "mapping_id" in table.c and table not in {marker, lease}:
            connection.execute(sa.delete(table).where(table.c.mapping_id == mapping_id))
    store_settings(connection, connection_id, name, {})
