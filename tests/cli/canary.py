"""Secrets that can be told from everything else: how they might be written down, and where they are searched for."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from interlace.connectors.sign_in import ClientCredentialsSignIn, SendToAuthority

_LENGTH_MIN = 8
"""What is shorter may stand anywhere by chance."""


def spellings(secret: str) -> Iterator[bytes]:
    """Every way in which a secret might be written down."""
    yield secret.encode()
    yield secret.encode("utf-16-le")
    yield secret.encode().hex().encode()
    for offset in range(3):
        # The middle of its base64, whatever stands before it.
        encoded = base64.b64encode(b"x" * offset + secret.encode())
        yield encoded[4:-4]


def contents_of(directory: Path) -> dict[str, bytes]:
    """Every file below a directory, by its name, as it lies there now."""
    return {each.name: each.read_bytes() for each in directory.rglob("*") if each.is_file()}


def search(contents: Mapping[str, bytes], secrets: Iterable[str]) -> None:
    """Fail for the first place in which a secret stands, however it is spelled."""
    for secret in secrets:
        assert len(secret) >= _LENGTH_MIN
        for spelled in spellings(secret):
            assert [name for name, content in contents.items() if spelled in content] == []


def tokens_seen(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Note the token of every sign-in from now on."""
    seen: set[str] = set()
    real = ClientCredentialsSignIn.authorization

    async def noting(self: ClientCredentialsSignIn, send: SendToAuthority, refused: str | None) -> str | None:
        """Give the header and note its token."""
        header = await real(self, send, refused)
        seen.add(str(header).removeprefix("Bearer "))
        return header

    monkeypatch.setattr(ClientCredentialsSignIn, "authorization", noting)
    return seen
