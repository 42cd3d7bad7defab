"""Takes over the work of workers that died and don't come back (PostgreSQL only).

Every worker holds an advisory lock of the database for as long as it lives; the database frees it the moment
the connection breaks. A lock that can be had although its owner has unfinished work means: the owner is dead.
"""

import hashlib
import logging
import threading
import time
from types import TracebackType
from typing import Self

import psycopg
from dbos import DBOS

from interlace.jobs.job_database import normalized
from interlace.locale.translatable import translatable

_logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 15.0


class WorkerNameTaken(Exception):
    """Another process works under this worker's name."""

    def __init__(self, executor_id: str) -> None:
        super().__init__(
            translatable(
                "Another worker named {name} is running. Two workers of one name would take each other's "
                "work; give this one its own name, or stop the other one.",
                name=executor_id,
            )
        )
        self.executor_id = executor_id


class TakeOver:
    """Shows that this worker lives, and looks for others that don't."""

    def __init__(self, url: str, executor_id: str, *, seconds_between: float = 2.0) -> None:
        self._url = url
        self._executor_id = executor_id
        self._seconds_between = seconds_between
        self._stop = threading.Event()
        self._connection = self._connect()
        self._thread = threading.Thread(target=self._watch, name="take-over", daemon=True)

    def __enter__(self) -> Self:
        """Begin to look; call after the job engine has started."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop looking, and free this worker's own lock."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._connection.close()

    def adopt_once(self) -> list[str]:
        """Take over the work of every dead worker; gives their names."""
        rows = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        others = {row.executor_id for row in rows if row.executor_id} - {self._executor_id}
        adopted = []
        for other in sorted(others):
            if not _try_lock(self._connection, other):
                continue
            try:
                DBOS._recover_pending_workflows([other])  # noqa: SLF001  (keeps queue and de-duplication id)
                adopted.append(other)
            finally:
                self._connection.execute("SELECT pg_advisory_unlock(%s)", (_lock_key(other),))
        if adopted:
            _logger.warning("Took over the work of the workers %s.", ", ".join(adopted))
        return adopted

    def _watch(self) -> None:
        while not self._stop.wait(self._seconds_between):
            try:
                self.adopt_once()
            except psycopg.Error:
                # The database was away, and with it our lock: others may have taken our work over, which the
                # fencing numbers make harmless. Show again that we live.
                _logger.warning("The take-over connection broke and is opened again.", exc_info=True)
                self._connection.close()
                try:
                    self._connection = self._connect()
                except (psycopg.Error, WorkerNameTaken):
                    _logger.warning("The take-over connection can't be opened yet.", exc_info=True)

    def _connect(self) -> psycopg.Connection:
        connection = psycopg.connect(
            self._url,
            autocommit=True,
            keepalives=1,
            keepalives_idle=5,
            keepalives_interval=2,
            keepalives_count=3,
        )
        # A worker that looks whether our predecessor is dead holds the lock for a moment.
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while not _try_lock(connection, self._executor_id):
            if time.monotonic() > give_up:
                connection.close()
                raise WorkerNameTaken(self._executor_id)
            time.sleep(0.1)
        return connection


def is_working(url: str, executor_id: str) -> bool:
    """Tell whether a worker of this name lives; one that is being looked at for a moment counts as living."""
    with psycopg.connect(normalized(url), autocommit=True) as connection:
        # The lock is free again when the connection is closed.
        return not _try_lock(connection, executor_id)


def _try_lock(connection: psycopg.Connection, executor_id: str) -> bool:
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (_lock_key(executor_id),)).fetchone()
    return bool(row and row[0])


def _lock_key(executor_id: str) -> int:
    digest = hashlib.blake2b(f"interlace worker {executor_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
