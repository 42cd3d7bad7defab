"""Hands e-mails of a queue over, one after the other: a mail server that is away delays them and loses none."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final, Generic, Protocol, TypeVar

from interlace.connectors.smtp import MailRefused, MailServer, MailServerAway, MailSession, mail_session

_logger = logging.getLogger(__name__)
_TAKEN: Final = timedelta(minutes=10)
"""Longer than one e-mail can take; then another server takes it."""
_FIRST_PAUSE: Final = timedelta(minutes=1)
_PAUSE_MAX: Final = timedelta(hours=1)


class Due(Protocol):
    """What is to be sent now."""

    @property
    def id(self) -> str:
        """What the queue calls it."""

    @property
    def tries(self) -> int:
        """How often it has been taken."""


DueT = TypeVar("DueT", bound=Due)
_TakenT_co = TypeVar("_TakenT_co", bound=Due, covariant=True)


class Queue(Protocol[_TakenT_co]):
    """What is due, taken by one server at a time."""

    def take(self, now: datetime, until: datetime) -> _TakenT_co | None:
        """Take what has waited longest; nobody else takes it before `until`."""

    def done(self, row_id: str, problem: str = "") -> None:
        """Send it no more."""

    def postpone(self, row_id: str, until: datetime, problem: str) -> None:
        """Try again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailsDue(Generic[DueT]):
    """A queue, and how its e-mails are written."""

    queue: Queue[DueT]
    write: Callable[[DueT], EmailMessage | None]
    """None: nothing is sent any more."""


def emptied(mails: MailsDue[DueT], server: MailServer, now: Callable[[], datetime]) -> bool:
    """Send what is due; False: the mail server is away, and all of it is tried again later."""
    queue = mails.queue
    due = queue.take(now(), now() + _TAKEN)
    if due is None:
        return True
    try:
        with mail_session(server) as session:
            while due is not None:
                _send(mails, server, session, due)
                due = queue.take(now(), now() + _TAKEN)
    except MailServerAway as problem:
        assert due is not None
        _logger.warning("The mail server %r does not take e-mails: %s", server, problem)
        pause = min(_PAUSE_MAX, _FIRST_PAUSE * 2 ** min(due.tries - 1, 10))
        queue.postpone(due.id, now() + pause, str(problem))
        return False
    return True


def new_mail(server: MailServer, to: str, name: str) -> EmailMessage:
    """Begin an e-mail; under the same name, mail programs know it as the same one."""
    mail = EmailMessage()
    mail["From"], mail["To"] = server.sender, to
    mail["Message-ID"] = f"<{name}@{server.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    return mail


def _send(mails: MailsDue[DueT], server: MailServer, session: MailSession, due: DueT) -> None:
    mail = mails.write(due)
    problem = ""
    if mail is not None:
        try:
            session.send(mail)
        except MailRefused as refused:
            problem = str(refused)
            _logger.warning("The mail server %r refuses an e-mail for good: %s", server, problem)
    mails.queue.done(due.id, problem)
