"""Sends e-mails by SMTP: always under TLS, but for a mail server on this machine."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from enum import StrEnum
from typing import Final

from interlace.connectors.http_outbound import OutboundRules

_TIMEOUT_SECONDS: Final = 30.0
_FOR_GOOD: Final = 500
"""From this code on a mail server refuses for good; below it may say otherwise later."""


class Encryption(StrEnum):
    """How the way to the mail server is protected."""

    STARTTLS = "starttls"
    """Begun in the clear, and encrypted before anything is told."""
    TLS = "tls"
    """Encrypted from the beginning."""
    NONE = "none"
    """Not at all: for a mail server on this machine only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where e-mails are handed over, and as whom."""

    host: str
    port: int
    encryption: Encryption
    sender: str
    user: str = ""
    password: str = ""
    ca_file: str = ""

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


class MailServerAway(Exception):
    """The mail server can't be reached, or does not take e-mails now; later it may."""


class MailRefused(Exception):
    """The mail server refuses this e-mail for good."""


@contextmanager
def mail_session(server: MailServer) -> Iterator["MailSession"]:
    """Open a session; raises MailServerAway."""
    try:
        client = _opened(server)
    except (OSError, smtplib.SMTPException) as problem:
        raise MailServerAway(_told(problem)) from problem
    try:
        yield MailSession(client)
    finally:
        try:
            client.quit()
        except (OSError, smtplib.SMTPException):
            client.close()


class MailSession:
    """An open session with the mail server."""

    def __init__(self, client: smtplib.SMTP) -> None:
        self._client = client

    def send(self, message: EmailMessage) -> None:
        """Hand one e-mail over; raises MailServerAway or MailRefused."""
        try:
            self._client.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            [(code, text)] = problem.recipients.values()
            raise _refusal(code, f"{code} {_decoded(text)}") from problem
        except smtplib.SMTPResponseException as problem:
            # Whoever may not send at all may be let in later; only what is said of the e-mail itself is for good.
            is_of_message = isinstance(problem, smtplib.SMTPDataError)
            raise _refusal(problem.smtp_code if is_of_message else 0, _told(problem)) from problem
        except (OSError, smtplib.SMTPException) as problem:
            raise MailServerAway(_told(problem)) from problem


def _opened(server: MailServer) -> smtplib.SMTP:
    verified = OutboundRules(ca_file=server.ca_file).tls()
    if server.encryption is Encryption.TLS:
        client: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=_TIMEOUT_SECONDS, context=verified
        )
    else:
        client = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT_SECONDS)
    try:
        if server.encryption is Encryption.STARTTLS:
            client.starttls(context=verified)
        if server.user:
            client.login(server.user, server.password)
    except BaseException:
        client.close()
        raise
    return client


def _refusal(code: int, text: str) -> MailRefused | MailServerAway:
    return MailRefused(text) if code >= _FOR_GOOD else MailServerAway(text)


def _told(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPResponseException):
        return f"{problem.smtp_code} {_decoded(problem.smtp_error)}"
    return str(problem) or type(problem).__name__


def _decoded(text: bytes | str) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else text
