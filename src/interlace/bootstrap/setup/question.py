"""What a question about a connection is, and the steps of the set-up that questions belong to.

One declaration serves the answers file, the prompts, the wizard, the command line and the reference pages.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from interlace.bootstrap.connection_settings import ConnectionSettings, SignInMethod
from interlace.domain.side import Side

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
    FILE = "file"
    """A file that stays where it is."""
    SECRET_FILE = "secret file"  # noqa: S105 - the name of a kind


def _always(_settings: ConnectionSettings) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that people tell: its key in the answers file, its option, and where the answer is kept."""

    key: str
    step: StepName
    caption: str
    help: str
    hint: str | None = None
    """What a page says of it that shows choices by their captions; None: `help`."""
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
    side: Side | None = None
    """The end that it is about."""
    ways: tuple[SignInMethod, ...] = ()
    """The ways to sign in at that end that need it; none: it hangs on no way."""
    when: Applies = _always
    """What else must be so for it to make sense."""
    only_for: tuple[str, tuple[str, ...]] | None = None
    """Another question of the same step, and the answers to it with which a person is asked this one."""
    option: str = ""
    """Option of `interlace connection add` and `change`; blank: it has none."""
    metavar: str | None = None
    """What stands for the value in the help of the option; None: the option's name."""
    variable: str = ""
    """Environment variable that may hold the secret."""

    def applies(self, settings: ConnectionSettings) -> bool:
        """Tell whether the question makes sense for a connection: by how it signs in, and what else was answered."""
        if self.ways and way_of(settings, self.side) not in self.ways:
            return False
        return self.when(settings)


def way_of(settings: ConnectionSettings, side: Side | None) -> SignInMethod:
    """Return how a connection signs in at one of its ends."""
    return settings.erp_method if side is Side.ERP else settings.crm_method
