"""Erases what the memory holds of a record that is gone from both services.

An entry of the journal keeps its place, its keys and its digest, and loses every value; an entry at the journal's end
tells which ones, so that the chain goes on to hold. What stood in rows besides is deleted.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.store import journal
from interlace.store.encoding import time_to_text, to_canonical_json
from interlace.store.entry_text import EntryText, Erased, decoded, has_values
from interlace.store.erased_entries import ERASE, ErasedKeys, digest_by_itself
from interlace.store.journal_files import JournalLine
from interlace.store.listing_tables import coupling_listing
from interlace.store.mapping_transactions import MappingTransactions
from interlace.store.notification_tables import notification, notification_state
from interlace.store.request_tables import sent_request
from interlace.store.schema import conflict, coupling, intent, synch_error
from interlace.store.schema import journal as journal_table
from interlace.store.search_index import purge_search_index

_TEXT_MIN = 4
"""Shorter values are found in texts that tell of anything."""
_TEXTS_AT_ONCE = 100
"""SQLite takes no more than a thousand terms in one condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryErased:
    """What was erased, counted."""

    sequence: int
    """Number of the entry that tells of it."""
    entries: int
    lines: int
    """Of the journal files."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """Deleted rows by table, where there were any."""

    @property
    def has_erased(self) -> bool:
        """Whether the memory told of the record at all."""
        return bool(self.entries or self.lines or self.rows)


class RecordErasing(MappingTransactions):
    """Erases records of one connection."""

    def is_at_work(self, mapping: MappingName, keys: ErasedKeys) -> bool:
        """Tell whether the record is coupled still, or a write to it is open."""
        mapping_id = self._id(mapping)
        with self._database.read() as connection:
            chosen = _chosen_at_work(mapping_id, keys)
            return any(
                connection.execute(sa.select(table).where(which)).first() is not None
                for table, which in chosen.items()
            )

    def erase(self, mapping: MappingName, keys: ErasedKeys, by: str) -> MemoryErased:
        """Erase everything that tells of the record; what was erased before is passed over."""
        lines = list(self._lines(mapping, keys))
        with self._write(mapping) as (connection, mapping_id):
            entries = self._entries(connection, mapping, keys)
            told = {
                str(number): self._emptied(connection, number, entry, digest)
                for number, digest, entry in entries
            }
            told |= {each.name: Erased(digest=each.digest) for each in lines}
            texts = _texts([entry for _, _, entry in entries] + [each.told for each in lines])
            own = [each for each in texts if not self._stands_elsewhere(connection, each)]
            rows = self._delete_rows(connection, mapping_id, keys, own)
            witness = _witness(mapping, keys, by, self._clock(), told)
            journal.append_told(connection, self._bulk, self._connection_id, [witness])
            sequence = journal.last_sequence(connection, self._connection_id)
            purge_search_index(connection)
        # The witness is there before the first line goes: who is stopped here erases again, and the rest goes, too.
        for line in lines:
            line.empty()
        return MemoryErased(sequence=sequence, entries=len(entries), lines=len(lines), rows=rows)

    def _lines(self, mapping: MappingName, keys: ErasedKeys) -> Iterator[JournalLine]:
        if self._journal_files is None:
            return
        for each in self._journal_files.lines():
            if each.connection_id == self._connection_id and _tells_of(each.told, mapping, keys):
                yield each

    def _entries(
        self, connection: sa.Connection, mapping: MappingName, keys: ErasedKeys
    ) -> list[tuple[int, bytes, EntryText]]:
        of_record = [journal.names_record(each) for each in keys.both]
        query = (
            sa.select(journal_table.c.sequence, journal_table.c.digest, journal_table.c.entry)
            .where(journal_table.c.connection_id == self._connection_id, sa.or_(*of_record))
            .order_by(journal_table.c.sequence)
        )
        found = [
            (int(row.sequence), bytes(row.digest), decoded(row.entry)) for row in connection.execute(query)
        ]
        return [each for each in found if _tells_of(each[2], mapping, keys)]

    def _emptied(self, connection: sa.Connection, number: int, told: EntryText, digest: bytes) -> Erased:
        left = to_canonical_json(
            msgspec.structs.replace(
                told, before=None, after={}, lost={}, agreed_before={}, salt="", is_erased=True
            )
        )
        place = (journal_table.c.connection_id == self._connection_id, journal_table.c.sequence == number)
        connection.execute(sa.update(journal_table).where(*place).values(entry=left))
        return Erased(digest=digest.hex(), left=digest_by_itself(left))

    def _stands_elsewhere(self, connection: sa.Connection, text: str) -> bool:
        """Tell whether a value is not the record's alone: another one's entries hold it, too."""
        query = sa.select(journal_table.c.sequence).where(
            journal_table.c.connection_id == self._connection_id,
            journal_table.c.entry.contains(text, autoescape=True),
        )
        return connection.execute(query.limit(1)).first() is not None

    def _delete_rows(
        self, connection: sa.Connection, mapping_id: int, keys: ErasedKeys, texts: Sequence[str]
    ) -> dict[str, int]:
        of_mapping = synch_error.c.mapping_id == mapping_id
        of_connection = sent_request.c.connection_id == self._connection_id
        by_keys = {
            **_chosen_at_work(mapping_id, keys),
            coupling_listing: _of_pair(coupling_listing, mapping_id, keys),
            conflict: _of_pair(conflict, mapping_id, keys),
            synch_error: sa.and_(of_mapping, synch_error.c.source_key.in_(keys.both)),
            sent_request: sa.and_(of_connection, sent_request.c.record.in_(keys.both)),
        }
        counts: Counter[str] = Counter()
        for table, which in by_keys.items():
            counts[table.name] += connection.execute(sa.delete(table).where(which)).rowcount
        wanted = [*(each for each in keys.both if len(each) >= _TEXT_MIN), *texts]
        for start in range(0, len(wanted), _TEXTS_AT_ONCE):
            part = wanted[start : start + _TEXTS_AT_ONCE]
            for table, columns in _TELLING.items():
                stands = [column.contains(each, autoescape=True) for column in columns for each in part]
                which = sa.and_(table.c.connection_id == self._connection_id, sa.or_(*stands))
                counts[table.name] += connection.execute(sa.delete(table).where(which)).rowcount
        return {name: count for name, count in counts.items() if count}


_TELLING: Final[Mapping[sa.Table, Sequence[sa.Column[str]]]] = {
    sent_request: (sent_request.c.address, sent_request.c.message, sent_request.c.exchange),
    notification: (notification.c.message,),
    notification_state: (notification_state.c.subject, notification_state.c.over),
}
"""Tables in whose texts a record's keys or values may stand."""


