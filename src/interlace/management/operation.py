"""An operation: what it is asked, what it answers, who may ask it, and what it is called at each door."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, Generic, TypeVar

import msgspec

from interlace.management.permission import Permission

AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operation is asked. A field that is not declared is refused."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What an operation answers."""


class OfConnection(Asked, frozen=True, kw_only=True):
    """Asked of one connection: its name or id; blank means the only one."""

    connection: str = ""


class Nothing(Answer, frozen=True, kw_only=True):
    """The answer of what only had to be done."""


MANY: Final = 10
"""Uncoupling or deleting more records than these at once is a mass deletion."""


class Effect(Enum):
    """Whether an operation changes anything."""

    READS = "GET"
    WRITES = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[AskedT, AnswerT]):
    """One thing that can be asked of Interlace."""

    name: str
    """Area and verb with a dot between, such as `conflicts.resolve`; the API's address is made of it."""
    asked: type[AskedT]
    answer: type[AnswerT]
    permission: Permission
    caption: str
    """The action's caption on a page."""
    tooltip: str
    """One sentence: what it does."""
    effect: Effect = Effect.READS
    command: str = ""
    """The command that does the same, such as `conflicts resolve`; blank only with `without_command`."""
    without_command: str = ""
    """Why there is no such command."""
    needs_fresh_sign_in: bool = False
    """Asked for the password again when that was entered more than five minutes ago; closed to access keys."""
    asks_password_for: Callable[[AskedT], bool] | None = None
    """Which of what is asked is asked on pages for the password again, and left to access keys all the same."""
    is_kept_reading: bool = False
    """Stands in the audit log though it changes nothing: data leaves, or a stored secret is tried."""

    @property
    def is_kept(self) -> bool:
        """Whether the audit log keeps each time that it is done, or fails."""
        return self.effect is Effect.WRITES or self.is_kept_reading

    @property
    def address(self) -> str:
        """The address below the API's root."""
        return self.name.replace(".", "/")


AnyOperation = Operation[msgspec.Struct, msgspec.Struct]
