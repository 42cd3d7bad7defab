"""Sign-in on another device: an application shows a code, a person types it into a page and signs in there."""

from __future__ import annotations

import enum
import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from interlace.sandbox.identity import sign_in_errors
from interlace.sandbox.identity.directory import Directory
from interlace.sandbox.identity.resources import WantedScope, read_scope
from interlace.sandbox.identity.tokens import TokenOffice

LIFE_SECONDS = 900
_KEPT_SECONDS = 3_600
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Nothing that looks like something else."""
_CODE_LENGTH = 9


class Decision(enum.Enum):
    """What became of a sign-in."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSignIn:
    """A sign-in that an application began and a person finishes."""

    client_id: str
    scope: str
    user_code: str
    expires: float
    decision: Decision = Decision.PENDING
    principal_name: str = ""

    def document(self) -> dict[str, object]:
        """This sign-in as JSON."""
        return {
            "client_id": self.client_id,
            "scope": self.scope,
            "user_code": self.user_code,
            "decision": self.decision.value,
            "principal_name": self.principal_name,
        }

    @classmethod
    def from_document(cls, expires: float, document: Mapping[str, object]) -> Self:
        """The sign-in that JSON describes."""
        return cls(
            client_id=str(document["client_id"]),
            scope=str(document["scope"]),
            user_code=str(document["user_code"]),
            expires=expires,
            decision=Decision(document["decision"]),
            principal_name=str(document["principal_name"]),
        )


def digest(secret: str) -> str:
    """What is kept of a device code or a refresh token."""
    return hashlib.sha256(secret.encode()).hexdigest()


class DeviceFlow:
    """Sign-ins that wait for a person."""

    def __init__(self, directory: Directory, tokens: TokenOffice, randomness: random.Random) -> None:
        self._directory = directory
        self._tokens = tokens
        self._randomness = randomness

    def begin(self, client_id: str, scope: str) -> tuple[str, DeviceSignIn]:
        """A new sign-in with its secret device code."""
        moment = self._directory.now().timestamp()
        self._directory.drop_old_device_codes(moment - _KEPT_SECONDS)
        device_code = self._tokens.random_text(48)
        user_code = "".join(self._randomness.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        begun = DeviceSignIn(
            client_id=client_id, scope=scope, user_code=user_code, expires=moment + LIFE_SECONDS
        )
        self._keep(digest(device_code), begun)
        return device_code, begun

    def waiting(self, user_code: str) -> DeviceSignIn | None:
        """The sign-in that a typed code means, None when there is none (any more)."""
        found = self._directory.device_code(user_code=user_code.strip().upper().replace("-", ""))
        if found is None:
            return None
        sign_in = DeviceSignIn.from_document(found[1], found[2])
        is_over = sign_in.expires <= self._directory.now().timestamp()
        return None if is_over or sign_in.decision is not Decision.PENDING else sign_in

    def decide(self, user_code: str, decision: Decision, principal_name: str) -> None:
        """Keeps what the person decided."""
        found = self._directory.device_code(user_code=user_code)
        assert found is not None, "only sign-ins that wait are decided"
        sign_in = DeviceSignIn.from_document(found[1], found[2])
        self._keep(found[0], replace(sign_in, decision=decision, principal_name=principal_name))

    def redeem(self, client_id: str, device_code: str) -> tuple[str, WantedScope]:
        """The person who signed in, and what for; raises `SignInRefused` while nobody has."""
        key = digest(device_code)
        found = self._directory.device_code(key=key)
        if found is None or str(found[2]["client_id"]).lower() != client_id.lower():
            raise sign_in_errors.device_code_unknown()
        sign_in = DeviceSignIn.from_document(found[1], found[2])
        if sign_in.decision is Decision.DECLINED:
            self._directory.drop_device_code(key)
            raise sign_in_errors.authorization_declined()
        if sign_in.expires <= self._directory.now().timestamp():
            raise sign_in_errors.device_code_expired()
        if sign_in.decision is Decision.PENDING:
            raise sign_in_errors.authorization_pending()
        self._directory.drop_device_code(key)
        return sign_in.principal_name, read_scope(sign_in.scope, self._directory.tenant.domain)

    def _keep(self, key: str, sign_in: DeviceSignIn) -> None:
        self._directory.put_device_code(key, sign_in.user_code, sign_in.expires, sign_in.document())
