"""A short text that changes whenever something changes that people look at: asked once a second, so it is cheap.

Couplings and records change in jobs only, whose counters say so: their tables, which may be huge, are not read.
"""

import hashlib
import sqlite3

import sqlalchemy as sa

from interlace.store.database import Database
from interlace.store.notification_tables import notification
from interlace.store.schema import (
    conflict,
    integration_table_mapping,
    job_queue_entry,
    journal_head,
    restoration,
    review,
    review_line,
    safety_halt,
    synch_error,
    synch_job,
)
from interlace.store.schema import connection as connection_table

_JOBS = 60
_REVIEWS = 6
_CONNECTIONS = 30
_count = sa.func.count()


def _queries() -> tuple[sa.Executable, ...]:
    newest = sa.select(review.c.run_id).order_by(review.c.created_at.desc()).limit(_REVIEWS)
    halt, job, told = safety_halt.c, job_queue_entry.c, notification.c
    return (
        sa.select(synch_job).order_by(synch_job.c.started_at.desc(), synch_job.c.id).limit(_JOBS),
        sa.select(review_line.c.status, review_line.c.message, review_line.c.finished_at)
        .where(review_line.c.run_id.in_(newest))
        .order_by(review_line.c.run_id, review_line.c.position),
        sa.select(
            _count,
            sa.func.max(synch_error.c.at),
            sa.func.max(synch_error.c.next_try),
            sa.func.sum(sa.case((synch_error.c.skipped, 1), else_=0)),
        ),
        sa.select(_count, sa.func.max(conflict.c.detected_at)),
        sa.select(_count, sa.func.max(halt.raised_at), sa.func.max(halt.released_by)),
        sa.select(job.status, _count, sa.func.max(job.started_at), sa.func.max(job.finished_at))
        .group_by(job.status)
        .order_by(job.status),
        sa.select(journal_head.c.sequence).order_by(journal_head.c.connection_id),
        sa.select(connection_table).order_by(connection_table.c.id),
        sa.select(integration_table_mapping.c.settings)
        .where(integration_table_mapping.c.settings != "{}")
        .order_by(integration_table_mapping.c.id),
        sa.select(_count, sa.func.max(restoration.c.id)),
        sa.select(_count, sa.func.max(told.at), sa.func.sum(sa.case((told.is_read, 1), else_=0))),
    )


class ChangeToken:
    """Tells the present token; SQLite is asked first whether anything at all was written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queries = _queries()
        self._seen: dict[sqlite3.Connection, tuple[int, int]] = {}
        self._token = ""

    def now(self) -> str:
        """Return the token; for one thread at a time."""
        with self._database.read() as connection:
            if self._is_unwritten(connection):
                return self._token
            digest = hashlib.blake2b(digest_size=12)
            for query in self._queries:
                for row in connection.execute(query):
                    digest.update(repr(tuple(row)).encode())
                digest.update(b"\n")
        self._token = digest.hexdigest()
        return self._token

    def _is_unwritten(self, connection: sa.Connection) -> bool:
        """Tell whether nobody has committed to a SQLite file, in whichever process, since this connection looked last.

        SQLite's number belongs to one connection of the driver and counts what the others commit.
        """
        if self._database.is_postgresql:
            return False
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        [version] = raw.execute("PRAGMA data_version").fetchone()
        known = self._seen.get(raw)
        if len(self._seen) > _CONNECTIONS:
            self._seen.clear()
        self._seen[raw] = (version, raw.total_changes)
        return known == (version, raw.total_changes)
