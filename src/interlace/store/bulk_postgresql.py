"""Statements over many rows at once in PostgreSQL: arrays for reading, COPY for writing."""

import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa

from interlace.store.bulk import (
    Row,
    delete_statement,
    driver,
    insert_statement,
    last_of_each,
    on_conflict,
    quoted,
)

if TYPE_CHECKING:
    import psycopg  # loaded with the first connection to a PostgreSQL: with SQLite nobody needs it

_COPY_FROM_ROWS = 40
"""Fewer rows than this go by executemany; more are worth the set-up of a COPY."""


class PostgresqlBulk:
    """The statements in PostgreSQL, through psycopg."""

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
        conditions = "".join(f' AND "{name}" = %s' for name in fixed)
        sql = f'SELECT {quoted(columns)} FROM "{table.name}" WHERE "{key}" = ANY(%s){conditions}'
        rows: list[Row] = driver(connection).execute(sql, (list(keys), *fixed.values())).fetchall()
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
        rows = last_of_each(columns, rows, unique)
        overwrite = on_conflict(tuple(columns), tuple(unique))
        with driver(connection).cursor() as cursor:
            if len(rows) < _COPY_FROM_ROWS:
                insert = insert_statement(table.name, tuple(columns), "%s")
                cursor.executemany(f"{insert} {overwrite}", rows)
                return
            staging = f"staging_{table.name}_{zlib.crc32(quoted(columns).encode()):08x}"
            cursor.execute(
                f'CREATE TEMP TABLE IF NOT EXISTS "{staging}" ON COMMIT DELETE ROWS '
                f'AS SELECT {quoted(columns)} FROM "{table.name}" WITH NO DATA'
            )
            cursor.execute(f'TRUNCATE "{staging}"')
            _copy(cursor, staging, columns, rows, table)
            cursor.execute(
                f'INSERT INTO "{table.name}" ({quoted(columns)}) '
                f'SELECT {quoted(columns)} FROM "{staging}" {overwrite}'
            )

    def insert(
        self, connection: sa.Connection, columns: Sequence[str], rows: Sequence[Row], *, table: sa.Table
    ) -> None:
        """Insert."""
        with driver(connection).cursor() as cursor:
            _copy(cursor, table.name, columns, rows, table)

    def delete(
        self, connection: sa.Connection, columns: Sequence[str], rows: Sequence[Row], *, table: sa.Table
    ) -> int:
        """Delete."""
        if not rows:
            return 0
        with driver(connection).cursor() as cursor:
            cursor.executemany(delete_statement(table.name, tuple(columns), "%s"), rows)
            return int(cursor.rowcount)


def _copy(
    cursor: "psycopg.Cursor[Row]", target: str, columns: Sequence[str], rows: Sequence[Row], table: sa.Table
) -> None:
    with cursor.copy(f'COPY "{target}" ({quoted(columns)}) FROM STDIN (FORMAT BINARY)') as copy:
        copy.set_types([_type_name(table.c[name]) for name in columns])
        for row in rows:
            copy.write_row(row)


def _type_name(column: sa.Column[object]) -> str:
    """Name the column's type as binary COPY wants it told."""
    match column.type:
        case sa.LargeBinary():
            return "bytea"
        case sa.Boolean():
            return "bool"
        case sa.Double():
            return "float8"
        case sa.BigInteger():
            return "int8"
        case sa.Integer():
            return "int4"
        case _:
            return "text"
