"""Lists of any length: what is asked of one, and what a page of it is.

A page is found by where the page before it ended, so that the thousandth one costs what the first one does.
Every list operation asks `ListAsked` (or more) and answers `ListAnswer` with rows of its own; exports and saved
views work for all of them.
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Final, TypeAlias

import msgspec

from interlace.domain.filter_language import FieldKind
from interlace.domain.side import Side
from interlace.management.operation import Answer, Asked
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable

PAGE_MAX = 200
COUNT_MAX = 10_000
"""Counting stops there: more is "more than 10,000"."""

Limit: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=PAGE_MAX)]


class ServerListAsked(Asked, frozen=True, kw_only=True):
    """A page of a list that belongs to the whole server."""

    filters: dict[str, str] = msgspec.field(default_factory=dict)
    """What each column must hold, in the filter language, which says how long it may be, by the column's name."""
    search: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """Words of which each must occur somewhere in the searched columns."""
    sort: str = ""
    """Column by which the list is sorted, with `-` before it from the greatest down; blank: the list's own order."""
    cursor: str = ""
    """`next_cursor` or `previous_cursor` of another page of the same list; blank: its first page."""
    limit: Limit = 50
    counted: bool = True
    """Whether to say how many rows the whole list has."""


class ListAsked(ServerListAsked, frozen=True, kw_only=True):
    """A page of a list of one connection."""

    connection: str = ""
    """Its name or id; blank means the only one."""


class ListRow(Answer, frozen=True, kw_only=True):
    """A row of a list; its attributes have the names of the list's columns."""


class SequencedRow(ListRow, frozen=True, kw_only=True):
    """A row of a list that only grows: an entry with its place."""

    sequence: int


class ListAnswer(Answer, frozen=True, kw_only=True):
    """A page of a list. Lists add their `rows`."""

    next_cursor: str = ""
    """Blank: there are no more rows."""
    previous_cursor: str = ""
    """Blank: this is the first page."""
    count: int | None = None
    """How many rows the whole list has, at most COUNT_MAX; None: not asked, or too many to look through quickly."""
    has_more_than_counted: bool = False
    behind: int = 0
    """How many records have changed since they were listed: the list is still being brought up to date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value of a column with few of them, and what it is called."""

    value: str
    caption: str


def choices_of(values: type[Enum]) -> tuple[Choice, ...]:
    """Return the choices of a closed set whose values are what they are called."""
    return tuple(Choice(value=each.value, caption=each.value) for each in values)


def captions_of(choices: Iterable[Choice]) -> dict[str, str]:
    """Return what each value of a column with choices is called."""
    return {each.value: each.caption for each in choices}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column of a list, as pages, filter panes and exports show it."""

    name: str
    caption: str
    tooltip: str = ""
    kind: FieldKind = FieldKind.TEXT
    choices: tuple[Choice, ...] = ()
    is_filtered: bool = True
    is_sorted: bool = False
    is_searched: bool = False


HeldValue: TypeAlias = str | int | Decimal
"""A value as lists filter, sort and show it: a moment is ISO 8601, yes and no are choices, blank text is nothing."""
YES_OR_NO: Final = (
    Choice(value="yes", caption=translatable("Yes")),
    Choice(value="no", caption=translatable("No")),
)
SIDE_CHOICES: Final = (
    Choice(value=Side.ERP.value, caption=translatable("ERP")),
    Choice(value=Side.CRM.value, caption=translatable("CRM")),
)


def held_values(row: ListRow, name: str) -> tuple[HeldValue, ...]:
    """Return what a row holds in a column: one value, or the several of a column of lists."""
    held = getattr(row, name, None)
    if isinstance(held, tuple):
        return tuple(_plain_value(each) for each in held) or ("",)
    return (_plain_value(held),)


def _plain_value(value: object) -> HeldValue:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat()
        case Enum():
            return str(value.value)
        case int() | Decimal():
            return value
        case _:
            return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a page ends: the values of its last row that the list is sorted by."""

    sort: str
    values: tuple[str | int, ...]
    backwards: bool = False
    """The page before these values instead of the one behind them."""


class _CursorText(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    sort: str
    values: tuple[str | int, ...]
    backwards: bool


def cursor_to_text(cursor: Cursor) -> str:
    """Write a cursor so that it can stand in an address."""
    held = _CursorText(sort=cursor.sort, values=cursor.values, backwards=cursor.backwards)
    return base64.urlsafe_b64encode(msgspec.json.encode(held)).decode().rstrip("=")


def cursor_from_text(text: str) -> Cursor:
    """Read a cursor; raises Refused for anything else."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        held = msgspec.json.decode(raw, type=_CursorText)
    except (binascii.Error, msgspec.DecodeError, ValueError) as problem:
        raise wrong_cursor() from problem
    return Cursor(sort=held.sort, values=held.values, backwards=held.backwards)


def wrong_cursor() -> Refused:
    """Refuse a cursor that is none of this list."""
    return Refused(
        RefusalKind.INVALID,
        translatable("This page of the list can't be found"),
        why=translatable("The address does not say where the page begins."),
        next_step=translatable("Go to the first page of the list."),
        code="cursor",
        fields={"cursor": translatable("This is no page of the list.")},
    )
