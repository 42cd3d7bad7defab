"""Keeps one open error per record and direction: which record, since when, how often, and what is wrong with it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from interlace.domain.error_codes import WakeUp
from interlace.domain.error_descriptions import ERROR_DESCRIPTIONS
from interlace.domain.errors import ErrorClass, ErrorCode, RecordError, WaitsFor
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.engine.memory import BatchResult, SynchError
from interlace.locale.kept_text import from_kept, to_kept
from interlace.store import waking
from interlace.store.bulk import BulkStatements, Row
from interlace.store.encoding import (
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
)
from interlace.store.schema import synch_error

COLUMNS = (
    "mapping_id",
    "direction",
    "source_key",
    "code",
    "message",
    "field",
    "waits_for_mapping",
    "waits_for_key",
    "also_waits_for",
    "job_id",
    "at",
    "times",
    "skipped",
    "next_try",
    "source_digest",
    "partner_digest",
    "coupled_digest",
    "fingerprint",
)
_KEY = ("mapping_id", "direction", "source_key")
_LISTED = (
    sa.select(synch_error.c.source_key)
    .where(
        synch_error.c.mapping_id == sa.bindparam("of_mapping"),
        synch_error.c.direction == sa.bindparam("of_direction"),
    )
    .order_by(synch_error.c.source_key)
)


def fingerprint(error: RecordError) -> bytes:
    """Identify what is wrong, whichever record has it: equal ones are one failure again, or one cause."""
    waits = error.waits_for
    parts = [error.code.value, error.trouble, error.field or ""]
    parts += [waits.mapping, waits.key] if waits else []
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


def again(known: SynchError, failed: SynchError) -> SynchError:
    """Merge a failure with the same failure before it: in a second job it is parked, unless waiting may heal it."""
    is_later = known.job_id != failed.job_id
    repeated = is_later and waking.is_parked_when_repeated(failed)
    return replace(
        failed,
        times=known.times + (1 if is_later else 0),
        skipped=failed.skipped or known.skipped or repeated,
    )


def take_result(
    connection: sa.Connection, bulk: BulkStatements, mapping_id: int, result: BatchResult, now: datetime
) -> None:
    """Store what a batch says of errors: which are over, which are new, and which are due since a pair ended."""
    clear_errors(connection, bulk, mapping_id, result.cleared_errors, now)
    store_errors(connection, bulk, mapping_id, result.errors, now)
    if result.removed_couplings:
        waking.wake_after(connection, mapping_id, WakeUp.COUPLING_REMOVED, now)


def store_errors(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    errors: Sequence[SynchError],
    now: datetime,
) -> None:
    """Store the failures of a batch."""
    by_direction: dict[Direction, dict[str, SynchError]] = {}
    for error in errors:
        by_direction.setdefault(error.direction, {})[error.source_key] = error
    for direction, by_key in by_direction.items():
        keys = list(by_key)
        known = _known(connection, bulk, mapping_id, direction, keys)
        digests = waking.partner_digests(connection, bulk, mapping_id, direction, keys)
        rows: list[Row] = []
        lacking: set[bytes] = set()
        for key, failed in by_key.items():
            before, trouble = known.get(key), fingerprint(failed.error)
            merged = again(before[0], failed) if before is not None and before[1] == trouble else failed
            rows.append(_to_row(merged, mapping_id, trouble, digests.get(key), waking.next_try(merged, now)))
            if failed.error.error_class is ErrorClass.PERMISSION:
                lacking.add(trouble)
        bulk.upsert(connection, COLUMNS, rows, table=synch_error, unique=_KEY)
        for trouble in sorted(lacking):
            waking.let_one_try(connection, mapping_id, direction, trouble, now)


def clear_errors(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    cleared: Iterable[tuple[Direction, str]],
    now: datetime,
) -> None:
    """Forget the errors of records that went through; what lacked the same right as one of them is due then."""
    keys: dict[Direction, list[str]] = {}
    for direction, key in cleared:
        keys.setdefault(direction, []).append(key)
    for direction, own in keys.items():
        way = {"mapping_id": mapping_id, "direction": direction.value}
        lacked = bulk.matching(
            connection,
            ("fingerprint",),
            table=synch_error,
            fixed={**way, "code": ErrorCode.PRIVILEGE_MISSING.value},
            key="source_key",
            keys=own,
        )
        bulk.delete(connection, _KEY, [(*way.values(), key) for key in own], table=synch_error)
        for trouble in sorted({bytes(row[0]) for row in lacked}):
            alike = (synch_error.c.direction == direction.value, synch_error.c.fingerprint == trouble)
            waking.wake(connection, mapping_id, now, *alike)


def read_errors(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    mapping: MappingName,
    direction: Direction,
    keys: Sequence[str],
    now: datetime,
) -> dict[str, SynchError]:
    """Return the open errors of these records; one that is due is not told as skipped."""
    rows = _rows(connection, bulk, mapping_id, direction, keys)
    errors = {row[2]: from_row(row, mapping) for row in rows}
    parked = [key for key, error in errors.items() if error.skipped]
    if not parked:
        return errors
    digests = waking.partner_digests(connection, bulk, mapping_id, direction, parked)
    coupled = {row[2]: row[COLUMNS.index("coupled_digest")] for row in rows}
    for key in parked:
        error, digest = errors[key], digests.get(key)
        time_has_come = error.next_try is not None and error.next_try <= now
        seen_anew = digest is not None and digest not in {coupled[key], error.partner_digest}
        listens = WakeUp.PARTNER_CHANGED in ERROR_DESCRIPTIONS[error.error.code].wakes
        if time_has_come or (seen_anew and listens):
            errors[key] = replace(error, skipped=False)
    return errors


def listed_keys(connection: sa.Connection, mapping_id: int, direction: Direction) -> list[str]:
    """Return every record that has an open error, in key order."""
    of_pass = {"of_mapping": mapping_id, "of_direction": direction.value}
    return list(connection.execute(_LISTED, of_pass).scalars())


def from_row(row: Row, mapping: MappingName) -> SynchError:
    """Make the error of a row."""
    held = dict(zip(COLUMNS, row, strict=True))
    waits = None
    if held["waits_for_key"] is not None:
        waits = WaitsFor(mapping=held["waits_for_mapping"], key=held["waits_for_key"])
    return SynchError(
        mapping=mapping,
        direction=Direction(held["direction"]),
        source_key=held["source_key"],
        error=RecordError(
            code=ErrorCode(held["code"]),
            message=from_kept(held["message"]),
            field=held["field"],
            waits_for=waits,
            also_waits_for=waking.awaited_from_text(held["also_waits_for"]),
        ),
        job_id=held["job_id"],
        at=time_from_text(held["at"]),
        times=held["times"],
        skipped=bool(held["skipped"]),
        next_try=optional_time_from_text(held["next_try"]),
        source_digest=held["source_digest"],
        partner_digest=held["partner_digest"],
    )


def _rows(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    direction: Direction,
    keys: Sequence[str],
) -> list[Row]:
    fixed = {"mapping_id": mapping_id, "direction": direction.value}
    return bulk.matching(connection, COLUMNS, table=synch_error, fixed=fixed, key="source_key", keys=keys)


def _known(
    connection: sa.Connection,
    bulk: BulkStatements,
    mapping_id: int,
    direction: Direction,
    keys: Sequence[str],
) -> dict[str, tuple[SynchError, bytes]]:
    """Return what is listed of these records already, with its fingerprint."""
    rows = _rows(connection, bulk, mapping_id, direction, keys)
    return {row[2]: (from_row(row, MappingName("")), bytes(row[-1])) for row in rows}


def _to_row(
    error: SynchError,
    mapping_id: int,
    trouble: bytes,
    coupled_digest: bytes | None,
    next_try: datetime | None,
) -> Row:
    waits = error.error.waits_for
    return (
        mapping_id,
        error.direction.value,
        error.source_key,
        error.error.code.value,
        to_kept(error.error.message),
        error.error.field,
        waits.mapping if waits else None,
        waits.key if waits else None,
        waking.awaited_to_text(error.error.also_waits_for),
        error.job_id,
        time_to_text(error.at),
        error.times,
        error.skipped,
        optional_time_to_text(next_try),
        error.source_digest,
        error.partner_digest,
        coupled_digest,
        trouble,
    )
