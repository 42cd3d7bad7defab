"""Persistent record store of a sandbox service: one SQLite file, ready JSON records.

A row holds the exact JSON bytes that the service answers, a version, a modification time, and copies
(mirrors) of the columns that filters, orders and uniqueness need. The store knows no protocol and no
business rule. One process and one thread use it; reads inside a transaction see its own writes.

Durability: WAL with synchronous=NORMAL. A committed transaction survives the death of the process
(kill -9); a power failure may lose the last commits but never leaves half of one. This is what a
sandbox promises, and it makes a commit cheap enough to need no group commit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from interlace.sandbox.stored_room import clear_columns, make_room
from interlace.sandbox.stored_table import (
    ColumnType,
    MirroredColumn,
    OrderColumn,
    RecordKey,
    RecordWrite,
    SqlClause,
    SqlValue,
    Statements,
    StoredConflict,
    StoredRecord,
    StoredTable,
    Tombstone,
    behind,
    conditions_of,
    quoted,
    statements_of,
    where_text,
)

__all__ = [
    "ColumnType",
    "EntityStore",
    "MirroredColumn",
    "OrderColumn",
    "RecordKey",
    "RecordWrite",
    "SqlClause",
    "SqlValue",
    "StoredConflict",
    "StoredRecord",
    "StoredTable",
    "Tombstone",
    "quoted",
]


class EntityStore:
    """The tables of one service in one file (or in memory when no path is given).

    A store in memory may begin with the image that another one gave of itself.
    """

    def __init__(
        self, path: Path | None, tables: Iterable[StoredTable], *, image: bytes | None = None
    ) -> None:
        self._connection = sqlite3.connect(
            path if path is not None else ":memory:",
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )
        if image is not None:
            assert path is None, "an image becomes a store in memory"
            self._connection.deserialize(image)
        self._statements: dict[str, Statements] = {}
        self._depth = 0
        # Called when a transaction or a part of one was undone: memory that follows the tables re-reads.
        self.after_rollback: list[Callable[[], None]] = []
        self._version = self._committed_version = 0
        self._prepare(tables)
        row = self._connection.execute("SELECT value FROM store_state WHERE name = 'version'").fetchone()
        self._version = self._committed_version = int(row[0]) if row else 0

    def _prepare(self, tables: Iterable[StoredTable]) -> None:
        run = self._connection.execute
        run("PRAGMA page_size = 8192")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run("PRAGMA cache_size = -65536")
        run("PRAGMA wal_autocheckpoint = 4000")
        run("BEGIN IMMEDIATE")
        run("CREATE TABLE IF NOT EXISTS store_state (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self._statements.update(make_room(self._connection, tables))
        run("COMMIT")

    # --- what is stored

    def declare(self, tables: Iterable[StoredTable]) -> None:
        """Makes room for new tables and for what was added to known ones; raises `StoredConflict`."""
        with self.transaction(), self._conflicts():
            self._statements.update(make_room(self._connection, tables))

    def remember(self, tables: Iterable[StoredTable]) -> None:
        """Takes declarations of tables that are there already: in an image, or before an undone change."""
        self._statements.update((table.name, statements_of(table)) for table in tables)

    def drop_table(self, table: str) -> None:
        """Removes a table with all its records; inside a transaction."""
        statements = self._statements.pop(table)
        self._connection.execute(f"DROP TABLE {statements.name}")
        self._connection.execute(f"DROP TABLE {statements.graves}")

    def clear_columns(self, table: str, names: Iterable[str]) -> None:
        """Empties mirrored columns that a table no longer declares; inside a transaction."""
        clear_columns(self._connection, table, names)

    def image(self) -> bytes:
        """Everything that is kept, as a store in memory can begin with it."""
        assert self._depth == 0, "an image holds whole transactions"
        return self._connection.serialize()

    def close(self) -> None:
        """Writes the log back and closes the file."""
        self._connection.close()

    def table(self, name: str) -> StoredTable:
        """The declaration of a table."""
        return self._statements[name].table

    # --- versions, state, transactions

    @property
    def version(self) -> int:
        """The last version given out."""
        return self._version

    @property
    def in_transaction(self) -> bool:
        """Whether something is being written now that is not kept yet."""
        return self._depth > 0

    def next_version(self) -> int:
        """A version greater than all before; only inside a transaction."""
        assert self._depth > 0, "versions are given out inside a transaction"
        self._version += 1
        return self._version

    def read_state(self, name: str) -> str | None:
        """A named value of the service (counters, settings), or None."""
        row = self._connection.execute("SELECT value FROM store_state WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def write_state(self, name: str, value: str) -> None:
        """Keeps a named value of the service."""
        self._connection.execute("INSERT OR REPLACE INTO store_state VALUES (?, ?)", (name, value))

    def forget_state(self, name: str) -> None:
        """Removes a named value of the service."""
        self._connection.execute("DELETE FROM store_state WHERE name = ?", (name,))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another transaction it is a savepoint of it."""
        if self._depth:
            opening, closing = f"SAVEPOINT s{self._depth}", f"RELEASE s{self._depth}"
            undoing = [f"ROLLBACK TO s{self._depth}", closing]
        else:
            opening, closing, undoing = "BEGIN IMMEDIATE", "COMMIT", ["ROLLBACK"]
        run = self._connection.execute
        run(opening)
        self._depth += 1
        try:
            yield
            if self._depth == 1 and self._version != self._committed_version:
                self.write_state("version", str(self._version))
        except BaseException:
            self._depth -= 1
            for statement in undoing:
                run(statement)
            for callback in self.after_rollback:
                callback()
            # Versions given out in vain stay unused: they only have to grow.
            raise
        self._depth -= 1
        run(closing)
        if self._depth == 0:
            self._committed_version = self._version

    # --- reading

    def get(self, table: str, key: RecordKey) -> StoredRecord | None:
        """The record with this key."""
        row = self._connection.execute(self._statements[table].get, key).fetchone()
        return None if row is None else StoredRecord(*row)

    def get_many(self, table: str, keys: Sequence[RecordKey]) -> dict[RecordKey, StoredRecord]:
        """The records that exist among these keys."""
        statements = self._statements[table]
        found: dict[RecordKey, StoredRecord] = {}
        if len(statements.keys) > 1:
            for key in keys:
                record = self.get(table, key)
                if record is not None:
                    found[key] = record
            return found
        for start in range(0, len(keys), 900):
            chunk = [key[0] for key in keys[start : start + 900]]
            places = ", ".join("?" * len(chunk))
            rows = self._connection.execute(
                f"SELECT {statements.keys[0]}, _row, _body, _version FROM {statements.name} "
                f"WHERE {statements.keys[0]} IN ({places})",
                chunk,
            )
            for own_key, *rest in rows:
                found[(own_key,)] = StoredRecord(*rest)
        return found

    def page(
        self,
        table: str,
        *,
        where: SqlClause | None = None,
        order: Sequence[OrderColumn] = (),
        after: tuple[SqlValue, ...] | None = None,
        limit: int,
        offset: int = 0,
    ) -> list[StoredRecord]:
        """Up to `limit` records in `order`, ties in insertion order, beginning behind `after`.

        `after` holds the values of the order columns and then the row id of the last record read (see
        `position`): the cost of a page does not depend on how far the reading has come.
        """
        statements = self._statements[table]
        conditions, parameters = conditions_of(where)
        if after is not None:
            seek = behind(order, after)
            conditions.append(seek.text)
            parameters.extend(seek.parameters)
        listed = [f"{quoted(column.name)}{' DESC' if column.descending else ''}" for column in order]
        sql = (
            f"{statements.select}{where_text(conditions)} ORDER BY {', '.join([*listed, '_row'])} LIMIT ?"
            + (" OFFSET ?" if offset else "")
        )
        parameters.append(limit)
        if offset:
            parameters.append(offset)
        return [StoredRecord(*row) for row in self._connection.execute(sql, parameters)]

    def position(self, table: str, row_id: int, order: Sequence[OrderColumn]) -> tuple[SqlValue, ...]:
        """What to give as `after` to go on behind this row."""
        if not order:
            return (row_id,)
        listed = ", ".join(quoted(column.name) for column in order)
        row = self._connection.execute(
            f"SELECT {listed}, _row FROM {self._statements[table].name} WHERE _row = ?", (row_id,)
        ).fetchone()
        return tuple(row)

    def find_keys(self, table: str, where: SqlClause, limit: int = -1) -> list[RecordKey]:
        """The keys of the records that satisfy a condition, in insertion order."""
        statements = self._statements[table]
        sql = (
            f"SELECT {', '.join(statements.keys)} FROM {statements.name} "
            f"WHERE {where.text} ORDER BY _row LIMIT ?"
        )
        return [tuple(row) for row in self._connection.execute(sql, (*where.parameters, limit))]

    def count(self, table: str, where: SqlClause | None = None) -> int:
        """How many records satisfy a condition."""
        conditions, parameters = conditions_of(where)
        sql = f"SELECT count(*) FROM {self._statements[table].name}{where_text(conditions)}"
        return int(self._connection.execute(sql, parameters).fetchone()[0])

    def sums(
        self, table: str, group: str, amounts: Sequence[str], where: SqlClause
    ) -> dict[SqlValue, tuple[int, ...]]:
        """The sums of integer columns over the records that satisfy a condition, by the values of one."""
        listed = ", ".join(f"sum({quoted(name)})" for name in amounts)
        sql = (
            f"SELECT {quoted(group)}, {listed} FROM {self._statements[table].name} "
            f"WHERE {where.text} GROUP BY {quoted(group)}"
        )
        return {row[0]: tuple(row[1:]) for row in self._connection.execute(sql, where.parameters)}

    def changes(
        self, table: str, *, since: int, until: int, after: int | None = None, limit: int
    ) -> list[StoredRecord]:
        """Records whose version lies in (since, until], by version, beginning behind version `after`."""
        start = since if after is None else max(since, after)
        select = self._statements[table].select
        sql = f"{select} WHERE _version > ? AND _version <= ? ORDER BY _version LIMIT ?"
        return [StoredRecord(*row) for row in self._connection.execute(sql, (start, until, limit))]

    def deletions(self, table: str, *, since: int, until: int, limit: int) -> list[Tombstone]:
        """Keys deleted at a version in (since, until] and not in use again, by version."""
        statements = self._statements[table]
        same = " AND ".join(f"living.{key} = {statements.graves}.{key}" for key in statements.keys)
        sql = (
            f"SELECT {', '.join(statements.keys)}, _version FROM {statements.graves} "
            f"WHERE _version > ? AND _version <= ? "
            f"AND NOT EXISTS (SELECT 1 FROM {statements.name} living WHERE {same}) ORDER BY _version LIMIT ?"
        )
        rows = self._connection.execute(sql, (since, until, limit))
        return [Tombstone(tuple(row[:-1]), row[-1]) for row in rows]

    # --- writing (inside a transaction)

    def insert(self, table: str, write: RecordWrite) -> None:
        """Adds a record; raises `StoredConflict` when a unique key is taken."""
        with self._conflicts():
            self._connection.execute(self._statements[table].insert, _values(write))

    def insert_many(self, table: str, writes: Iterable[RecordWrite]) -> None:
        """Adds records in bulk; raises `StoredConflict` when a unique key is taken."""
        with self._conflicts():
            self._connection.executemany(self._statements[table].insert, map(_values, writes))

    def upsert_many(self, table: str, writes: Iterable[RecordWrite]) -> None:
        """Adds or replaces records by key in bulk."""
        with self._conflicts():
            self._connection.executemany(self._statements[table].upsert, map(_values, writes))

    def update(self, table: str, write: RecordWrite) -> bool:
        """Replaces the record with this key; False when there is none."""
        with self._conflicts():
            done = self._connection.execute(self._statements[table].update, _values_for_update(write))
        return done.rowcount == 1

    def update_many(self, table: str, writes: Iterable[RecordWrite]) -> None:
        """Replaces records by key in bulk."""
        with self._conflicts():
            self._connection.executemany(self._statements[table].update, map(_values_for_update, writes))

    def update_changed(self, table: str, changes: Iterable[tuple[RecordWrite, frozenset[str]]]) -> None:
        """Replaces records of which only some mirrored columns (named with each) have changed.

        Indexes over the others are not written: on wide tables that is most of the cost.
        """
        statements = self._statements[table]
        groups: dict[frozenset[str], list[tuple[SqlValue, ...]]] = {}
        for write, changed in changes:
            values = [
                value
                for column, value in zip(statements.table.columns, write.mirrored, strict=True)
                if column.name in changed
            ]
            row = (write.body, write.version, write.modified, *values, *write.key)
            groups.setdefault(changed, []).append(row)
        with self._conflicts():
            for changed, rows in groups.items():
                self._connection.executemany(statements.update_of(changed), rows)

    def delete(self, table: str, key: RecordKey, *, version: int) -> bool:
        """Removes a record and leaves a tombstone with this version; False when there is none."""
        statements = self._statements[table]
        done = self._connection.execute(statements.delete, key)
        if done.rowcount != 1:
            return False
        self._connection.execute(statements.unbury, key)
        self._connection.execute(statements.bury, (*key, version))
        return True

    @contextmanager
    def _conflicts(self) -> Iterator[None]:
        assert self._depth > 0, "records are written inside a transaction"
        try:
            yield
        except sqlite3.IntegrityError as error:
            # The text ends in the columns, each behind its table: see SQLite's SQLITE_CONSTRAINT_UNIQUE.
            _, _, named = str(error).partition(": ")
            columns = tuple(part.strip().rpartition(".")[2] for part in named.split(","))
            raise StoredConflict(columns) from error


def _values(write: RecordWrite) -> tuple[SqlValue, ...]:
    return (*write.key, write.body, write.version, write.modified, *write.mirrored)


def _values_for_update(write: RecordWrite) -> tuple[SqlValue, ...]:
    return (write.body, write.version, write.modified, *write.mirrored, *write.key)
