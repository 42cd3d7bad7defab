"""Ends statements that take longer than a reader should wait; whoever is locked out by them waits no longer either.

SQLite's are measured by what the processor does for them: on a busy machine a short way is still the short one.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from interlace.store.bulk import driver

_STEPS = 20_000
"""So many steps of SQLite's machine lie between two looks at the clock: some tenths of a millisecond."""

_QUERY_CANCELED = "57014"
"""PostgreSQL's state of a statement that was ended from outside or by its time."""


class TookTooLong(Exception):
    """A statement was ended because its time was over."""


@contextlib.contextmanager
def time_limit(connection: sa.Connection, seconds: float) -> Iterator[None]:
    """Give the statements of a block so much time; raises TookTooLong, after which a transaction can't go on."""
    raw = driver(connection)
    try:
        if isinstance(raw, sqlite3.Connection):
            end = time.thread_time() + seconds
            raw.set_progress_handler(lambda: time.thread_time() > end, _STEPS)
        else:
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}")
        yield
    except DBAPIError as problem:
        if _is_over(problem.orig):
            raise TookTooLong from problem
        raise
    finally:
        if isinstance(raw, sqlite3.Connection):
            raw.set_progress_handler(None, 0)


def _is_over(problem: BaseException | None) -> bool:
    if isinstance(problem, sqlite3.OperationalError):
        return str(problem) == "interrupted"
    return getattr(problem, "sqlstate", None) == _QUERY_CANCELED
