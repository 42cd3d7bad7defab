"""Causes of errors: what holds one or many records back, and what helps."""

from interlace.management.errors import ErrorsListed
from interlace.management.listing import ListAsked
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class AwaitedRecord(Answer, frozen=True, kw_only=True):
    """A record that others wait for."""

    mapping: str
    key: str
    side: str
    """Where the record is: erp or crm."""


class ErrorCauseShown(Answer, frozen=True, kw_only=True):
    """One cause as a card."""

    id: str
    code: str
    title: str
    text: str
    count: int
    """Records that it holds back."""
    failed: int
    """Those of them with the trouble itself."""
    mappings: tuple[tuple[str, int], ...]
    why: str
    next_step: str
    awaited: AwaitedRecord | None = None
    """What all wait for, where coupling it helps."""
    example_mapping: str = ""
    example_key: str = ""
    example_side: str = ""
    """Where the example is: erp or crm."""


class ErrorCauses(Answer, frozen=True, kw_only=True):
    """The causes with most records first."""

    causes: tuple[ErrorCauseShown, ...]
    number: int
    """How many there are without the limit."""


class ListCauses(OfConnection, frozen=True, kw_only=True):
    """Asks what holds records back."""

    mapping: str = ""
    limit: int = 20


class ListMembers(ListAsked, frozen=True, kw_only=True):
    """Asks for a page of the records that a cause holds back."""

    cause: str


class RetryErrors(OfConnection, frozen=True, kw_only=True):
    """Asks to let records take part again; what is given must hold, and something must be given."""

    cause: str = ""
    mapping: str = ""
    keys: tuple[str, ...] = ()
    """Source keys of records of the mapping."""
    every: bool = False
    """Every record on the list."""
    synchronize: bool = True
    """Have their mappings run now."""


class ErrorsRetried(Answer, frozen=True, kw_only=True):
    """How many records take part again."""

    count: int
    message: str


LIST = Operation(
    name="errors.causes",
    asked=ListCauses,
    answer=ErrorCauses,
    permission=Permission.READ,
    caption=translatable("Causes of Errors"),
    tooltip=translatable("Show what holds records back, the cause with most records first, and what helps."),
    command="errors causes",
)
MEMBERS = Operation(
    name="errors.of_cause",
    asked=ListMembers,
    answer=ErrorsListed,
    permission=Permission.READ,
    caption=translatable("Records"),
    tooltip=translatable("Show the records that the cause holds back."),
    command="errors list",
)
RETRY = Operation(
    name="errors.retry",
    asked=RetryErrors,
    answer=ErrorsRetried,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Retry"),
    tooltip=translatable("Let the records take part again, and synchronize them now."),
    effect=Effect.WRITES,
    command="errors retry",
)

OPERATIONS = (LIST, MEMBERS, RETRY)
