"""Which messages are to be sent as e-mails."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from interlace.locale.kept_text import from_kept
from interlace.store.database import Database
from interlace.store.encoding import time_from_text
from interlace.store.mail_queue import MailQueue
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


class OutgoingMail(MailQueue):
    """The e-mails of all messages."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, notification)

    def take(self, now: datetime, until: datetime) -> DueMail | None:
        """Take the e-mail that has waited longest; nobody else takes it before `until`, when it is due again."""
        row = self.take_row(now, until)
        if row is None:
            return None
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

    def show(self, message_id: str) -> None:
        """Put a message that was to be an e-mail alone on its reader's list."""
        with self._database.write() as connection:
            connection.execute(sa.update(notification).where(_mail.id == message_id).values(is_shown=True))

    def last_problem(self, user_id: str) -> str:
        """Return why the newest e-mail to somebody could not be sent; blank: it was, or still will be tried first."""
        query = sa.select(_mail.mail_problem).where(_mail.user_id == user_id, _mail.mail_tries > 0)
        with self._database.read() as connection:
            found = connection.execute(query.order_by(_mail.at.desc()).limit(1)).scalar()
        return str(found or "")
