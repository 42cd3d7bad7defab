"""What the directory knows: applications with what they prove themselves by, and people with passwords."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

_SALT_BYTES = 16
_PASSWORD_COST = 2**14
_HINT_LENGTH = 3


def hashed_secret(secret: str) -> str:
    """What is kept of a generated secret: a salt and the hash of both."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{salt.hex()}:{hashlib.sha256(salt + secret.encode()).hexdigest()}"


def secret_fits(secret: str, kept: str) -> bool:
    """Whether a secret is the one that was hashed."""
    salt, _, digest = kept.partition(":")
    return hmac.compare_digest(hashlib.sha256(bytes.fromhex(salt) + secret.encode()).hexdigest(), digest)


def hashed_password(password: str) -> str:
    """What is kept of a password that a person chose: slow to compute, so that guessing is."""
    salt = secrets.token_bytes(_SALT_BYTES)
    return f"{salt.hex()}:{_stretched(password, salt).hex()}"


def password_fits(password: str, kept: str) -> bool:
    """Whether a password is the one that was hashed."""
    salt, _, digest = kept.partition(":")
    return bool(kept) and hmac.compare_digest(_stretched(password, bytes.fromhex(salt)).hex(), digest)


def _stretched(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_PASSWORD_COST, r=8, p=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSecret:
    """A secret of an application, as a hash, with its first characters to tell it by."""

    secret_id: str
    kept: str
    hint: str
    expires: datetime

    @classmethod
    def of(cls, secret: str, secret_id: str, expires: datetime) -> Self:
        """The record of a secret; the secret itself is not in it."""
        hint = secret[:_HINT_LENGTH] if len(secret) > 4 * _HINT_LENGTH else ""
        return cls(secret_id=secret_id, kept=hashed_secret(secret), hint=hint, expires=expires)

    def document(self) -> dict[str, object]:
        """This secret as JSON."""
        return {
            "id": self.secret_id,
            "kept": self.kept,
            "hint": self.hint,
            "expires": self.expires.isoformat(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Self:
        """The secret that JSON describes."""
        return cls(
            secret_id=str(document["id"]),
            kept=str(document["kept"]),
            hint=str(document["hint"]),
            expires=datetime.fromisoformat(str(document["expires"])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An application that may sign in.

    `certificates` are PEM texts without keys. `is_public` allows sign-in by people on a device without a secret.
    `consents` names the services ("crm", "erp") that an administrator has let it use.
    """

    client_id: str
    name: str
    secrets: Sequence[ClientSecret] = ()
    certificates: Sequence[str] = ()
    is_public: bool = False
    is_disabled: bool = False
    consents: frozenset[str] = frozenset()

    def accepts(self, secret: str, now: datetime) -> bool:
        """Whether a secret is one of the application's that hold."""
        return any(each.expires > now and secret_fits(secret, each.kept) for each in self.secrets)

    def document(self) -> dict[str, object]:
        """This registration as JSON."""
        return {
            "client_id": self.client_id,
            "name": self.name,
            "secrets": [each.document() for each in self.secrets],
            "certificates": list(self.certificates),
            "is_public": self.is_public,
            "is_disabled": self.is_disabled,
            "consents": sorted(self.consents),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Self:
        """The registration that JSON describes."""
        held, certificates, consents = (
            document["secrets"],
            document["certificates"],
            document["consents"],
        )
        assert isinstance(held, list)
        assert isinstance(certificates, list)
        assert isinstance(consents, list)
        return cls(
            client_id=str(document["client_id"]),
            name=str(document["name"]),
            secrets=tuple(ClientSecret.from_document(each) for each in held),
            certificates=tuple(str(each) for each in certificates),
            is_public=bool(document["is_public"]),
            is_disabled=bool(document["is_disabled"]),
            consents=frozenset(str(each) for each in consents),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody with an account; `password` is a hash, blank for who can't sign in."""

    object_id: str
    principal_name: str
    name: str
    password: str = ""
    is_disabled: bool = False

    def document(self) -> dict[str, object]:
        """This person as JSON."""
        return {
            "object_id": self.object_id,
            "principal_name": self.principal_name,
            "name": self.name,
            "password": self.password,
            "is_disabled": self.is_disabled,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> Self:
        """The person that JSON describes."""
        return cls(
            object_id=str(document["object_id"]),
            principal_name=str(document["principal_name"]),
            name=str(document["name"]),
            password=str(document["password"]),
            is_disabled=bool(document["is_disabled"]),
        )
