"""Declaration of a stored table and the SQL that serves it."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeAlias

SqlValue: TypeAlias = str | int | bytes | None
RecordKey: TypeAlias = tuple[str | int, ...]


class ColumnType(enum.Enum):
    """How a mirrored column is kept; decimals are not mirrored because SQLite would round them."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"


class StoredConflict(Exception):
    """A unique key is taken already; `constraint` names the columns."""

    def __init__(self, constraint: tuple[str, ...]) -> None:
        super().__init__(f"A record with the same {', '.join(constraint)} exists already.")
        self.constraint = constraint


@dataclass(frozen=True, slots=True, kw_only=True)
class MirroredColumn:
    """A copy of one property for filters and orders; `indexed` where it is searched often."""

    name: str
    column_type: ColumnType = ColumnType.TEXT
    indexed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """Declares a table: key columns, mirrored columns, further unique column groups.

    Key columns are stored as given (TEXT unless `integer_keys` names them); unique groups name key or
    mirrored columns, and rows with a null in one of them are exempt.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[MirroredColumn, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    integer_keys: frozenset[str] = field(default_factory=frozenset)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Key columns, then mirrored columns: all that SQL may name."""
        return (*self.key, *(column.name for column in self.columns))


class StoredRecord(NamedTuple):
    """One row as stored; `row_id` is its place in insertion order."""

    row_id: int
    body: bytes
    version: int


class RecordWrite(NamedTuple):
    """One row to be written; `mirrored` holds the mirrored columns in declared order."""

    key: RecordKey
    body: bytes
    version: int
    modified: str
    mirrored: tuple[SqlValue, ...] = ()


class Tombstone(NamedTuple):
    """A deleted record: its key and the version at which it went."""

    key: RecordKey
    version: int


class SqlClause(NamedTuple):
    """A parameterised SQL condition over the quoted column names of one table."""

    text: str
    parameters: tuple[SqlValue, ...] = ()


class OrderColumn(NamedTuple):
    """One column of a sort order."""

    name: str
    descending: bool = False


def quoted(name: str) -> str:
    """A column or table name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


class Statements:
    """The SQL texts of one table, built once."""

    def __init__(self, table: StoredTable) -> None:
        name = quoted(table.name)
        keys = [quoted(column) for column in table.key]
        mirrored = [quoted(column.name) for column in table.columns]
        written = [*keys, "_body", "_version", "_modified", *mirrored]
        places = ", ".join("?" * len(written))
        by_key = " AND ".join(f"{key} = ?" for key in keys)
        assigned = ", ".join(f"{column} = ?" for column in written[len(keys) :])
        replaced = ", ".join(f"{column} = excluded.{column}" for column in written[len(keys) :])
        self.table = table
        self._updates: dict[frozenset[str], str] = {}
        self.name = name
        self.keys = keys
        self.select = f"SELECT _row, _body, _version FROM {name}"
        self.get = f"{self.select} WHERE {by_key}"
        self.insert = f"INSERT INTO {name} ({', '.join(written)}) VALUES ({places})"
        self.upsert = f"{self.insert} ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {replaced}"
        self.update = f"UPDATE {name} SET {assigned} WHERE {by_key}"
        self.delete = f"DELETE FROM {name} WHERE {by_key}"
        graves = quoted(f"{table.name}_deleted")
        self.graves = graves
        key_places = ", ".join("?" * len(keys))
        self.bury = f"INSERT INTO {graves} ({', '.join(keys)}, _version) VALUES ({key_places}, ?)"
        self.unbury = f"DELETE FROM {graves} WHERE {by_key}"

    def update_of(self, columns: frozenset[str]) -> str:
        """An UPDATE that leaves other mirrored columns, and with them their indexes, untouched."""
        found = self._updates.get(columns)
        if found is None:
            mirrored = [quoted(column.name) for column in self.table.columns if column.name in columns]
            assigned = ", ".join(f"{column} = ?" for column in ("_body", "_version", "_modified", *mirrored))
            by_key = " AND ".join(f"{key} = ?" for key in self.keys)
            found = self._updates[columns] = f"UPDATE {self.name} SET {assigned} WHERE {by_key}"
        return found

    def tables(self) -> Iterator[str]:
        """CREATE TABLE statements, all repeatable."""
        table = self.table
        keys = [
            f"{quoted(column)} {'INTEGER' if column in table.integer_keys else 'TEXT'} NOT NULL"
            for column in table.key
        ]
        mirrored = [f"{quoted(column.name)} {column.column_type.value}" for column in table.columns]
        stamps = ["_version INTEGER NOT NULL", "_modified TEXT NOT NULL"]
        # The body stands last: SQLite then finds the small columns without walking overflow pages.
        columns = ["_row INTEGER PRIMARY KEY", *keys, *stamps, *mirrored, "_body BLOB NOT NULL"]
        yield f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(columns)})"
        yield f"CREATE TABLE IF NOT EXISTS {self.graves} (_version INTEGER PRIMARY KEY, {', '.join(keys)})"

    def indexes(self) -> dict[str, str]:
        """CREATE INDEX statements by the name of the index, all repeatable."""
        table = self.table
        found = dict([self._index("key", table.key, unique=True), self._index("version", ("_version",))])
        for group in table.unique:
            found.update([self._index(f"unique_{'_'.join(group)}", group, unique=True)])
        for column in table.columns:
            if column.indexed:
                found.update([self._index(column.name, (column.name,))])
        graves = f"{table.name}_deleted__key"
        found[graves] = (
            f"CREATE INDEX IF NOT EXISTS {quoted(graves)} ON {self.graves} ({', '.join(self.keys)})"
        )
        return found

    def _index(self, suffix: str, columns: Sequence[str], *, unique: bool = False) -> tuple[str, str]:
        kind = "UNIQUE INDEX" if unique else "INDEX"
        listed = ", ".join(quoted(column) for column in columns)
        name = f"{self.table.name}__{suffix}"
        return name, f"CREATE {kind} IF NOT EXISTS {quoted(name)} ON {self.name} ({listed})"


@lru_cache(maxsize=512)
def statements_of(table: StoredTable) -> Statements:
    """The SQL texts of a table: the same for all stores that have it."""
    return Statements(table)


def conditions_of(where: SqlClause | None) -> tuple[list[str], list[SqlValue]]:
    """A condition as the beginning of a list to which more may be added."""
    return ([], []) if where is None else ([f"({where.text})"], list(where.parameters))


def where_text(conditions: Sequence[str]) -> str:
    """The WHERE part for these conditions, empty when there are none."""
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def behind(order: Sequence[OrderColumn], after: tuple[SqlValue, ...]) -> SqlClause:
    """The rows behind a position; nulls come first in ascending order, as SQLite sorts them."""
    names = [(quoted(column.name), column.descending) for column in order] + [("_row", False)]
    alternatives: list[str] = []
    parameters: list[SqlValue] = []
    for place, (name, descending) in enumerate(names):
        value = after[place]
        if value is None:
            beyond = "" if descending else f"{name} IS NOT NULL"
        elif descending:
            beyond = f"({name} < ? OR {name} IS NULL)"
        else:
            beyond = f"{name} > ?"
        if not beyond:
            continue
        equal = [f"{other} IS ?" for other, _ in names[:place]]
        alternatives.append(f"({' AND '.join([*equal, beyond])})")
        parameters.extend(after[:place])
        if value is not None:
            parameters.append(value)
    return SqlClause(f"({' OR '.join(alternatives)})", tuple(parameters))
