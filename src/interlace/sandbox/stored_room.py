"""Makes room in a store's file for what is declared: tables, columns that join later, indexes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from interlace.sandbox.stored_table import Statements, StoredTable, quoted, statements_of


def make_room(connection: sqlite3.Connection, tables: Iterable[StoredTable]) -> dict[str, Statements]:
    """Creates what the tables lack and drops the indexes they no longer have; repeatable."""
    present: dict[str, set[str]] = {}
    for table_name, name in connection.execute(
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ):
        present.setdefault(table_name, set()).add(name)
    made: dict[str, Statements] = {}
    for table in tables:
        statements = made[table.name] = statements_of(table)
        own = present.get(table.name)
        for definition in statements.tables():
            connection.execute(definition)
        if own is not None:
            _add_missing_columns(connection, table)
        indexes = statements.indexes()
        graves = present.get(f"{table.name}_deleted", set())
        for name in (own or set()) - indexes.keys():
            connection.execute(f"DROP INDEX {quoted(name)}")
        for name, definition in indexes.items():
            if name not in (own or ()) and name not in graves:
                connection.execute(definition)
    return made


def _add_missing_columns(connection: sqlite3.Connection, table: StoredTable) -> None:
    """A column declared later (a solution, a newer release) joins an existing file as null."""
    present = _columns(connection, table.name)
    for column in table.columns:
        if column.name not in present:
            definition = f"{quoted(column.name)} {column.column_type.value}"
            connection.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {definition}")


def drop_columns(connection: sqlite3.Connection, table: str, names: Iterable[str]) -> None:
    """Removes mirrored columns of which no index is left."""
    for name in _columns(connection, table).intersection(names):
        connection.execute(f"ALTER TABLE {quoted(table)} DROP COLUMN {quoted(name)}")


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table)})")}
