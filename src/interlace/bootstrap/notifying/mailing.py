"""Sends what is due as e-mails, beside everything else.

An e-mail is taken, sent, and noted as sent. A crash in between sends it again, under the same Message-ID, by which
mail programs know it as the one they have. Addresses that are not proven to be their users' get only the code for that.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from zoneinfo import ZoneInfo

from interlace.bootstrap.application import Application
from interlace.bootstrap.notifying.address_codes import code_mails
from interlace.bootstrap.notifying.addressees import choice_in_force
from interlace.bootstrap.notifying.mail_settings import mail_server
from interlace.bootstrap.notifying.mails_due import MailsDue, emptied, new_mail
from interlace.bootstrap.public_address import address_of
from interlace.connectors.smtp import MailServer
from interlace.locale.translatable import Sentence
from interlace.management.permission import Permission
from interlace.store.outgoing_mail import DueMail
from interlace.store.users import StoredUser
from interlace.ui.words import Words, words_of
from interlace.web.addresses import address

_SECONDS: Final = 10.0
_AWAY_SECONDS: Final = 60.0
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
    codes = code_mails(application, server, now)
    return emptied(codes, server, now) and emptied(_messages(application, server), server, now)


def _messages(application: Application, server: MailServer) -> MailsDue[DueMail]:
    state = application.state

    def write(due: DueMail) -> EmailMessage | None:
        """Write the e-mail, unless its reader's permission or wish has ended meanwhile."""
        user = next((each for each in state.users.every() if each.id == due.user_id), None)
        if user is None or Permission.READ not in user.permissions:
            return None
        choice = choice_in_force(user, state.notification_choices.of_user(user.id))
        if due.kind not in choice.mailed:
            return None
        if not choice.is_proven:
            # The address is another one since then.
            state.outgoing_mail.show(due.id)
            return None
        mail = new_mail(server, choice.address, due.id)
        names = {str(each.id): each.name for each in state.connections()}
        _fill(mail, due, user, names, address_of(application.config, application.config.port))
        return mail

    return MailsDue(queue=state.outgoing_mail, write=write)


def _fill(
    mail: EmailMessage, due: DueMail, user: StoredUser, connections: Mapping[str, str], root: str
) -> None:
    """Write in the reader's language what changed, and the page; no value of any record."""
    words = words_of(user.language, ZoneInfo(user.time_zone))
    name = connections.get(due.connection_id, "")
    text = _said(words, due.message)
    mail["Subject"] = " ".join(f"Interlace {name}: {text}".split())[:_SUBJECT_MAX]
    mail["Date"] = format_datetime(due.at)
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


def _said(words: Words, text: str) -> str:
    return words.t(text) if isinstance(text, Sentence) else words.pattern(text)
