"""The full synchronization and its review."""

from datetime import datetime

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class ReviewLineShown(Answer, frozen=True, kw_only=True):
    """One mapping's part in a full synchronization; statuses are the words that users know."""

    mapping: str
    depends_on: tuple[str, ...]
    direction: str
    recommendation: str
    job_queue_entry_status: str
    to_int_table_job_status: str
    from_int_table_job_status: str
    job_queue_entry_id: str = ""
    to_int_table_job_id: str = ""
    from_int_table_job_id: str = ""
    counters: dict[str, int]
    done: int = 0
    expected: int | None = None
    message: str = ""
    is_blocked: bool = False
    is_active: bool = False
    """A process that lives is at work on it: the Active Session."""


class Review(Answer, frozen=True, kw_only=True):
    """A full synchronization, its lines in the order of their waves."""

    run_id: str = ""
    """Blank: none was started yet; the lines tell what would be done."""
    created_at: datetime | None = None
    lines: tuple[ReviewLineShown, ...] = ()
    is_running: bool = False
    is_over: bool = False
    is_paused: bool = False
    """Somebody has stopped it; Start goes on where it stopped."""
    has_failed: bool = False
    done: int = 0
    expected: int | None = None
    failed: int = 0
    records_per_second: float | None = None
    seconds_left: float | None = None


class ShowReview(OfConnection, frozen=True, kw_only=True):
    """Asks for the newest review of a connection."""


class StartFullSynchronization(OfConnection, frozen=True, kw_only=True):
    """Asks to start, or to go on with what was interrupted."""

    recommend_full: tuple[str, ...] = ()
    """Mappings that create what is missing although both sides hold records."""


class RestartFullSynchronization(OfConnection, frozen=True, kw_only=True):
    """Asks to run failed and blocked lines again."""

    every: bool = False
    """Every line from its first record."""
    mappings: tuple[str, ...] = ()
    """Only the lines of these mappings, from their first record."""


class CancelFullSynchronization(OfConnection, frozen=True, kw_only=True):
    """Asks to stop after the records at hand."""


class ResetReview(OfConnection, frozen=True, kw_only=True):
    """Asks to lay the lines out anew."""


class LeaveOutLines(OfConnection, frozen=True, kw_only=True):
    """Asks to leave mappings out that were not started yet."""

    mappings: tuple[str, ...]


class ReviewBegun(Answer, frozen=True, kw_only=True):
    """The review that is worked on in the background."""

    run_id: str
    message: str = ""
    page: str = ""


SHOW = Operation(
    name="reviews.show",
    asked=ShowReview,
    answer=Review,
    permission=Permission.READ,
    caption=translatable("Full Synch. Review"),
    tooltip=translatable("Show how the full synchronization stands, mapping by mapping."),
    command="full-synch status",
)
START = Operation(
    name="reviews.start",
    asked=StartFullSynchronization,
    answer=ReviewBegun,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Start"),
    tooltip=translatable(
        "Start the full synchronization of all mappings, in the order of their dependencies."
    ),
    effect=Effect.WRITES,
    command="full-synch start",
)
RESTART = Operation(
    name="reviews.restart",
    asked=RestartFullSynchronization,
    answer=ReviewBegun,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Restart"),
    tooltip=translatable("Run the lines that ended with an error, and those they blocked, once more."),
    effect=Effect.WRITES,
    command="full-synch restart",
)
CANCEL = Operation(
    name="reviews.cancel",
    asked=CancelFullSynchronization,
    answer=ReviewBegun,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Pause"),
    tooltip=translatable("Stop after the records at hand; Start goes on from there."),
    effect=Effect.WRITES,
    command="full-synch cancel",
)

RESET = Operation(
    name="reviews.reset",
    asked=ResetReview,
    answer=ReviewBegun,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Reset"),
    tooltip=translatable("Count both sides and lay the lines out anew; nothing is started."),
    effect=Effect.WRITES,
    command="full-synch reset",
)
LEAVE_OUT = Operation(
    name="reviews.leave_out",
    asked=LeaveOutLines,
    answer=ReviewBegun,
    permission=Permission.MANAGE_CONNECTION,
    caption=translatable("Leave Out"),
    tooltip=translatable("Take the mapping out of this full synchronization before it is started."),
    effect=Effect.WRITES,
    command="full-synch leave-out",
)

OPERATIONS = (SHOW, START, RESTART, CANCEL, RESET, LEAVE_OUT)
