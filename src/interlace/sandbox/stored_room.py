"""Makes room in a store's file for what is declared: tables, columns that join later, indexes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from interlace.sandbox.stored_table import Statements, StoredTable, quoted


def make_room(connection: sqlite3.Connection, table: StoredTable) -> Statements:
    """Creates what a table lacks and drops the indexes it no longer has; repeatable."""
    statements = Statements(table)
    for definition in statements.tables():
        connection.execute(definition)
    _add_missing_columns(connection, table)
    indexes = statements.indexes()
    listed = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL",
        (table.name,),
    ).fetchall()
    for (name,) in listed:
        if name not in indexes:
            connection.execute(f"DROP INDEX {quoted(name)}")
    present = {name for (name,) in listed}
    for name, definition in indexes.items():
        if name not in present:
            connection.execute(definition)
    return statements


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
