"""Sends what is due as e-mails, beside everything else: a mail server that is away delays them and loses none.

An e-mail is taken, sent, and noted as sent. A crash in between sends it again, under the same Message-ID, by which
mail programs know it as the one they have.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from zoneinfo import ZoneInfo

from interlace.bootstrap.application import Application
from interlace.bootstrap.notifying.addressees import choice_in_force
from interlace.bootstrap.notifying.mail_settings import mail_server
from interlace.bootstrap.public_address import address_of
from interlace.connectors.smtp import MailRefused, MailServer, MailServerAway, MailSession, mail_session
from interlace.locale.translatable import Sentence
from interlace.management.permission import Permission
from interlace.store.outgoing_mail import DueMail
from interlace.store.users import StoredUser
from interlace.ui.words import Words, words_of
from interlace.web.addresses import address

_logger = logging.getLogger(__name__)
_SECONDS: Final = 10.0
_AWAY_SECONDS: Final = 60.0
_TAKEN: Final = timedelta(minutes=10)
"""Longer than one e-mail can take; then another server takes it."""
_FIRST_PAUSE: Final = timedelta(minutes=1)
_PAUSE_MAX: Final = timedelta(hours=1)
_SUBJECT_MAX: Final = 150


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


async def keep_mailing(application: Application) -> None:
    """Send for ever; without a mail server there is nothing to do."""
    while True:
        server = mail_server(application.config)
        is_away = server is not None and not await asyncio.to_thread(send_due, application, server)
        await asyncio.sleep(_AWAY_SECONDS if is_away else _SECONDS)


def send_due(application: Application, server: MailServer, now: Callable[[], datetime] = utc_now) -> bool:
    """Send what is due; False: the mail server is away, and all of it is tried again later."""
    outgoing = application.state.outgoing_mail
    due = outgoing.take(now(), now() + _TAKEN)
    if due is None:
        return True
    try:
        with mail_session(server) as session:
            while due is not None:
                _send(application, server, session, due)
                due = outgoing.take(now(), now() + _TAKEN)
    except MailServerAway as problem:
        assert due is not None
        _logger.warning("The mail server %r does not take e-mails: %s", server, problem)
        pause = min(_PAUSE_MAX, _FIRST_PAUSE * 2 ** min(due.tries - 1, 10))
        outgoing.postpone(due.id, now() + pause, str(problem))
        return False
    return True


def _send(application: Application, server: MailServer, session: MailSession, due: DueMail) -> None:
    state = application.state
    user = next((each for each in state.users.every() if each.id == due.user_id), None)
    names = {str(each.id): each.name for each in state.connections()}
    if user is None or not (to := _address(application, user, due.kind)):
        # Whose permission or wish has ended meanwhile is told nothing any more.
        state.outgoing_mail.done(due.id)
        return
    message = mail_of(due, user, names, address_of(application.config, application.config.port))
    message["From"], message["To"] = server.sender, to
    message["Message-ID"] = f"<{due.id}@{server.sender.rpartition('@')[2]}>"
    problem = ""
    try:
        session.send(message)
    except MailRefused as refused:
        problem = str(refused)
        _logger.warning("The mail server %r refuses an e-mail for good: %s", server, problem)
    state.outgoing_mail.done(due.id, problem)


def _address(application: Application, user: StoredUser, kind: str) -> str:
    choice = choice_in_force(user, application.state.notification_choices.of_user(user.id))
    return choice.address if Permission.READ in user.permissions and kind in choice.mailed else ""


def mail_of(due: DueMail, user: StoredUser, connections: Mapping[str, str], root: str) -> EmailMessage:
    """Write the e-mail in its reader's language: what changed, and the page; no value of any record."""
    words = words_of(user.language, ZoneInfo(user.time_zone))
    name = connections.get(due.connection_id, "")
    text = _said(words, due.message)
    mail = EmailMessage()
    mail["Subject"] = " ".join(f"Interlace {name}: {text}".split())[:_SUBJECT_MAX]
    mail["Date"] = format_datetime(due.at)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(
        "\n".join(
            [
                text,
                "",
                words.t("Connection {name}, {moment}", name=name, moment=words.datetime(due.at, zone=True)),
                f"{root}{address(due.page, {'connection': name})}",
                "",
                words.t("You chose to be told of this. Choose anew:"),
                f"{root}/notifications/subscription",
                "",
            ]
        )
    )
    return mail


def _said(words: Words, text: str) -> str:
    return words.t(text) if isinstance(text, Sentence) else words.pattern(text)
