"""Records as pages show them: read from the two services at this moment, with what Interlace knows of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from interlace.domain.filter_language import FieldKind
from interlace.management.field_captions import caption_of
from interlace.management.journal import Write
from interlace.management.listing import (
    YES_OR_NO,
    Choice,
    HeldValue,
    ListAnswer,
    ListAsked,
    ListColumn,
    ListRow,
    held_values,
)
from interlace.management.operation import Answer, OfConnection, Operation
from interlace.management.permission import Permission
from interlace.management.translatable import translatable

SideName: TypeAlias = Literal["erp", "crm"]
ViewName: TypeAlias = Literal["all", "coupled", "uncoupled", "failed"]
Status: TypeAlias = Literal["coupled", "uncoupled", "failed", "skipped", "broken"]
Kind: TypeAlias = Literal["text", "number", "whole", "boolean"]
State: TypeAlias = Literal["same", "different", "erp changed", "crm changed", "both changed", "alone"]
LOOKED_AT_MAX: Final = 2_000
"""How many records one page of a search reads at most; it can be told to go on."""
KEYS_MAX: Final = 200

Key: TypeAlias = Annotated[str, msgspec.Meta(max_length=400)]


class FieldValue(Answer, frozen=True, kw_only=True):
    """A value as text, and what it is; None: there is none. Dates and moments are text in ISO 8601."""

    text: str | None
    kind: Kind = "text"


STATUS_CHOICES: Final = (
    Choice(value="coupled", caption=translatable("Yes")),
    Choice(value="uncoupled", caption=translatable("No")),
    Choice(value="failed", caption=translatable("Failed")),
    Choice(value="skipped", caption=translatable("Skipped")),
    Choice(value="broken", caption=translatable("Broken")),
)
"""Whether a record is coupled."""
VALUE: Final = "value."
"""Begins the names of columns that hold a field of the record; the field's name follows."""
_BEFORE: Final = (
    ListColumn(
        name="number",
        caption=translatable("No."),
        tooltip=translatable("What identifies the record."),
        is_sorted=True,
        is_searched=True,
    ),
    ListColumn(
        name="caption",
        caption=translatable("Name"),
        tooltip=translatable("What the record is called."),
        is_sorted=True,
        is_searched=True,
    ),
)
_BEHIND: Final = (
    ListColumn(
        name="status",
        caption=translatable("Coupled"),
        tooltip=translatable("Whether the record is coupled, and whether it failed."),
        kind=FieldKind.CHOICE,
        choices=STATUS_CHOICES,
        is_sorted=True,
    ),
    ListColumn(
        name="partner",
        caption=translatable("Coupled with"),
        tooltip=translatable("The record of the other side; blank: there is none."),
        is_sorted=True,
    ),
    ListColumn(
        name="code",
        caption=translatable("Error Code"),
        tooltip=translatable("What kind of error it is."),
        is_sorted=True,
    ),
    ListColumn(
        name="left_out",
        caption=translatable("Left Out"),
        tooltip=translatable("Why the mapping's filter leaves the record out; blank: it takes part."),
        is_sorted=True,
    ),
)


def record_columns(
    names: Sequence[str], kinds: Mapping[str, FieldKind] = MappingProxyType({})
) -> tuple[ListColumn, ...]:
    """Return the columns of a list with the values of these fields; a field of unknown kind is text."""
    fields = [
        ListColumn(
            name=f"{VALUE}{name}",
            caption=caption_of(name),
            tooltip=translatable("The record's own field {name}.", name=name),
            kind=kinds.get(name, FieldKind.TEXT),
            choices=YES_OR_NO if kinds.get(name) is FieldKind.CHOICE else (),
            is_sorted=True,
            is_searched=True,
        )
        for name in names
    ]
    return (*_BEFORE, *fields, *_BEHIND)


class RecordRow(ListRow, frozen=True, kw_only=True):
    """A record in a list."""

    key: str
    """As other operations want it."""
    number: str
    """The key as people read it."""
    caption: str
    values: tuple[FieldValue, ...]
    """In the order of the list's columns."""
    status: Status
    code: str = ""
    """Code of its open error."""
    partner_key: str = ""
    partner: str = ""
    """What the record that it is coupled with is called; its key, if nobody knows."""
    left_out: str = ""
    """Why the mapping's filter leaves it out; blank: it does not."""


def record_values(row: RecordRow, name: str, names: Sequence[str]) -> tuple[HeldValue, ...]:
    """Return what a record holds in a column of a list with the values of these fields."""
    if not name.startswith(VALUE):
        return held_values(row, name)
    value = row.values[names.index(name.removeprefix(VALUE))]
    if not value.text:
        return ("",)
    if value.kind == "boolean":
        return ("yes" if value.text == "true" else "no",)
    return (value.text if value.kind == "text" else Decimal(value.text),)


class RecordsListed(ListAnswer, frozen=True, kw_only=True):
    """A page of records; unsorted ones come in the order of their service, and lead back the way that one came."""

    columns: tuple[str, ...]
    """Fields whose values the rows hold."""
    numbers: tuple[str, ...] = ()
    """Those of them that hold numbers."""
    rows: tuple[RecordRow, ...] = ()
    looked_at: int = 0
    """How many records were read from the service to find these."""


class ListRecords(ListAsked, frozen=True, kw_only=True):
    """Asks for records of one side of a mapping."""

    mapping: str
    side: SideName = "erp"
    view: ViewName = "all"


