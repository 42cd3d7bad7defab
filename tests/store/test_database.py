"""Databases are created at once, migrated to the same tables, and refuse wrong states."""

import re
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from interlace.store.bulk import last_of_each
from interlace.store.database import Database, open_database
from interlace.store.migrations import migrate, newest_migration
from interlace.store.schema import HEAD, metadata
from interlace.store.state_store import StateStore

_SQLITE = ["SELECT type, name, sql FROM sqlite_master"]
_COLUMNS = "table_name, column_name, data_type, is_nullable, column_default, collation_name"
_POSTGRESQL = [
    f"SELECT {_COLUMNS} FROM information_schema.columns WHERE table_schema = 'public'",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace""",
]
_COUPLING = "INSERT INTO coupling (mapping_id, erp_key, crm_key, state, agreed)"
_INTENT = "INSERT INTO intent (mapping_id, side, key, source_key, creates, job_id, state)"


def describe(database: Database) -> set[tuple[object, ...]]:
    """List everything that the database knows of its tables."""
    with database.read() as connection:
        statements = _POSTGRESQL if database.is_postgresql else _SQLITE
        rows = [tuple(row) for sql in statements for row in connection.exec_driver_sql(sql)]
    return {tuple(_normalized(cell) if isinstance(cell, str) else cell for cell in row) for row in rows}


def _normalized(statement: str) -> object:
    """Split a statement into its parts at the outermost commas: their order tells nothing."""
    parts, depth = [""], 0
    for character in re.sub(r"\s+", "", statement):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth <= 1:
            parts.append("")
        else:
            parts[-1] += character
    parts[-1] = parts[-1].removesuffix(")")
    return tuple(sorted(parts)) if len(parts) > 1 else statement


def test_the_sum_of_the_migrations_is_what_the_metadata_declares(url: str, tmp_path: Path) -> None:
    """A database brought up by migrations can't be told from one created at once."""
    with_metadata = open_database(url)
    created = describe(with_metadata)
    with with_metadata.write() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DROP TABLE alembic_version")
        migrate(connection)
    assert describe(with_metadata) == created
    with_metadata.close()


def test_the_newest_migration_is_what_new_databases_are_stamped_with() -> None:
    """The constant follows the migrations."""
    assert newest_migration() == HEAD


def test_an_older_database_is_migrated_when_it_is_opened(url: str) -> None:
    """A database from before the first migration gets its tables."""
    opened = open_database(url)
    with opened.write() as connection:
        metadata.drop_all(connection)
        connection.exec_driver_sql("DELETE FROM alembic_version")
    opened.close()
    again = open_database(url)
    with again.read() as connection:
        assert (
            connection.execute(sa.select(sa.func.count()).select_from(metadata.tables["coupling"])).scalar()
            == 0
        )
    again.close()


def test_a_new_database_opens_quickly() -> None:
    """Tests may open one each."""
    open_database("sqlite://").close()
    begun = time.perf_counter()
    open_database("sqlite://").close()
    assert time.perf_counter() - begun < 0.5


def test_sqlite_promises_durability_by_default(tmp_path: Path) -> None:
    """Write-ahead log, full synchronization, foreign keys."""
    opened = open_database(f"sqlite:///{tmp_path}/new folder/x.db")
    with opened.read() as connection:
        pragmas = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "page_size")
        ]
    opened.close()
    assert pragmas == ["wal", 2, 1, 8192]


@pytest.mark.parametrize(
    ("url", "reason"), [("mysql://x/y", "sqlite or postgresql"), ("oracle://x", "begin with")]
)
def test_other_databases_are_refused(url: str, reason: str) -> None:
    """The message names what is possible."""
    with pytest.raises(ValueError, match=reason):
        open_database(url)


def test_less_than_normal_durability_is_refused() -> None:
    """What could lose acknowledged work can't be configured."""
    with pytest.raises(ValueError, match="FULL or NORMAL"):
        open_database("sqlite://", synchronous="OFF")


@pytest.mark.parametrize(
    "statement",
    [
        f"{_COUPLING} VALUES (1, '1', '', 'coupled', NULL)",
        f"{_COUPLING} VALUES (1, '1', 'a', 'lost', NULL)",
        f"{_COUPLING} VALUES (1, '1', 'a', 'coupled', '[]')",
        f"{_COUPLING} VALUES (99, '1', 'a', 'coupled', NULL)",
        f"{_INTENT} VALUES (1, 'erp', 'a', 'b', false, 'j', 'planned')",
        "INSERT INTO cursor (mapping_id, side, position) VALUES (1, 'both', 'x')",
    ],
)
def test_wrong_states_cannot_be_written_down(state: StateStore, database: Database, statement: str) -> None:
    """The database itself refuses what must not be."""
    state.store_mapping_settings("c", "CUSTOMER", {})
    with pytest.raises(sa.exc.IntegrityError), database.write() as connection:
        connection.exec_driver_sql(statement)


def test_an_undone_transaction_leaves_nothing(state: StateStore, database: Database) -> None:
    """An exception undoes the whole transaction."""

    def delete_and_fail() -> None:
        with database.write() as connection:
            connection.exec_driver_sql("DELETE FROM connection")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        delete_and_fail()
    assert state.find_connection("c") is not None


def test_bulk_statements_do_nothing_without_rows(state: StateStore, database: Database) -> None:
    """No rows, no statement, on either database."""
    table = metadata.tables["cursor"]
    with database.write() as connection:
        database.bulk.upsert(connection, ("mapping_id", "side"), [], table=table, unique=("mapping_id",))
        database.bulk.insert(connection, ("mapping_id", "side"), [], table=table)
        assert database.bulk.delete(connection, ("mapping_id",), [], table=table) == 0


def test_the_last_row_of_a_key_wins_within_a_batch() -> None:
    """One statement may not touch a row twice, so earlier rows of the key are left out."""
    rows = [(1, "a"), (2, "b"), (1, "c")]
    assert last_of_each(("id", "text"), rows, ("id",)) == [(1, "c"), (2, "b")]
    assert last_of_each(("id", "text"), rows[:2], ("id",)) is not None
