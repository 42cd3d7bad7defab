"""What a filter of one field means: nodes that are evaluated here, and compiled to SQL or OData elsewhere.

Text that is missing counts as blank text, which comes before all other. Of other kinds, what is missing is equal to
nothing and lies in no interval: only `''` and `<>` find it.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TypeAlias, assert_never

FilterValue: TypeAlias = str | int | Decimal | bool | date | datetime
"""A value to compare with; moments are aware and in UTC."""


class Wildcard(Enum):
    """What a pattern leaves open."""

    ANY = "*"
    ONE = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Equal:
    """The field holds this value."""

    value: FilterValue
    ignore_case: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Blank:
    """The field holds nothing."""

    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One end of an interval."""

    value: FilterValue
    inclusive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """The field lies between two bounds, one of which may be missing."""

    low: Bound | None = None
    high: Bound | None = None
    ignore_case: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """The field's text has this pattern."""

    pieces: tuple[str | Wildcard, ...]
    ignore_case: bool = False
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """Every part holds; without parts everything does."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """Some part holds; without parts nothing does."""

    parts: tuple["Filter", ...] = ()


Filter: TypeAlias = Equal | Blank | Interval | Like | AllOf | AnyOf

EVERYTHING = AllOf()
NOTHING = AnyOf()


def folded(text: str) -> str:
    """Return the text as it is compared when case and width of characters don't matter."""
    return unicodedata.normalize("NFKC", text).casefold()


def folded_pieces(pieces: tuple[str | Wildcard, ...]) -> tuple[str | Wildcard, ...]:
    """Fold the literal pieces of a pattern."""
    return tuple(folded(piece) if isinstance(piece, str) else piece for piece in pieces)


def holds(node: Filter, value: FilterValue | None) -> bool:
    """Tell whether a field's value passes a filter; times are read from ISO 8601 text where the filter has them."""
    match node:
        case AllOf():
            return all(holds(part, value) for part in node.parts)
        case AnyOf():
            return any(holds(part, value) for part in node.parts)
        case Blank():
            return _is_blank(value) is not node.negated
        case Equal():
            return _is_equal(value, node) is not node.negated
        case Interval():
            return _is_between(value, node) is not node.negated
        case Like():
            return _is_like(value, node) is not node.negated
        case _:
            assert_never(node)


def _is_blank(value: FilterValue | None) -> bool:
    return value is None or (isinstance(value, str) and not value.rstrip())


def _is_equal(value: FilterValue | None, node: Equal) -> bool:
    held = _comparable(value, node.value)
    if isinstance(held, str) and node.ignore_case:
        return folded(held) == folded(str(node.value))
    return held is not None and held == node.value


def _is_between(value: FilterValue | None, node: Interval) -> bool:
    return _is_beyond(value, node.low, node, upwards=True) and _is_beyond(
        value, node.high, node, upwards=False
    )


def _is_beyond(value: FilterValue | None, bound: Bound | None, node: Interval, *, upwards: bool) -> bool:
    if bound is None:
        # The other bound decides whether the value is of its kind at all.
        return True
    held, limit = _comparable(value, bound.value), bound.value
    if held is None:
        return False
    if isinstance(held, str) and node.ignore_case:
        held, limit = folded(held), folded(str(limit))
    if held == limit:
        return bound.inclusive
    return (held > limit) is upwards  # type: ignore[operator]  # both are of the kind that `_comparable` chose


def _is_like(value: FilterValue | None, node: Like) -> bool:
    text = "" if value is None else str(value).rstrip()
    if node.ignore_case:
        return matches(folded(text), folded_pieces(node.pieces))
    return matches(text, node.pieces)


def _comparable(value: FilterValue | None, example: FilterValue) -> FilterValue | None:
    """Bring a value to the kind of the one it is compared with; None: it is not of that kind."""
    if isinstance(example, str):
        return "" if value is None else str(value).rstrip()
    if isinstance(example, bool):
        return value if isinstance(value, bool) else None
    if isinstance(example, datetime | date) and isinstance(value, str):
        return _time_of(value, example)
    if isinstance(example, datetime):
        return value if isinstance(value, datetime) else None
    if isinstance(example, date):
        return value if isinstance(value, date) and not isinstance(value, datetime) else None
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return value if is_number else None


def _time_of(text: str, example: date) -> FilterValue | None:
    try:
        if isinstance(example, datetime):
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo is not None else None
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def matches(text: str, pieces: tuple[str | Wildcard, ...]) -> bool:
    """Match a whole text with a pattern, in time that grows with their lengths only."""
    signs: list[str | Wildcard] = []
    for piece in pieces:
        signs += [piece] if isinstance(piece, Wildcard) else list(piece)
    place = at = 0
    star, resumed = -1, 0
    while at < len(text):
        if place < len(signs) and signs[place] is Wildcard.ANY:
            star, resumed = place, at
            place += 1
        elif place < len(signs) and signs[place] in {text[at], Wildcard.ONE}:
            place, at = place + 1, at + 1
        elif star >= 0:
            resumed += 1
            place, at = star + 1, resumed
        else:
            return False
    return all(sign is Wildcard.ANY for sign in signs[place:])
