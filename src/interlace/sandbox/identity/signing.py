"""Signed tokens (JSON Web Tokens, RS256): made, and read back.

Only what the sign-in service needs of the standard, on the primitives of `cryptography`.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from interlace.sandbox import json_codec

_KEY_BITS = 2048
_PARTS = 3


class BadToken(Exception):
    """A text that is no token of ours, or whose signature is wrong."""


def encode_part(content: bytes) -> str:
    """Base64 as tokens write it: for addresses, without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_part(text: str) -> bytes:
    """The content of a part; raises `BadToken`."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("The token is no base64 text.") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedToken:
    """A token taken apart; whether its signature holds is not known yet."""

    header: Mapping[str, object]
    claims: Mapping[str, object]
    signed: bytes
    signature: bytes


def take_apart(token: str) -> UncheckedToken:
    """The parts of a token; raises `BadToken`."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        raise BadToken("The token does not have three parts.")
    try:
        header, claims = (json_codec.decode_object(decode_part(part)) for part in parts[:2])
    except json_codec.JsonError as error:
        raise BadToken("The token holds no JSON.") from error
    return UncheckedToken(
        header=header,
        claims=claims,
        signed=f"{parts[0]}.{parts[1]}".encode(),
        signature=decode_part(parts[2]),
    )


class SigningKey:
    """A key that signs tokens and recognises its own."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        self._private = private
        self._public = private.public_key()
        numbers = self._public.public_numbers()
        self._modulus = encode_part(numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big"))
        self._exponent = encode_part(numbers.e.to_bytes((numbers.e.bit_length() + 7) // 8, "big"))
        self.key_id = encode_part(hashlib.sha256(self._modulus.encode()).digest()[:20])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key_id})"

    @classmethod
    def generate(cls) -> SigningKey:
        """A new key."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS))

    @classmethod
    def from_pem(cls, pem: bytes) -> SigningKey:
        """The key that was kept as PEM."""
        private = serialization.load_pem_private_key(pem, password=None)
        assert isinstance(private, rsa.RSAPrivateKey)
        return cls(private)

    def pem(self) -> bytes:
        """The key as PEM, to be kept."""
        return self._private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def published(self) -> dict[str, object]:
        """The public half as the list of keys shows it."""
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "n": self._modulus,
            "e": self._exponent,
        }

    def sign(self, claims: Mapping[str, object]) -> str:
        """The token that says so."""
        header = {"typ": "JWT", "alg": "RS256", "kid": self.key_id}
        signed = ".".join(encode_part(json_codec.encode(part)) for part in (header, claims))
        signature = self._private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{encode_part(signature)}"

    def read(self, token: str) -> Mapping[str, object]:
        """The claims of a token that this key signed; raises `BadToken`."""
        parts = take_apart(token)
        if parts.header.get("alg") != "RS256" or parts.header.get("kid") != self.key_id:
            raise BadToken("The token was signed by another key.")
        try:
            self._public.verify(parts.signature, parts.signed, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise BadToken("The signature of the token is wrong.") from error
        return parts.claims


@functools.cache
def shared_memory_key() -> SigningKey:
    """One key for all directories in memory: making one takes long, and nobody keeps its tokens."""
    return SigningKey.generate()
