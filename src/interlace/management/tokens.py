"""Access keys: how programs come in to the management API. They are Interlace's own.

The web service access keys of the ERP are another thing: those belong to the ERP's users.
"""

from datetime import datetime
from enum import StrEnum

from interlace.management.operation import Answer, Asked, Effect, Nothing, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

DAYS_DEFAULT = 365
DAYS_MAX = 730
OVERLAP_HOURS_MAX = 24


class KeyState(StrEnum):
    """Whether a key opens anything."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    RESTING = "resting"
    """Its owner is disabled."""


class KeySummary(Answer, frozen=True, kw_only=True):
    """An access key without what makes it one."""

    id: str
    """Its first eight characters."""
    user: str
    name: str
    permissions: tuple[Permission, ...]
    connections: tuple[str, ...]
    """Names of connections; none: all of them."""
    addresses: tuple[str, ...]
    """Where it may come from; none: from everywhere."""
    state: KeyState
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    used_from: str


class Keys(Answer, frozen=True, kw_only=True):
    """Access keys, the newest first."""

    keys: tuple[KeySummary, ...]


class NewKey(Answer, frozen=True, kw_only=True):
    """A new key; this is the only time that it is shown."""

    key: str
    summary: KeySummary


class ListKeys(Asked, frozen=True, kw_only=True):
    """Asks for access keys; blank asks for everybody's."""

    user: str = ""


class CreateKey(Asked, frozen=True, kw_only=True):
    """A new access key."""

    name: str
    """What it is for."""
    permissions: tuple[Permission, ...] = (Permission.READ,)
    """What it allows, as far as its owner has it too."""
    user: str = ""
    """Its owner; blank: who asks."""
    connections: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    days: int = DAYS_DEFAULT
    replaces: str = ""
    """Id of the key that it takes the place of, from which it takes what is not said here."""
    overlap_hours: int = 0
    """How long the old key still opens."""


class RevokeKey(Asked, frozen=True, kw_only=True):
    """The key that is to open nothing any more."""

    id: str


LIST = Operation(
    name="tokens.list",
    asked=ListKeys,
    answer=Keys,
    permission=Permission.ADMINISTER,
    caption=translatable("Access Keys"),
    tooltip=translatable("Show the keys by which programs use Interlace; never the keys themselves."),
    command="tokens list",
)
CREATE = Operation(
    name="tokens.create",
    asked=CreateKey,
    answer=NewKey,
    permission=Permission.ADMINISTER,
    caption=translatable("New Access Key"),
    tooltip=translatable("Make a key for a program, with its own rights and an end; it is shown once."),
    effect=Effect.WRITES,
    command="tokens create",
    needs_fresh_sign_in=True,
)
REVOKE = Operation(
    name="tokens.revoke",
    asked=RevokeKey,
    answer=Nothing,
    permission=Permission.ADMINISTER,
    caption=translatable("Revoke"),
    tooltip=translatable("Let a key open nothing from now on."),
    effect=Effect.WRITES,
    command="tokens revoke",
    needs_fresh_sign_in=True,
)

OPERATIONS = (LIST, CREATE, REVOKE)
