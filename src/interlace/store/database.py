"""Opens a database by URL: SQLite in write-ahead mode or PostgreSQL, created or migrated when needed."""

import contextlib
import sqlite3
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import QueuePool
from sqlalchemy.schema import CreateIndex, CreateTable

from interlace.domain.filter_nodes import folded
from interlace.store.bulk import BulkStatements, SqliteBulk
from interlace.store.bulk_postgresql import PostgresqlBulk
from interlace.store.schema import HEAD, metadata
from interlace.store.search_index import create_search_index

_WRITES = "interlace_writes"
_MIGRATION_LOCK = 5120_1984_02
"""Key of the PostgreSQL advisory lock that lets one process at a time create or migrate."""


class Database:
    """One open database; `read` and `write` each give one transaction."""

    def __init__(self, engine: sa.Engine, bulk: BulkStatements) -> None:
        self.engine = engine
        self.bulk = bulk
        self._writing = engine.execution_options(**{_WRITES: True})

    @property
    def is_postgresql(self) -> bool:
        """Tell whether several machines may share this database."""
        return self.engine.dialect.name == "postgresql"

    @contextlib.contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Open a transaction that only reads."""
        with self.engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Open a transaction that may write: committed at the end, undone by any exception."""
        with self._writing.begin() as connection:
            yield connection

    def forget_deleted(self) -> bool:
        """Write the file of SQLite and its log anew, without what was deleted or replaced; False: it is in use.

        PostgreSQL does that by itself, in its own time.
        """
        if self.is_postgresql:
            return False
        with self.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            try:
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.OperationalError:
                return False
        return True

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def open_database(
    url: str, *, synchronous: str = "FULL", sqlite_connection: type[sqlite3.Connection] = sqlite3.Connection
) -> Database:
    """Open the database at the URL, create it if it is new, migrate it if it is old.

    `sqlite_connection` is the driver's class of connections, for whoever must see every statement.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_size=5, max_overflow=20)
        database = Database(engine, PostgresqlBulk())
    elif parsed.get_backend_name() == "sqlite":
        database = Database(_sqlite_engine(parsed, synchronous, sqlite_connection), SqliteBulk())
    else:
        raise ValueError(f"The database URL must begin with sqlite or postgresql, not {parsed.drivername}.")
    try:
        with database.write() as connection:
            _bring_up_to_date(connection)
    except BaseException:
        database.close()
        raise
    return database


def _sqlite_engine(url: sa.URL, synchronous: str, factory: type[sqlite3.Connection]) -> sa.Engine:
    if synchronous not in ("FULL", "NORMAL"):
        raise ValueError("synchronous is FULL or NORMAL: anything less can lose what was promised.")
    in_memory = url.database in (None, "", ":memory:")
    if not in_memory and url.database is not None:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    pool: dict[str, Any] = {"pool_size": 5, "max_overflow": 20}
    if in_memory:
        # One connection for everybody: each further one would be an empty database of its own.
        pool = {"pool_size": 1, "max_overflow": 0}
    engine = sa.create_engine(
        url.set(drivername="sqlite+pysqlite"),
        poolclass=QueuePool,
        connect_args={
            "check_same_thread": False,
            "timeout": 30,
            "cached_statements": 256,
            "factory": factory,
        },
        **pool,
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        raw.create_function("folded", 1, _folded, deterministic=True)
        for pragma in (
            "page_size=8192",
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "cache_size=-16384",
            "wal_autocheckpoint=2000",
            "temp_store=MEMORY",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later can't be upgraded while another one writes:
        # those that may write take the write lock at once and wait for it there.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _folded(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _bring_up_to_date(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    if not sa.inspect(connection).has_table("alembic_version"):
        create_tables(connection)
        return
    version = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if version != HEAD:
        from interlace.store.migrations import migrate  # noqa: PLC0415  (Alembic is slow to import)

        migrate(connection)


def create_tables(connection: sa.Connection) -> None:
    """Create every table of a new database at once and stamp it as migrated."""
    for statement in _creation_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)
    create_search_index(connection)


@cache
def _creation_statements(dialect_name: str) -> tuple[str, ...]:
    dialect = sa.make_url(
        "sqlite+pysqlite://" if dialect_name == "sqlite" else "postgresql+psycopg://"
    ).get_dialect()()
    statements = []
    for table in metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        indexes = sorted(table.indexes, key=lambda index: index.name or "")
        statements += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    statements.append(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
        "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
    )
    statements.append(f"INSERT INTO alembic_version VALUES ('{HEAD}')")
    return tuple(statements)
