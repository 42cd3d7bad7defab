"""Keeps one open error per record and direction, and decides when a repeated one is skipped."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

import sqlalchemy as sa

from interlace.domain.errors import ErrorClass, ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.engine.ports import SynchError
from interlace.store.bulk import BulkStatements, Row
from interlace.store.encoding import time_from_text, time_to_text
from interlace.store.schema import coupling, integration_table_mapping, synch_error

COLUMNS = (
    "mapping_id",
    "direction",
    "source_key",
    "code",
    "message",
    "field",
    "waits_for_mapping",
    "waits_for_key",
    "job_id",
    "at",
    "times",
    "skipped",
    "source_digest",
    "fingerprint",
    "partner_digest",
)
_SKIPPED_WHEN_REPEATED = frozenset({ErrorClass.DATA, ErrorClass.CONFLICT, ErrorClass.PERMISSION})


def fingerprint(error: RecordError) -> bytes:
    """Identify what is wrong: two failures with one fingerprint are the same failure again."""
    waits = error.waits_for
    parts = [error.code.value, error.message, error.field or ""]
    parts += [waits.mapping, waits.key] if waits else []
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


def next_error(known: SynchError | None, failed: SynchError) -> SynchError:
    """Merge a failure with what is remembered of the record.

    The same failure in a second job is skipped from then on, unless waiting alone may heal it.
    """
    if known is None or fingerprint(known.error) != fingerprint(failed.error):
        return failed
    again = known.job_id != failed.job_id
    repeated = again and failed.error.error_class in _SKIPPED_WHEN_REPEATED
    return replace(
        failed, times=known.times + (1 if again else 0), skipped=failed.skipped or known.skipped or repeated
    )


def store_errors(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, errors: Sequence[SynchError]
) -> None:
    """Store the failures of a batch."""
    by_direction: dict[Direction, list[SynchError]] = {}
    for error in errors:
        by_direction.setdefault(error.direction, []).append(error)
    for direction, failed in by_direction.items():
        keys = [error.source_key for error in failed]
        known = read_errors(connection, bulk, mapping_id, failed[0].mapping, direction, keys)
        rows = []
        for error in failed:
            merged = next_error(known.get(error.source_key), error)
            known[error.source_key] = merged
            rows.append(_to_row(merged, mapping_id))
        unique = ("mapping_id", "direction", "source_key")
        bulk.upsert(connection, COLUMNS, rows, table=synch_error, unique=unique)


def clear_errors(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    cleared: Iterable[tuple[Direction, str]],
) -> None:
    """Forget the errors of records that went through."""
    rows = [(mapping_id, direction.value, key) for direction, key in cleared]
    bulk.delete(connection, ("mapping_id", "direction", "source_key"), rows, table=synch_error)


def read_errors(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    mapping: MappingName,
    direction: Direction,
    keys: Sequence[str],
) -> dict[str, SynchError]:
    """Return the open errors of these records."""
    rows = bulk.matching(
        connection,
        COLUMNS,
        table=synch_error,
        fixed={"mapping_id": mapping_id, "direction": direction.value},
        key="source_key",
        keys=keys,
    )
    return {row[2]: from_row(row, mapping) for row in rows}


def due_keys(
    connection: sa.Connection, connection_id: str, mapping_id: int, direction: Direction
) -> list[str]:
    """Return the records to try again: those not skipped, and those whose awaited record is coupled now."""
    key = coupling.c.erp_key if direction is Direction.TO_INTEGRATION_TABLE else coupling.c.crm_key
    partner_is_coupled = (
        sa.exists()
        .where(
            integration_table_mapping.c.connection_id == connection_id,
            integration_table_mapping.c.name == synch_error.c.waits_for_mapping,
            coupling.c.mapping_id == integration_table_mapping.c.id,
            key == synch_error.c.waits_for_key,
        )
        .correlate(synch_error)
    )
    query = (
        sa.select(synch_error.c.source_key)
        .where(
            synch_error.c.mapping_id == mapping_id,
            synch_error.c.direction == direction.value,
            sa.or_(
                sa.and_(synch_error.c.waits_for_key.is_(None), sa.not_(synch_error.c.skipped)),
                sa.and_(synch_error.c.waits_for_key.is_not(None), partner_is_coupled),
            ),
        )
        .order_by(synch_error.c.source_key)
    )
    return list(connection.execute(query).scalars())


def listed_keys(connection: sa.Connection, mapping_id: int, direction: Direction) -> list[str]:
    """Return every record that has an open error, in key order."""
    query = (
        sa.select(synch_error.c.source_key)
        .where(synch_error.c.mapping_id == mapping_id, synch_error.c.direction == direction.value)
        .order_by(synch_error.c.source_key)
    )
    return list(connection.execute(query).scalars())


def from_row(row: Row, mapping: MappingName) -> SynchError:
    """Make the error of a row."""
    waits = None if row[6] is None else WaitsFor(mapping=row[6], key=row[7])
    return SynchError(
        mapping=mapping,
        direction=Direction(row[1]),
        source_key=row[2],
        error=RecordError(code=ErrorCode(row[3]), message=row[4], field=row[5], waits_for=waits),
        job_id=row[8],
        at=time_from_text(row[9]),
        times=row[10],
        skipped=bool(row[11]),
        source_digest=row[12],
        partner_digest=row[14],
    )


def _to_row(error: SynchError, mapping_id: int) -> Row:
    waits = error.error.waits_for
    return (
        mapping_id,
        error.direction.value,
        error.source_key,
        error.error.code.value,
        error.error.message,
        error.error.field,
        waits.mapping if waits else None,
        waits.key if waits else None,
        error.job_id,
        time_to_text(error.at),
        error.times,
        error.skipped,
        error.source_digest,
        fingerprint(error.error),
        error.partner_digest,
    )
