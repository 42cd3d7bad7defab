"""The append-only journal of a connection: each entry's digest covers the one before it, so gaps show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from interlace.domain.keys import ErpKey, MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.memory import JournalEntry
from interlace.locale.translatable import translatable
from interlace.store.bulk import BulkStatements, Row
from interlace.store.chain import START, EntryRow, follow, next_digest
from interlace.store.encoding import JsonValue, from_json, to_canonical_json
from interlace.store.entry_text import EntryText, decoded, drawn_salt, entry_text, has_values
from interlace.store.erased_entries import read_erased
from interlace.store.journal_files import JournalFileVerification
from interlace.store.schema import journal, journal_head, synch_job

_COLUMNS = (
    "connection_id",
    "sequence",
    "job_id",
    "entry",
    "digest",
    "mapping",
    "action",
    "erp_key",
    "crm_key",
)
_OF_CONNECTION = journal_head.c.connection_id == sa.bindparam("of_connection")
_HEAD = sa.select(journal_head.c.sequence, journal_head.c.digest).where(_OF_CONNECTION)
_LOCKED_HEAD = _HEAD.with_for_update()
_MOVE_HEAD = sa.update(journal_head).where(_OF_CONNECTION)
_VERIFY_BATCH = 5000
_DELETIONS = frozenset({"delete", "removecoupling"})


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalVerification:
    """What reading a journal from its first entry to its last showed."""

    entries: int
    """How many hold, from the first one on."""
    first_wrong: int | None
    """Sequence number from which the chain does not hold, or None if it holds."""
    reason: str = ""
    """What is wrong there."""
    files: tuple[JournalFileVerification, ...] = ()
    """The journal files beside the database, of all connections."""

    @property
    def holds(self) -> bool:
        """Tell whether no entry was changed, added or taken out."""
        return self.first_wrong is None and all(each.holds for each in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalledWrite:
    """An entry with its place in the journal."""

    sequence: int
    at: datetime
    entry: JournalEntry
    is_erased: bool = False
    """Its values were erased for good."""

    @property
    def has_values(self) -> bool:
        """Whether it tells any value of its record."""
        return has_values(self.entry)


_LAST_SEQUENCES = 5000
"""How far back the journal is searched for a mapping's last writes."""
_LAST_WRITES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSelection:
    """Which entries are asked for; everything given must hold."""

    run_id: str | None = None
    job_ids: tuple[str, ...] | None = None
    mapping: str | None = None
    key: str | None = None
    """Key of either record of a pair."""
    field: str | None = None
    """A field that the write changed."""
    after: int = 0
    """Only entries with a higher sequence number: how a long journal is read in parts."""
    newest_first: bool = False
    before: int = 0
    """Only entries with a lower sequence number, if it is given: where to go on from the newest."""
    limit: int | None = None


def append(
    connection: sa.Connection,
    bulk: BulkStatements,
    connection_id: str,
    entries: Sequence[JournalEntry],
    at: datetime,
) -> None:
    """Append entries to the connection's chain; to be called last in a transaction, for it locks the head."""
    append_told(connection, bulk, connection_id, [entry_text(entry, at, drawn_salt()) for entry in entries])


def append_told(
    connection: sa.Connection, bulk: BulkStatements, connection_id: str, told: Sequence[EntryText]
) -> None:
    """Append entries as they are written down; to be called last in a transaction, for it locks the head."""
    if not told:
        return
    head = connection.execute(_LOCKED_HEAD, {"of_connection": connection_id}).one()
    sequence, digest = int(head.sequence), bytes(head.digest)
    rows: list[Row] = []
    for each in told:
        text = to_canonical_json(each)
        sequence += 1
        digest = next_digest(digest, text.encode())
        found_by = (each.mapping, each.action, *keys_of(each))
        rows.append((connection_id, sequence, each.job_id, text, digest, *found_by))
    bulk.insert(connection, _COLUMNS, rows, table=journal)
    moved = {"of_connection": connection_id, "sequence": sequence, "digest": digest}
    connection.execute(_MOVE_HEAD, moved)


def last_sequence(connection: sa.Connection, connection_id: str) -> int:
    """Return the number of the journal's last entry; 0: it is empty."""
    return int(connection.execute(_HEAD, {"of_connection": connection_id}).one().sequence)


def start_chain(connection: sa.Connection, connection_id: str) -> None:
    """Give a new connection an empty chain."""
    connection.execute(sa.insert(journal_head).values(connection_id=connection_id, sequence=0, digest=START))


def verify_chain(connection: sa.Connection, connection_id: str) -> JournalVerification:
    """Compute every digest anew and compare, and see that an entry is found by what stands in it."""
    columns = [journal.c[name] for name in _COLUMNS[1:]]

    def rows_after(sequence: int) -> Sequence[EntryRow]:
        query = sa.select(*columns).where(
            journal.c.connection_id == connection_id, journal.c.sequence > sequence
        )
        return connection.execute(query.order_by(journal.c.sequence).limit(_VERIFY_BATCH)).all()

    head = connection.execute(_HEAD, {"of_connection": connection_id}).one()
    end = follow(rows_after, head, _filed_wrong, read_erased(connection, connection_id).explain)
    return JournalVerification(entries=end.sequence, first_wrong=end.first_wrong, reason=end.reason)


