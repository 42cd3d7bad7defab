"""Which messages are to be sent as e-mails: each is taken by one server at a time, until it is sent or given up."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from interlace.locale.kept_text import from_kept
from interlace.store.database import Database
from interlace.store.encoding import time_from_text, time_to_text
from interlace.store.notification_tables import notification

_mail = notification.c


@dataclass(frozen=True, slots=True, kw_only=True)
class DueMail:
    """A message whose e-mail is to be sent now."""

    id: str
    user_id: str
    connection_id: str
    kind: str
    message: str
    page: str
    at: datetime
    tries: int


class OutgoingMail:
    """The e-mails of all messages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, now: datetime, until: datetime) -> DueMail | None:
        """Take the e-mail that has waited longest; nobody else takes it before `until`, when it is due again."""
        due = sa.select(notification).where(_mail.mail_due <= time_to_text(now))
        due = due.order_by(_mail.mail_due, _mail.id).limit(1)
        with self._database.read() as connection:
            if connection.execute(due).first() is None:
                return None
        with self._database.write() as connection:
            row = connection.execute(due.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            taken = {"mail_due": time_to_text(until), "mail_tries": row.mail_tries + 1}
            connection.execute(sa.update(notification).where(_mail.id == row.id).values(taken))
        return DueMail(
            id=row.id,
            user_id=row.user_id,
            connection_id=row.connection_id,
            kind=row.kind,
            message=from_kept(row.message),
            page=row.page,
            at=time_from_text(row.at),
            tries=row.mail_tries + 1,
        )

    def done(self, message_id: str, problem: str = "") -> None:
        """Send no e-mail for a message any more: it is sent, or given up because of a problem."""
        self._change(message_id, {"mail_due": None, "mail_problem": problem})

    def postpone(self, message_id: str, until: datetime, problem: str) -> None:
        """Try again later."""
        self._change(message_id, {"mail_due": time_to_text(until), "mail_problem": problem})

    def last_problem(self, user_id: str) -> str:
        """Return why the newest e-mail to somebody could not be sent; blank: it was, or still will be tried first."""
        query = sa.select(_mail.mail_problem).where(_mail.user_id == user_id, _mail.mail_tries > 0)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(_mail.at.desc()).limit(1)).scalar()
        return str(found or "")

    def _change(self, message_id: str, values: dict[str, object]) -> None:
        with self._database.write() as connection:
            connection.execute(sa.update(notification).where(_mail.id == message_id).values(values))
