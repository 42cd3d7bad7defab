"""Changes the tables of a running organization: keeps the entries, makes room, brings records along.

A change counts from the moment it is made, also within its own transaction; when that is undone, memory
goes back with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from interlace.sandbox.crm.customizations import Entry, extended_schema
from interlace.sandbox.crm.declared_tables import MANY_TO_MANY
from interlace.sandbox.crm.derived_columns import compile_derivations
from interlace.sandbox.crm.record_layout import RecordLayout, stored_relation, stored_table
from interlace.sandbox.crm.role_privileges import ROLE_PRIVILEGES
from interlace.sandbox.crm.schema import Schema, Table
from interlace.sandbox.entity_store import EntityStore, RecordWrite, StoredTable
from interlace.sandbox.json_codec import decode_object

if TYPE_CHECKING:
    from interlace.sandbox.crm.records import Records

ENTRIES = StoredTable(name="customization", key=("kind", "name"))
OWN_TABLES = (ENTRIES, ROLE_PRIVILEGES, *map(stored_relation, MANY_TO_MANY))
"""What every organization keeps beside its tables."""
_REVISION = "customization revision"


@lru_cache(maxsize=8)
def stored_tables(schema: Schema) -> tuple[StoredTable, ...]:
    """All tables of an organization as the store keeps them."""
    return tuple(stored_table(table) for table in schema.tables.values())


@lru_cache(maxsize=4)
def empty_image(schema: Schema) -> bytes:
    """An organization's tables without records: stores in memory begin with it, as that is quick."""
    store = EntityStore(None, [*OWN_TABLES, *stored_tables(schema)])
    try:
        return store.image()
    finally:
        store.close()


class Customizer:
    """The added things of one organization.

    What the solutions of a first start will add may be `foreseen`: tables are then made once, or are there
    already in the image that the store began with.
    """

    def __init__(self, store: EntityStore, foreseen: Iterable[Entry] = (), *, has_room: bool = False) -> None:
        self._store = store
        self._records: Records | None = None
        self._revision: str | None = None
        self._entries: dict[tuple[str, str], Entry] = {}
        self._read()
        with store.transaction():
            self._keep(foreseen)
            make_room = store.remember if has_room else store.declare
            make_room(stored_tables(self.schema))
        store.after_rollback.append(self._go_back)

    @property
    def schema(self) -> Schema:
        """The tables of the moment."""
        return extended_schema(tuple(self._entries.values()))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What was added, in the order in which it was."""
        return tuple(self._entries.values())

    def serve(self, records: Records) -> None:
        """From now on, changes reach these records, too."""
        self._records = records

    def _read(self) -> None:
        self._entries = {}
        for record in self._store.page(ENTRIES.name, limit=-1):
            kind, name, facts = record.body.split(b"\n", 2)
            self._entries[kind.decode(), name.decode()] = Entry(kind.decode(), name.decode(), facts)
        self._revision = self._store.read_state(_REVISION)

    def _go_back(self) -> None:
        """A transaction was undone: what it changed here is read again."""
        if self._store.read_state(_REVISION) == self._revision:
            return
        self._read()
        schema = self.schema
        self._store.remember(stored_tables(schema))
        if self._records is not None:
            adopt(self._records, schema)

    def change(self, added: Iterable[Entry], removed: Iterable[tuple[str, str]] = ()) -> None:
        """Adds or replaces things and removes others; inside a transaction.

        Raises `StoredConflict` when records break a new alternate key.
        """
        before = self.schema
        self._keep(added, removed)
        if self.schema is not before:
            self._take_over(before, self.schema)

    def _keep(self, added: Iterable[Entry], removed: Iterable[tuple[str, str]] = ()) -> None:
        gone = [place for place in removed if self._entries.pop(place, None) is not None]
        for place in gone:
            self._store.delete(ENTRIES.name, place, version=self._store.next_version())
        new = [each for each in added if self._entries.get(each.place) != each]
        self._entries.update((each.place, each) for each in new)
        self._store.upsert_many(ENTRIES.name, [self._write(each) for each in new])
        if gone or new:
            self._revision = str(int(self._revision or 0) + 1)
            self._store.write_state(_REVISION, self._revision)

    def _write(self, each: Entry) -> RecordWrite:
        body = b"\n".join([each.kind.encode(), each.name.encode(), each.facts])
        return RecordWrite(each.place, body, self._store.next_version(), "")

    def _take_over(self, before: Schema, after: Schema) -> None:
        records = self._records
        if records is not None:
            adopt(records, after)
        for table in _changed(before, after):
            self._store.declare([stored_table(table)])
            old = before.tables.get(table.logical_name)
            if old is None:
                continue
            self._store.clear_columns(table.logical_name, _mirrors(old) - _mirrors(table))
            if records is not None and (
                old.by_wire_name.keys() != table.by_wire_name.keys() or _mirrors(old) != _mirrors(table)
            ):
                complete_rows(records, table)
        for name in before.tables.keys() - after.tables.keys():
            self._store.drop_table(name)


def adopt(records: Records, schema: Schema) -> None:
    """Gives records the tables as a solution left them; what stayed as it was keeps its layout."""
    before, records.schema = records.schema, schema
    changed = _changed(before, schema)
    records.option_sets.adopt(changed, schema)
    for table in changed:
        records.layouts[table.logical_name] = RecordLayout(table, records.option_sets)
        records.derivations[table.logical_name] = compile_derivations(table)
    for name in before.tables.keys() - schema.tables.keys():
        del records.layouts[name], records.derivations[name]
    records.known.clear()


def complete_rows(records: Records, table: Table) -> None:
    """Gives the records of a changed table the columns they lack and takes those that are gone."""
    layout, name, after = records.layouts[table.logical_name], table.logical_name, None
    while chunk := records.store.page(name, after=after, limit=1_000):
        rows = (
            {column: row.get(column) for column in layout.template}
            for row in (decode_object(record.body) for record in chunk)
        )
        records.store.update_many(name, [layout.write(row) for row in rows])
        after = (chunk[-1].row_id,)


def _changed(before: Schema, after: Schema) -> list[Table]:
    """The tables that are new or other than they were."""
    return [
        table
        for name, table in after.tables.items()
        if (old := before.tables.get(name)) is not table and old != table
    ]


def _mirrors(table: Table) -> set[str]:
    return {column.name for column in stored_table(table).columns}
