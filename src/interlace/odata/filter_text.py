"""Writing `$filter` trees as text."""

from __future__ import annotations

import json

from interlace.odata.filter_nodes import (
    Alias,
    Arithmetic,
    ArithmeticOperator,
    Call,
    Comparison,
    Constant,
    Expression,
    Lambda,
    Logical,
    LogicalOperator,
    Member,
    Membership,
    Minus,
    NamedCall,
    Negation,
    ValueList,
)
from interlace.odata.literals import format_literal

_ARITHMETIC_RANK = {
    ArithmeticOperator.ADD: 4,
    ArithmeticOperator.SUB: 4,
    ArithmeticOperator.MUL: 5,
    ArithmeticOperator.DIV: 5,
    ArithmeticOperator.DIVBY: 5,
    ArithmeticOperator.MOD: 5,
}


def _rank(node: Expression) -> int:
    match node:
        case Logical(operator=operator):
            return 0 if operator is LogicalOperator.OR else 1
        case Comparison() | Membership():
            return 3
        case Arithmetic(operator=arithmetic):
            return _ARITHMETIC_RANK[arithmetic]
        case Negation():
            return 2
        case Minus():
            return 6
        case _:
            return 7


def format_filter(node: Expression) -> str:  # noqa: C901, PLR0912 - one branch a node
    """The text of a filter, not yet percent-encoded; parentheses stand only where they are needed."""
    match node:
        case Constant(value=value):
            return format_literal(value)
        case Member(path=path):
            return "/".join(path)
        case Alias(name=name):
            return f"@{name}"
        case ValueList(items=items):
            return "(" + ",".join(map(format_filter, items)) + ")"
        case Comparison(operator=comparison, left=left, right=right):
            return f"{_inside(left, 4)} {comparison.value} {_inside(right, 4)}"
        case Membership(left=left, choices=choices):
            return f"{_inside(left, 4)} in {format_filter(choices)}"
        case Logical(operator=logical, operands=operands):
            return f" {logical.value} ".join(_inside(each, _rank(node) + 1) for each in operands)
        case Negation(operand=operand):
            return f"not {_inside(operand, 7)}"
        case Arithmetic(operator=arithmetic, left=left, right=right):
            rank = _rank(node)
            return f"{_inside(left, rank)} {arithmetic.value} {_inside(right, rank + 1)}"
        case Minus(operand=operand):
            text = _inside(operand, 7)
            # `-5` would be read back as a literal, `--x` not at all.
            return f"-({text})" if isinstance(operand, Constant) else f"-{text}"
        case Call(name=name, arguments=arguments):
            return f"{name}({','.join(map(format_filter, arguments))})"
        case NamedCall(name=name, arguments=named):
            return f"{name}({','.join(f'{key}={_argument(value)}' for key, value in named)})"
        case _:
            return _format_lambda(node)


def _inside(node: Expression, rank: int) -> str:
    text = format_filter(node)
    return f"({text})" if _rank(node) < rank else text


def _argument(node: Expression) -> str:
    """Lists among named arguments are JSON arrays; all Microsoft clients write them so."""
    if not isinstance(node, ValueList):
        return format_filter(node)
    return "[" + ",".join(_json_item(item) for item in node.items) + "]"


def _json_item(item: Expression) -> str:
    if isinstance(item, Constant) and isinstance(item.value, str):
        return json.dumps(item.value, ensure_ascii=False)
    return format_filter(item)


def _format_lambda(node: Lambda) -> str:
    condition = "" if node.condition is None else f"{node.variable}:{format_filter(node.condition)}"
    return f"{format_filter(node.collection)}/{node.operator.value}({condition})"
