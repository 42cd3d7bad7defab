"""Encryption Management: the key that opens stored secrets, and how old these are."""

from datetime import datetime

from interlace.management.operation import Answer, Asked, Effect, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class SecretShown(Answer, frozen=True, kw_only=True):
    """What may be shown of a stored secret."""

    connection: str
    caption: str
    entered_at: datetime | None = None
    is_old: bool = False
    """It should be renewed at its service by now."""
    is_readable: bool = True
    """False: the key file does not open it, so it must be entered again."""


class SecretKeys(Answer, frozen=True, kw_only=True):
    """The key file and what it opens."""

    key: str
    """Id of the newest key."""
    is_given: bool
    """A supervisor gives the key file: its key is renewed there."""
    stored: tuple[SecretShown, ...]


class ShowKeys(Asked, frozen=True, kw_only=True):
    """Asks for the key and the secrets."""


class RotateKey(Asked, frozen=True, kw_only=True):
    """Asks for a new key."""


class KeyRotated(Answer, frozen=True, kw_only=True):
    """What was done."""

    message: str
    count: int
    are_old_copies_gone: bool


SHOW = Operation(
    name="keys.show",
    asked=ShowKeys,
    answer=SecretKeys,
    permission=Permission.ADMINISTER,
    caption=translatable("Encryption Management"),
    tooltip=translatable("Show which secrets are stored, how old they are, and by which key."),
    command="keys show",
)
ROTATE = Operation(
    name="keys.rotate",
    asked=RotateKey,
    answer=KeyRotated,
    permission=Permission.ADMINISTER,
    caption=translatable("Renew the Encryption Key"),
    tooltip=translatable("Wrap every stored secret with a new key; the old one opens nothing any more."),
    effect=Effect.WRITES,
    command="keys rotate",
    needs_fresh_sign_in=True,
)

OPERATIONS = (SHOW, ROTATE)
