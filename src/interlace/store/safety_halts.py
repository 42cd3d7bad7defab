"""Keeps at most one safety halt a mapping, until a run has gone through after its release."""

import sqlalchemy as sa

from interlace.domain.keys import MappingName
from interlace.domain.safety_halt import HaltKind, SafetyHalt
from interlace.domain.side import Side
from interlace.locale.kept_text import from_kept, to_kept
from interlace.store.bulk import BulkStatements
from interlace.store.encoding import time_from_text, time_to_text
from interlace.store.schema import safety_halt

_OF_MAPPING = safety_halt.c.mapping_id == sa.bindparam("of_mapping")
_HALT = sa.select(safety_halt).where(_OF_MAPPING)
_END = sa.delete(safety_halt).where(_OF_MAPPING)
_COLUMNS = ("mapping_id", "kind", "side", "seen", "coupled", "raised_at", "message", "released_by")


def read_halt(connection: sa.Connection, mapping_id: int, mapping: MappingName) -> SafetyHalt | None:
    """Return the mapping's halt, released or not."""
    row = connection.execute(_HALT, {"of_mapping": mapping_id}).first()
    return None if row is None else halt_of(row, mapping)


def store_halt(connection: sa.Connection, bulk: BulkStatements, mapping_id: int, halt: SafetyHalt) -> None:
    """Insert or replace the mapping's halt."""
    row = (
        mapping_id,
        halt.kind.value,
        halt.side.value,
        halt.count,
        halt.of,
        time_to_text(halt.raised_at),
        to_kept(halt.message),
        halt.released_by,
    )
    bulk.upsert(connection, _COLUMNS, [row], table=safety_halt, unique=("mapping_id",))


def release_halt(connection: sa.Connection, mapping_id: int, released_by: str) -> bool:
    """Let the next run of the mapping through; False if no halt is waiting for that."""
    waiting = sa.and_(safety_halt.c.mapping_id == mapping_id, safety_halt.c.released_by.is_(None))
    released = connection.execute(sa.update(safety_halt).where(waiting).values(released_by=released_by))
    return bool(released.rowcount)


def end_halt(connection: sa.Connection, mapping_id: int) -> None:
    """Forget the mapping's halt."""
    connection.execute(_END, {"of_mapping": mapping_id})


def halt_of(row: sa.Row[tuple[object, ...]], mapping: MappingName) -> SafetyHalt:
    """Make the halt of a row that holds safety_halt's columns."""
    return SafetyHalt(
        mapping=mapping,
        kind=HaltKind(row.kind),
        side=Side(row.side),
        count=row.seen,
        of=row.coupled,
        raised_at=time_from_text(row.raised_at),
        message=from_kept(row.message),
        released_by=row.released_by,
    )
