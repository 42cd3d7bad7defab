"""The Connection Setup card: what people tell of both ends, changed in place and checked before it is kept."""

from datetime import datetime
from typing import Annotated

from interlace.management.connections import ConnectionChanged
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.secret_text import SECRET
from interlace.management.setup import SetupQuestion
from interlace.management.translatable import translatable


class CardQuestion(Answer, frozen=True, kw_only=True):
    """One thing that people tell of a connection, with what is kept or was entered."""

    question: SetupQuestion
    end: str
    """erp or crm."""
    is_place: bool = False
    """Says where the end is: it is changed while the connection is disabled."""
    entered_at: datetime | None = None
    """When a stored secret was entered; None: it is not known."""
    is_old: bool = False
    """A stored secret that should be renewed at its service by now."""


class ConnectionForm(Answer, frozen=True, kw_only=True):
    """What a connection's card asks, by the answers that it holds; what is wrong with them, by field."""

    questions: tuple[CardQuestion, ...]
    wrong: dict[str, str]
    """What can't be kept, by the names of fields such as `answers.erp.address`."""
    is_enabled: bool
    seen: str
    """Stands for what is kept now."""


class ShowConnectionForm(OfConnection, frozen=True, kw_only=True):
    """Asks what the card asks; with answers, as if they were kept, and what is wrong with them."""

    answers: dict[str, str] = {}


class ChangeConnection(OfConnection, frozen=True, kw_only=True):
    """Asks for other settings by the keys of the set-up's questions; what is left out stays."""

    answers: dict[str, str] = {}
    secrets: Annotated[dict[str, str], SECRET] = {}
    """By the keys of questions; blank ones stay as they are."""
    seen: str = ""


FORM = Operation(
    name="connections.form",
    asked=ShowConnectionForm,
    answer=ConnectionForm,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Settings of the Connection"),
    tooltip=translatable("Show what can be changed in the connection; answers are checked and not kept."),
    command="connection show",
)
CHANGE = Operation(
    name="connections.change",
    asked=ChangeConnection,
    answer=ConnectionChanged,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Save"),
    tooltip=translatable("Keep addresses and sign-in; another address or company disables the connection."),
    effect=Effect.WRITES,
    command="connection change",
)

OPERATIONS = (FORM, CHANGE)
