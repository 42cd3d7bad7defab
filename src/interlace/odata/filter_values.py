"""How values of records and literals meet in a filter: text folding, types brought together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from interlace.odata.literals import (
    EnumLiteral,
    parse_clock,
    parse_date,
    parse_duration,
    parse_moment,
)
from interlace.odata.protocol_error import FilterTypeMismatch, LiteralSyntaxError


def fold_text(text: str) -> str:
    """The text for comparisons without regard to letter case.

    The two letters whose small form is a plain ASCII letter stay apart, so that SQL's ASCII-only folding
    (`COLLATE NOCASE`) and this one agree on ASCII texts.
    """
    if text.isascii():
        return text.lower()
    return text.replace("\u0130", "\ufdd0").replace("\u212a", "\ufdd1").lower()


def common_type(left: object, right: object, *, fold: bool) -> tuple[object, object]:
    """Both values in one comparable type; raises `FilterTypeMismatch`; neither may be None."""
    if isinstance(left, str) and isinstance(right, str):
        return (fold_text(left), fold_text(right)) if fold else (left, right)
    if isinstance(left, str):
        return _read_as(left, right)
    if isinstance(right, str):
        other, value = _read_as(right, left)
        return value, other
    left, right = _plain(left), _plain(right)
    if _family(left) is not _family(right):
        raise _mismatch(left, right)
    return left, right


def _plain(value: object) -> object:
    match value:
        case UUID():
            return str(value)
        case EnumLiteral():
            return value.members
        case float():
            return Decimal(repr(value))
        case _:
            return value


def _read_as(text: str, other: object) -> tuple[object, object]:
    """A text of the record in the type of the value that it meets, and that value."""
    try:
        match other:
            case UUID():
                return text.lower(), str(other)
            case EnumLiteral():
                return text, other.members
            case datetime():
                return moment(text), other
            case date() if "T" in text.upper():
                return parse_moment(text), moment(other)
            case date():
                return parse_date(text), other
            case time():
                return parse_clock(text), other
            case timedelta():
                return parse_duration(text), other
            case _:
                raise _mismatch(text, other)
    except LiteralSyntaxError as error:
        raise _mismatch(text, other) from error


def _family(value: object) -> type:
    match value:
        case bool():
            return bool
        case int() | Decimal():
            return Decimal
        case datetime():
            return datetime
        case _:
            return type(value)


def _mismatch(left: object, right: object) -> FilterTypeMismatch:
    return FilterTypeMismatch(
        f"A {type(left).__name__} cannot be compared with a {type(right).__name__} in a filter."
    )


def number(value: object) -> int | Decimal:
    """A number, or `FilterTypeMismatch`."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise FilterTypeMismatch(f"A number was expected in a filter, not {value!r}.")
    return value


def text(value: object) -> str:
    """A text (identifiers and enumeration members have one), or `FilterTypeMismatch`."""
    plain = _plain(value)
    if not isinstance(plain, str):
        raise FilterTypeMismatch(f"A text was expected in a filter, not {value!r}.")
    return plain


def moment(value: object) -> datetime:
    """A point in time, also from a text or a date, or `FilterTypeMismatch`."""
    match value:
        case datetime():
            return value
        case date():
            return datetime(value.year, value.month, value.day, tzinfo=UTC)
        case str():
            try:
                return parse_moment(value if "T" in value.upper() else f"{value}T00:00:00Z")
            except LiteralSyntaxError as error:
                raise FilterTypeMismatch(f"A time was expected in a filter, not {value!r}.") from error
        case _:
            raise FilterTypeMismatch(f"A time was expected in a filter, not {value!r}.")


def read_member(record: Mapping[str, object], path: tuple[str, ...]) -> object:
    """The value at a path of a record; None where a part of the path is missing or null."""
    value: object = record
    for name in path:
        if name == "$count" and isinstance(value, list | tuple):
            return len(value)
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
