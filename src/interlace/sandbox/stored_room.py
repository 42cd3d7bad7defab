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
    present = _column_types(connection, table.name)
    for column in table.columns:
        found = present.get(column.name)
        if found == column.column_type.value:
            continue
        if found is not None:
            # Left behind, empty, by an earlier declaration of another type.
            connection.execute(f"ALTER TABLE {quoted(table.name)} DROP COLUMN {quoted(column.name)}")
        definition = f"{quoted(column.name)} {column.column_type.value}"
        connection.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {definition}")


def clear_columns(connection: sqlite3.Connection, table: str, names: Iterable[str]) -> None:
    """Empties columns that are no longer declared; they stay, as SQLite is slow to drop them."""
    gone = sorted(_column_types(connection, table).keys() & set(names))
    if gone:
        assigned = ", ".join(f"{quoted(name)} = NULL" for name in gone)
        filled = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in gone)
        connection.execute(f"UPDATE {quoted(table)} SET {assigned} WHERE {filled}")


def _column_types(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    return {row[1]: row[2] for row in connection.execute(f"PRAGMA table_info({quoted(table)})")}
