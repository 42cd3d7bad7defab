"""Who is right when both sides changed the same field: the closed set of answers of a mapping or a field row.

An answer names a side, asks a person, or makes one value of both. Whatever makes one value of both gives the same
value for both passes, and the same value again when its own result is one of the two.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Final, TypeAlias

from interlace.domain.values import Value, same_value
from interlace.locale.translatable import translatable


class UpdateConflictResolution(Enum):
    """What happens when both sides changed the same field."""

    NONE = translatable("None")
    """The record is held and a person decides."""
    SEND_UPDATE_TO_INTEGRATION = translatable("Send Update to Integration")
    """The ERP's value wins."""
    GET_UPDATE_FROM_INTEGRATION = translatable("Get Update from Integration")
    """The CRM's value wins."""
    NEWEST = translatable("Newest")
    """The later change wins where our own history proves which it is; else a person decides."""
    LARGER = translatable("Larger")
    """The larger number, or the later date, of both."""
    SMALLER = translatable("Smaller")
    """The smaller number, or the earlier date, of both."""
    FILLED = translatable("Filled")
    """The value of the side that is not blank; two values are a person's to decide."""
    JOINED_LINES = translatable("Joined Lines")
    """The ERP's lines, then those of the CRM's lines that are not among them."""

    @property
    def makes_one_of_both(self) -> bool:
        """Tell whether it looks at the two values: for single field rows without rule, reference or group."""
        return self in _MERGERS


class Undecided(Enum):
    """The answer of a merger that can't choose."""

    UNDECIDED = "undecided"


Merged: TypeAlias = Value | Undecided


def merged_value(resolution: UpdateConflictResolution, erp: Value, crm: Value) -> Merged:
    """Make one value of two different ones, or say that a person must."""
    return _MERGERS[resolution](erp, crm)


def _larger(erp: Value, crm: Value) -> Merged:
    ordered = _ordered(erp, crm)
    return ordered if isinstance(ordered, Undecided) else ordered[1]


def _smaller(erp: Value, crm: Value) -> Merged:
    ordered = _ordered(erp, crm)
    return ordered if isinstance(ordered, Undecided) else ordered[0]


def _ordered(erp: Value, crm: Value) -> tuple[Value, Value] | Undecided:
    """Order two values; a blank one says nothing, and a text has an order with another text only."""
    filled = _filled(erp, crm)
    if not isinstance(filled, Undecided):
        return filled, filled
    if isinstance(erp, str) and isinstance(crm, str):
        return (erp, crm) if erp < crm else (crm, erp)
    if isinstance(erp, int | Decimal) and isinstance(crm, int | Decimal):
        return (erp, crm) if erp < crm else (crm, erp)
    return Undecided.UNDECIDED


def _filled(erp: Value, crm: Value) -> Merged:
    if same_value(erp, None):
        return crm
    return erp if same_value(crm, None) else Undecided.UNDECIDED


def _joined_lines(erp: Value, crm: Value) -> Merged:
    filled = _filled(erp, crm)
    if not isinstance(filled, Undecided):
        return filled
    if not (isinstance(erp, str) and isinstance(crm, str)):
        return Undecided.UNDECIDED
    lines = [line.rstrip() for line in erp.splitlines()]
    lines += [line for line in map(str.rstrip, crm.splitlines()) if line not in lines]
    return "\n".join(lines).rstrip()


_MERGERS: Final[Mapping[UpdateConflictResolution, Callable[[Value, Value], Merged]]] = {
    UpdateConflictResolution.LARGER: _larger,
    UpdateConflictResolution.SMALLER: _smaller,
    UpdateConflictResolution.FILLED: _filled,
    UpdateConflictResolution.JOINED_LINES: _joined_lines,
}
