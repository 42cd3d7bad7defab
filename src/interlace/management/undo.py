"""Undo: the inverse of journalled writes, as far as nobody has changed their records since."""

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable


class UndoneField(Answer, frozen=True, kw_only=True):
    """One field that gets its earlier value back."""

    name: str
    now: str | None
    then: str | None


class UndoAction(Answer, frozen=True, kw_only=True):
    """What becomes of one record."""

    mapping: str
    key: str
    side: str
    kind: str
    """create, change, delete, couple, uncouple, skip or fail."""
    reason: str = ""
    """Why it is left as it is."""
    fields: tuple[UndoneField, ...] = ()


class UndoPlanned(Answer, frozen=True, kw_only=True):
    """What an undo would write; nothing was written."""

    actions: tuple[UndoAction, ...]
    has_more: bool = False
    writes: int = 0
    left: int = 0


class PlanUndo(OfConnection, frozen=True, kw_only=True):
    """Asks what an undo would write."""

    subject: str
    """The id of a job or run, or a record's key: the writes of the newest job that wrote to it."""
    mapping: str = ""
    field: str = ""


class Undo(PlanUndo, frozen=True, kw_only=True):
    """Asks to carry an undo out."""


class Undone(Answer, frozen=True, kw_only=True):
    """What came of it."""

    done: int
    left: int
    message: str


PLAN = Operation(
    name="undo.plan",
    asked=PlanUndo,
    answer=UndoPlanned,
    permission=Permission.READ,
    caption=translatable("Undo"),
    tooltip=translatable(
        "Show what taking back would write, and what is left because somebody changed it since."
    ),
    command="undo",
)
CARRY_OUT = Operation(
    name="undo.carry_out",
    asked=Undo,
    answer=Undone,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Take Back"),
    tooltip=translatable("Write the earlier values; what somebody changed since is left."),
    effect=Effect.WRITES,
    command="undo",
)

OPERATIONS = (PLAN, CARRY_OUT)
