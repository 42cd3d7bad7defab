"""Keeps sessions by the digest of their token: what the database holds opens nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa

from interlace.store.account_tables import session, user
from interlace.store.connection_store import Clock
from interlace.store.database import Database
from interlace.store.encoding import (
    names_from_json,
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
    to_json,
)
from interlace.store.users import StoredUser, user_of

_FORGOTTEN_AFTER = timedelta(hours=13)
"""The longest session, and then the time for which a form of it is kept."""
_VISITING_MAX = 1000
_NOTICES_MAX = 20
_UNDER_WAY = timedelta(seconds=20)
"""For how long the token of before still opens: a page's requests overtake each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    """A session as it is stored."""

    id: str
    stage: str
    user: StoredUser | None
    created_at: datetime
    seen_at: datetime
    password_at: datetime | None
    address: str
    agent: str
    has_notices: bool
    kept_at: datetime | None
    is_to_renew: bool
    """The token that it was found by is to be exchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """A session that is to be opened."""

    digest: bytes
    stage: str
    user_id: str | None = None
    password_at: datetime | None = None
    address: str = ""
    agent: str = ""
    follows: bytes | None = None
    """Digest of the session in whose place it comes: that one ends."""
    started_at: datetime | None = None
    """When its user came in; None: now."""


class Sessions:
    """Every session."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find(self, digest: bytes) -> StoredSession | None:
        """Return the session with that digest of a token, however old, and its user as of now."""
        before = sa.and_(session.c.old_digest == digest, session.c.old_until > time_to_text(self._clock()))
        with self._database.read() as connection:
            row = connection.execute(_selected().where(session.c.digest == digest)).first()
            if row is not None:
                return _session_of(row)
            row = connection.execute(_selected().where(before)).first()
        return None if row is None else replace(_session_of(row), is_to_renew=False)

    def of_users(self, user_id: str | None = None) -> list[StoredSession]:
        """Return the sessions of a user or of everybody, the one seen last first."""
        query = _selected().where(session.c.stage == "signed in").order_by(session.c.seen_at.desc())
        if user_id is not None:
            query = query.where(session.c.user_id == user_id)
        with self._database.read() as connection:
            return [_session_of(row) for row in connection.execute(query)]

    def open(self, new: NewSession) -> str:
        """Open a session and return its id; a kept form of the one before goes along if it is the same user's."""
        now, session_id = time_to_text(self._clock()), str(uuid4())
        started = now if new.started_at is None else time_to_text(new.started_at)
        values: dict[str, object] = {
            "id": session_id,
            "digest": new.digest,
            "user_id": new.user_id,
            "stage": new.stage,
            "created_at": started,
            "seen_at": now,
            "password_at": optional_time_to_text(new.password_at),
            "address": new.address,
            "agent": new.agent,
        }
        with self._database.write() as connection:
            self._forget_old(connection)
            if new.follows is not None:
                values |= self._taken_over(connection, new)
            connection.execute(sa.insert(session).values(values))
        return session_id

    def renew(self, before: bytes, digest: bytes) -> bool:
        """Exchange a session's token; False: it was done a moment ago, by another request with the same token."""
        until = time_to_text(self._clock() + _UNDER_WAY)
        where = sa.and_(session.c.digest == before, session.c.is_to_renew.is_(True))
        values = {"digest": digest, "is_to_renew": False, "old_digest": before, "old_until": until}
        with self._database.write() as connection:
            return bool(connection.execute(sa.update(session).where(where).values(values)).rowcount)

    def touch(self, session_id: str, address: str) -> None:
        """Remember that a session was used."""
        values = {"seen_at": time_to_text(self._clock()), "address": address}
        self._update(session_id, values)

    def end(self, session_id: str) -> bool:
        """End a session; False: there is none."""
        with self._database.write() as connection:
            return bool(connection.execute(sa.delete(session).where(session.c.id == session_id)).rowcount)

    def end_all(self, user_id: str, *, but: str = "") -> int:
        """End a user's sessions, but one of them maybe; returns how many."""
        where = sa.and_(session.c.user_id == user_id, session.c.id != but)
        with self._database.write() as connection:
            return connection.execute(sa.delete(session).where(where)).rowcount

    # Notices and the kept form

    def tell(self, session_id: str, notice: str) -> None:
        """Keep a notice for the next page."""
        with self._database.write() as connection:
            held = self._notices(connection, session_id)
            values = {"notices": to_json([*held, notice][-_NOTICES_MAX:])}
            connection.execute(sa.update(session).where(session.c.id == session_id).values(values))

    def take_notices(self, session_id: str) -> tuple[str, ...]:
        """Return the notices and forget them."""
        with self._database.write() as connection:
            held = self._notices(connection, session_id)
            connection.execute(sa.update(session).where(session.c.id == session_id).values(notices="[]"))
        return held

    def keep_form(self, session_id: str, form: str | None) -> None:
        """Keep a form, or forget it."""
        kept_at = None if form is None else time_to_text(self._clock())
        self._update(session_id, {"kept_form": form, "kept_at": kept_at})

    def kept_form(self, session_id: str) -> tuple[str, datetime] | None:
        """Return the form that is kept, and since when."""
        query = sa.select(session.c.kept_form, session.c.kept_at).where(session.c.id == session_id)
        with self._database.read() as connection:
            row = connection.execute(query).first()
        if row is None or row.kept_form is None:
            return None
        return str(row.kept_form), time_from_text(row.kept_at)

    def _notices(self, connection: sa.Connection, session_id: str) -> tuple[str, ...]:
        query = sa.select(session.c.notices).where(session.c.id == session_id)
        return names_from_json(connection.execute(query).scalar() or "[]")

    def _update(self, session_id: str, values: Mapping[str, str | None]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(session).where(session.c.id == session_id).values(values))

    def _taken_over(self, connection: sa.Connection, new: NewSession) -> dict[str, object]:
        """End the session before and return what the new one takes over of it.

        A form of another user stays with that user: it goes with the session.
        """
        before = connection.execute(sa.select(session).where(session.c.digest == new.follows)).first()
        if before is None:
            return {}
        connection.execute(sa.delete(session).where(session.c.id == before.id))
        if before.user_id is not None and before.user_id != new.user_id:
            return {}
        return {"kept_form": before.kept_form, "kept_at": before.kept_at}

    def _forget_old(self, connection: sa.Connection) -> None:
        limit = time_to_text(self._clock() - _FORGOTTEN_AFTER)
        connection.execute(sa.delete(session).where(session.c.created_at < limit))
        newest = sa.select(session.c.id).where(session.c.stage == "visiting")
        newest = newest.order_by(session.c.created_at.desc()).limit(_VISITING_MAX)
        surplus = sa.and_(session.c.stage == "visiting", session.c.id.not_in(newest))
        connection.execute(sa.delete(session).where(surplus))


def _selected() -> sa.Select[*tuple[object, ...]]:
    columns: Sequence[sa.ColumnElement[object]] = [
        column.label(f"session_{column.name}")
        for column in session.c
        if column.name not in {"digest", "old_digest", "old_until", "kept_form"}
    ]
    return sa.select(*columns, user).join_from(session, user, session.c.user_id == user.c.id, isouter=True)


def _session_of(row: sa.Row[*tuple[object, ...]]) -> StoredSession:
    return StoredSession(
        id=row.session_id,
        stage=row.session_stage,
        user=None if row.session_user_id is None else user_of(row),
        created_at=time_from_text(row.session_created_at),
        seen_at=time_from_text(row.session_seen_at),
        password_at=optional_time_from_text(row.session_password_at),
        address=row.session_address,
        agent=row.session_agent,
        has_notices=row.session_notices != "[]",
        kept_at=optional_time_from_text(row.session_kept_at),
        is_to_renew=bool(row.session_is_to_renew),
    )
