"""Filters of the CRM: columns and lookup paths to SQL, Microsoft's functions, the rest by evaluation."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from interlace.odata.filter_evaluation import EvaluationRules, compile_filter, resolve_aliases
from interlace.odata.filter_expression import (
    Comparison,
    ComparisonOperator,
    Constant,
    Expression,
    Lambda,
    Logical,
    LogicalOperator,
    Member,
    Membership,
    NamedCall,
    Negation,
    ValueList,
    members_of,
    rewrite,
    walk,
)
from interlace.odata.filter_functions import TextRules
from interlace.odata.filter_sql import SqlColumn, SqlCondition, SqlKind, to_sql
from interlace.odata.literals import PrimitiveValue, parse_literal
from interlace.odata.protocol_error import ProtocolError
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.column_values import parse_guid
from interlace.sandbox.crm.record_layout import Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import NAMESPACE, Column, ColumnKind, Table
from interlace.sandbox.entity_store import quoted

TEXT_RULES = TextRules(ignore_case=True, wildcards=True)

_KINDS = {
    ColumnKind.TEXT: SqlKind.FOLDED_TEXT,
    ColumnKind.MEMO: SqlKind.FOLDED_TEXT,
    ColumnKind.INTEGER: SqlKind.INTEGER,
    ColumnKind.BIG_INTEGER: SqlKind.INTEGER,
    ColumnKind.CHOICE: SqlKind.INTEGER,
    ColumnKind.STATE: SqlKind.INTEGER,
    ColumnKind.STATUS: SqlKind.INTEGER,
    ColumnKind.BOOLEAN: SqlKind.BOOLEAN,
    ColumnKind.DATETIME: SqlKind.SECONDS,
    ColumnKind.DATE: SqlKind.DATE,
    ColumnKind.KEY: SqlKind.GUID,
    ColumnKind.GUID: SqlKind.GUID,
    ColumnKind.LOOKUP: SqlKind.GUID,
}
_RELATIVE = re.compile(r"(?P<side>Last|Next|OlderThan)X(?P<unit>Minutes|Hours|Days|Weeks)$")
_PEOPLE = frozenset({"EqualUserId", "NotEqualUserId", "EqualBusinessId", "NotEqualBusinessId"})
_DAYS = {"Yesterday": (-1, 0), "Today": (0, 1), "Tomorrow": (1, 2), "Last7Days": (-7, 1), "Next7Days": (0, 8)}


@dataclass(frozen=True, slots=True)
class Selection:
    """What a filter selects: an SQL condition and, where SQL cannot say it, a predicate over rows."""

    condition: SqlCondition | None
    predicate: Callable[[Row], bool] | None


def select_by(
    records: Records, table: Table, node: Expression, aliases: Mapping[str, str], author: Author
) -> Selection:
    """Prepares a filter for a table; raises `Refusal` for unknown columns and functions."""
    try:
        node = resolve_aliases(node, aliases)
        node = rewrite(node, lambda each: _plain(each, records, table, author))
        _require_columns(records, table, node)
        split = to_sql(node, lambda path: _sql_column(records, table, path), TEXT_RULES)
        if split.remainder is None:
            return Selection(split.condition, None)
        rules = EvaluationRules(text=TEXT_RULES, now=records.now())
        selects = compile_filter(split.remainder, rules)
    except ProtocolError as error:
        raise errors.feature_refused(error.message) from error

    def predicate(row: Row) -> bool:
        try:
            return selects(lambda path: read_path(records, table, row, path))
        except ProtocolError as error:
            raise errors.feature_refused(error.message) from error

    return Selection(split.condition, predicate)


def read_path(records: Records, table: Table, row: Mapping[str, object], path: tuple[str, ...]) -> object:
    """The value at a path from a record: a column, a column behind lookups, or a collection's rows."""
    name, rest = path[0], path[1:]
    if name in row:
        return row[name]
    column = table.lookups.get(name)
    if column is not None:
        target = records.schema.tables[column.targets[name]]
        target_id = row[column.wire_name]
        found = None if target_id is None else records.row(target.logical_name, str(target_id))
        if not rest:
            return found
        return None if found is None else read_path(records, target, found, rest)
    return records.members_of(table, str(row[table.key]), name)


def _sql_column(records: Records, table: Table, path: tuple[str, ...]) -> SqlColumn | None:
    """Mirrored columns, also behind lookups: a scalar subquery reads the related record's mirror."""
    owner = quoted(table.logical_name)
    column = table.by_wire_name.get(path[0])
    if len(path) == 1:
        return None if column is None else _mirrored(records, table, column, owner)
    lookup = table.lookups.get(path[0])
    if lookup is None or len(path) != 2 or not lookup.mirrored:
        return None
    target = records.schema.tables[lookup.targets[path[0]]]
    far = target.by_wire_name.get(path[1])
    inner = None if far is None else _mirrored(records, target, far, "far")
    if inner is None:
        return None
    near = f"{owner}.{quoted(lookup.wire_name)}"
    join = f"far.{quoted(target.key)} = {near}"
    select = f"(SELECT {inner.expression} FROM {quoted(target.logical_name)} far WHERE {join})"
    return SqlColumn(select, inner.kind)


