"""Statements over many rows at once, in the driver's own terms: SQLAlchemy costs half as much again there.

Both databases offer the same few statements; each runs inside the transaction of the connection given.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import sqlalchemy as sa

Row = tuple[Any, ...]


class BulkStatements(Protocol):
    """What the store asks of a database for whole batches."""

    def matching(
        self,
        connection: sa.Connection,
        columns: Sequence[str],
        *,
        table: sa.Table,
        fixed: Mapping[str, object],
        key: str,
        keys: Sequence[str],
    ) -> list[Row]:
        """Return the rows whose `key` column is one of the keys and whose fixed columns hold the values."""
        ...

    def upsert(
        self,
        connection: sa.Connection,
        columns: Sequence[str],
        rows: Sequence[Row],
        *,
        table: sa.Table,
        unique: Sequence[str],
    ) -> None:
        """Insert the rows; a row whose unique columns exist already is overwritten."""
        ...

    def insert(
        self, connection: sa.Connection, columns: Sequence[str], rows: Sequence[Row], *, table: sa.Table
    ) -> None:
        """Insert rows that must not exist."""
        ...

    def delete(
        self, connection: sa.Connection, columns: Sequence[str], rows: Sequence[Row], *, table: sa.Table
    ) -> int:
        """Delete the rows whose columns hold these values; gives their number."""
        ...


def driver(connection: sa.Connection) -> Any:  # noqa: ANN401  (two drivers, no type in common)
    """Return the driver's connection behind SQLAlchemy's, in the same transaction."""
    return connection.connection.driver_connection


def last_of_each(columns: Sequence[str], rows: Sequence[Row], unique: Sequence[str]) -> Sequence[Row]:
    """Keep the last row of each unique key: one statement may not touch a row twice."""
    places = [columns.index(name) for name in unique]
    by_key = {tuple(row[place] for place in places): row for row in rows}
    return rows if len(by_key) == len(rows) else list(by_key.values())


def quoted(columns: Sequence[str]) -> str:
    """List column names as SQL wants them."""
    return ", ".join(f'"{name}"' for name in columns)


# The names in these statements come from our own tables, never from outside.
@cache
def insert_statement(table: str, columns: tuple[str, ...], place: str) -> str:
    """Write an INSERT of one row; `place` is the driver's sign for a parameter."""
    return f'INSERT INTO "{table}" ({quoted(columns)}) VALUES ({", ".join([place] * len(columns))})'


@cache
def on_conflict(columns: tuple[str, ...], unique: tuple[str, ...]) -> str:
    """Write what makes an INSERT overwrite the row of the same unique columns."""
    changes = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in unique)
    return f"ON CONFLICT ({quoted(unique)}) DO UPDATE SET {changes}"


@cache
def delete_statement(table: str, columns: tuple[str, ...], place: str) -> str:
    """Write a DELETE of the rows whose columns hold given values."""
    where = " AND ".join(f'"{name}" = {place}' for name in columns)
    return f'DELETE FROM "{table}" WHERE {where}'


class SqliteBulk:
    """The statements in SQLite."""

    def matching(
        self,
        connection: sa.Connection,
        columns: Sequence[str],
        *,
        table: sa.Table,
        fixed: Mapping[str, object],
        key: str,
        keys: Sequence[str],
    ) -> list[Row]:
        """Return the rows by key."""
        sql = _sqlite_matching(tuple(columns), table.name, tuple(fixed), key)
        parameters = (json.dumps(list(keys), ensure_ascii=False), *fixed.values())
        rows: list[Row] = driver(connection).execute(sql, parameters).fetchall()
        return rows

    def upsert(
        self,
        connection: sa.Connection,
        columns: Sequence[str],
        rows: Sequence[Row],
        *,
        table: sa.Table,
        unique: Sequence[str],
    ) -> None:
        """Insert or overwrite."""
        if rows:
            insert = insert_statement(table.name, tuple(columns), "?")
            overwrite = on_conflict(tuple(columns), tuple(unique))
            driver(connection).executemany(f"{insert} {overwrite}", rows)

    def insert(
        self, connection: sa.Connection, columns: Sequence[str], rows: Sequence[Row], *, table: sa.Table
    ) -> None:
        """Insert."""
        if rows:
            driver(connection).executemany(insert_statement(table.name, tuple(columns), "?"), rows)

    def delete(
        self, connection: sa.Connection, columns: Sequence[str], rows: Sequence[Row], *, table: sa.Table
    ) -> int:
        """Delete."""
        if not rows:
            return 0
        deleted = driver(connection).executemany(delete_statement(table.name, tuple(columns), "?"), rows)
        return int(deleted.rowcount)


@cache
def _sqlite_matching(columns: tuple[str, ...], table: str, fixed: tuple[str, ...], key: str) -> str:
    # CROSS JOIN fixes the order: without it the planner may scan the whole table for each key.
    conditions = "".join(f' AND t."{name}" = ?' for name in fixed)
    selected = ", ".join(f't."{name}"' for name in columns)
    return (
        f'SELECT {selected} FROM json_each(?) j CROSS JOIN "{table}" t WHERE t."{key}" = j.value{conditions}'
    )
