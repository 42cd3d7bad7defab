"""Filters as conditions of SQL; every value is a parameter."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias, assert_never

import sqlalchemy as sa
from sqlalchemy.sql import operators

from interlace.domain.filter_language import FieldKind
from interlace.domain.filter_nodes import (
    AllOf,
    AnyOf,
    Blank,
    Bound,
    Equal,
    Filter,
    FilterValue,
    Interval,
    Like,
    Wildcard,
    folded,
    folded_pieces,
)
from interlace.store.computed_text import ComputedText
from interlace.store.encoding import time_to_text

Condition: TypeAlias = sa.ColumnElement[bool]
Expression: TypeAlias = sa.ColumnElement[Any]

_GLOB_SIGNS = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]"})
_LIKE_SIGNS = str.maketrans({"%": "\\%", "_": "\\_", "\\": "\\\\"})
_LAST_CHARACTER = "\U0010ffff"
_TEXTS = frozenset({FieldKind.TEXT, FieldKind.CODE, FieldKind.CHOICE})


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredColumn:
    """A column of a list as it is stored."""

    column: sa.Column[Any] | ComputedText
    kind: FieldKind = FieldKind.TEXT
    folded: sa.Column[Any] | None = None
    """Column that holds the same text folded."""
    is_indexed: bool = False
    """An index begins with the list's branch and this column, or its folded one."""
    is_searched: bool = False
    """Its text stands, without case and accents, in the index of any three characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What the two databases do differently."""

    is_postgresql: bool

    def beside_index(self, column: Expression) -> Expression:
        """Keep SQLite from choosing an index by this column: it would guess, and then sort a million rows."""
        if self.is_postgresql:
            return column
        return sa.UnaryExpression(column, operator=operators.custom_op("+"), type_=column.type)

    def folded(self, column: Expression) -> Expression:
        """Fold a text that is not stored folded."""
        if self.is_postgresql:
            # Our keys have the collation C, which knows no letters but those of English.
            return sa.func.lower(sa.collate(column, "default"))
        return sa.func.folded(column)

    def has_pattern(self, column: Expression, pieces: tuple[str | Wildcard, ...]) -> Condition:
        """Compare with a pattern, in which case counts."""
        if self.is_postgresql:
            signs = {Wildcard.ANY: "%", Wildcard.ONE: "_"}
            pattern = "".join(_written(piece, signs, _LIKE_SIGNS) for piece in pieces)
            return column.like(pattern, escape="\\")
        signs = {Wildcard.ANY: "*", Wildcard.ONE: "?"}
        pattern = "".join(_written(piece, signs, _GLOB_SIGNS) for piece in pieces)
        return column.op("GLOB", is_comparison=True, return_type=sa.Boolean())(pattern)


def condition(node: Filter, stored: StoredColumn, dialect: Dialect, *, by_index: bool = False) -> Condition:
    """Write a filter as a condition; without `by_index` no index is chosen by it."""

    def at(column: Expression) -> Expression:
        return column if by_index else dialect.beside_index(column)

    match node:
        case AllOf():
            parts = [condition(part, stored, dialect, by_index=by_index) for part in node.parts]
            return sa.and_(sa.true(), *parts)
        case AnyOf():
            parts = [condition(part, stored, dialect, by_index=by_index) for part in node.parts]
            return sa.or_(sa.false(), *parts)
        case Blank():
            return _blank(at(stored.column), stored, negated=node.negated)
        case Equal():
            column, value = _sides(node.value, stored, dialect, ignore_case=node.ignore_case)
            found = at(column) == value
        case Interval():
            found = _between(node, stored, dialect, by_index=by_index)
        case Like():
            column = _folded(stored, dialect) if node.ignore_case else stored.column
            pieces = folded_pieces(node.pieces) if node.ignore_case else node.pieces
            found = dialect.has_pattern(at(column), pieces)
            if by_index and isinstance(pieces[0], str) and not node.negated:
                return sa.and_(begins_with(column, pieces[0]), found)
        case _:
            assert_never(node)
    if stored.column.nullable:
        # What is missing is blank text; of other kinds it fails every comparison, and passes the opposite.
        found = sa.func.coalesce(found, _of_missing(node, stored))
    return sa.not_(found) if node.negated else found


def begins_with(column: Expression, text: str) -> Condition:
    """Tell whether a text begins so, in a way that every index understands."""
    return sa.and_(column >= text, column < text + _LAST_CHARACTER)


def _written(piece: str | Wildcard, signs: dict[Wildcard, str], escapes: dict[int, str]) -> str:
    return signs[piece] if isinstance(piece, Wildcard) else piece.translate(escapes)


def _blank(column: Expression, stored: StoredColumn, *, negated: bool) -> Condition:
    if stored.kind not in _TEXTS and stored.kind is not FieldKind.MOMENT:
        return column.is_not(None) if negated else column.is_(None)
    # What is never missing is compared as it is, so that its index serves.
    text = sa.func.coalesce(column, "") if stored.column.nullable else column
    return text != "" if negated else text == ""


def _between(node: Interval, stored: StoredColumn, dialect: Dialect, *, by_index: bool) -> Condition:
    parts: list[Condition] = []
    for bound, is_low in ((node.low, True), (node.high, False)):
        if bound is not None:
            parts.append(_beyond(bound, node, stored, dialect, is_low=is_low, by_index=by_index))
    if stored.kind is FieldKind.MOMENT and node.low is None:
        # A moment that is missing may be kept as blank text, which would come before every other.
        parts.append((stored.column if by_index else dialect.beside_index(stored.column)) > "")
    return sa.and_(*parts)


def _beyond(
    bound: Bound, node: Interval, stored: StoredColumn, dialect: Dialect, *, is_low: bool, by_index: bool
) -> Condition:
    column, value = _sides(bound.value, stored, dialect, ignore_case=node.ignore_case)
    if not by_index:
        column = dialect.beside_index(column)
    if is_low:
        return column >= value if bound.inclusive else column > value
    return column <= value if bound.inclusive else column < value


def _sides(
    value: FilterValue, stored: StoredColumn, dialect: Dialect, *, ignore_case: bool
) -> tuple[Expression, object]:
    if ignore_case and isinstance(value, str):
        return _folded(stored, dialect), folded(value)
    return stored.column, _parameter(value)


def _folded(stored: StoredColumn, dialect: Dialect) -> Expression:
    return dialect.folded(stored.column) if stored.folded is None else stored.folded


def _parameter(value: FilterValue) -> object:
    match value:
        case datetime():
            return time_to_text(value)
        case date():
            return value.isoformat()
        case Decimal():
            # No column holds more digits than a float does; a whole number stays one, so that indexes serve it.
            return int(value) if value == value.to_integral_value() else float(value)
        case _:
            return value


def _of_missing(node: Equal | Interval | Like, stored: StoredColumn) -> Condition:
    """Tell whether what is missing passes, as `filter_nodes.holds` does (before `negated` is looked at)."""
    match node:
        case Like():
            is_open = all(piece is Wildcard.ANY for piece in node.pieces)
            return sa.true() if is_open else sa.false()
        case Interval() if stored.kind in _TEXTS:
            low = node.low is None or (node.low.value == "" and node.low.inclusive)
            high = node.high is None or node.high.value != "" or node.high.inclusive
            return sa.true() if low and high else sa.false()
        case _:
            return sa.false()