class FieldShown(Answer, frozen=True, kw_only=True):
    """A field row of a mapping with the values of both sides."""

    erp_field: str
    """Blank: the row writes a constant."""
    crm_field: str
    direction: str
    erp: FieldValue
    crm: FieldValue
    agreed_erp: FieldValue | None = None
    agreed_crm: FieldValue | None = None
    """What both held when they last agreed; None: nobody knows."""
    state: State = "alone"
    refers_to: str = ""
    """The mapping of the record that is referred to; blank: the value is no reference."""
    erp_reference: str = ""
    """ERP key of the record that the CRM's value refers to, if that is coupled."""
    stands_for_blank: bool = False
    """The CRM's value is what a blank one of the ERP means, such as the local currency."""


class RecordFace(Answer, frozen=True, kw_only=True):
    """One of the two records of a pair."""

    side: SideName
    key: str = ""
    """Blank: there is none."""
    number: str = ""
    caption: str = ""
    is_there: bool = False
    link: str = ""
    """Where its own product shows it."""


class RecordProblem(Answer, frozen=True, kw_only=True):
    """An open error of a record."""

    code: str
    title: str
    message: str
    why: str
    next_step: str
    direction: str
    times: int
    at: datetime
    is_skipped: bool
    job_id: str = ""
    correlation_id: str = ""
    """Of the service's answer, by which its owner finds what happened; blank: no service told one."""


GATES: Final = {
    "mapping": translatable("Mapping"),
    "safety halt": translatable("Safety halt"),
    "coupling": translatable("Coupling"),
    "unfinished write": translatable("Unfinished write"),
    "record": translatable("Record"),
    "partner": translatable("Partner"),
    "values": translatable("Values"),
    "error list": translatable("Error list"),
    "table filter": translatable("Table filter"),
    "match rule": translatable("Match rule"),
    "reference": translatable("Reference"),
    "direction": translatable("Direction"),
}
"""What the conditions are called, by their names."""


class Gate(Answer, frozen=True, kw_only=True):
    """A condition for a record to be synchronized; `passed` None: it stops nothing."""

    name: str
    text: str
    passed: bool | None = None


class Decision(Answer, frozen=True, kw_only=True):
    """What a run in one direction would do now."""

    direction: str
    text: str
    gates: tuple[Gate, ...] = ()


class Figure(Answer, frozen=True, kw_only=True):
    """One figure of an account's statistics."""

    name: str
    amount: Decimal


class CrmCount(Answer, frozen=True, kw_only=True):
    """How much of something the CRM has under way with an account."""

    name: str
    """opportunities, quotes or cases."""
    count: int | None = None
    """None: the CRM doesn't have such records, or doesn't show them to us."""
    link: str = ""
    """Where the CRM lists them."""


class RecordShown(Answer, frozen=True, kw_only=True):
    """A record with its partner and everything that is known of the pair."""

    mapping: str
    direction: str
    side: SideName
    status: Status
    erp: RecordFace
    crm: RecordFace
    fields: tuple[FieldShown, ...]
    problems: tuple[RecordProblem, ...] = ()
    conflict_id: str = ""
    writes: tuple[Write, ...] = ()
    """The last writes, the newest first."""
    statistics: tuple[Figure, ...] = ()
    crm_counts: tuple[CrmCount, ...] = ()
    """Of a coupled customer: what is under way with its account."""
    was_compared: bool = False


class RecordAsked(OfConnection, frozen=True, kw_only=True):
    """Asks for one record of a mapping."""

    mapping: str
    key: Key
    side: SideName = "erp"


class RecordExplained(Answer, frozen=True, kw_only=True):
    """Why a record is or is not synchronized."""

    gates: tuple[Gate, ...]
    decisions: tuple[Decision, ...]


class CompareRecords(OfConnection, frozen=True, kw_only=True):
    """Asks to set two records side by side that may become a pair."""

    mapping: str
    erp_key: Key
    crm_key: Key


class RecordsCompared(Answer, frozen=True, kw_only=True):
    """Two records side by side."""

    erp: RecordFace
    crm: RecordFace
    fields: tuple[FieldShown, ...]
    erp_is_coupled_with: str = ""
    crm_is_coupled_with: str = ""


LIST: Final = Operation(
    name="records.list",
    asked=ListRecords,
    answer=RecordsListed,
    permission=Permission.READ,
    caption=translatable("Records"),
    tooltip=translatable("Show the records of a table, and which of them are coupled."),
    command="records list",
)
SHOW: Final = Operation(
    name="records.show",
    asked=RecordAsked,
    answer=RecordShown,
    permission=Permission.READ,
    caption=translatable("Record"),
    tooltip=translatable("Show both records of a pair, field by field, and what was done with them."),
    command="records show",
)
EXPLAIN: Final = Operation(
    name="records.explain",
    asked=RecordAsked,
    answer=RecordExplained,
    permission=Permission.READ,
    caption=translatable("Why Not?"),
    tooltip=translatable("Show every condition that a run checks, and what it would do with the record now."),
    command="explain",
)
COMPARE: Final = Operation(
    name="records.compare",
    asked=CompareRecords,
    answer=RecordsCompared,
    permission=Permission.READ,
    caption=translatable("Compare"),
    tooltip=translatable("Show two records side by side before they are coupled."),
    command="records compare",
)

OPERATIONS: Final = (LIST, SHOW, EXPLAIN, COMPARE)
