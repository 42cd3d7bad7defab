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


class DirectionLag(Answer, frozen=True, kw_only=True):
    """How far one direction is behind; `since` is from when the oldest change can be that is not carried over."""

    direction: str
    since: datetime | None = None
    """None: a mapping never went through, so it can't be told."""
    seconds: int | None = None
    looked_until: datetime | None = None
    """Everything that was changed before has been looked at."""
    looked_mapping: str = ""
    """The mapping whose turn was longest ago, or that never went through."""
    failed: int = 0
    """Records of this direction on the error list that the next run takes up again."""
    failed_since: datetime | None = None
    skipped: int = 0
    """Those that are left out until somebody helps; the lag does not count them."""
    skipped_since: datetime | None = None


class LagRanks(Answer, frozen=True, kw_only=True):
    """Under which lag, in seconds, a direction was for half of an hour, and for nearly all of it."""

    p50: int
    p95: int


class HourFigures(Answer, frozen=True, kw_only=True):
    """How a connection stood at the end of an hour; the lags are the greatest of the hour, in seconds."""

    hour: datetime
    coupled: int
    failed: int
    skipped: int
    conflicts: int
    to_lag: int | None = None
    from_lag: int | None = None
    to_lag_ranks: LagRanks | None = None
    from_lag_ranks: LagRanks | None = None
    classes: dict[str, int] = {}
    """How many open errors there were of each class."""


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
    plans_ready: int = 0
    """Kept plans that would write something and wait for somebody to apply them."""
    plans_to_approve: int = 0
    """Kept plans that fall under an approval rule and wait for another user than the one who made them."""
    is_full_synchronization_running: bool
    mappings: tuple[MappingState, ...]
    top_causes: tuple[Cause, ...]
    lags: tuple[DirectionLag, ...] = ()
    hours: tuple[HourFigures, ...] = ()
    """Oldest first; hours in which no server ran are absent."""


class ShowHome(OfConnection, frozen=True, kw_only=True):
    """Asks how a connection stands, and how it stood in the hours before."""

    hours: int = 48
    """How many, 744 at most."""


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
