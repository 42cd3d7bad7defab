"""Keeps the writes that were announced, bodies and all, and whose outcome is not stored yet."""

from collections.abc import Sequence

import sqlalchemy as sa

from interlace.domain.coupling import AgreedValues
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.memory import Intent, IntentState, SentStamp
from interlace.store.bulk import BulkStatements, Row
from interlace.store.encoding import pairs_from_json, pairs_to_json
from interlace.store.entry_text import entry_from_text, entry_to_text
from interlace.store.schema import intent

_COLUMNS = (
    "mapping_id",
    "side",
    "key",
    "source_key",
    "creates",
    "job_id",
    "state",
    "attempt",
    "entry",
    "layout",
    "agreed",
    "marked",
    "sent_process",
    "sent_elapsed",
)
_UNIQUE = ("mapping_id", "side", "key", "attempt")
_OPEN = (
    sa.select(intent)
    .where(intent.c.mapping_id == sa.bindparam("of_mapping"))
    .order_by(intent.c.side, intent.c.key, intent.c.attempt)
)


def store_intents(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, intents: Sequence[Intent]
) -> None:
    """Store intents; one with the same record and attempt is announced anew."""
    rows = [_to_row(each, mapping_id) for each in intents]
    bulk.upsert(connection, _COLUMNS, rows, table=intent, unique=_UNIQUE)


def close_intents(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, intents: Sequence[Intent]
) -> None:
    """Forget intents whose outcome is known."""
    rows = [(mapping_id, each.side.value, each.key, each.attempt) for each in intents]
    bulk.delete(connection, _UNIQUE, rows, table=intent)


def read_open(connection: sa.Connection, mapping_id: int, mapping: MappingName) -> list[Intent]:
    """Return a mapping's open intents in key order."""
    rows = connection.execute(_OPEN, {"of_mapping": mapping_id})
    return [
        Intent(
            mapping=mapping,
            side=Side(row.side),
            source_key=row.source_key,
            key=row.key,
            creates=row.creates,
            job_id=row.job_id,
            state=IntentState(row.state),
            attempt=row.attempt,
            entry=None if row.entry is None else entry_from_text(row.entry),
            agreed=None
            if row.agreed is None
            else AgreedValues(layout=row.layout, pairs=pairs_from_json(row.agreed)),
            marked=row.marked,
            sent=None
            if row.sent_process is None
            else SentStamp(process=row.sent_process, elapsed=row.sent_elapsed),
        )
        for row in rows
    ]


def _to_row(each: Intent, mapping_id: int) -> Row:
    return (
        mapping_id,
        each.side.value,
        each.key,
        each.source_key,
        each.creates,
        each.job_id,
        each.state.value,
        each.attempt,
        None if each.entry is None else entry_to_text(each.entry),
        None if each.agreed is None else each.agreed.layout,
        None if each.agreed is None else pairs_to_json(each.agreed.pairs),
        each.marked,
        None if each.sent is None else each.sent.process,
        None if each.sent is None else each.sent.elapsed,
    )
