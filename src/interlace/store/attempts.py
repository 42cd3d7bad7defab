"""Counts attempts to come in, by account, address and key, and starts of runs, so that a restart forgives nothing."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from interlace.management.throttle import Attempts, Limit, earliest, with_attempt, without_attempt
from interlace.store.account_tables import attempt
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import names_from_json, time_from_text, time_to_text, to_json

_FORGOTTEN_AFTER = timedelta(hours=24)

Counted = tuple[str, Limit]
"""What is counted, and how much of it is free."""


def subject(kind: str, name: str) -> str:
    """Name what is counted; what was typed is not kept, for it may have been a password."""
    return f"{kind}:{hashlib.blake2b(name.encode(), digest_size=16).hexdigest()}"


class AttemptCounts:
    """The attempts of late."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def take(self, counted: Sequence[Counted]) -> tuple[datetime, datetime]:
        """Count one attempt for all of them; returns now and when it is taken: later than now, it is not counted."""
        now = self._clock()
        with self._database.write() as connection:
            held = _locked(connection, [name for name, _ in counted])
            start = max((earliest(held[name], limit, now) for name, limit in counted), default=now)
            if start <= now:
                for name, limit in counted:
                    _write(connection, name, with_attempt(held[name], limit, now))
                old = attempt.c.last_at < time_to_text(now - _FORGOTTEN_AFTER)
                connection.execute(sa.delete(attempt).where(old))
        return now, start

    def succeeded(self, cleared: Sequence[str], given_back: Sequence[str], at: datetime) -> None:
        """Forget what was counted for some, and give others this one attempt back."""
        with self._database.write() as connection:
            connection.execute(sa.delete(attempt).where(attempt.c.subject.in_(list(cleared))))
            for name, held in _locked(connection, given_back).items():
                left = without_attempt(held, at)
                if left.count:
                    _write(connection, name, left)
                else:
                    connection.execute(sa.delete(attempt).where(attempt.c.subject == name))


def _locked(connection: sa.Connection, names: Sequence[str]) -> dict[str, Attempts]:
    """Return what was counted, held against everybody who counts at the same time."""
    held = {}
    for name in sorted(names):
        # A row that isn't there can't be held.
        connection.execute(_FIRST, {"subject": name})
        query = sa.select(attempt).where(attempt.c.subject == name).with_for_update()
        row = connection.execute(query).one()
        recent = tuple(time_from_text(each) for each in names_from_json(row.recent))
        held[name] = Attempts(count=int(row.attempts), recent=recent)
    return held


def _write(connection: sa.Connection, name: str, held: Attempts) -> None:
    values = {
        "attempts": held.count,
        "recent": to_json([time_to_text(each) for each in held.recent]),
        "last_at": "" if held.last is None else time_to_text(held.last),
    }
    connection.execute(sa.update(attempt).where(attempt.c.subject == name).values(values))


_FIRST = sa.text(
    "INSERT INTO attempt (subject, attempts, recent, last_at) VALUES (:subject, 0, '[]', '') ON CONFLICT DO NOTHING"
)
