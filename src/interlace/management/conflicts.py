"""Conflicts: records that await a person's decision."""

from datetime import datetime
from typing import Annotated, Final

import msgspec

from interlace.domain.conflict import ConflictKind
from interlace.domain.filter_language import FieldKind
from interlace.management.listing import Choice, ListAnswer, ListAsked, ListColumn, ListRow
from interlace.management.operation import MANY, Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

ALIKE_MAX = 100
_ENDING = frozenset({"remove-coupling", "delete"})
"""How many conflicts of the same fields are shown with one, and may be decided with it."""
KIND_CHOICES: Final = (
    Choice(value=ConflictKind.UPDATE.value, caption=translatable("Changed on both sides")),
    Choice(value=ConflictKind.DELETION.value, caption=translatable("Deleted on one side")),
)
CONFLICT_COLUMNS: Final = (
    ListColumn(
        name="caption",
        caption=translatable("Record"),
        tooltip=translatable("What the record is called."),
        is_searched=True,
    ),
    ListColumn(
        name="mapping",
        caption=translatable("Mapping"),
        tooltip=translatable("The mapping that the record belongs to."),
    ),
    ListColumn(
        name="kind",
        caption=translatable("Conflict"),
        tooltip=translatable("Whether both sides changed the record, or one deleted it."),
        kind=FieldKind.CHOICE,
        choices=KIND_CHOICES,
        is_sorted=True,
    ),
    ListColumn(
        name="fields",
        caption=translatable("Fields"),
        tooltip=translatable("The fields that differ. Filter by *Name* for those with Name among them."),
        is_searched=True,
    ),
    ListColumn(
        name="detected_at",
        caption=translatable("Since"),
        tooltip=translatable("When the conflict was seen."),
        kind=FieldKind.MOMENT,
        is_sorted=True,
    ),
)


class ConflictField(Answer, frozen=True, kw_only=True):
    """One field in conflict, or one that the surviving record changed; values as text, None where there is none."""

    row: str
    erp_field: str
    crm_field: str
    erp_value: str | None
    crm_value: str | None
    agreed: str | None
    to_crm: str | None
    """What the CRM gets if the ERP is right."""
    to_erp: str | None
    """What the ERP gets if the CRM is right."""
    group: str = ""
    """Fields of one group are decided together."""
    policy: str = ""
    """The field's own conflict resolution; blank: its mapping's counts."""


class ConflictSide(Answer, frozen=True, kw_only=True):
    """One of the two records as it was seen."""

    key: str
    is_there: bool
    changed_by: str = ""
    changed_at: datetime | None = None
    link: str = ""
    """Where the record is opened in its own product."""


class AlikeConflict(Answer, frozen=True, kw_only=True):
    """Another open conflict of the same fields, which the same decision may settle."""

    id: str
    caption: str
    fields: tuple[ConflictField, ...]


class ConflictShown(Answer, frozen=True, kw_only=True):
    """A conflict with both sides."""

    id: str
    mapping: str
    kind: str
    """update or deletion."""
    code: str
    caption: str
    erp: ConflictSide
    crm: ConflictSide
    detected_at: datetime
    choices: tuple[str, ...]
    fields: tuple[ConflictField, ...]
    alike: tuple[AlikeConflict, ...] = ()
    """Further open conflicts of the same fields, the newest first."""
    has_more_alike: bool = False
    policy: str = ""
    """The mapping's conflict resolution for conflicts of this kind."""
    previous_id: str = ""
    next_id: str = ""


class ConflictRow(ListRow, frozen=True, kw_only=True):
    """A conflict as the inbox lists it."""

    id: str
    mapping: str
    kind: str
    """A value of KIND_CHOICES."""
    caption: str
    fields: tuple[str, ...]
    detected_at: datetime


class ConflictsOfMapping(Answer, frozen=True, kw_only=True):
    """How many conflicts of a mapping are open."""

    mapping: str
    count: int


class Conflicts(ListAnswer, frozen=True, kw_only=True):
    """A page of open conflicts, the newest first."""

    rows: tuple[ConflictRow, ...] = ()
    mappings: tuple[ConflictsOfMapping, ...] = ()
    """The mappings with open conflicts, whatever is filtered."""


class ListConflicts(ListAsked, frozen=True, kw_only=True):
    """Asks for a page of the conflicts that await a person."""


class ShowConflict(OfConnection, frozen=True, kw_only=True):
    """Asks for one conflict."""

    id: str


class ResolveConflict(OfConnection, frozen=True, kw_only=True):
    """Decides a conflict as it was shown."""

    id: str
    choice: str = ""
    """For the record as a whole: erp, crm, restore, remove-coupling or delete."""
    fields: dict[str, str] = {}
    """For single fields, by row: erp or crm; before `choice`."""
    remember: bool = False
    """Make it the policy of these fields, or of deletions."""
    alike: Annotated[tuple[str, ...], msgspec.Meta(max_length=ALIKE_MAX)] = ()
    """Ids of further conflicts of the same fields, as they were shown: settled by the same decision."""


class ConflictsResolved(Answer, frozen=True, kw_only=True):
    """What came of a decision."""

    settled: int
    refused: int
    message: str
    page: str = ""


LIST = Operation(
    name="conflicts.list",
    asked=ListConflicts,
    answer=Conflicts,
    permission=Permission.READ,
    caption=translatable("Conflicts"),
    tooltip=translatable("Show the records that both sides changed, or that one side deleted."),
    command="conflicts list",
)
SHOW = Operation(
    name="conflicts.show",
    asked=ShowConflict,
    answer=ConflictShown,
    permission=Permission.READ,
    caption=translatable("Conflict"),
    tooltip=translatable("Show both sides, what they agreed on last, and what each choice would do."),
    command="conflicts show",
)
RESOLVE = Operation(
    name="conflicts.resolve",
    asked=ResolveConflict,
    answer=ConflictsResolved,
    permission=Permission.SYNCHRONIZE,
    caption=translatable("Decide"),
    tooltip=translatable("Write what was chosen; refused if a record is not any more what was shown."),
    effect=Effect.WRITES,
    asks_password_for=lambda asked: asked.choice in _ENDING and len(asked.alike) >= MANY,
    command="conflicts resolve",
)

OPERATIONS = (LIST, SHOW, RESOLVE)
