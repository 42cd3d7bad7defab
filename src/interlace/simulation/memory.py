"""Our own store in memory: begun from an image, restored from a backup, and crashing between any two statements."""

import contextlib
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from interlace.domain.keys import ConnectionId, MappingName
from interlace.simulation.process import Process
from interlace.simulation.virtual_time import VirtualClock
from interlace.store.connection_store import ConnectionStore
from interlace.store.connections import StoredConnection
from interlace.store.database import Database, open_database
from interlace.store.encoding import JsonValue, from_json
from interlace.store.entry_text import entry_to_text
from interlace.store.state_store import StateStore

CONNECTION = ConnectionId("3c7f0f0e-53c1-4b0a-9d6a-2f4f3f1f7a11")
_READS = ("SELECT", "PRAGMA", "WITH", "BEGIN")
_COMMIT = "COMMIT"


class StatementGate:
    """Stands before every statement of the store: counts it, and lets the process die there."""

    def __init__(self) -> None:
        self.process: Process | None = None
        self.statements = 0
        self.dies_at_write: int | None = None
        """How many more writing statements, commits among them, pass before the process dies."""
        self.dies_after_commit = False
        """Of a death at a commit: it is kept, and nobody heard of it."""

    def pass_statement(self, sql: str) -> None:
        """Let one statement pass, or none any more."""
        if self.process is None:
            return
        self.process.live()
        self.statements += 1
        if sql.lstrip()[:6].upper().startswith(_READS) or not self._is_time():
            return
        is_kept = sql == _COMMIT and self.dies_after_commit
        self.process.die(f"after {_COMMIT}" if is_kept else f"before {' '.join(sql.split()[:3])}")
        if not is_kept:
            self.process.live()

    def _is_time(self) -> bool:
        if self.dies_at_write is None:
            return False
        self.dies_at_write -= 1
        if self.dies_at_write >= 0:
            return False
        self.dies_at_write = None
        return True


def _watched(gate: StatementGate) -> type[sqlite3.Connection]:
    """Make the class of connections whose own statements pass the gate: those that go round SQLAlchemy."""

    class WatchedConnection(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:  # noqa: ANN401 - the driver's own
            gate.pass_statement(sql)
            return super().execute(sql, *parameters)

        def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:  # noqa: ANN401 - as above
            gate.pass_statement(sql)
            return super().executemany(sql, *parameters)

    return WatchedConnection


def _watch(engine: sa.Engine, gate: StatementGate) -> None:
    """Let SQLAlchemy's statements pass the gate; each event comes before the call that would lose the connection."""

    @event.listens_for(engine, "begin", insert=True)
    def before_begin(connection: sa.Connection) -> None:
        gate.pass_statement("BEGIN")

    @event.listens_for(engine, "before_execute")
    def before_statement(connection: sa.Connection, statement: sa.Executable, *_: object) -> None:
        written = getattr(statement, "table", None) if statement.is_dml else None
        gate.pass_statement("SELECT" if written is None else f"{statement.__visit_name__} {written.name}")

    @event.listens_for(engine, "commit")
    def before_commit(connection: sa.Connection) -> None:
        gate.pass_statement(_COMMIT)


class Memory:
    """The one database of a simulation; each schedule begins it anew."""

    def __init__(self) -> None:
        self.gate = StatementGate()
        self.clock = VirtualClock()
        self._database: Database = open_database("sqlite://", sqlite_connection=_watched(self.gate))
        _watch(self._database.engine, self.gate)
        self.state = StateStore(self._database, None, self._now)
        self.state.store_connection(StoredConnection(id=CONNECTION, name="simulated", enabled=True))

    def _now(self) -> datetime:
        # Each schedule brings a clock of its own.
        return self.clock.now()

    def image(self) -> bytes:
        """Return everything that is committed."""
        with self._database.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            image: bytes = driver.serialize()
            return image

    def begin(self, image: bytes) -> None:
        """Begin with an image, or go back to it: a backup restored."""
        with self._database.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            # Not by deserializing in place: prepared statements over json_each would not survive that.
            with contextlib.closing(sqlite3.connect(":memory:")) as held:
                held.deserialize(image)
                held.backup(driver)

    def announced(self, mappings: Iterable[MappingName]) -> list[JsonValue]:
        """Return the writes whose outcome is not stored, as entries that are not certain: they may take effect or not.

        They are all that a restored backup, of this memory or of a service, can keep the journal from telling.
        """
        store = self.store()
        open_intents = [each for mapping in mappings for each in store.open_intents(mapping)]
        entries = [replace(each.entry, certain=False) for each in open_intents if each.entry is not None]
        return [from_json(entry_to_text(entry)) for entry in entries]

    def store(self) -> ConnectionStore:
        """Return the engine's store, as a new process opens it."""
        return self.state.connection_store(CONNECTION)

    def close(self) -> None:
        """Close the database."""
        self._database.close()
