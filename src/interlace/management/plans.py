"""Plans: what a synchronization or an undo would write, kept, looked at field by field, and carried out."""

from datetime import datetime
from typing import Final

from interlace.domain.filter_language import FieldKind
from interlace.domain.plan import PlannedKind
from interlace.management.jobs import DIRECTION_CHOICES
from interlace.management.listing import Choice, ListAnswer, ListAsked, ListColumn, ListRow
from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.plan_list import ListPlans, Plans
from interlace.management.plan_rules import RuleOfPlan
from interlace.management.translatable import translatable

KIND_CHOICES: Final = (
    Choice(value=PlannedKind.CREATE.value, caption=translatable("Create")),
    Choice(value=PlannedKind.CHANGE.value, caption=translatable("Change")),
    Choice(value=PlannedKind.DELETE.value, caption=translatable("Delete")),
    Choice(value=PlannedKind.COUPLE.value, caption=translatable("Couple")),
    Choice(value=PlannedKind.UNCOUPLE.value, caption=translatable("Uncouple")),
    Choice(value=PlannedKind.SKIP.value, caption=translatable("Skip")),
    Choice(value=PlannedKind.CONFLICT.value, caption=translatable("Conflict")),
    Choice(value=PlannedKind.FAIL.value, caption=translatable("Would fail")),
)
"""What is planned for a record."""
ENDING_CHOICES: Final = (
    Choice(value="applied", caption=translatable("Applied")),
    Choice(value="refused", caption=translatable("Refused")),
    Choice(value="failed", caption=translatable("Failed")),
    Choice(value="left_out", caption=translatable("Left out")),
)
"""How an action of an applied plan ended; what is left out is so before."""

ACTION_COLUMNS: Final = (
    ListColumn(
        name="mapping",
        caption=translatable("Mapping"),
        tooltip=translatable("The mapping that the record belongs to."),
        is_searched=True,
    ),
    ListColumn(
        name="source_key",
        caption=translatable("Record"),
        tooltip=translatable("What identifies the record on the side that the change comes from."),
        is_searched=True,
    ),
    ListColumn(
        name="direction",
        caption=translatable("Synch. Direction"),
        tooltip=translatable("Where the change goes."),
        kind=FieldKind.CHOICE,
        choices=DIRECTION_CHOICES,
    ),
    ListColumn(
        name="kind",
        caption=translatable("Planned"),
        tooltip=translatable("What is planned for the record."),
        kind=FieldKind.CHOICE,
        choices=KIND_CHOICES,
    ),
    ListColumn(
        name="changes",
        caption=translatable("Fields"),
        tooltip=translatable("Each field with what it holds now and what it gets."),
        is_filtered=False,
    ),
    ListColumn(
        name="reason",
        caption=translatable("Reason"),
        tooltip=translatable("Why the record is left out, fails, or was refused."),
        is_searched=True,
    ),
    ListColumn(
        name="ending",
        caption=translatable("Carried out"),
        tooltip=translatable("How the action ended when the plan was applied."),
        kind=FieldKind.CHOICE,
        choices=ENDING_CHOICES,
    ),
    ListColumn(
        name="plan_id",
        caption=translatable("Plan"),
        tooltip=translatable("The plan that the action belongs to."),
    ),
)


class PlannedField(Answer, frozen=True, kw_only=True):
    """One field that a plan writes."""

    name: str
    before: str | None
    """None: it holds nothing, or nobody looked."""
    after: str | None


class WritePlanned(Answer, frozen=True, kw_only=True):
    """One write to one side."""

    side: str
    table: str
    key: str
    operation: str
    """create, change or delete."""
    fields: tuple[PlannedField, ...] = ()


class ActionRow(ListRow, frozen=True, kw_only=True):
    """What is planned for one record, and what became of it."""

    plan_id: str
    number: int
    """Its place in the plan, from 1."""
    mapping: str
    direction: str
    kind: str
    source_key: str
    record_key: str
    """As addresses name the record."""
    partner_key: str = ""
    changes: str = ""
    """The writes as text."""
    writes: tuple[WritePlanned, ...] = ()
    reason: str = ""
    code: str = ""
    ending: str = ""
    """applied, refused, failed or left_out; blank: the plan, or this action, was not carried out."""


class ActionsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of a plan's actions."""

    rows: tuple[ActionRow, ...] = ()


class CountsOfMapping(Answer, frozen=True, kw_only=True):
    """How many records of a mapping are treated in which way, and how many actions ended in which way."""

    mapping: str
    planned: dict[str, int]
    ended: dict[str, int]
    unchanged: int = 0
    """How many records were found equal, counted in each direction."""
    left_out: dict[str, int] = {}
    """How many of the planned ones a person left out."""
    message: str = ""
    """Why nothing is planned for it."""


class PlanShown(Answer, frozen=True, kw_only=True):
    """A kept plan without its actions."""

    id: str
    kind: str
    """synchronization or undo."""
    state: str
    """A value of STATE_CHOICES."""
    made_by: str
    made_at: datetime
    is_full: bool
    subject: str
    """What an undo takes back."""
    mappings: tuple[CountsOfMapping, ...]
    purpose: str
    """A value of PURPOSE_CHOICES."""
    writes: int
    """How many actions write something."""
    left: int
    """How many are skipped, in conflict, or fail: nothing is planned to be written for them."""
    left_out: int = 0
    """How many more a person left out of the plan."""
    not_applied: int
    """How many were refused or failed when it was applied."""
    at_work: str
    done: int
    applied_by: str
    applied_at: datetime | None
    ended_at: datetime | None
    ended: dict[str, int]
    problem: tuple[str, ...]
    why_not: str = ""
    """Why it can't be applied; blank: it can."""
    content: str = ""
    """What an approval is of, in short; blank: it needs none."""
    rules: tuple[RuleOfPlan, ...] = ()
    """The approval rules under which it falls."""
    decision: str = ""
    """approved, rejected or blank; whether it still counts is told by the state."""
    decided_by: str = ""
    decided_at: datetime | None = None
    note: str = ""


