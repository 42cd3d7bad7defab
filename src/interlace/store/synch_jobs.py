"""Keeps synch jobs with their counters, and how far each pass of a run has got."""

from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.engine.memory import PassPosition
from interlace.locale.kept_text import from_kept, to_kept
from interlace.store.bulk import BulkStatements
from interlace.store.encoding import (
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
)
from interlace.store.schema import integration_table_mapping, pass_position, synch_job

_COUNTERS = tuple(Counters().as_dict())
_COLUMNS = (
    "id",
    "mapping_id",
    "direction",
    "type",
    "started_at",
    "finished_at",
    "message",
    "run_id",
    *_COUNTERS,
)
_OF_PASS = sa.and_(
    pass_position.c.run_id == sa.bindparam("of_run"),
    pass_position.c.mapping_id == sa.bindparam("of_mapping"),
    pass_position.c.direction == sa.bindparam("of_direction"),
)
_CHANGE_PASS = sa.update(pass_position).where(_OF_PASS)
_ADD_PASS = sa.insert(pass_position)
_PASS = (
    sa.select(pass_position.c.after, pass_position.c.finished, synch_job)
    .join(synch_job, synch_job.c.id == pass_position.c.job_id)
    .where(_OF_PASS)
)


def store_job(connection: sa.Connection, bulk: BulkStatements, mapping_id: int, job: SynchJob) -> None:
    """Store a job as it stands."""
    row = (
        job.id,
        mapping_id,
        job.direction.value,
        job.type.value,
        time_to_text(job.started_at),
        optional_time_to_text(job.finished_at),
        to_kept(job.message),
        job.run_id,
        *job.counters.as_dict().values(),
    )
    bulk.upsert(connection, _COLUMNS, [row], table=synch_job, unique=("id",))


def begin_pass(connection: sa.Connection, mapping_id: int, job: SynchJob) -> None:
    """Put a pass that belongs to a run at its beginning; one that has begun already keeps its place."""
    if job.run_id is not None:
        _store_pass(connection, mapping_id, job)


def move_pass(
    connection: sa.Connection, mapping_id: int, job: SynchJob, after: str | None, *, finished: bool
) -> None:
    """Move a pass on; without a new place it stays where it is."""
    if job.run_id is None or (after is None and not finished):
        return
    if finished:
        _store_pass(connection, mapping_id, job, finished=True, after=None)
    else:
        _store_pass(connection, mapping_id, job, after=after)


def _store_pass(connection: sa.Connection, mapping_id: int, job: SynchJob, **place: object) -> None:
    """Change the pass that a job carries out, or add it."""
    pass_of_run = {"of_run": job.run_id, "of_mapping": mapping_id, "of_direction": job.direction.value}
    kept = connection.execute(_CHANGE_PASS, {**pass_of_run, "job_id": job.id, **place})
    if not kept.rowcount:
        row: dict[str, object] = {
            "run_id": job.run_id,
            "mapping_id": mapping_id,
            "direction": job.direction.value,
            "job_id": job.id,
            "after": None,
            "finished": False,
        }
        connection.execute(_ADD_PASS, {**row, **place})


def newest_unfinished(
    connection: sa.Connection, connection_id: str, mapping_ids: Collection[int]
) -> frozenset[str]:
    """Return the ids of the newest unfinished job of each of these mappings."""
    of_connection = integration_table_mapping.c.connection_id == connection_id
    query = (
        sa.select(synch_job.c.mapping_id, synch_job.c.id)
        .join(integration_table_mapping, integration_table_mapping.c.id == synch_job.c.mapping_id)
        .where(of_connection, synch_job.c.finished_at.is_(None), synch_job.c.mapping_id.in_(mapping_ids))
        .order_by(synch_job.c.started_at, synch_job.c.id)
    )
    newest = {row.mapping_id: row.id for row in connection.execute(query)}
    return frozenset(newest.values())


def read_pass(
    connection: sa.Connection, run_id: str, mapping_id: int, mapping: MappingName, direction: Direction
) -> PassPosition | None:
    """Return how far a pass has got."""
    pass_of_run = {"of_run": run_id, "of_mapping": mapping_id, "of_direction": direction.value}
    row = connection.execute(_PASS, pass_of_run).first()
    if row is None:
        return None
    job = replace(job_of(row, mapping), direction=direction)
    return PassPosition(job=job, after=row.after, finished=row.finished)


def job_of(row: sa.Row[tuple[object, ...]], mapping: MappingName) -> SynchJob:
    """Make the job of a row that holds synch_job's columns."""
    return SynchJob(
        id=row.id,
        mapping=mapping,
        direction=Direction(row.direction),
        type=SynchJobType(row.type),
        started_at=time_from_text(row.started_at),
        finished_at=optional_time_from_text(row.finished_at),
        message=from_kept(row.message),
        counters=Counters(**{name: getattr(row, name) for name in _COUNTERS}),
        run_id=row.run_id,
    )
