"""Secrets that somebody enters and nobody keeps: beside what is asked, so that they become no text on their way.

Python's texts can't be wiped, and what a framework copies stays in the memory of the process until something else
is written there. A secret that must be nowhere afterwards is therefore taken out of the request's bytes before anybody
reads them; a token of no other use stands in its place.
"""

import ctypes
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TOKEN_BYTES = 16
_HELD: ContextVar[dict[str, bytearray] | None] = ContextVar("entered_secrets", default=None)


@contextmanager
def held_secrets() -> Iterator[None]:
    """Hold secrets for as long as a request takes; what nobody took is wiped at its end."""
    held: dict[str, bytearray] = {}
    before = _HELD.set(held)
    try:
        yield
    finally:
        _HELD.reset(before)
        for secret in held.values():
            wipe(secret)


def hold(secret: bytearray) -> str:
    """Hold a secret; gives the token by which it is taken."""
    held = _HELD.get()
    assert held is not None, "secrets are held for one request"
    token = secrets.token_hex(_TOKEN_BYTES)
    held[token] = secret
    return token


def taken(text: str) -> bytearray:
    """Return the secret that a token stands for, once; any other text is itself what somebody entered."""
    held = _HELD.get() or {}
    return held.pop(text) if text in held else bytearray(text.encode())


def wipe(secret: bytes | bytearray) -> None:
    """Overwrite what stands in memory, of bytes that nobody else reads any more.

    Bytes can't change for those who hold them, but their memory can; a single one is shared by the whole process.
    """
    if isinstance(secret, bytearray):
        secret[:] = bytes(len(secret))
    elif len(secret) > 1:
        ctypes.memset(id(secret) + bytes.__basicsize__ - 1, 0, len(secret))
