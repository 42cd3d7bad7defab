"""Keeps synch jobs with their counters, and how far each pass of a run has got."""

from dataclasses import replace

import sqlalchemy as sa

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.synch_job import Counters, SynchJob, SynchJobType
from interlace.engine.memory import PassPosition
from interlace.store.encoding import (
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
)
from interlace.store.schema import pass_position, synch_job

_COUNTERS = tuple(Counters().as_dict())


def store_job(connection: sa.Connection, mapping_id: int, job: SynchJob) -> None:
    """Store a job as it stands."""
    values = {
        "direction": job.direction.value,
        "type": job.type.value,
        "started_at": time_to_text(job.started_at),
        "finished_at": optional_time_to_text(job.finished_at),
        "message": job.message,
        "run_id": job.run_id,
        **job.counters.as_dict(),
    }
    updated = connection.execute(sa.update(synch_job).where(synch_job.c.id == job.id).values(values))
    if not updated.rowcount:
        connection.execute(sa.insert(synch_job).values(id=job.id, mapping_id=mapping_id, **values))


def begin_pass(connection: sa.Connection, mapping_id: int, job: SynchJob) -> None:
    """Put a pass that belongs to a run at its beginning; one that has begun already keeps its place."""
    if job.run_id is None:
        return
    where = _pass_of(job.run_id, mapping_id, job.direction)
    kept = connection.execute(sa.update(pass_position).where(where).values(job_id=job.id))
    if not kept.rowcount:
        connection.execute(
            sa.insert(pass_position).values(
                run_id=job.run_id,
                mapping_id=mapping_id,
                direction=job.direction.value,
                job_id=job.id,
                after=None,
                finished=False,
            )
        )


def move_pass(
    connection: sa.Connection, mapping_id: int, job: SynchJob, after: str | None, *, finished: bool
) -> None:
    """Move a pass on; without a new place it stays where it is."""
    if job.run_id is None or (after is None and not finished):
        return
    begin_pass(connection, mapping_id, job)
    values: dict[str, object] = {} if after is None else {"after": after}
    if finished:
        values = {"finished": True, "after": None}
    connection.execute(
        sa.update(pass_position).where(_pass_of(job.run_id, mapping_id, job.direction)).values(values)
    )


def read_pass(
    connection: sa.Connection, run_id: str, mapping_id: int, mapping: MappingName, direction: Direction
) -> PassPosition | None:
    """Return how far a pass has got."""
    row = connection.execute(
        sa.select(pass_position.c.after, pass_position.c.finished, synch_job)
        .join(synch_job, synch_job.c.id == pass_position.c.job_id)
        .where(_pass_of(run_id, mapping_id, direction))
    ).first()
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
        message=row.message,
        counters=Counters(**{name: getattr(row, name) for name in _COUNTERS}),
        run_id=row.run_id,
    )


def _pass_of(run_id: str, mapping_id: int, direction: Direction) -> sa.ColumnElement[bool]:
    return sa.and_(
        pass_position.c.run_id == run_id,
        pass_position.c.mapping_id == mapping_id,
        pass_position.c.direction == direction.value,
    )
