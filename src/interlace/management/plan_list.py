"""The list of kept plans: what each is for, how far it is, and what it writes."""

from datetime import datetime
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.management.listing import Choice, ListAnswer, ListAsked, ListColumn, ListRow
from interlace.management.translatable import translatable

STATE_CHOICES: Final = (
    Choice(value="planning", caption=translatable("Is being made")),
    Choice(value="ready", caption=translatable("Ready")),
    Choice(value="waiting", caption=translatable("Awaiting approval")),
    Choice(value="rejected", caption=translatable("Rejected")),
    Choice(value="failed", caption=translatable("Could not be made")),
    Choice(value="stopped", caption=translatable("Stopped")),
    Choice(value="applying", caption=translatable("Is being applied")),
    Choice(value="applied", caption=translatable("Applied")),
    Choice(value="unfinished", caption=translatable("Applied in part")),
)
"""How far a plan is."""
PURPOSE_CHOICES: Final = (
    Choice(value="changes", caption=translatable("Changes since the last synchronization")),
    Choice(value="full", caption=translatable("Full synchronization")),
    Choice(value="undo", caption=translatable("Undo")),
)
"""What a plan is for."""
PLAN_COLUMNS: Final = (
    ListColumn(
        name="made_at",
        caption=translatable("Made"),
        tooltip=translatable("When the plan was made."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
    ListColumn(
        name="purpose",
        caption=translatable("For"),
        tooltip=translatable("What the plan is for: a synchronization, or an undo."),
        kind=FieldKind.CHOICE,
        choices=PURPOSE_CHOICES,
        is_sorted=True,
    ),
    ListColumn(
        name="subject",
        caption=translatable("Undo of"),
        tooltip=translatable("What an undo takes back."),
        is_searched=True,
    ),
    ListColumn(
        name="mapping",
        caption=translatable("Mappings"),
        tooltip=translatable("The mappings that are planned."),
        is_searched=True,
    ),
    ListColumn(
        name="made_by",
        caption=translatable("Made by"),
        tooltip=translatable("Who made the plan."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="state",
        caption=translatable("State"),
        tooltip=translatable("How far the plan is."),
        kind=FieldKind.CHOICE,
        choices=STATE_CHOICES,
        is_sorted=True,
    ),
    ListColumn(
        name="writes",
        caption=translatable("Writes"),
        tooltip=translatable("How many records it writes."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="left",
        caption=translatable("Not written"),
        tooltip=translatable("How many records it would skip or fail with."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="not_applied",
        caption=translatable("Not applied"),
        tooltip=translatable("How many of its actions were refused or failed."),
        kind=FieldKind.NUMBER,
        is_sorted=True,
    ),
    ListColumn(
        name="applied_by",
        caption=translatable("Applied By"),
        tooltip=translatable("Who let the plan be carried out."),
        is_searched=True,
    ),
    ListColumn(
        name="applied_at",
        caption=translatable("Applied on"),
        tooltip=translatable("When the plan was carried out."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
)


class PlanRow(ListRow, frozen=True, kw_only=True):
    """A kept plan in a list."""

    id: str
    purpose: str
    """A value of PURPOSE_CHOICES."""
    subject: str
    mapping: tuple[str, ...]
    state: str
    """A value of STATE_CHOICES."""
    made_by: str
    made_at: datetime
    writes: int
    left: int
    not_applied: int
    applied_by: str = ""
    applied_at: datetime | None = None


class Plans(ListAnswer, frozen=True, kw_only=True):
    """A page of the kept plans of a connection, the newest first."""

    rows: tuple[PlanRow, ...] = ()
    mappings: tuple[str, ...] = ()
    """The mappings that can be planned."""


class ListPlans(ListAsked, frozen=True, kw_only=True):
    """Asks for a page of the kept plans."""
