"""The services that tokens are for, and how scopes name them."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from interlace.sandbox.identity import sign_in_errors

BC_AUDIENCE = "https://api.businesscentral.dynamics.com"
_BC_APPLICATION = "996def3d-b36c-4153-8607-a6fd3c01b89f"
_DATAVERSE_APPLICATION = "00000007-0000-0000-c000-000000000000"
_OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})
_RESERVED = (".example", ".test", ".invalid", ".localhost")
"""Domains that nobody can own (RFC 2606)."""
_ORGANIZATION_HOST = re.compile(r"[a-z0-9-]+\.(api\.)?crm\d*\.dynamics\.com")
DEFAULT_SCOPE = ".default"


class Service(enum.Enum):
    """A service of the tenant."""

    CRM = "crm"
    ERP = "erp"


def service_of(audience: str) -> Service | None:
    """The service that an audience names: by its published address, its application id, or where it answers here."""
    wanted = audience.rstrip("/").lower()
    if wanted in {BC_AUDIENCE, _BC_APPLICATION}:
        return Service.ERP
    if wanted == _DATAVERSE_APPLICATION:
        return Service.CRM
    try:
        parts = urlsplit(wanted)
        host = parts.hostname or ""
    except ValueError:
        return None
    is_origin = parts.scheme in {"http", "https"} and not parts.path
    return Service.CRM if is_origin and _may_be_ours(host) else None


def _may_be_ours(host: str) -> bool:
    """Whether an embedded CRM may answer there: on this machine, on its network, or where the real one would."""
    is_local = (
        host in _LOOPBACK or host.endswith(_RESERVED) or (host != "" and "." not in host and ":" not in host)
    )
    return is_local or _ORGANIZATION_HOST.fullmatch(host) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedScope:
    """What a token shall be good for."""

    audience: str
    service: Service
    permission: str
    openid: frozenset[str] = frozenset()


def read_resource(resource: str, tenant: str, openid: frozenset[str] = frozenset()) -> WantedScope:
    """The scope that an address of a service alone means; raises `SignInRefused`."""
    service = service_of(resource)
    if service is None:
        raise sign_in_errors.unknown_resource(resource, tenant)
    return WantedScope(
        audience=resource.rstrip("/"), service=service, permission=DEFAULT_SCOPE, openid=openid
    )


def read_scope(scope: str, tenant: str) -> WantedScope:
    """The one service and permission that a scope names; raises `SignInRefused`."""
    words = scope.split()
    openid = frozenset(words) & _OPENID_SCOPES
    wanted = [word for word in words if word not in _OPENID_SCOPES]
    resources = {word.rpartition("/")[0].rstrip("/") for word in wanted}
    if len(resources) != 1 or "" in resources:
        raise sign_in_errors.scope_unreadable(scope)
    audience = resources.pop()
    service = service_of(audience)
    if service is None:
        raise sign_in_errors.unknown_resource(audience, tenant)
    permission = " ".join(sorted(word.rpartition("/")[2] for word in wanted))
    return WantedScope(audience=audience, service=service, permission=permission, openid=openid)
