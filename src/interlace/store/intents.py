"""Keeps the writes that were announced and whose outcome is not stored yet."""

from collections.abc import Sequence

import sqlalchemy as sa

from interlace.domain.keys import MappingName
from interlace.engine.ports import Intent, IntentState, Side
from interlace.store.bulk import BulkStatements
from interlace.store.schema import intent

_COLUMNS = ("mapping_id", "side", "key", "source_key", "creates", "job_id", "state")
_UNIQUE = ("mapping_id", "side", "key")


def store_intents(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, intents: Sequence[Intent]
) -> None:
    """Store intents; one that is open for the same record is announced anew."""
    rows = [
        (
            mapping_id,
            each.side.value,
            each.key,
            each.source_key,
            each.creates,
            each.job_id,
            each.state.value,
        )
        for each in intents
    ]
    bulk.upsert(connection, _COLUMNS, rows, table=intent, unique=_UNIQUE)


def close_intents(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, intents: Sequence[Intent]
) -> None:
    """Forget intents whose outcome is known."""
    rows = [(mapping_id, each.side.value, each.key) for each in intents]
    bulk.delete(connection, _UNIQUE, rows, table=intent)


def read_open(connection: sa.Connection, mapping_id: int, mapping: MappingName) -> list[Intent]:
    """Return a mapping's open intents in key order."""
    rows = connection.execute(
        sa.select(intent).where(intent.c.mapping_id == mapping_id).order_by(intent.c.side, intent.c.key)
    )
    return [
        Intent(
            mapping=mapping,
            side=Side(row.side),
            source_key=row.source_key,
            key=row.key,
            creates=row.creates,
            job_id=row.job_id,
            state=IntentState(row.state),
        )
        for row in rows
    ]