class OnePlan(OfConnection, frozen=True, kw_only=True):
    """Asks for, or of, one kept plan."""

    plan_id: str


class ChosenActions(OnePlan, frozen=True, kw_only=True):
    """Names actions of a kept plan: by their places in it, or all that are alike."""

    records: tuple[int, ...] = ()
    """Places in the plan, from 1."""
    mapping: str = ""
    kind: str = ""
    """With no record named: all actions of this mapping, of this kind, or both."""


class DecideOnPlan(OnePlan, frozen=True, kw_only=True):
    """Asks to approve or reject a plan that another user made."""

    content: str
    """What was looked at, as the plan tells it."""
    note: str = ""
    """Why; a rejection needs it."""


class MakePlan(OfConnection, frozen=True, kw_only=True):
    """Asks to plan what a synchronization would do."""

    mappings: tuple[str, ...] = ()
    """None: all that take part."""
    full: bool = False
    """Compare whole tables; create what is missing."""


class PlanUndoing(OfConnection, frozen=True, kw_only=True):
    """Asks to plan an undo and keep it."""

    subject: str
    """The id of a job or run, or a record's key: the writes of the newest job that wrote to it."""
    mapping: str = ""
    field: str = ""


class PlanBegun(Answer, frozen=True, kw_only=True):
    """The plan that is worked on in the background."""

    plan_id: str
    message: str = ""
    page: str = ""


LIST = Operation(
    name="plans.list",
    asked=ListPlans,
    answer=Plans,
    permission=Permission.READ,
    caption=translatable("Plans"),
    tooltip=translatable("Show the kept plans with what each would write."),
    command="plans list",
)
SHOW = Operation(
    name="plans.show",
    asked=OnePlan,
    answer=PlanShown,
    permission=Permission.READ,
    caption=translatable("Plan"),
    tooltip=translatable("Show what a plan would write by mapping, and how far it is."),
    command="plans show",
)
ACTIONS = Operation(
    name="plans.actions",
    asked=ListAsked,
    answer=ActionsListed,
    permission=Permission.READ,
    caption=translatable("Planned Actions"),
    tooltip=translatable(
        "List the actions of the plan that the filter plan_id names, or of the newest one, field by field."
    ),
    command="plans show",
)
MAKE = Operation(
    name="plans.make",
    asked=MakePlan,
    answer=PlanBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Make Plan"),
    tooltip=translatable("Read both sides and note what a synchronization would write; nothing is written."),
    effect=Effect.WRITES,
    command="plan",
)
UNDO = Operation(
    name="plans.undo",
    asked=PlanUndoing,
    answer=PlanBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Keep as Plan"),
    tooltip=translatable("Plan the undo and keep it, for somebody else to look at and apply."),
    effect=Effect.WRITES,
    command="undo",
)
APPLY = Operation(
    name="plans.apply",
    asked=OnePlan,
    answer=PlanBegun,
    permission=Permission.APPROVE,
    caption=translatable("Apply Plan"),
    tooltip=translatable("Write exactly what is planned; what moved since is refused and named."),
    effect=Effect.WRITES,
    command="apply",
)
LEAVE_OUT = Operation(
    name="plans.leave_out",
    asked=ChosenActions,
    answer=PlanBegun,
    permission=Permission.APPROVE,
    caption=translatable("Leave Out"),
    tooltip=translatable("Don't write the chosen records when the plan is applied."),
    effect=Effect.WRITES,
    command="plans leave-out",
)
TAKE_IN = Operation(
    name="plans.take_in",
    asked=ChosenActions,
    answer=PlanBegun,
    permission=Permission.APPROVE,
    caption=translatable("Take In Again"),
    tooltip=translatable("Write the chosen records after all when the plan is applied."),
    effect=Effect.WRITES,
    command="plans take-in",
)
APPROVE = Operation(
    name="plans.approve",
    asked=DecideOnPlan,
    answer=PlanBegun,
    permission=Permission.APPROVE,
    caption=translatable("Approve"),
    tooltip=translatable("Let the plan be applied as it is; a change of it ends the approval."),
    effect=Effect.WRITES,
    # Two people look at the plan: a program is none.
    needs_fresh_sign_in=True,
    command="plans approve",
)
REJECT = Operation(
    name="plans.reject",
    asked=DecideOnPlan,
    answer=PlanBegun,
    permission=Permission.APPROVE,
    caption=translatable("Reject"),
    tooltip=translatable("Don't let the plan be applied as it is, and say why."),
    effect=Effect.WRITES,
    command="plans reject",
)
STOP = Operation(
    name="plans.stop",
    asked=OnePlan,
    answer=PlanBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Stop"),
    tooltip=translatable("Stop making the plan, or stop applying it before the next mapping."),
    effect=Effect.WRITES,
    command="plans stop",
)
REMOVE = Operation(
    name="plans.remove",
    asked=OnePlan,
    answer=PlanBegun,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Remove Plan"),
    tooltip=translatable("Forget the plan; what it wrote stays, and the journal tells of it."),
    effect=Effect.WRITES,
    command="plans remove",
)

OPERATIONS = (LIST, SHOW, ACTIONS, MAKE, UNDO, APPLY, LEAVE_OUT, TAKE_IN, APPROVE, REJECT, STOP, REMOVE)
