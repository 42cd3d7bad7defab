"""The append-only journal of a connection: each entry's digest covers the one before it, so gaps show."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from interlace.engine.ports import JournalEntry
from interlace.store.bulk import BulkStatements, Row
from interlace.store.encoding import JsonValue, from_json, time_to_text, to_canonical_json
from interlace.store.schema import journal, journal_head

_COLUMNS = ("connection_id", "sequence", "job_id", "key", "entry", "digest")
_START = bytes(16)
_VERIFY_BATCH = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalVerification:
    """What reading a journal from its first entry to its last showed."""

    entries: int
    first_wrong: int | None
    """Sequence number from which the chain does not hold, or None if it holds."""

    @property
    def holds(self) -> bool:
        """Tell whether no entry was changed, added or taken out."""
        return self.first_wrong is None


def append(
    connection: sa.Connection,
    bulk: BulkStatements,
    connection_id: str,
    entries: Sequence[JournalEntry],
    at: datetime,
) -> None:
    """Append entries to the connection's chain; to be called last in a transaction, for it locks the head."""
    if not entries:
        return
    query = sa.select(journal_head.c.sequence, journal_head.c.digest).where(
        journal_head.c.connection_id == connection_id
    )
    head = connection.execute(query.with_for_update()).one()
    sequence, digest, moment = int(head.sequence), bytes(head.digest), time_to_text(at)
    rows: list[Row] = []
    for entry in entries:
        text = _canonical(entry, moment)
        sequence += 1
        digest = _next_digest(digest, text)
        rows.append((connection_id, sequence, entry.job_id, entry.key, text, digest))
    bulk.insert(connection, _COLUMNS, rows, table=journal)
    connection.execute(
        sa.update(journal_head)
        .where(journal_head.c.connection_id == connection_id)
        .values(sequence=sequence, digest=digest)
    )


def start_chain(connection: sa.Connection, connection_id: str) -> None:
    """Give a new connection an empty chain."""
    connection.execute(sa.insert(journal_head).values(connection_id=connection_id, sequence=0, digest=_START))


def verify_chain(connection: sa.Connection, connection_id: str) -> JournalVerification:
    """Compute every digest anew and compare."""
    sequence, digest = 0, _START
    while True:
        rows = connection.execute(
            sa.select(journal.c.sequence, journal.c.entry, journal.c.digest)
            .where(journal.c.connection_id == connection_id, journal.c.sequence > sequence)
            .order_by(journal.c.sequence)
            .limit(_VERIFY_BATCH)
        ).all()
        for row in rows:
            if row.sequence != sequence + 1 or bytes(row.digest) != _next_digest(digest, row.entry):
                return JournalVerification(entries=sequence, first_wrong=sequence + 1)
            sequence, digest = row.sequence, bytes(row.digest)
        if not rows:
            break
    head = connection.execute(
        sa.select(journal_head.c.sequence, journal_head.c.digest).where(
            journal_head.c.connection_id == connection_id
        )
    ).one()
    whole = head.sequence == sequence and bytes(head.digest) == digest
    return JournalVerification(entries=sequence, first_wrong=None if whole else sequence + 1)


def entries_of(
    connection: sa.Connection, connection_id: str, job_id: str | None, key: str | None, limit: int
) -> list[JsonValue]:
    """Return entries of a job or of a record, newest first."""
    query = sa.select(journal.c.entry).where(journal.c.connection_id == connection_id)
    if job_id is not None:
        query = query.where(journal.c.job_id == job_id)
    if key is not None:
        query = query.where(journal.c.key == key)
    rows = connection.execute(query.order_by(journal.c.sequence.desc()).limit(limit))
    return [from_json(row.entry) for row in rows]


def _canonical(entry: JournalEntry, moment: str) -> str:
    return to_canonical_json(
        {
            "mapping": entry.mapping,
            "side": entry.side.value,
            "key": entry.key,
            "action": entry.action,
            "job_id": entry.job_id,
            "at": moment,
            "before": entry.before,
            "after": entry.after,
            "lost": entry.lost,
        }
    )


def _next_digest(previous: bytes, text: str) -> bytes:
    return hashlib.blake2b(previous + text.encode(), digest_size=16).digest()
