"""Safety halts: mappings that write nothing until a person has looked."""

from datetime import datetime

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class Halt(Answer, frozen=True, kw_only=True):
    """Why a mapping writes nothing."""

    mapping: str
    kind: str
    side: str
    count: int
    of: int
    raised_at: datetime
    message: str
    released_by: str = ""


class Halts(Answer, frozen=True, kw_only=True):
    """Every halt, the newest first."""

    halts: tuple[Halt, ...]


class ListHalts(OfConnection, frozen=True, kw_only=True):
    """Asks for the halts of a connection."""

    unreleased: bool = False
    """Only those that nobody has released yet."""


class ReleaseHalt(OfConnection, frozen=True, kw_only=True):
    """Asks to let the next run of a mapping through."""

    mapping: str


class HaltReleased(Answer, frozen=True, kw_only=True):
    """The mapping may go on."""

    message: str


LIST = Operation(
    name="halts.list",
    asked=ListHalts,
    answer=Halts,
    permission=Permission.READ,
    caption=translatable("Safety Halts"),
    tooltip=translatable("Show the mappings that write nothing until a person has looked, and why."),
    command="halts list",
)
RELEASE = Operation(
    name="halts.release",
    asked=ReleaseHalt,
    answer=HaltReleased,
    permission=Permission.APPROVE,
    caption=translatable("Release"),
    tooltip=translatable(
        "Let the next run of the mapping through; a later run halts again if there is a new reason."
    ),
    effect=Effect.WRITES,
    # What it lets through may delete as many records as the brake stopped at.
    asks_password_for=lambda _: True,
    command="halts release",
)

OPERATIONS = (LIST, RELEASE)
