"""The envelope that a secret is stored in: AES-256-GCM under a data key of its own, which a master key wraps.

Layout: format, id of the master key, when the secret was entered, wrapped data key, nonce, ciphertext with its tag.
What the secret is for is not in the envelope: it must be known to open it.
"""

import os
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = 1
_HEAD = struct.Struct(">B8sQ")
_NONCE_BYTES = 12
_DATA_KEY_BYTES = 32
_TAG_BYTES = 16
_WRAPPED_BYTES = _NONCE_BYTES + _DATA_KEY_BYTES + _TAG_BYTES


class EnvelopeBroken(Exception):
    """An envelope doesn't open: it is damaged, or was sealed for something else."""


class WrappingKey(Protocol):
    """A key that wraps data keys."""

    @property
    def key_id(self) -> bytes:
        """Eight bytes that name the key."""
        ...

    @property
    def wrapping(self) -> bytes:
        """The key itself, 32 bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The parts of an envelope."""

    key_id: bytes
    entered_at: int
    """Seconds since 1970."""
    wrapped: bytes
    nonce: bytes
    ciphertext: bytes

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Take an envelope apart; raises EnvelopeBroken for anything else."""
        if len(content) < _HEAD.size + _WRAPPED_BYTES + _NONCE_BYTES + _TAG_BYTES:
            raise EnvelopeBroken("The envelope is too short.")
        _, key_id, entered_at = _HEAD.unpack_from(content)
        rest = content[_HEAD.size :]
        body = rest[_WRAPPED_BYTES:]
        return cls(
            key_id=key_id,
            entered_at=entered_at,
            wrapped=rest[:_WRAPPED_BYTES],
            nonce=body[:_NONCE_BYTES],
            ciphertext=body[_NONCE_BYTES:],
        )

    def written(self) -> bytes:
        """Put the envelope together."""
        head = _HEAD.pack(_FORMAT, self.key_id, self.entered_at)
        return head + self.wrapped + self.nonce + self.ciphertext


def is_envelope(content: bytes) -> bool:
    """Tell an envelope from what was stored before there were any, whose first byte is a letter."""
    return content[:1] == bytes([_FORMAT])


def sealed(secret: bytes, context: Sequence[str], key: WrappingKey, now: datetime) -> bytes:
    """Seal a secret for a context under a new data key."""
    data_key = AESGCM.generate_key(_DATA_KEY_BYTES * 8)
    nonce = os.urandom(_NONCE_BYTES)
    entered_at = int(now.timestamp())
    return Envelope(
        key_id=key.key_id,
        entered_at=entered_at,
        wrapped=_wrapped(data_key, key),
        nonce=nonce,
        ciphertext=AESGCM(data_key).encrypt(nonce, secret, _bound(context, entered_at)),
    ).written()


def opened(content: bytes, context: Sequence[str], key: WrappingKey) -> bytes:
    """Open an envelope for the context that it was sealed for; raises EnvelopeBroken for any other."""
    envelope = Envelope.read(content)
    data_key = _unwrapped(envelope.wrapped, key)
    try:
        return AESGCM(data_key).decrypt(
            envelope.nonce, envelope.ciphertext, _bound(context, envelope.entered_at)
        )
    except InvalidTag as error:
        raise EnvelopeBroken("The envelope was sealed for something else, or is damaged.") from error


def rewrapped(content: bytes, old: WrappingKey, new: WrappingKey) -> bytes:
    """Wrap the data key of an envelope with another key."""
    envelope = Envelope.read(content)
    data_key = _unwrapped(envelope.wrapped, old)
    return replace(envelope, key_id=new.key_id, wrapped=_wrapped(data_key, new)).written()


def _wrapped(data_key: bytes, key: WrappingKey) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key.wrapping).encrypt(nonce, data_key, key.key_id)


def _unwrapped(wrapped: bytes, key: WrappingKey) -> bytes:
    try:
        return AESGCM(key.wrapping).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], key.key_id)
    except InvalidTag as error:
        raise EnvelopeBroken("The data key of the envelope is damaged.") from error


def _bound(context: Sequence[str], entered_at: int) -> bytes:
    """Write down what the ciphertext is bound to, each part told apart from its neighbours."""
    return msgspec.json.encode([_FORMAT, entered_at, *context])