def _filed_wrong(row: EntryRow) -> str:
    told = decoded(row.entry)
    held = (row.job_id, row.mapping, row.action, row.erp_key, row.crm_key)
    is_right = held == (
        told.job_id,
        told.mapping,
        told.action,
        *keys_of(told),
    )
    if is_right:
        return ""
    return translatable(
        "entry {entry} is filed under another record, job or mapping than it tells of",
        entry=int(row.sequence),
    )


def entries_of(
    connection: sa.Connection, connection_id: str, job_id: str | None, key: str | None, limit: int
) -> list[JsonValue]:
    """Return entries of a job or of a record, newest first."""
    query = sa.select(journal.c.entry).where(journal.c.connection_id == connection_id)
    if job_id is not None:
        query = query.where(journal.c.job_id == job_id)
    if key is not None:
        query = query.where(names_record(key))
    rows = connection.execute(query.order_by(journal.c.sequence.desc()).limit(limit))
    return [from_json(row.entry) for row in rows]


def writes_of(
    connection: sa.Connection, connection_id: str, selection: JournalSelection
) -> list[JournalledWrite]:
    """Return the selected entries in the order in which they were written, or the newest first."""
    query = sa.select(journal.c.sequence, journal.c.entry).where(
        journal.c.connection_id == connection_id, journal.c.sequence > selection.after
    )
    if selection.job_ids is not None:
        query = query.where(journal.c.job_id.in_(selection.job_ids))
    if selection.run_id is not None:
        jobs_of_run = sa.select(synch_job.c.id).where(synch_job.c.run_id == selection.run_id)
        query = query.where(journal.c.job_id.in_(jobs_of_run))
    if selection.mapping is not None:
        query = query.where(journal.c.mapping == selection.mapping)
    if selection.key is not None:
        query = query.where(names_record(selection.key))
    if selection.before:
        query = query.where(journal.c.sequence < selection.before)
    written: list[JournalledWrite] = []
    order = journal.c.sequence.desc() if selection.newest_first else journal.c.sequence
    for row in connection.execute(query.order_by(order)):
        if len(written) == selection.limit:
            break
        told = decoded(row.entry)
        if selection.field is None or selection.field in told.after or selection.field in (told.before or {}):
            written.append(
                JournalledWrite(
                    sequence=row.sequence, at=told.moment(), entry=told.entry(), is_erased=told.is_erased
                )
            )
    return written


def names_record(key: str) -> sa.ColumnElement[bool]:
    """Select the entries of a record, by its key on either side."""
    return sa.or_(journal.c.erp_key == key, journal.c.crm_key == key)


def earlier_values(
    connection: sa.Connection,
    bulk: BulkStatements,
    connection_id: str,
    mapping: MappingName,
    erp_keys: Sequence[ErpKey],
) -> dict[ErpKey, dict[str, list[tuple[Value, Value]]]]:
    """Return what pairs agreed on until a journalled write moved it, oldest first, by ERP key and row id."""
    rows = bulk.matching(
        connection,
        ("sequence", "erp_key", "entry"),
        table=journal,
        fixed={"connection_id": connection_id, "mapping": mapping},
        key="erp_key",
        keys=erp_keys,
    )
    earlier: dict[ErpKey, dict[str, list[tuple[Value, Value]]]] = {}
    for _, erp_key, text in sorted(rows):
        for row_id, pair in decoded(text).agreed_before.items():
            if pair is not None:
                earlier.setdefault(ErpKey(erp_key), {}).setdefault(row_id, []).append(pair)
    return earlier


def last_writes(
    connection: sa.Connection, connection_id: str, mapping: MappingName, side: Side
) -> list[JournalEntry]:
    """Return the writes on a side among a mapping's newest entries, newest first."""
    head = sa.select(journal_head.c.sequence).where(journal_head.c.connection_id == connection_id)
    query = sa.select(journal.c.entry).where(
        journal.c.connection_id == connection_id,
        journal.c.sequence > head.scalar_subquery() - _LAST_SEQUENCES,
        journal.c.mapping == mapping,
    )
    newest = connection.execute(query.order_by(journal.c.sequence.desc()).limit(_LAST_WRITES))
    told = [decoded(row.entry).entry() for row in newest]
    return [each for each in told if each.side is side]


def deleted_keys(
    connection: sa.Connection,
    bulk: BulkStatements,
    connection_id: str,
    mapping: MappingName,
    side: Side,
    keys: Sequence[str],
) -> set[str]:
    """Return those of the keys that an entry tells of as deleted, or as uncoupled by a deletion."""
    column = "erp_key" if side is Side.ERP else "crm_key"
    rows = bulk.matching(
        connection,
        (column, "action"),
        table=journal,
        fixed={"connection_id": connection_id, "mapping": mapping},
        key=column,
        keys=keys,
    )
    return {key for key, action in rows if action in _DELETIONS}


def keys_of(told: EntryText) -> tuple[str | None, str | None]:
    """Return the ERP key and the CRM key of an entry; entries of older versions tell only one."""
    source = told.source_key or None
    return (told.key, source) if Side(told.side) is Side.ERP else (source, told.key)
