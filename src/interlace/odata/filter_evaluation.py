"""Evaluation of filters over records, compiled once to closures.

`null` follows the protocol: it equals only itself, is neither greater nor less than anything, and makes
functions, arithmetic and conditions unknown; an unknown filter selects nothing. Record values are what
JSON holds (texts for identifiers and times, numbers as int or Decimal); they are brought to the type of
the literal they meet.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, TypeAlias

from interlace.odata.filter_expression import (
    Alias,
    Arithmetic,
    ArithmeticOperator,
    Call,
    Comparison,
    ComparisonOperator,
    Constant,
    Expression,
    Lambda,
    LambdaOperator,
    Logical,
    LogicalOperator,
    Member,
    Membership,
    Minus,
    NamedCall,
    Negation,
    ValueList,
    rewrite,
)
from interlace.odata.filter_functions import EXACT_TEXT, FUNCTIONS, TextRules
from interlace.odata.filter_parser import parse_value
from interlace.odata.filter_values import common_type, number, read_member
from interlace.odata.protocol_error import FilterTypeMismatch, UnsupportedFeature

GetValue: TypeAlias = Callable[[tuple[str, ...]], object]
Getter: TypeAlias = Callable[[GetValue], object]
NamedFunction: TypeAlias = Callable[[Mapping[str, object], GetValue], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationRules:
    """What the service and the request add to a filter.

    `aliases` holds raw values of `@name` (an absent one counts as null); `named_functions` holds the
    service's own functions by full name, called with their arguments by name and the record's reader;
    `now` is the value of `now()`.
    """

    text: TextRules = EXACT_TEXT
    aliases: Mapping[str, str] = field(default_factory=dict)
    named_functions: Mapping[str, NamedFunction] = field(default_factory=dict)
    now: datetime | None = None


PLAIN_RULES: Final = EvaluationRules()


def compile_filter(node: Expression, rules: EvaluationRules = PLAIN_RULES) -> Callable[[GetValue], bool]:
    """The filter as a function of a record's reader `get_value(path)`.

    Raises `UnsupportedFeature` for functions nobody knows; the compiled function raises
    `FilterTypeMismatch` for values that do not fit.
    """
    getter = _compile(node, rules)

    def selects(get_value: GetValue) -> bool:
        return _condition(getter(get_value)) is True

    return selects


def compile_record_filter(
    node: Expression, rules: EvaluationRules = PLAIN_RULES
) -> Callable[[Mapping[str, object]], bool]:
    """The filter as a function of a decoded JSON record; paths walk through nested objects."""
    selects = compile_filter(node, rules)
    return lambda record: selects(lambda path: read_member(record, path))


def evaluate(node: Expression, get_value: GetValue, rules: EvaluationRules = PLAIN_RULES) -> bool:
    """Whether the filter selects the record behind `get_value`."""
    return compile_filter(node, rules)(get_value)


def resolve_aliases(node: Expression, aliases: Mapping[str, str]) -> Expression:
    """The tree with `@name` replaced by its parsed value; an alias without value becomes null."""

    def change(each: Expression) -> Expression:
        if not isinstance(each, Alias):
            return each
        raw = aliases.get(each.name)
        return Constant(None) if raw is None else parse_value(raw)

    return rewrite(node, change)


def _condition(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise FilterTypeMismatch(f"A condition was expected in a filter, not {value!r}.")


def _compile(node: Expression, rules: EvaluationRules) -> Getter:  # noqa: C901, PLR0912 - one branch a node
    match node:
        case Constant(value=value):
            return lambda get: value
        case Member(path=path):
            inside = path[1:] if path[0] == "$it" else path
            return lambda get: get(inside)
        case Alias(name=name):
            raw = rules.aliases.get(name)
            # A value cannot name further aliases: that could go round in circles.
            return _compile(Constant(None) if raw is None else parse_value(raw), replace(rules, aliases={}))
        case ValueList(items=items):
            getters = [_compile(item, rules) for item in items]
            return lambda get: [each(get) for each in getters]
        case Comparison():
            return _comparison(node, rules)
        case Membership():
            return _membership(node, rules)
        case Logical():
            return _logical(node, rules)
        case Negation(operand=operand):
            inner = _compile(operand, rules)
            return lambda get: None if (value := _condition(inner(get))) is None else not value
        case Arithmetic():
            return _arithmetic(node, rules)
        case Minus(operand=operand):
            inner = _compile(operand, rules)
            return lambda get: None if (value := inner(get)) is None else _negative(value)
        case Call():
            return _call(node, rules)
        case NamedCall():
            return _named_call(node, rules)
        case _:
            return _lambda(node, rules)


_ORDERINGS: Final[Mapping[ComparisonOperator, Callable[..., bool]]] = {
    ComparisonOperator.GT: operator.gt,
    ComparisonOperator.GE: operator.ge,
    ComparisonOperator.LT: operator.lt,
    ComparisonOperator.LE: operator.le,
}


def _comparison(node: Comparison, rules: EvaluationRules) -> Getter:
    left, right = _compile(node.left, rules), _compile(node.right, rules)
    fold = rules.text.ignore_case
    if node.operator is ComparisonOperator.HAS:
        raise UnsupportedFeature("The operator 'has' is not supported.")
    if node.operator in (ComparisonOperator.EQ, ComparisonOperator.NE):
        wanted = node.operator is ComparisonOperator.EQ
        return lambda get: _equal(left(get), right(get), fold=fold) is wanted
    ordering = _ORDERINGS[node.operator]

    def ordered(get: GetValue) -> object:
        first, second = left(get), right(get)
        if first is None or second is None:
            return False
        return ordering(*common_type(first, second, fold=fold))

    return ordered


def _equal(left: object, right: object, *, fold: bool) -> bool:
    if left is None or right is None:
        return left is right
    first, second = common_type(left, right, fold=fold)
    return first == second


def _membership(node: Membership, rules: EvaluationRules) -> Getter:
    left, choices = _compile(node.left, rules), _compile(node.choices, rules)
    fold = rules.text.ignore_case

    def member(get: GetValue) -> object:
        value, listed = left(get), choices(get)
        if not isinstance(listed, list | tuple):
            raise FilterTypeMismatch("A list was expected behind 'in'.")
        return any(_equal(value, each, fold=fold) for each in listed)

    return member


def _logical(node: Logical, rules: EvaluationRules) -> Getter:
    operands = [_compile(each, rules) for each in node.operands]
    # `and` is decided by the first false, `or` by the first true; otherwise an unknown makes it unknown.
    decisive = node.operator is LogicalOperator.OR

    def joined(get: GetValue) -> object:
        unknown = False
        for operand in operands:
            value = _condition(operand(get))
            if value is decisive:
                return decisive
            unknown = unknown or value is None
        return None if unknown else not decisive

    return joined


def _arithmetic(node: Arithmetic, rules: EvaluationRules) -> Getter:
    left, right = _compile(node.left, rules), _compile(node.right, rules)

    def combined(get: GetValue) -> object:
        first, second = left(get), right(get)
        return None if first is None or second is None else _combine(node.operator, first, second)

    return combined


def _combine(sign: ArithmeticOperator, left: object, right: object) -> object:
    if isinstance(left, date | timedelta) and isinstance(right, date | timedelta):
        return _combine_times(sign, left, right)
    first, second = number(left), number(right)
    match sign:
        case ArithmeticOperator.ADD:
            return first + second
        case ArithmeticOperator.SUB:
            return first - second
        case ArithmeticOperator.MUL:
            return first * second
        case _ if not second:
            raise FilterTypeMismatch("A filter divides by zero.")
        case ArithmeticOperator.MOD:
            return Decimal(first) % Decimal(second)
        case ArithmeticOperator.DIV if isinstance(first, int) and isinstance(second, int):
            # Whole numbers are divided as whole numbers, towards zero.
            quotient = abs(first) // abs(second)
            return quotient if (first < 0) == (second < 0) else -quotient
        case _:
            return Decimal(first) / Decimal(second)


def _combine_times(sign: ArithmeticOperator, left: date | timedelta, right: date | timedelta) -> object:
    try:
        match sign, left, right:
            case ArithmeticOperator.ADD, date() | timedelta(), timedelta():
                return left + right
            case ArithmeticOperator.SUB, date() | timedelta(), timedelta():
                return left - right
            case ArithmeticOperator.SUB, datetime(), datetime():
                return left - right
            case _:
                pass
    except (OverflowError, TypeError) as error:
        raise FilterTypeMismatch(f"A filter computes a time out of range: {error}") from error
    raise FilterTypeMismatch(f"'{sign.value}' does not combine these times.")


def _negative(value: object) -> object:
    return -value if isinstance(value, timedelta) else -number(value)


def _call(node: Call, rules: EvaluationRules) -> Getter:
    if node.name == "now" and not node.arguments and rules.now is not None:
        now = rules.now
        return lambda get: now
    if node.name in rules.named_functions and not node.arguments:
        return _named_call(NamedCall(node.name, ()), rules)
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise UnsupportedFeature(f"The function '{node.name}' is not supported.", text=node.name)
    least, most = function.arity
    if not least <= len(node.arguments) <= most:
        raise FilterTypeMismatch(f"The function '{node.name}' takes another number of arguments.")
    arguments = [_compile(each, rules) for each in node.arguments]
    apply, text_rules = function.apply, rules.text

    def called(get: GetValue) -> object:
        values = [each(get) for each in arguments]
        return None if None in values else apply(text_rules, values)

    return called


def _named_call(node: NamedCall, rules: EvaluationRules) -> Getter:
    function = rules.named_functions.get(node.name)
    if function is None:
        raise UnsupportedFeature(f"The function '{node.name}' is not supported.", text=node.name)
    arguments = {name: _compile(value, rules) for name, value in node.arguments}
    return lambda get: function({name: each(get) for name, each in arguments.items()}, get)


def _lambda(node: Lambda, rules: EvaluationRules) -> Getter:
    path, variable = node.collection.path, node.variable
    condition = None if node.condition is None else _compile(node.condition, rules)
    wanted = node.operator is LambdaOperator.ANY

    def over(get: GetValue) -> object:
        items = get(path)
        if items is None:
            return not wanted
        if not isinstance(items, list | tuple):
            raise FilterTypeMismatch(f"'{'/'.join(path)}' is not a collection.")
        if condition is None:
            return bool(items)
        for item in items:
            if (_condition(condition(_reader(item, variable, get))) is True) is wanted:
                return wanted
        return not wanted

    return over


def _reader(item: object, variable: str | None, outer: GetValue) -> GetValue:
    def get(path: tuple[str, ...]) -> object:
        if not path or path[0] != variable:
            return outer(path)
        if len(path) == 1:
            return item
        return read_member(item, path[1:]) if isinstance(item, Mapping) else None

    return get