def _chosen_at_work(mapping_id: int, keys: ErasedKeys) -> dict[sa.Table, sa.ColumnElement[bool]]:
    """Select what a record has as long as a mapping works with it."""
    of_intent = sa.or_(intent.c.key.in_(keys.both), intent.c.source_key.in_(keys.both))
    return {
        coupling: _of_pair(coupling, mapping_id, keys),
        intent: sa.and_(intent.c.mapping_id == mapping_id, of_intent),
    }


def _of_pair(table: sa.Table, mapping_id: int, keys: ErasedKeys) -> sa.ColumnElement[bool]:
    either = sa.or_(table.c.erp_key == keys.erp, table.c.crm_key == keys.crm)
    return sa.and_(table.c.mapping_id == mapping_id, either)


def _tells_of(told: EntryText, mapping: MappingName, keys: ErasedKeys) -> bool:
    """Tell whether an entry holds values to be erased: its record has one of the keys, on the key's own side."""
    if told.mapping != mapping or not has_values(told):
        return False
    erp, crm = journal.keys_of(told)
    return bool((erp and erp == keys.erp) or (crm and crm == keys.crm))


def _texts(told: Sequence[EntryText]) -> list[str]:
    """Return the longer texts among the values of entries, each once."""
    found: dict[str, None] = {}
    for each in told:
        agreed = [value for pair in each.agreed_before.values() if pair for value in pair]
        values = [*(each.before or {}).values(), *each.after.values(), *each.lost.values(), *agreed]
        found.update({value: None for value in values if isinstance(value, str) and len(value) >= _TEXT_MIN})
    return list(found)


def _witness(
    mapping: MappingName, keys: ErasedKeys, by: str, at: datetime, told: dict[str, Erased]
) -> EntryText:
    side = Side.ERP if keys.erp else Side.CRM
    return EntryText(
        mapping=mapping,
        side=side.value,
        key=keys.of(side),
        source_key=keys.of(side.other),
        action=ERASE,
        job_id="",
        before=None,
        after={},
        lost={},
        at=time_to_text(at),
        erased=told,
        by=by,
    )
