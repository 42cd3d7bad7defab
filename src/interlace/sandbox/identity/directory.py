"""The directory of the tenant in one SQLite file, which both embedded services may have open at the same time.

Nothing is held in memory but the signing key: what an operator changes counts for the next sign-in.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from interlace.sandbox import json_codec
from interlace.sandbox.identity.registrations import Person, Registration
from interlace.sandbox.identity.signing import SigningKey, shared_memory_key

TENANT_ID = "0e7c1a34-5b2d-4f68-8a90-b1c2d3e4f506"
TENANT_DOMAIN = "interlace.invalid"
_BUSY_SECONDS = 10.0
_TABLES = (
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS applications (key TEXT PRIMARY KEY, body TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS people (key TEXT PRIMARY KEY, body TEXT NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS device_codes"
        " (key TEXT PRIMARY KEY, user_code TEXT NOT NULL UNIQUE, expires REAL NOT NULL, body TEXT NOT NULL)"
    ),
    (
        "CREATE TABLE IF NOT EXISTS refresh_tokens"
        " (key TEXT PRIMARY KEY, expires REAL NOT NULL, body TEXT NOT NULL)"
    ),
)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """The organization whose directory this is."""

    tenant_id: str = TENANT_ID
    domain: str = TENANT_DOMAIN


class Directory:
    """Applications, people, and what was promised to them."""

    def __init__(self, path: Path | None, tenant: Tenant, now: Callable[[], datetime]) -> None:
        self.path = path
        self.now = now
        self._connection = sqlite3.connect(
            path if path is not None else ":memory:",
            isolation_level=None,
            check_same_thread=False,
            timeout=_BUSY_SECONDS,
        )
        if path is not None:
            self._connection.execute("PRAGMA journal_mode=WAL")
        for statement in _TABLES:
            self._connection.execute(statement)
        self._key: SigningKey | None = None
        with self.transaction():
            for name, value in (("tenant_id", tenant.tenant_id), ("domain", tenant.domain)):
                self._connection.execute("INSERT OR IGNORE INTO facts VALUES (?, ?)", (name, value))
        self.tenant = Tenant(tenant_id=self._fact("tenant_id"), domain=self._fact("domain"))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.tenant.tenant_id})"

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nobody else writes meanwhile."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def knows_tenant(self, named: str) -> bool:
        """Whether an address names this tenant, by id or domain, or leaves the choice to the account."""
        wanted = named.lower()
        return wanted in {self.tenant.tenant_id, self.tenant.domain, "common", "organizations"}

    def object_id(self, name: str) -> str:
        """The id of an object of the directory that is told apart by a name."""
        return str(uuid.uuid5(uuid.UUID(self.tenant.tenant_id), name.casefold()))

    def signing_key(self) -> SigningKey:
        """The key that signs tokens; made when the first token is asked for, then the same for ever."""
        if self._key is None:
            self._key = shared_memory_key() if self.path is None else self._stored_key()
        return self._key

    def _stored_key(self) -> SigningKey:
        with self.transaction():
            kept = self._fact("signing_key")
            if kept:
                return SigningKey.from_pem(kept.encode())
            key = SigningKey.generate()
            self._connection.execute("INSERT INTO facts VALUES ('signing_key', ?)", (key.pem().decode(),))
        return key

    def _fact(self, name: str) -> str:
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    # --- applications and people

    def application(self, client_id: str) -> Registration | None:
        """An application by its client id."""
        body = self._body("applications", client_id.lower())
        return None if body is None else Registration.from_document(json_codec.decode_object(body))

    def applications(self) -> list[Registration]:
        """All applications by name."""
        found = self._connection.execute("SELECT body FROM applications").fetchall()
        every = [Registration.from_document(json_codec.decode_object(body)) for (body,) in found]
        return sorted(every, key=lambda each: (each.name, each.client_id))

    def keep_application(self, registration: Registration) -> None:
        """Adds an application, or replaces what is known of it."""
        self._put("applications", registration.client_id.lower(), registration.document())

    def person(self, principal_name: str) -> Person | None:
        """A person by his sign-in name."""
        body = self._body("people", principal_name.strip().casefold())
        return None if body is None else Person.from_document(json_codec.decode_object(body))

    def people(self) -> list[Person]:
        """All people by sign-in name."""
        found = self._connection.execute("SELECT body FROM people ORDER BY key").fetchall()
        return [Person.from_document(json_codec.decode_object(body)) for (body,) in found]

    def keep_person(self, person: Person) -> None:
        """Adds a person, or replaces what is known of him."""
        self._put("people", person.principal_name.casefold(), person.document())

    def _body(self, table: str, key: str) -> str | None:
        row = self._connection.execute(f"SELECT body FROM {table} WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _put(self, table: str, key: str, document: dict[str, object]) -> None:
        text = json_codec.encode(document).decode()
        self._connection.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, text))

    # --- promises with an end

    def put_device_code(self, key: str, user_code: str, expires: float, document: dict[str, object]) -> None:
        """Keeps a sign-in that waits for a person, or its new state."""
        self._connection.execute(
            "INSERT OR REPLACE INTO device_codes VALUES (?, ?, ?, ?)",
            (key, user_code, expires, json_codec.encode(document).decode()),
        )

    def device_code(
        self, *, key: str = "", user_code: str = ""
    ) -> tuple[str, float, dict[str, object]] | None:
        """A waiting sign-in by its secret key or by what the person types: key, expiry, document."""
        row = self._connection.execute(
            "SELECT key, expires, body FROM device_codes WHERE key = ? OR user_code = ?", (key, user_code)
        ).fetchone()
        return None if row is None else (str(row[0]), float(row[1]), json_codec.decode_object(row[2]))

    def drop_device_code(self, key: str) -> None:
        """Forgets a sign-in that is over."""
        self._connection.execute("DELETE FROM device_codes WHERE key = ?", (key,))

    def drop_old_device_codes(self, before: float) -> None:
        """Forgets sign-ins that nobody asks for any more."""
        self._connection.execute("DELETE FROM device_codes WHERE expires < ?", (before,))

    def put_refresh_token(self, key: str, expires: float, document: dict[str, object]) -> None:
        """Keeps what a refresh token stands for; those that have ended go."""
        self._connection.execute("DELETE FROM refresh_tokens WHERE expires < ?", (self.now().timestamp(),))
        text = json_codec.encode(document).decode()
        self._connection.execute("INSERT INTO refresh_tokens VALUES (?, ?, ?)", (key, expires, text))

    def refresh_token(self, key: str) -> tuple[float, dict[str, object]] | None:
        """What a refresh token stands for, with its expiry."""
        row = self._connection.execute(
            "SELECT expires, body FROM refresh_tokens WHERE key = ?", (key,)
        ).fetchone()
        return None if row is None else (float(row[0]), json_codec.decode_object(row[1]))


def open_directory(
    path: Path | None, *, tenant: Tenant | None = None, now: Callable[[], datetime] = _now
) -> Directory:
    """Opens (or founds) the directory in a file for its owner alone, or in memory when none is given."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return Directory(path, tenant if tenant is not None else Tenant(), now)
