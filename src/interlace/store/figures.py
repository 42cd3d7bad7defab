"""Sums over the store for dashboards: records by mapping and outcome, what is open, when something last went well."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from interlace.domain.synch_job import Counters
from interlace.store import conflicts
from interlace.store.database import Database
from interlace.store.encoding import optional_time_from_text
from interlace.store.schema import (
    conflict,
    connection,
    coupling,
    integration_table_mapping,
    job_queue_entry,
    safety_halt,
    synch_error,
    synch_job,
)

_mapping = integration_table_mapping
_NAMES = (connection.c.name, _mapping.c.name)
COUNTERS = tuple(Counters().as_dict())


@dataclass(frozen=True, slots=True, kw_only=True)
class PassFigures:
    """What the runs of one mapping in one direction have done so far."""

    connection: str
    mapping: str
    direction: str
    records: Mapping[str, int]
    """By counter."""
    runs: int
    last_success: datetime | None
    last_seconds: float
    """How long the run took that ended last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreFigures:
    """Every sum; the open ones by connection and mapping."""

    passes: tuple[PassFigures, ...]
    failed: Mapping[tuple[str, str], int]
    skipped: Mapping[tuple[str, str], int]
    conflicts: Mapping[tuple[str, str], int]
    couplings: Mapping[tuple[str, str], int]
    halts: Mapping[tuple[str, str], int]
    queue: Mapping[tuple[str, str], int]
    """Job queue entries by connection and status."""


def read_figures(database: Database) -> StoreFigures:
    """Add everything up as it stands in one transaction."""
    with database.read() as reading:
        errors: dict[bool, dict[tuple[str, str], int]] = {True: {}, False: {}}
        by_skipped = sa.select(*_NAMES, synch_error.c.skipped, sa.func.count()).group_by(
            *_NAMES, synch_error.c.skipped
        )
        for name, mapping, skipped, number in reading.execute(_named(by_skipped, synch_error)):
            errors[bool(skipped)][(name, mapping)] = int(number)
        open_conflicts = _counted(conflict).where(conflicts.is_open())
        return StoreFigures(
            passes=tuple(_passes(reading)),
            failed=errors[False],
            skipped=errors[True],
            conflicts=_pairs(reading, open_conflicts),
            couplings=_pairs(reading, _counted(coupling)),
            halts=_pairs(reading, _counted(safety_halt).where(safety_halt.c.released_by.is_(None))),
            queue=_pairs(
                reading,
                sa.select(connection.c.name, job_queue_entry.c.status, sa.func.count())
                .join_from(job_queue_entry, connection, connection.c.id == job_queue_entry.c.connection_id)
                .group_by(connection.c.name, job_queue_entry.c.status),
            ),
        )


def _passes(reading: sa.Connection) -> list[PassFigures]:
    job = synch_job.c
    went_well = sa.and_(job.finished_at.is_not(None), job.message == "")
    query = sa.select(
        *_NAMES,
        job.direction,
        sa.func.count(),
        sa.func.max(sa.case((went_well, job.finished_at))),
        *(sa.func.sum(job[name]) for name in COUNTERS),
    ).group_by(*_NAMES, job.direction)
    rows = reading.execute(_named(query, synch_job)).all()
    seconds = _last_seconds(reading)
    return [
        PassFigures(
            connection=row[0],
            mapping=row[1],
            direction=row[2],
            runs=int(row[3]),
            last_success=optional_time_from_text(row[4]),
            records=dict(zip(COUNTERS, map(int, row[5:]), strict=True)),
            last_seconds=seconds.get((row[0], row[1], row[2]), 0.0),
        )
        for row in rows
    ]


def _last_seconds(reading: sa.Connection) -> dict[tuple[str, str, str], float]:
    job = synch_job.c
    last = (
        sa.select(job.mapping_id, job.direction, sa.func.max(job.finished_at).label("ended"))
        .where(job.finished_at.is_not(None))
        .group_by(job.mapping_id, job.direction)
        .subquery()
    )
    same = sa.and_(
        job.mapping_id == last.c.mapping_id,
        job.direction == last.c.direction,
        job.finished_at == last.c.ended,
    )
    query = _named(sa.select(*_NAMES, job.direction, job.started_at, job.finished_at), synch_job).join(
        last, same
    )
    found = {}
    for name, mapping, direction, started, finished in reading.execute(query):
        begun, ended = optional_time_from_text(started), optional_time_from_text(finished)
        assert begun is not None
        assert ended is not None
        found[(name, mapping, direction)] = (ended - begun).total_seconds()
    return found


def _counted(table: sa.Table) -> sa.Select[*tuple[Any, ...]]:
    return _named(sa.select(*_NAMES, sa.func.count()).group_by(*_NAMES), table)


def _named(query: sa.Select[*tuple[Any, ...]], table: sa.Table) -> sa.Select[*tuple[Any, ...]]:
    return (
        query.select_from(table)
        .join(_mapping, _mapping.c.id == table.c.mapping_id)
        .join(connection, connection.c.id == _mapping.c.connection_id)
    )


def _pairs(reading: sa.Connection, query: sa.Select[*tuple[Any, ...]]) -> dict[tuple[str, str], int]:
    return {(first, second): int(number) for first, second, number in reading.execute(query)}
