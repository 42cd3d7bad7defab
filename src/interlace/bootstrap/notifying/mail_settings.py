"""The mail server as the settings name it: checked when the server starts, its password read when it is used."""

import stat
from email.errors import MessageError
from email.headerregistry import Address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from interlace.connectors.http_outbound import is_loopback
from interlace.connectors.smtp import Encryption, MailServer
from interlace.locale.translatable import translatable
from interlace.settings import Config, SettingsError

_OTHERS: Final = stat.S_IRWXO | stat.S_IWGRP
"""Whoever else may read or write; a group that reads is let be: service supervisors need it."""


def is_address(text: str) -> bool:
    """Tell whether a text is one e-mail address and nothing else, such as ana@example.com."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError, MessageError):
        return False
    is_plain = text.isascii() and text.isprintable() and " " not in text
    return is_plain and address.addr_spec == text and bool(address.username) and bool(address.domain)


def mail_server(config: Config) -> MailServer | None:
    """Return where e-mails are handed over; None: nowhere. Raises SettingsError."""
    if not config.mail_server:
        return None
    try:
        parts = urlsplit(f"//{config.mail_server}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or parts.path or parts.username:
        raise SettingsError(
            translatable(
                "Setting {name} must be HOST or HOST:PORT such as mail.example.com:587, not '{value}'.",
                name="mail.server",
                value=config.mail_server,
            )
        )
    if config.mail_encryption not in {each.value for each in Encryption}:
        raise SettingsError(
            translatable(
                "Setting mail.encryption must be starttls, tls or none, not '{value}'.",
                value=config.mail_encryption,
            )
        )
    encryption = Encryption(config.mail_encryption)
    if encryption is Encryption.NONE and not is_loopback(host):
        raise SettingsError(
            translatable(
                "Setting mail.encryption may be none only for a mail server on this machine, not for {host}. Write "
                "starttls or tls.",
                host=host,
            )
        )
    if not is_address(config.mail_sender):
        raise SettingsError(
            translatable(
                "Setting mail.sender must be an e-mail address such as interlace@example.com, not '{value}'.",
                value=config.mail_sender,
            )
        )
    usual = 465 if encryption is Encryption.TLS else 587
    return MailServer(
        host=host,
        port=port or usual,
        encryption=encryption,
        sender=config.mail_sender,
        user=config.mail_user,
        password=_password(config.mail_password_file) if config.mail_user else "",
        ca_file=config.mail_ca_file,
    )


def _password(named: str) -> str:
    file = Path(named).expanduser()
    try:
        text, mode = file.read_text(encoding="utf-8").strip(), file.stat().st_mode
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsError(
            translatable(
                "The password of the mail server can't be read from '{file}': {problem}. Name its file in the "
                "setting mail.password_file.",
                file=named,
                problem=str(problem),
            )
        ) from problem
    if mode & _OTHERS:
        raise SettingsError(
            translatable(
                "{file} can be read by others. Let only its owner read it: chmod 600 {file}", file=str(file)
            )
        )
    if not text:
        raise SettingsError(
            translatable("{file} is blank. Write the password of the mail server into it.", file=str(file))
        )
    return text
