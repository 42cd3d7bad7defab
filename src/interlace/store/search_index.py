"""The index that finds any three characters in a row in the names of couplings: FTS5 in SQLite, pg_trgm in PostgreSQL.

Where the database can't make it, lists still find how numbers and names begin.
"""

import contextlib

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_FTS = """CREATE VIRTUAL TABLE IF NOT EXISTS coupling_search USING fts5(search, content='coupling_listing',
content_rowid='id', tokenize='trigram case_sensitive 1', detail=none, columnsize=0)"""
_FORGET = "INSERT INTO coupling_search(coupling_search, rowid, search) VALUES ('delete', old.id, old.search);"
_ADD = "INSERT INTO coupling_search(rowid, search) VALUES (new.id, new.search);"
_CHANGED = "AFTER UPDATE OF search ON coupling_listing WHEN old.search <> new.search"
_TRIGGERS = (
    f"CREATE TRIGGER coupling_search_added AFTER INSERT ON coupling_listing BEGIN {_ADD} END",
    f"CREATE TRIGGER coupling_search_removed AFTER DELETE ON coupling_listing BEGIN {_FORGET} END",
    f"CREATE TRIGGER coupling_search_changed {_CHANGED} BEGIN {_FORGET} {_ADD} END",
)
_TRIGRAMS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX coupling_listing_search ON coupling_listing USING gin (search gin_trgm_ops)",
)
_IS_THERE = {
    "sqlite": "SELECT 1 FROM sqlite_master WHERE name = 'coupling_search_added'",
    "postgresql": "SELECT 1 FROM pg_indexes WHERE indexname = 'coupling_listing_search' "
    "AND schemaname = current_schema()",
}
_EXTENSION = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"


def has_search_index(connection: sa.Connection) -> bool:
    """Tell whether any three characters in a row are found quickly."""
    return connection.exec_driver_sql(_IS_THERE[connection.dialect.name]).first() is not None


def create_search_index(connection: sa.Connection) -> bool:
    """Make the index if that is possible, and fill it; gives whether it is there."""
    if has_search_index(connection):
        return True
    if connection.dialect.name == "postgresql":
        return _create_trigrams(connection)
    return _create_fts(connection)


def purge_search_index(connection: sa.Connection) -> None:
    """Leave nothing in the index of names that were deleted; PostgreSQL does that by itself."""
    if connection.dialect.name == "sqlite" and has_search_index(connection):
        connection.exec_driver_sql("INSERT INTO coupling_search(coupling_search) VALUES ('optimize')")


def _create_fts(connection: sa.Connection) -> bool:
    try:
        connection.exec_driver_sql(_FTS)
    except DBAPIError:
        # This SQLite was built without FTS5, or is older than its trigrams.
        return False
    for trigger in _TRIGGERS:
        connection.exec_driver_sql(trigger)
    connection.exec_driver_sql("INSERT INTO coupling_search(coupling_search) VALUES ('rebuild')")
    return True


def _create_trigrams(connection: sa.Connection) -> bool:
    if connection.exec_driver_sql(_EXTENSION).first() is None:
        return False
    # Whoever may not make extensions gets a refusal, which must not undo what else the transaction does.
    with contextlib.suppress(DBAPIError), connection.begin_nested():
        for statement in _TRIGRAMS:
            connection.exec_driver_sql(statement)
    return has_search_index(connection)
