"""The records of the embedded ERP: read, written and counted through the entity store.

Knows tables and system members (SystemId, stamps, versions), no business rule and no protocol.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

from interlace.sandbox.entity_store import EntityStore
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.declaration import BLANK_GUID, Table, Value
from interlace.sandbox.erp.field_values import stamp
from interlace.sandbox.erp.record_layout import SYSTEM_ID, Record, RecordLayout, key_columns
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.record_ids import TimeOrderedIds
from interlace.sandbox.stored_table import OrderColumn, RecordKey, SqlClause, StoredConflict, quoted

CREATED_BY: Final = "SystemCreatedBy"
CREATED_BY_NAME: Final = "Created_by_User"


class ChangeType(Enum):
    """What happened to a record, as webhooks call it."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one record."""

    type: ChangeType
    record: Record


class ErpRecords:
    """All records of one company."""

    def __init__(
        self,
        path: Path | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        randomness: random.Random | None = None,
        image: bytes | None = None,
    ) -> None:
        self.layouts: Mapping[str, RecordLayout] = {
            table.name: RecordLayout(table=table) for table in TABLES.values()
        }
        tables = [layout.stored_table() for layout in self.layouts.values()]
        self.store = EntityStore(path, tables, image=image)
        self.now = now
        self.ids = TimeOrderedIds(now, randomness)
        self.user = ""
        """Who is signed in: records remember who made them."""
        self.user_id = BLANK_GUID
        self.listeners: list[Callable[[Change], None]] = []
        self._changes: list[Change] = []

    @property
    def today(self) -> str:
        """The work date."""
        return self.now().date().isoformat()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; listeners hear of the changes once they are kept."""
        heard = len(self._changes)
        try:
            with self.store.transaction():
                yield
        except BaseException:
            del self._changes[heard:]
            raise
        if not self.store.in_transaction:
            changes, self._changes = self._changes, []
            for change in changes:
                for listener in self.listeners:
                    listener(change)

    # --- reading

    def get(self, table: Table, key: RecordKey) -> Record | None:
        """The record with this key, as the store spells keys."""
        stored = self.store.get(table.name, key)
        return None if stored is None else self.layouts[table.name].from_stored(stored)

    def by_code(self, table_name: str, code: str) -> Record | None:
        """The record of a table with one key field."""
        return self.get(TABLES[table_name], (code,))

    def exists(self, table_name: str, code: str) -> bool:
        """Whether a table with one key field has the code."""
        return self.store.get(table_name, (code,)) is not None

    def by_id(self, table: Table, system_id: str) -> Record | None:
        """The record with this SystemId."""
        where = SqlClause(f"{quoted(SYSTEM_ID)} = ?", (system_id,))
        found = self.find(table, where, limit=1)
        return found[0] if found else None

    def find(self, table: Table, where: SqlClause, limit: int = 1_000_000) -> list[Record]:
        """The records that satisfy a condition, in key order."""
        order = [OrderColumn(name) for name in table.key]
        rows = self.store.page(table.name, where=where, order=order, limit=limit)
        layout = self.layouts[table.name]
        return [layout.from_stored(row) for row in rows]

    def find_equal(self, table_name: str, **columns: str | int) -> list[Record]:
        """The records whose key or mirrored columns have these values."""
        text = " AND ".join(f"{quoted(name)} = ?" for name in columns)
        return self.find(TABLES[table_name], SqlClause(text, tuple(columns.values())))

    def has_any(self, table_name: str, **columns: str | int) -> bool:
        """Whether some record has these values in key or mirrored columns."""
        text = " AND ".join(f"{quoted(name)} = ?" for name in columns)
        return bool(self.store.find_keys(table_name, SqlClause(text, tuple(columns.values())), 1))

    # --- writing (inside a transaction)

    def insert(self, table: Table, values: Mapping[str, Value], system_id: str | None = None) -> Record:
        """Add a record; refuses a key that exists."""
        moment = stamp(self.now())
        record = Record(
            table=table,
            values=self._signed(values),
            system_id=system_id or self.ids.next_id(),
            created_at=moment,
            modified_at=moment,
            version=self.store.next_version(),
        )
        try:
            self.store.insert(table.name, self.layouts[table.name].to_write(record))
        except StoredConflict as conflict:
            raise refusals.same_key(table, record.key_text) from conflict
        self._changes.append(Change(type=ChangeType.CREATED, record=record))
        return record

    def _signed(self, values: Mapping[str, Value]) -> Mapping[str, Value]:
        """Name the user who makes a record, where its table remembers that."""
        if CREATED_BY not in values:
            return values
        return {**values, CREATED_BY: self.user_id, CREATED_BY_NAME: self.user}

    def update(self, record: Record, values: Mapping[str, Value]) -> Record:
        """Replace a record's values; the key must be the same."""
        assert key_columns(record.table, values) == record.key, "a rename is not an update"
        changed = replace(
            record, values=values, modified_at=stamp(self.now()), version=self.store.next_version()
        )
        self.store.update(record.table.name, self.layouts[record.table.name].to_write(changed))
        self._changes.append(Change(type=ChangeType.UPDATED, record=changed))
        return changed

    def rename(self, record: Record, values: Mapping[str, Value]) -> Record:
        """Give a record another key; its SystemId stays."""
        table = record.table
        changed = replace(
            record, values=values, modified_at=stamp(self.now()), version=self.store.next_version()
        )
        self.store.delete(table.name, record.key, version=self.store.next_version())
        try:
            self.store.insert(table.name, self.layouts[table.name].to_write(changed))
        except StoredConflict as conflict:
            raise refusals.same_key(table, changed.key_text) from conflict
        self._changes.append(Change(type=ChangeType.UPDATED, record=changed))
        return changed

    def delete(self, record: Record) -> None:
        """Remove a record."""
        self.store.delete(record.table.name, record.key, version=self.store.next_version())
        self._changes.append(Change(type=ChangeType.DELETED, record=record))

    def insert_many(self, table: Table, rows: Sequence[Mapping[str, Value]]) -> None:
        """Add records in bulk, silently: loaded rows are not news for subscribers."""
        layout = self.layouts[table.name]
        moment = stamp(self.now())
        version = self.store.next_version
        ids = _following_ids(self.ids.next_id())
        writes = [
            layout.to_write(
                Record(
                    table=table,
                    values=values,
                    system_id=next(ids),
                    created_at=moment,
                    modified_at=moment,
                    version=version(),
                )
            )
            for values in rows
        ]
        self.store.insert_many(table.name, writes)


def _following_ids(first: str) -> Iterator[str]:
    """Ids that follow one another closely: cheap to make in bulk, and neighbours in the index."""
    number = int(first.replace("-", ""), 16)
    while True:
        text = f"{number:032x}"
        yield f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        number += 1
