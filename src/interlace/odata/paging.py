"""Server-driven paging: opaque skip tokens for the server, following next links for the client."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TypeAlias
from urllib.parse import urljoin, urlsplit

import msgspec

from interlace.odata.protocol_error import AnswerSyntaxError, TokenError

TokenValue: TypeAlias = str | int | bytes | None

_SEAL_LENGTH = 9
_decoder = msgspec.json.Decoder(list[str | int | list[str] | None])


def encode_token(values: tuple[TokenValue, ...], *, secret: bytes, context: str = "") -> str:
    """An opaque token that holds `values`, sealed with `secret` for one `context`.

    The alphabet (letters, digits, `-`, `_`) survives decoding and encoding by clients. `context` is what
    the token belongs to (set and query options): a token of another context is refused.
    """
    # Bytes travel as a list of one base64 text, so that texts need no escape.
    plain = [[base64.b64encode(each).decode()] if isinstance(each, bytes) else each for each in values]
    content = msgspec.json.encode(plain)
    return base64.urlsafe_b64encode(_seal(content, secret, context) + content).decode().rstrip("=")


def decode_token(token: str, *, secret: bytes, context: str = "") -> tuple[TokenValue, ...]:
    """The values in a token; raises `TokenError` when it is not ours, altered or of another context."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise TokenError("The paging token is malformed; read from the first page again.") from error
    seal, content = raw[:_SEAL_LENGTH], raw[_SEAL_LENGTH:]
    if not hmac.compare_digest(seal, _seal(content, secret, context)):
        raise TokenError("The paging token is not valid here; read from the first page again.")
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != token.rstrip("="):
        raise TokenError("The paging token was altered; read from the first page again.")
    return tuple(
        base64.b64decode(each[0]) if isinstance(each, list) else each for each in _decoder.decode(content)
    )


def _seal(content: bytes, secret: bytes, context: str) -> bytes:
    # The content is sealed behind a digest of the context, so that neither can be moved into the other.
    head = hashlib.blake2b(context.encode(), digest_size=16).digest()
    return hashlib.blake2b(head + content, key=secret[:64], digest_size=_SEAL_LENGTH).digest()


class NextLinks:
    """A client's way through the pages of one reading; refuses links that repeat or lead elsewhere."""

    def __init__(self, start: str) -> None:
        self._start = start
        self._seen = {start}

    def follow(self, link: str) -> str:
        """The absolute address of the next page; raises `AnswerSyntaxError` for a loop or another origin."""
        address = urljoin(self._start, link)
        if _origin(address) != _origin(self._start):
            raise AnswerSyntaxError(
                "The service sent a link to the next page that leads to another server.", text=address
            )
        if address in self._seen:
            raise AnswerSyntaxError(
                "The service sent the same link to the next page again; the pages would never end.",
                text=address,
            )
        self._seen.add(address)
        return address


def _origin(address: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise AnswerSyntaxError("The service sent a link that is no address.", text=address) from error
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)
