"""Keeps which states people were told of, and the messages: a state and its messages in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from interlace.locale.kept_text import from_kept, to_kept
from interlace.store.database import Database
from interlace.store.encoding import (
    names_from_json,
    optional_time_from_text,
    optional_time_to_text,
    time_from_text,
    time_to_text,
    to_json,
)
from interlace.store.notification_tables import notification, notification_state

_state, _message = notification_state.c, notification.c


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedState:
    """Something that lasts, and how far people were told of it."""

    kind: str
    subject: str
    since: datetime
    told_at: datetime | None = None
    """None: it has not lasted long enough."""
    gone_at: datetime | None = None
    """Since when it is not seen any more; it may come back before that is told."""
    over: str = ""
    """What is said when it is over; blank: nothing."""
    over_page: str = ""
    mappings: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    """Ids of the users who are responsible and were told; none: it was told to everybody whom it concerns."""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from the others of its connection."""
        return self.kind, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What one person is told of one change."""

    id: str
    user_id: str
    kind: str
    message: str
    page: str
    at: datetime
    is_over: bool = False
    """Something is good again."""
    is_shown: bool = True
    """Stands on the person's list; else it is an e-mail alone."""
    is_mailed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMessage:
    """A message on somebody's list."""

    id: str
    connection_id: str
    kind: str
    message: str
    page: str
    at: datetime
    is_over: bool
    is_read: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a look at a connection changes."""

    kept: Sequence[FollowedState] = ()
    """States that are new, or changed."""
    ended: Sequence[FollowedState] = ()
    messages: Sequence[Message] = ()


Follow = Callable[[Sequence[FollowedState]], Followed]


class Notifications:
    """States and messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def follow(self, connection_id: str, follow: Follow) -> int:
        """Let a look at what is known change it; gives how many messages that made.

        What changes is found anew under a lock: two servers that look at once don't tell the same twice.
        """
        with self._database.read() as connection:
            known = _states(connection, connection_id)
        found = follow(known)
        if not (found.kept or found.ended):
            return 0
        try:
            with self._database.write() as connection:
                return _apply(
                    connection, connection_id, follow(_states(connection, connection_id, lock=True))
                )
        except sa.exc.IntegrityError:
            # Another server was faster, or a person or the connection is gone: the next look tells what is left.
            return 0

    def of_user(self, user_id: str, limit: int) -> list[KeptMessage]:
        """Return what stands on somebody's list, the newest first."""
        query = sa.select(notification).where(_message.user_id == user_id, _message.is_shown)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_message.at.desc(), _message.id).limit(limit)).all()
        return [
            KeptMessage(
                id=row.id,
                connection_id=row.connection_id,
                kind=row.kind,
                message=from_kept(row.message),
                page=row.page,
                at=time_from_text(row.at),
                is_over=bool(row.is_over),
                is_read=bool(row.is_read),
            )
            for row in rows
        ]

    def unread(self, user_id: str) -> int:
        """Count what somebody has not marked as read."""
        query = sa.select(sa.func.count()).where(
            _message.user_id == user_id, _message.is_shown, _message.is_read.is_(False)
        )
        with self._database.read() as connection:
            return int(connection.execute(query.select_from(notification)).scalar_one())

    def mark_read(self, user_id: str, ids: Sequence[str] | None) -> int:
        """Mark messages of somebody as read, or all; gives how many were not."""
        wanted = [_message.user_id == user_id, _message.is_read.is_(False)]
        if ids is not None:
            wanted.append(_message.id.in_(ids))
        with self._database.write() as connection:
            return int(
                connection.execute(sa.update(notification).where(*wanted).values(is_read=True)).rowcount
            )

    def forget_before(self, moment: datetime) -> int:
        """Forget messages of before a moment, but for those whose e-mail is still to be sent; gives how many."""
        old = sa.and_(_message.at < time_to_text(moment), _message.mail_due.is_(None))
        with self._database.read() as connection:
            if connection.execute(sa.select(_message.id).where(old).limit(1)).first() is None:
                return 0
        with self._database.write() as connection:
            return int(connection.execute(sa.delete(notification).where(old)).rowcount)


def _states(connection: sa.Connection, connection_id: str, *, lock: bool = False) -> list[FollowedState]:
    query = sa.select(notification_state).where(_state.connection_id == connection_id)
    query = query.order_by(_state.kind, _state.subject)
    return [
        FollowedState(
            kind=row.kind,
            subject=row.subject,
            since=time_from_text(row.since),
            told_at=optional_time_from_text(row.told_at),
            gone_at=optional_time_from_text(row.gone_at),
            over=from_kept(row.over),
            over_page=row.over_page,
            mappings=names_from_json(row.mappings),
            owners=names_from_json(row.owners),
        )
        for row in connection.execute(query.with_for_update() if lock else query)
    ]


def _apply(connection: sa.Connection, connection_id: str, found: Followed) -> int:
    for each in (*found.ended, *found.kept):
        own = (
            _state.connection_id == connection_id,
            _state.kind == each.kind,
            _state.subject == each.subject,
        )
        connection.execute(sa.delete(notification_state).where(*own))
    if found.kept:
        rows = [{"connection_id": connection_id, **_state_row(each)} for each in found.kept]
        connection.execute(sa.insert(notification_state), rows)
    if found.messages:
        rows = [{"connection_id": connection_id, **_message_row(each)} for each in found.messages]
        connection.execute(sa.insert(notification), rows)
    return len(found.messages)


def _state_row(each: FollowedState) -> dict[str, object]:
    return {
        "kind": each.kind,
        "subject": each.subject,
        "since": time_to_text(each.since),
        "told_at": optional_time_to_text(each.told_at),
        "gone_at": optional_time_to_text(each.gone_at),
        "over": to_kept(each.over),
        "over_page": each.over_page,
        "mappings": to_json(each.mappings),
        "owners": to_json(each.owners),
    }


def _message_row(each: Message) -> dict[str, object]:
    at = time_to_text(each.at)
    return {
        "id": each.id,
        "user_id": each.user_id,
        "kind": each.kind,
        "is_over": each.is_over,
        "message": to_kept(each.message),
        "page": each.page,
        "at": at,
        "is_shown": each.is_shown,
        "mail_due": at if each.is_mailed else None,
    }
