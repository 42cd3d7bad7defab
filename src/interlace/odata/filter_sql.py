"""Translation of filters to parameterised SQL (SQLite) over mirrored columns.

The filter is cut at its outermost `and`: conditions whose properties are all mirrored go to SQL, the rest
remains for `filter_evaluation`. SQL and evaluation select exactly the same records; what SQL could only do
approximately is left in the remainder.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final, NamedTuple, TypeAlias
from uuid import UUID

from interlace.odata.filter_expression import (
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    Expression,
    Logical,
    LogicalOperator,
    Member,
    Membership,
    Negation,
    ValueList,
)
from interlace.odata.filter_functions import EXACT_TEXT, TextRules
from interlace.odata.filter_values import fold_text, moment
from interlace.odata.literals import EnumLiteral, PrimitiveValue

SqlValue: TypeAlias = str | int | bytes | None


class SqlKind(enum.Enum):
    """How a mirrored column holds its values."""

    TEXT = "text"
    FOLDED_TEXT = "text as fold_text() gives it; only for services that ignore letter case"
    INTEGER = "whole number"
    BOOLEAN = "0 or 1"
    GUID = "lower-case text"
    DATE = "text yyyy-mm-dd"
    SECONDS = "UTC text yyyy-mm-ddThh:mm:ssZ"
    MILLISECONDS = "UTC text yyyy-mm-ddThh:mm:ss.fffZ"


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column that SQL may name; `expression` is its (quoted) SQL text."""

    expression: str
    kind: SqlKind = SqlKind.TEXT


class SqlCondition(NamedTuple):
    """A WHERE text with `?` places and its parameters."""

    text: str
    parameters: tuple[SqlValue, ...]


class SqlSplit(NamedTuple):
    """What SQL decides and what remains; None where there is nothing."""

    condition: SqlCondition | None
    remainder: Expression | None


ColumnFor: TypeAlias = Callable[[tuple[str, ...]], SqlColumn | None]


class _NotSql(Exception):
    """This condition cannot be said exactly in SQL."""


_ORDERINGS: Final = {
    ComparisonOperator.GT: ">",
    ComparisonOperator.GE: ">=",
    ComparisonOperator.LT: "<",
    ComparisonOperator.LE: "<=",
}
_MIRRORED: Final = {
    ComparisonOperator.GT: ComparisonOperator.LT,
    ComparisonOperator.GE: ComparisonOperator.LE,
    ComparisonOperator.LT: ComparisonOperator.GT,
    ComparisonOperator.LE: ComparisonOperator.GE,
}
_TEXT_KINDS: Final = (SqlKind.TEXT, SqlKind.FOLDED_TEXT)
_LIST_MAX: Final = 500


def to_sql(node: Expression, column_for: ColumnFor, rules: TextRules = EXACT_TEXT) -> SqlSplit:
    """What of the filter SQL can decide exactly, and what remains to be evaluated.

    `column_for(path)` names the mirrored column of a property path, or None. Replace aliases first
    (`resolve_aliases`).
    """
    is_and = isinstance(node, Logical) and node.operator is LogicalOperator.AND
    conditions: list[SqlCondition] = []
    rest: list[Expression] = []
    for part in node.operands if isinstance(node, Logical) and is_and else (node,):
        try:
            conditions.append(_Translation(column_for, rules).condition(part))
        except _NotSql:
            rest.append(part)
    return SqlSplit(
        _joined("AND", conditions) if conditions else None,
        None if not rest else rest[0] if len(rest) == 1 else Logical(LogicalOperator.AND, tuple(rest)),
    )


def _joined(word: str, conditions: Sequence[SqlCondition]) -> SqlCondition:
    if len(conditions) == 1:
        return conditions[0]
    return SqlCondition(
        f" {word} ".join(f"({each.text})" for each in conditions),
        tuple(value for each in conditions for value in each.parameters),
    )


