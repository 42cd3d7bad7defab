"""Access keys: how programs come in to the management API. They are Interlace's own.

The web service access keys of the ERP are another thing: those belong to the ERP's users.
"""

from datetime import datetime
from enum import StrEnum
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import Choice, ListAnswer, ListColumn, ListRow, ServerListAsked
from interlace.management.operation import Answer, Asked, Effect, Nothing, Operation
from interlace.management.permission import PERMISSION_CAPTIONS, Permission
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


KEY_STATES: Final = {
    KeyState.VALID: translatable("Valid"),
    KeyState.EXPIRED: translatable("Expired"),
    KeyState.REVOKED: translatable("Revoked"),
    KeyState.RESTING: translatable("Resting"),
}
"""What the states are called."""

KEY_COLUMNS: Final = (
    ListColumn(
        name="id",
        caption=translatable("Key"),
        tooltip=translatable("The first characters of the key, by which it is called."),
        is_searched=True,
    ),
    ListColumn(
        name="name",
        caption=translatable("What It Is For"),
        tooltip=translatable("What was said of the key when it was made."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="user",
        caption=translatable("User"),
        tooltip=translatable("Whose key it is: it allows nothing that this user may not."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="permissions",
        caption=translatable("Permissions"),
        tooltip=translatable("What the key allows; the filter finds keys that allow one such thing."),
        kind=FieldKind.CHOICE,
        choices=tuple(
            Choice(value=each.value, caption=caption) for each, caption in PERMISSION_CAPTIONS.items()
        ),
    ),
    ListColumn(
        name="connections",
        caption=translatable("Connections"),
        tooltip=translatable("The connections for which it opens; blank: all of them."),
    ),
    ListColumn(
        name="state",
        caption=translatable("State"),
        tooltip=translatable("Whether the key opens anything."),
        kind=FieldKind.CHOICE,
        choices=tuple(Choice(value=each.value, caption=caption) for each, caption in KEY_STATES.items()),
    ),
    ListColumn(
        name="expires_at",
        caption=translatable("Opens Until"),
        tooltip=translatable("When the key stops to open."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="used_at",
        caption=translatable("Used Last"),
        tooltip=translatable("When a program came in with it last; blank: never."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="used_from",
        caption=translatable("Used From"),
        tooltip=translatable("The address from which it was used last."),
    ),
)


class KeySummary(ListRow, frozen=True, kw_only=True):
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


class Keys(ListAnswer, frozen=True, kw_only=True):
    """A page of access keys, the newest first."""

    rows: tuple[KeySummary, ...] = ()


class NewKey(Answer, frozen=True, kw_only=True):
    """A new key; this is the only time that it is shown."""

    key: str
    summary: KeySummary


class ListKeys(ServerListAsked, frozen=True, kw_only=True):
    """Asks for a page of access keys; a blank user asks for everybody's."""

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
