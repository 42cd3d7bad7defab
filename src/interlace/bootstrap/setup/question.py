"""What a question of the set-up is, and the steps that questions belong to."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from interlace.bootstrap.connection_settings import ConnectionSettings

Answer: TypeAlias = str | bool | tuple[str, ...]
Applies = Callable[[ConnectionSettings], bool]


class StepName(StrEnum):
    """The steps in their order."""

    ADDRESSES = "addresses"
    SIGN_IN = "sign-in"
    TABLES = "tables"
    AVAILABILITY = "availability"
    ORDERS = "orders"
    OWNERSHIP = "ownership"
    SOLUTION = "solution"
    ACCOUNT = "account"
    SALESPEOPLE = "salespeople"
    PRIVILEGES = "privileges"
    RECOMMENDATIONS = "recommendations"
    ENABLE = "enable"
    PUBLISH = "publish"
    FULL_SYNCHRONIZATION = "full-synchronization"


class AnswerKind(StrEnum):
    """What an answer is."""

    TEXT = "text"
    FLAG = "flag"
    NAMES = "names"
    SECRET_FILE = "secret file"  # noqa: S105 - the name of a kind


def _always(_settings: ConnectionSettings) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question: its key in the answers file, and where its answer is kept."""

    key: str
    step: StepName
    caption: str
    help: str
    kind: AnswerKind = AnswerKind.TEXT
    field: str = ""
    """Field of the connection's settings; blank: the answer is kept nowhere."""
    secret: str = ""
    """Name of the stored secret; blank with a secret file: the administrator's, which is never stored."""
    default: Answer = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    asked: bool = True
    """A person without an answers file is asked; the others are for the file alone."""
    applies: Applies = _always
    only_for: tuple[str, tuple[str, ...]] | None = None
    """Another question of the same step, and the answers to it with which a person is asked this one."""