@dataclass(frozen=True, slots=True)
class _Translation:
    column_for: ColumnFor
    rules: TextRules

    def condition(self, node: Expression) -> SqlCondition:
        match node:
            case Logical(operator=LogicalOperator.OR, operands=operands) if found := _alternatives(operands):
                return self._membership(*found)
            case Logical(operator=operator, operands=operands):
                return _joined(operator.value.upper(), [self.condition(each) for each in operands])
            case Negation(operand=operand):
                inner = self.condition(operand)
                return SqlCondition(f"NOT ({inner.text})", inner.parameters)
            case Comparison(left=Member() as member, right=Constant(value=value)):
                return self._comparison(member, node.operator, value)
            case Comparison(left=Constant(value=value), right=Member() as member):
                return self._comparison(member, _MIRRORED.get(node.operator, node.operator), value)
            case Membership(left=Member() as member, choices=ValueList(items=items)):
                return self._membership(member, items)
            case Call(name=name, arguments=(Member() as member, Constant(value=str() as needle))):
                return self._search(name, member, needle)
            case Member() as member:
                column = self._column(member)
                if column.kind is not SqlKind.BOOLEAN:
                    raise _NotSql
                return SqlCondition(column.expression, ())
            case _:
                raise _NotSql

    def _column(self, member: Member) -> SqlColumn:
        column = self.column_for(member.path)
        if column is None:
            raise _NotSql
        return column

    def _comparison(
        self, member: Member, operator: ComparisonOperator, value: PrimitiveValue
    ) -> SqlCondition:
        column = self._column(member)
        name = column.expression
        if operator is ComparisonOperator.EQ or operator is ComparisonOperator.NE:
            word = "IS" if operator is ComparisonOperator.EQ else "IS NOT"
            if value is None:
                return SqlCondition(f"{name} {word} NULL", ())
            parameter, collation = self._operand(column, value)
            return SqlCondition(f"{name} {word} ?{collation}", (parameter,))
        if operator not in _ORDERINGS:
            raise _NotSql
        if value is None:
            return SqlCondition("0", ())
        if column.kind is SqlKind.TEXT and self.rules.ignore_case:
            # NOCASE orders by ASCII letters only; equality of ASCII texts is all it can promise.
            raise _NotSql
        if column.kind is SqlKind.BOOLEAN:
            raise _NotSql
        parameter, _ = self._operand(column, value)
        # The protocol calls a comparison with null false, SQL calls it unknown: `not` tells them apart.
        return SqlCondition(f"{name} {_ORDERINGS[operator]} ? AND {name} IS NOT NULL", (parameter,))

    def _membership(self, member: Member, items: tuple[Expression, ...]) -> SqlCondition:
        column = self._column(member)
        values = [item.value for item in items if isinstance(item, Constant)]
        if len(values) != len(items) or None in values or not values or len(values) > _LIST_MAX:
            raise _NotSql
        operands = [self._operand(column, value) for value in values]
        collation = operands[0][1]
        text = f"{column.expression}{collation} IN ({', '.join('?' * len(values))})"
        return SqlCondition(
            f"{text} AND {column.expression} IS NOT NULL", tuple(parameter for parameter, _ in operands)
        )

    def _search(self, name: str, member: Member, needle: str) -> SqlCondition:
        column = self._column(member)
        if column.kind not in _TEXT_KINDS or (self.rules.wildcards and any(c in needle for c in "%_[")):
            raise _NotSql
        parameter, collation = self._operand(column, needle)
        assert isinstance(parameter, str)
        if collation:
            return self._like(name, column, parameter)
        match name:
            case "contains":
                return SqlCondition(f"instr({column.expression}, ?) > 0", (parameter,))
            case "startswith":
                return SqlCondition(f"substr({column.expression}, 1, {len(parameter)}) = ?", (parameter,))
            case "endswith" if parameter:
                return SqlCondition(f"substr({column.expression}, -{len(parameter)}) = ?", (parameter,))
            case _:
                raise _NotSql

    def _like(self, name: str, column: SqlColumn, needle: str) -> SqlCondition:
        escaped = needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        patterns = {"contains": f"%{escaped}%", "startswith": f"{escaped}%", "endswith": f"%{escaped}"}
        if name not in patterns:
            raise _NotSql
        return SqlCondition(f"{column.expression} LIKE ? ESCAPE '\\'", (patterns[name],))

    def _operand(self, column: SqlColumn, value: PrimitiveValue) -> tuple[SqlValue, str]:
        """The parameter for a column and the collation the comparison needs (with leading blank)."""
        if column.kind is SqlKind.TEXT and self.rules.ignore_case:
            if not isinstance(value, str) or not value.isascii() or "\0" in value:
                raise _NotSql
            return value, " COLLATE NOCASE"
        if column.kind is SqlKind.FOLDED_TEXT:
            if not isinstance(value, str) or not self.rules.ignore_case:
                raise _NotSql
            return _encode(SqlKind.TEXT, fold_text(value)), ""
        return _encode(column.kind, value), ""


def _alternatives(operands: Sequence[Expression]) -> tuple[Member, tuple[Expression, ...]] | None:
    """The member and the values of a condition that says no more than a list: SQLite answers lists by an index.

    Of alternatives it uses none once it has an index for another part of the filter.
    """
    first = operands[0]
    if not isinstance(first, Comparison) or not isinstance(first.left, Member) or len(operands) > _LIST_MAX:
        return None
    member, values = first.left, []
    for each in operands:
        match each:
            case Comparison(
                operator=ComparisonOperator.EQ, left=left, right=Constant(value=value) as constant
            ):
                if left != member or value is None:
                    return None
                values.append(constant)
            case _:
                return None
    return member, tuple(values)


def _encode(kind: SqlKind, value: PrimitiveValue) -> SqlValue:
    """The stored form of a literal; refuses what could compare otherwise than the protocol says."""
    match kind, value:
        case SqlKind.BOOLEAN, bool():
            return int(value)
        case SqlKind.INTEGER, bool():
            raise _NotSql
        case SqlKind.INTEGER, int() | Decimal():
            return _whole(value)
        case SqlKind.GUID, UUID():
            return str(value)
        case SqlKind.TEXT, str() if "\0" not in value:
            return value
        case SqlKind.TEXT, EnumLiteral():
            return value.members
        case SqlKind.DATE, datetime():
            raise _NotSql
        case SqlKind.DATE, date():
            return value.isoformat()
        case SqlKind.SECONDS, date() if (at := moment(value)).microsecond == 0:
            return _clock_text(at, "seconds")
        case SqlKind.MILLISECONDS, date() if (at := moment(value)).microsecond % 1000 == 0:
            return _clock_text(at, "milliseconds")
        case _:
            raise _NotSql


def _clock_text(at: datetime, precision: str) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"


def _whole(value: int | Decimal) -> int:
    if value % 1 != 0 or not -(2**63) <= value < 2**63:
        raise _NotSql
    return int(value)
