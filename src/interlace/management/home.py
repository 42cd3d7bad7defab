"""The role centre: how the connection stands, and what needs somebody."""

from datetime import datetime

from interlace.management.operation import Answer, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class MappingState(Answer, frozen=True, kw_only=True):
    """How many records of a mapping are in which state."""

    mapping: str
    coupled: int
    failed: int
    skipped: int
    last_synchronized_at: datetime | None = None
    """When its newest job ended."""
    is_running: bool = False


class Cause(Answer, frozen=True, kw_only=True):
    """One cause with the number of records that it holds back."""

    id: str
    title: str
    count: int


class Home(Answer, frozen=True, kw_only=True):
    """What the home page shows of one connection."""

    coupled: int
    uncoupled: int
    """Records on the error list that have no partner."""
    in_step: int
    """Coupled records without an open error."""
    conflicts: int
    causes: int
    waiting: int
    """Records that the causes hold back."""
    failed_jobs: int
    halts: int
    orders_open: int
    orders_held: int
    is_full_synchronization_running: bool
    mappings: tuple[MappingState, ...]
    top_causes: tuple[Cause, ...]


class ShowHome(OfConnection, frozen=True, kw_only=True):
    """Asks how a connection stands."""


SHOW = Operation(
    name="home.show",
    asked=ShowHome,
    answer=Home,
    permission=Permission.READ,
    caption=translatable("Home"),
    tooltip=translatable("Show how the connection stands, and what needs somebody."),
    without_command="It gathers what `errors causes`, `conflicts list`, `halts list` and `orders list` tell.",
)

OPERATIONS = (SHOW,)
