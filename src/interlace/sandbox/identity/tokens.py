"""Access and identity tokens: who they stand for, for which service, until when."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from interlace.sandbox.identity.directory import Directory
from interlace.sandbox.identity.registrations import Person, Registration
from interlace.sandbox.identity.resources import DEFAULT_SCOPE, Service, WantedScope, service_of
from interlace.sandbox.identity.signing import BadToken, encode_part

LIFE_SECONDS = 3_599
_HELD_MAX = 10_000
_ERP_ROLES = ("API.ReadWrite.All", "Automation.ReadWrite.All")
_DELEGATED = {Service.CRM: "user_impersonation", Service.ERP: "Financials.ReadWrite.All user_impersonation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who a token stands for: an application on its own, or a person by way of one."""

    client_id: str
    object_id: str
    principal_name: str = ""
    """Sign-in name of the person; blank for an application."""
    roles: frozenset[str] = frozenset()

    @property
    def is_application(self) -> bool:
        """Whether nobody but the application itself signed in."""
        return not self.principal_name


class TokenOffice:
    """Makes tokens and recognises them."""

    def __init__(
        self,
        directory: Directory,
        *,
        life_seconds: int = LIFE_SECONDS,
        randomness: random.Random | None = None,
    ) -> None:
        self.life_seconds = life_seconds
        self._directory = directory
        self._randomness = randomness if randomness is not None else random.SystemRandom()
        # Every request shows its token: the signature of one that was read once is not computed again.
        self._held: dict[str, tuple[float, Service, Principal]] = {}

    def random_text(self, size: int = 32) -> str:
        """Text that nobody guesses."""
        return encode_part(self._randomness.randbytes(size))

    # --- making

    def for_application(self, client_id: str, audience: str, base: str, *, roles: bool = False) -> str:
        """A token of an application on its own."""
        object_id = self._directory.object_id(f"service principal {client_id}")
        claims: dict[str, object] = {
            **self._common(audience, base, client_id),
            "appidacr": "1",
            "idtyp": "app",
            "oid": object_id,
            "sub": object_id,
        }
        if roles:
            claims["roles"] = list(_ERP_ROLES)
        return self._directory.signing_key().sign(claims)

    def for_person(self, person: Person, client_id: str, wanted: WantedScope, base: str) -> str:
        """A token of a person who signed in to an application."""
        permission = wanted.permission
        claims: dict[str, object] = {
            **self._common(wanted.audience, base, client_id),
            "appidacr": "0",
            "amr": ["pwd"],
            "idtyp": "user",
            "name": person.name,
            "oid": person.object_id,
            "sub": person.object_id,
            "unique_name": person.principal_name,
            "upn": person.principal_name,
            "scp": _DELEGATED[wanted.service] if permission == DEFAULT_SCOPE else permission,
        }
        return self._directory.signing_key().sign(claims)

    def identity(self, person: Person, registration: Registration, base: str) -> str:
        """The token that tells an application who signed in."""
        moment = int(self._directory.now().timestamp())
        tenant_id = self._directory.tenant.tenant_id
        claims: dict[str, object] = {
            "aud": registration.client_id,
            "iss": f"{base}{tenant_id}/v2.0",
            "iat": moment,
            "nbf": moment,
            "exp": moment + self.life_seconds,
            "name": person.name,
            "oid": person.object_id,
            "preferred_username": person.principal_name,
            "sub": person.object_id,
            "tid": tenant_id,
            "ver": "2.0",
        }
        return self._directory.signing_key().sign(claims)

    def _common(self, audience: str, base: str, client_id: str) -> dict[str, object]:
        moment = int(self._directory.now().timestamp())
        tenant_id = self._directory.tenant.tenant_id
        return {
            "aud": audience,
            "iss": f"{base}{tenant_id}/",
            "iat": moment,
            "nbf": moment,
            "exp": moment + self.life_seconds,
            "appid": client_id,
            "tid": tenant_id,
            "uti": self.random_text(16),
            "ver": "1.0",
        }

    # --- recognising

    def principal(self, token: str, service: Service) -> Principal | None:
        """Who shows a token to a service; None when it is not ours, has expired, or is for another service."""
        held = self._held.get(token)
        if held is None:
            held = self._read(token)
            if held is None:
                return None
            while len(self._held) >= _HELD_MAX:
                del self._held[next(iter(self._held))]
            self._held[token] = held
        expires, meant, principal = held
        if expires <= self._directory.now().timestamp():
            del self._held[token]
            return None
        return principal if meant is service else None

    def _read(self, token: str) -> tuple[float, Service, Principal] | None:
        try:
            claims = self._directory.signing_key().read(token)
        except BadToken:
            return None
        service = service_of(str(claims.get("aud", "")))
        expires = claims.get("exp")
        if service is None or claims.get("ver") != "1.0" or not isinstance(expires, int):
            return None
        if claims.get("tid") != self._directory.tenant.tenant_id:
            return None
        return float(expires), service, _principal(claims)


def _principal(claims: Mapping[str, object]) -> Principal:
    roles = claims.get("roles")
    return Principal(
        client_id=str(claims["appid"]).lower(),
        object_id=str(claims["oid"]),
        principal_name=str(claims.get("upn", "")),
        roles=frozenset(str(each) for each in roles) if isinstance(roles, list) else frozenset(),
    )
