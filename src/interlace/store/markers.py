"""Keeps what is known of the marker rows, and the backups that were found to have been restored."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.memory import MarkerState
from interlace.store import couplings
from interlace.store.bulk import BulkStatements
from interlace.store.encoding import time_to_text
from interlace.store.schema import cursor, marker, restoration

_COLUMNS = ("mapping_id", "side", "acknowledged", "sent")
_UNIQUE = ("mapping_id", "side")
_STATE = sa.select(marker.c.acknowledged, marker.c.sent).where(
    marker.c.mapping_id == sa.bindparam("of_mapping"), marker.c.side == sa.bindparam("of_side")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """A backup that was found to have been restored."""

    mapping: MappingName
    side: Side | None
    """The service; None: our own memory."""
    at: datetime


def read_state(connection: sa.Connection, mapping_id: int, side: Side) -> MarkerState:
    """Return what is known of a marker row."""
    row = connection.execute(_STATE, {"of_mapping": mapping_id, "of_side": side.value}).first()
    return MarkerState() if row is None else MarkerState(acknowledged=row.acknowledged, sent=row.sent)


def store_state(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, side: Side, state: MarkerState
) -> None:
    """Replace what is known of a marker row."""
    row = (mapping_id, side.value, state.acknowledged, state.sent)
    bulk.upsert(connection, _COLUMNS, [row], table=marker, unique=_UNIQUE)


def note_restored(
    connection: sa.Connection, mapping_id: int, sides: Collection[Side], *, at: datetime
) -> None:
    """List the restoration, and forget what would keep the next run from comparing every pair."""
    connection.execute(sa.delete(cursor).where(cursor.c.mapping_id == mapping_id))
    couplings.doubt(connection, mapping_id, sides)
    names: list[str | None] = [*sorted({side.value for side in sides})]
    rows = [{"mapping_id": mapping_id, "side": name, "at": time_to_text(at)} for name in names or [None]]
    connection.execute(sa.insert(restoration), rows)
