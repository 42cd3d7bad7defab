"""Conflicts: records that await a person's decision."""

from datetime import datetime
from typing import Annotated

import msgspec

from interlace.management.operation import Answer, Effect, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

PAGES_MAX = 2_000
ALIKE_MAX = 100
"""How many conflicts of the same fields are shown with one, and may be decided with it."""


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
    previous_id: str = ""
    next_id: str = ""


class ConflictRow(Answer, frozen=True, kw_only=True):
    """A conflict as the inbox lists it."""

    id: str
    mapping: str
    kind: str
    caption: str
    fields: tuple[str, ...]
    detected_at: datetime


class Conflicts(Answer, frozen=True, kw_only=True):
    """Open conflicts, the newest first."""

    conflicts: tuple[ConflictRow, ...]
    has_more: bool = False
    page: int = 1
    """Which part this is: the last one that there is, if less is left than was asked for."""
    every: int = 0
    """How many are open, of all mappings."""
    mappings: tuple[str, ...] = ()
    """The mappings with open conflicts."""


class ListConflicts(OfConnection, frozen=True, kw_only=True):
    """Asks for the conflicts that await a person."""

    mapping: str = ""
    limit: int = 100
    page: Annotated[int, msgspec.Meta(ge=1, le=PAGES_MAX)] = 1
    """Which part of the list, each of `limit` conflicts."""


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
    command="conflicts resolve",
)

OPERATIONS = (LIST, SHOW, RESOLVE)
