"""Proofs that an e-mail address is its user's: a random code is sent there; it counts once, for a day, from him."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final
from zoneinfo import ZoneInfo

from interlace.bootstrap.application import Application
from interlace.bootstrap.notifying.mails_due import MailsDue, new_mail
from interlace.bootstrap.public_address import address_of
from interlace.connectors.smtp import MailServer
from interlace.management.permission import Permission
from interlace.store.address_proofs import DueCode
from interlace.ui.words import words_of
from interlace.web.addresses import address

CODE_LASTS: Final = timedelta(hours=24)
_BYTES: Final = 20


def digest_of_code(code: str) -> bytes:
    """Return what is kept of a code; 160 random bits need no slow digest."""
    return hashlib.sha256(code.encode()).digest()


def code_mails(
    application: Application, server: MailServer, now: Callable[[], datetime]
) -> MailsDue[DueCode]:
    """Return the messages with codes that are to be sent; each makes its code when it is written."""
    state = application.state

    def write(due: DueCode) -> EmailMessage | None:
        """Write the message in its reader's language."""
        user = next((each for each in state.users.every() if each.id == due.user_id), None)
        code, until = secrets.token_hex(_BYTES), now() + CODE_LASTS
        if user is None or Permission.READ not in user.permissions:
            return None
        if not state.address_proofs.expect(due.id, digest_of_code(code), until):
            # Another address was entered meanwhile, or this one is proven.
            return None
        words = words_of(user.language, ZoneInfo(user.time_zone))
        root = address_of(application.config, application.config.port)
        # Another code is another message, though it is of the same proof.
        mail = new_mail(server, due.address, secrets.token_hex(16))
        mail["Subject"] = f"Interlace: {words.t('confirm your e-mail address')}"
        mail["Date"] = format_datetime(now())
        lines = (
            words.t(
                "The user {name} of {server} wants e-mails sent to this address.", name=user.name, server=root
            ),
            "",
            words.t(
                "If that is you, open this page by {moment}, sign in, and confirm the address:",
                moment=words.datetime(until, zone=True),
            ),
            f"{root}{address('/notifications/address', {'code': code})}",
            "",
            words.t("The code alone, for the command line: {code}", code=code),
            "",
            words.t("If it is not, you need do nothing: no other e-mail is sent here before that."),
            "",
        )
        mail.set_content("\n".join(lines))
        return mail

    return MailsDue(queue=state.address_proofs, write=write)
