"""Opens the job engine's own database so that it is quick and safe under both SQLite and PostgreSQL."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

APPLICATION_NAME = "interlace"
APPLICATION_VERSION = "jobs-1"
"""Pinned by hand: a computed version would strand the running work of every older release. It changes only
when the order of a workflow's steps changes."""


class _Connection(sqlite3.Connection):
    """SQLite as the job engine needs it: write-ahead, and with a function that SQLite before 3.42 lacks."""

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **options)
        if sqlite3.sqlite_version_info < (3, 42):
            self.create_function("unixepoch", 1, lambda _: time.time())
        self.execute("PRAGMA journal_mode=WAL")
        # A lost commit only repeats a batch: where the work stands is in our own tables, which are synced.
        self.execute("PRAGMA synchronous=NORMAL")


def is_postgresql(url: str) -> bool:
    """Tell whether the URL names a PostgreSQL database."""
    return sa.make_url(url).get_backend_name() == "postgresql"


def normalized(url: str) -> str:
    """Return the URL in the form that the job engine takes."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    return parsed.set(drivername="sqlite").render_as_string(hide_password=False)


def engine_options(url: str) -> dict[str, Any]:
    """Return the options for the engine that the job engine makes."""
    return {} if is_postgresql(url) else {"connect_args": {"factory": _Connection}}


def client_engine(url: str) -> sa.Engine:
    """Make an engine for a process that only asks for work."""
    parsed = sa.make_url(normalized(url))
    if is_postgresql(url):
        return sa.create_engine(parsed.set(drivername="postgresql+psycopg"))
    options = {"factory": _Connection, "check_same_thread": False, "timeout": 30}
    return sa.create_engine(parsed, connect_args=options)
