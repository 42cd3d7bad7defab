"""What a plan holds: every write that a run would send, record by record, and what it would leave alone and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import ConnectionId, MappingName
from interlace.domain.side import Side
from interlace.domain.values import Value, same_value
from interlace.locale.translatable import translatable

NEW_KEY = "new:"
"""Begins the key of a record whose key its service will choose: what follows names the record."""


class PlanKind(Enum):
    """What a plan is for."""

    SYNCHRONIZATION = "synchronization"
    UNDO = "undo"


class PlannedKind(Enum):
    """What is planned for a record."""

    CREATE = translatable("create")
    CHANGE = translatable("change")
    DELETE = translatable("delete")
    COUPLE = translatable("couple")
    UNCOUPLE = translatable("uncouple")
    SKIP = translatable("skip")
    CONFLICT = translatable("conflict")
    FAIL = translatable("fail")


LEFT_ALONE: Final = frozenset({PlannedKind.SKIP, PlannedKind.CONFLICT, PlannedKind.FAIL})
"""What is only told: nothing is written for these records."""


class Operation(Enum):
    """What one write does with its record."""

    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedWrite:
    """One write to one service."""

    side: Side
    table: str
    key: str
    operation: Operation
    before: Mapping[str, Value] | None
    """What the fields held when the plan was made; None where nobody asked, or nothing was there."""
    after: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAction:
    """What is planned for one record of one mapping in one direction."""

    mapping: MappingName
    direction: Direction
    source_key: str
    kind: PlannedKind
    partner_key: str | None = None
    writes: tuple[PlannedWrite, ...] = ()
    reason: str = ""
    """Why the record is left out or fails; what an undo leaves as it is."""
    code: str = ""
    """Error code of a failure."""
    source_digest: str = ""
    """Digest of the source record as it was read, in hexadecimal."""
    undoes: tuple[int, ...] = ()
    """Sequence numbers of the journal entries that an undo takes back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStage:
    """One run over one mapping; a plan is a list of them, in the order in which they are carried out."""

    number: int
    mapping: MappingName
    creates_new: bool = False
    message: str = ""
    """Why nothing is planned for the mapping, such as a safety halt; blank: all is well."""
    unchanged: int = 0
    """How many records were compared and found equal, counted in each direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanHeading:
    """What a plan was made for, and when."""

    kind: PlanKind
    made_at: datetime
    connection: ConnectionId
    connection_name: str
    erp_company_id: str
    crm_organization_id: str
    subject: str = ""
    """What an undo takes back, as it was named."""


def same_fields(left: Mapping[str, Value], right: Mapping[str, Value]) -> bool:
    """Tell whether two records name the same fields with the same values."""
    return left.keys() == right.keys() and all(same_value(left[name], right[name]) for name in left)


def is_new_key(value: Value) -> bool:
    """Tell whether a value stands for a key that its service has still to choose."""
    return isinstance(value, str) and value.startswith(NEW_KEY)
