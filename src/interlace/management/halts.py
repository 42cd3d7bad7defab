"""Safety halts: mappings that write nothing until a person has looked."""

from datetime import datetime
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.domain.safety_halt import HaltKind
from interlace.management.listing import (
    SIDE_CHOICES,
    YES_OR_NO,
    Choice,
    ListAnswer,
    ListAsked,
    ListColumn,
    ListRow,
)
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

KIND_CHOICES: Final = (
    Choice(value=HaltKind.TABLE_EMPTIED.value, caption=translatable("Table emptied")),
    Choice(value=HaltKind.MASS_DELETION.value, caption=translatable("Mass deletion")),
    Choice(value=HaltKind.MASS_CHANGE.value, caption=translatable("Mass change")),
    Choice(value=HaltKind.MARKER_GONE.value, caption=translatable("Marker gone")),
)
HALT_COLUMNS: Final = (
    ListColumn(
        name="mapping",
        caption=translatable("Mapping"),
        tooltip=translatable("The mapping that writes nothing."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="kind",
        caption=translatable("Halt"),
        tooltip=translatable("What made the mapping stop."),
        kind=FieldKind.CHOICE,
        choices=KIND_CHOICES,
        is_sorted=True,
    ),
    ListColumn(
        name="side",
        caption=translatable("Seen in"),
        tooltip=translatable("The system in which it was seen."),
        kind=FieldKind.CHOICE,
        choices=SIDE_CHOICES,
    ),
    ListColumn(
        name="count",
        caption=translatable("Records"),
        tooltip=translatable("How many records were seen deleted or changed."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="raised_at",
        caption=translatable("Since"),
        tooltip=translatable("When the mapping stopped."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="message",
        caption=translatable("What was seen, and what to do"),
        tooltip=translatable("What was seen, and what to do before the mapping is released."),
        is_searched=True,
    ),
    ListColumn(
        name="is_released",
        caption=translatable("Is Released"),
        tooltip=translatable("Whether somebody has let the mapping go on."),
        kind=FieldKind.CHOICE,
        choices=YES_OR_NO,
        is_sorted=True,
    ),
    ListColumn(
        name="released_by",
        caption=translatable("Released By"),
        tooltip=translatable("Who has let the mapping go on."),
        is_searched=True,
    ),
)


class Halt(ListRow, frozen=True, kw_only=True):
    """Why a mapping writes nothing."""

    mapping: str
    kind: str
    """A value of KIND_CHOICES."""
    side: str
    count: int
    of: int
    raised_at: datetime
    message: str
    is_released: bool = False
    released_by: str = ""


class Halts(ListAnswer, frozen=True, kw_only=True):
    """A page of halts, the newest first."""

    rows: tuple[Halt, ...] = ()


class ListHalts(ListAsked, frozen=True, kw_only=True):
    """Asks for a page of the halts of a connection."""


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