def _mirrored(records: Records, table: Table, column: Column, owner: str) -> SqlColumn | None:
    if column.name == "versionnumber":
        return SqlColumn(f"{owner}._version", SqlKind.INTEGER)
    kind = _KINDS.get(column.kind)
    if kind is None or column.wire_name not in records.layouts[table.logical_name].mirrored_names:
        return None
    return SqlColumn(f"{owner}.{quoted(column.wire_name)}", kind)


def _require_columns(records: Records, table: Table, node: Expression) -> None:
    variables = {each.variable for each in walk(node) if isinstance(each, Lambda) and each.variable}
    for member in members_of(node):
        if member.path[0] in variables:
            continue
        require_path(records, table, member.path)


def require_path(records: Records, table: Table, path: tuple[str, ...]) -> None:
    """Refuses a path that names no column (or navigation) of the table."""
    name = path[0]
    if name in table.by_wire_name:
        return
    lookup = table.lookups.get(name)
    if lookup is not None:
        if len(path) > 1:
            require_path(records, records.schema.tables[lookup.targets[name]], path[1:])
        return
    if name in table.collections or records.schema.many_to_many_of(table, name) is not None:
        return
    raise errors.refused(
        errors.NO_ATTRIBUTE, f"Could not find a property named '{name}' on type '{table.type_name}'."
    )


# --- Microsoft's functions, in the words of plain filters


def _plain(node: Expression, records: Records, table: Table, author: Author) -> Expression:
    if not isinstance(node, NamedCall):
        return node
    name = node.name.removeprefix(f"{NAMESPACE}.")
    target = node.argument("PropertyName")
    if not isinstance(target, Constant) or not isinstance(target.value, str):
        raise errors.feature_refused(f"The function {name} needs PropertyName.")
    member = Member(tuple(target.value.split("/")))
    column = table.by_wire_name.get(target.value)
    is_text = column is not None and column.kind in (ColumnKind.TEXT, ColumnKind.MEMO)
    values = _argument_values(node, is_text=is_text)
    relative = _RELATIVE.match(name)
    if relative is not None or name in _DAYS:
        return _relative_range(member, name, relative, values, records.now())
    if name in _PEOPLE:
        operator = ComparisonOperator.NE if name.startswith("Not") else ComparisonOperator.EQ
        own = author.user_id if name.endswith("UserId") else records.root_business_unit_id or ""
        return Comparison(operator, member, Constant(_typed(own)))
    return _by_values(member, name, values)


def _by_values(member: Member, name: str, values: list[PrimitiveValue]) -> Expression:
    match name:
        case "In" | "NotIn":
            among = Membership(member, ValueList(tuple(map(Constant, values))))
            return among if name == "In" else Negation(among)
        case "Between" | "NotBetween" if len(values) == 2:
            inside = _range(member, values[0], values[1], inclusive=True)
            return inside if name == "Between" else Negation(inside)
        case "On" if len(values) == 1:
            day = _day(values[0])
            return _range(member, day, day + timedelta(days=1), inclusive=False)
        case "OnOrAfter" if len(values) == 1:
            return Comparison(ComparisonOperator.GE, member, Constant(_day(values[0])))
        case "OnOrBefore" if len(values) == 1:
            return Comparison(ComparisonOperator.LT, member, Constant(_day(values[0]) + timedelta(days=1)))
        case _:
            raise errors.feature_refused(f"The query function '{name}' is not supported.")


def _argument_values(node: NamedCall, *, is_text: bool) -> list[PrimitiveValue]:
    found = node.argument("PropertyValues") or node.argument("PropertyValue")
    items = found.items if isinstance(found, ValueList) else (found,)
    values = [item.value for item in items if isinstance(item, Constant)]
    return values if is_text else [_typed(value) for value in values]


def _typed(value: PrimitiveValue) -> PrimitiveValue:
    """Values of these functions are texts whatever the column holds: read what the text spells."""
    if not isinstance(value, str):
        return value
    guid = parse_guid(value)
    if guid is not None or re.fullmatch(r"[+-]?\d+(\.\d+)?|\d{4}-\d\d-\d\d([Tt].*)?", value):
        try:
            return parse_literal(guid or value)
        except ProtocolError:
            return value
    return value


def _day(value: PrimitiveValue) -> datetime:
    text = value if isinstance(value, str) else str(value)
    try:
        return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC)
    except ValueError as error:
        raise errors.feature_refused(f"'{text}' is no date.") from error


def _range(member: Member, low: PrimitiveValue, high: PrimitiveValue, *, inclusive: bool) -> Logical:
    upper = ComparisonOperator.LE if inclusive else ComparisonOperator.LT
    return Logical(
        LogicalOperator.AND,
        (Comparison(ComparisonOperator.GE, member, Constant(low)), Comparison(upper, member, Constant(high))),
    )


def _relative_range(
    member: Member, name: str, relative: re.Match[str] | None, values: list[PrimitiveValue], now: datetime
) -> Expression:
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if relative is None:
        first, last = _DAYS[name]
        return _range(member, today + timedelta(days=first), today + timedelta(days=last), inclusive=False)
    count = values[0] if values and isinstance(values[0], int) else 0
    span = timedelta(**{relative["unit"].lower(): count})
    if relative["side"] == "Last":
        return _range(member, now - span, now, inclusive=True)
    if relative["side"] == "Next":
        return _range(member, now, now + span, inclusive=True)
    return Comparison(ComparisonOperator.LT, member, Constant(now - span))
