"""What is logged goes to standard error, without credentials: whatever a library may put into its messages."""

import logging
import re
import sys
from collections.abc import Sequence

HIDDEN = "***"
_NAMES = (
    r"authorization|proxy-authorization|client_secret|client_assertion|access_token|refresh_token"
    r"|id_token|device_code|assertion|password|access_?key|api_?key"
)
_HEADER_SCHEME = re.compile(
    r"\b(Basic|Bearer|Negotiate|NTLM)\s+(?=[A-Za-z._~-]*[0-9+/=])[A-Za-z0-9+/=._~-]{8,}", re.IGNORECASE
)
_COOKIES = re.compile(r"\b((?:set-)?cookie['\"]?\s*[:=]\s*)[^\r\n]+", re.IGNORECASE)
_NAMED = re.compile(
    rf"(?P<name>['\"]?\b(?:{_NAMES})\b['\"]?\s*(?:[:=]|,)\s*)(?P<value>(?:b?'[^']*'|b?\"[^\"]*\"|[^\s&,;}}\])]+))",
    re.IGNORECASE,
)
_DELTA_TOKEN = re.compile(r"(\$?(?:%24)?(?:delta|skip)token=)[^\s&'\"]+", re.IGNORECASE)
_TOKEN_QUERY = re.compile(r"(/(?:token|devicecode|authorize)\?)[^\s'\"]+", re.IGNORECASE)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)
_WEB_TOKEN = re.compile(r"\bey[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,}\.?[A-Za-z0-9_-]*")
_USER_INFO = re.compile(r"(\w+://)[^/\s:@'\"]+:[^\s@'\"]+@")


def without_credentials(text: str) -> str:
    """Return a text with everything that looks like a credential replaced."""
    text = _PEM.sub(HIDDEN, text)
    text = _HEADER_SCHEME.sub(rf"\1 {HIDDEN}", text)
    text = _COOKIES.sub(rf"\1{HIDDEN}", text)
    text = _WEB_TOKEN.sub(HIDDEN, text)
    text = _USER_INFO.sub(rf"\1{HIDDEN}@", text)
    text = _TOKEN_QUERY.sub(rf"\1{HIDDEN}", text)
    text = _DELTA_TOKEN.sub(rf"\1{HIDDEN}", text)
    return _NAMED.sub(lambda found: f"{found['name']}{HIDDEN}", text)


class RedactingFormatter(logging.Formatter):
    """Formats one line a record: no credentials, no control characters that could forge further lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class's name for it
        """Return the line; a traceback that follows keeps its lines."""
        line = super().formatMessage(record)
        return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in line)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line with its traceback, both without credentials."""
        return without_credentials(super().format(record))


def start_logging(level: str, names: Sequence[str] = ("interlace",)) -> None:
    """Write what the program logs to standard error, from a severity on; a second call changes the severity only."""
    for name in names:
        logger = logging.getLogger(name)
        logger.setLevel(level.upper())
        if not any(isinstance(each.formatter, RedactingFormatter) for each in logger.handlers):
            handler = _StandardError()
            handler.setFormatter(RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
            logger.addHandler(handler)


class _StandardError(logging.Handler):
    """Writes to standard error as it is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            sys.stderr.write(self.format(record) + "\n")
        except (OSError, ValueError):
            self.handleError(record)
