"""Keeps job queue entries: the recurring work and what waits, runs or ran."""

from datetime import datetime

import sqlalchemy as sa

from interlace.domain.job_queue_entry import JobQueueEntry, JobQueueEntryKind, JobQueueEntryStatus
from interlace.domain.keys import ConnectionId, MappingName
from interlace.locale.kept_text import from_kept, to_kept
from interlace.store.database import Database
from interlace.store.encoding import optional_time_from_text, optional_time_to_text, time_to_text
from interlace.store.schema import job_queue_entry


class JobQueueEntries:
    """Job queue entries of every connection."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(self, entry: JobQueueEntry) -> None:
        """Insert or overwrite an entry."""
        values = {
            "connection_id": entry.connection_id,
            "kind": entry.kind.value,
            "mapping": entry.mapping,
            "run_id": entry.run_id,
            "status": entry.status.value,
            "minutes_between_runs": entry.minutes_between_runs,
            "earliest_start": optional_time_to_text(entry.earliest_start),
            "started_at": optional_time_to_text(entry.started_at),
            "finished_at": optional_time_to_text(entry.finished_at),
            "message": to_kept(entry.message),
        }
        own = job_queue_entry.c.id == entry.id
        with self._database.write() as connection:
            changed = connection.execute(sa.update(job_queue_entry).where(own).values(values))
            if not changed.rowcount:
                connection.execute(sa.insert(job_queue_entry).values(id=entry.id, **values))

    def read(self, entry_id: str) -> JobQueueEntry | None:
        """Return an entry."""
        with self._database.read() as connection:
            query = sa.select(job_queue_entry).where(job_queue_entry.c.id == entry_id)
            row = connection.execute(query).first()
        return None if row is None else _entry_of(row)

    def list(self, connection_id: str, kind: JobQueueEntryKind | None = None) -> list[JobQueueEntry]:
        """Return a connection's entries in the order of their ids."""
        query = sa.select(job_queue_entry).where(job_queue_entry.c.connection_id == connection_id)
        if kind is not None:
            query = query.where(job_queue_entry.c.kind == kind.value)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(job_queue_entry.c.id)).all()
        return [_entry_of(row) for row in rows]

    def delete(self, entry_id: str) -> bool:
        """Delete an entry."""
        with self._database.write() as connection:
            gone = sa.delete(job_queue_entry).where(job_queue_entry.c.id == entry_id)
            return bool(connection.execute(gone).rowcount)

    def delete_finished_before(self, moment: datetime) -> int:
        """Forget work that ended before this moment."""
        old = sa.delete(job_queue_entry).where(job_queue_entry.c.finished_at < time_to_text(moment))
        with self._database.write() as connection:
            return int(connection.execute(old).rowcount)


def _entry_of(row: sa.Row[tuple[object, ...]]) -> JobQueueEntry:
    return JobQueueEntry(
        id=row.id,
        connection_id=ConnectionId(row.connection_id),
        kind=JobQueueEntryKind(row.kind),
        mapping=MappingName(row.mapping) if row.mapping else None,
        run_id=row.run_id,
        status=JobQueueEntryStatus(row.status),
        minutes_between_runs=row.minutes_between_runs,
        earliest_start=optional_time_from_text(row.earliest_start),
        started_at=optional_time_from_text(row.started_at),
        finished_at=optional_time_from_text(row.finished_at),
        message=from_kept(row.message),
    )
