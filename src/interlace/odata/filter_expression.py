"""The tree of `$filter` expressions: its nodes, how to look into it, and how a client builds one.

Parsing is in `filter_parser`, evaluation over records in `filter_evaluation`, translation to SQL in
`filter_sql`. Trees are values: equal trees mean the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from interlace.odata.filter_nodes import (
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
)
from interlace.odata.filter_text import format_filter
from interlace.odata.literals import PrimitiveValue

__all__ = [
    "Alias",
    "Arithmetic",
    "ArithmeticOperator",
    "Call",
    "Comparison",
    "ComparisonOperator",
    "Constant",
    "Expression",
    "Field",
    "Lambda",
    "LambdaOperator",
    "Logical",
    "LogicalOperator",
    "Member",
    "Membership",
    "Minus",
    "NamedCall",
    "Negation",
    "ValueList",
    "all_of",
    "any_of",
    "children",
    "format_filter",
    "in_chunks",
    "members_of",
    "negate",
    "or_over_different_members",
    "rename_members",
    "rewrite",
    "walk",
]

# --- looking into a tree


def children(node: Expression) -> tuple[Expression, ...]:
    """The direct parts of a node."""
    match node:
        case ValueList(items=items):
            return items
        case Comparison(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case Membership(left=left, choices=choices):
            return (left, choices)
        case Logical(operands=operands):
            return operands
        case Negation(operand=operand) | Minus(operand=operand):
            return (operand,)
        case Call(arguments=arguments):
            return arguments
        case NamedCall(arguments=named):
            return tuple(value for _, value in named)
        case Lambda(collection=collection, condition=condition):
            return (collection,) if condition is None else (collection, condition)
        case _:
            return ()


def walk(node: Expression) -> Iterator[Expression]:
    """The node and all nodes below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def members_of(node: Expression) -> tuple[Member, ...]:
    """The properties a filter reads, each once, in order; members of lambda variables included."""
    return tuple(dict.fromkeys(each for each in walk(node) if isinstance(each, Member)))


def rewrite(node: Expression, change: Callable[[Expression], Expression]) -> Expression:
    """The tree with `change` applied to every node, leaves first."""
    return change(_with_children(node, lambda child: rewrite(child, change)))


def _with_children(node: Expression, new: Callable[[Expression], Expression]) -> Expression:
    match node:
        case ValueList(items=items):
            return ValueList(tuple(map(new, items)))
        case Comparison(left=left, right=right):
            return replace(node, left=new(left), right=new(right))
        case Arithmetic(left=left, right=right):
            return replace(node, left=new(left), right=new(right))
        case Membership(left=left, choices=choices):
            return Membership(new(left), new(choices))
        case Logical(operands=operands):
            return replace(node, operands=tuple(map(new, operands)))
        case Negation(operand=operand):
            return Negation(new(operand))
        case Minus(operand=operand):
            return Minus(new(operand))
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(map(new, arguments)))
        case NamedCall(arguments=named):
            return replace(node, arguments=tuple((name, new(value)) for name, value in named))
        case Lambda(condition=condition) if condition is not None:
            return replace(node, condition=new(condition))
        case _:
            return node


def rename_members(node: Expression, rename: Callable[[tuple[str, ...]], tuple[str, ...]]) -> Expression:
    """The tree with every property path replaced by `rename(path)` (raise there for unknown names)."""

    def change(each: Expression) -> Expression:
        match each:
            case Member(path=path):
                return Member(rename(path))
            case Lambda(collection=collection):
                return replace(each, collection=Member(rename(collection.path)))
            case _:
                return each

    return rewrite(node, change)


def or_over_different_members(node: Expression) -> tuple[Member, ...]:
    """The properties of the first `or` that joins conditions on different ones; empty if none does.

    Business Central refuses such filters.
    """
    for each in walk(node):
        if isinstance(each, Logical) and each.operator is LogicalOperator.OR:
            members = members_of(each)
            if len(members) > 1:
                return members
    return ()


# --- building


@dataclass(frozen=True, slots=True)
class Field:
    """A property in a filter that a client builds: `Field("No").eq("10000")`."""

    name: str

    @property
    def member(self) -> Member:
        """The property as a node."""
        return Member(tuple(self.name.split("/")))

    def _compare(self, operator: ComparisonOperator, value: PrimitiveValue) -> Comparison:
        return Comparison(operator, self.member, Constant(value))

    def eq(self, value: PrimitiveValue) -> Comparison:
        """Equal to a value."""
        return self._compare(ComparisonOperator.EQ, value)

    def ne(self, value: PrimitiveValue) -> Comparison:
        """Different from a value."""
        return self._compare(ComparisonOperator.NE, value)

    def gt(self, value: PrimitiveValue) -> Comparison:
        """Greater than a value."""
        return self._compare(ComparisonOperator.GT, value)

    def ge(self, value: PrimitiveValue) -> Comparison:
        """Greater than or equal to a value."""
        return self._compare(ComparisonOperator.GE, value)

    def lt(self, value: PrimitiveValue) -> Comparison:
        """Less than a value."""
        return self._compare(ComparisonOperator.LT, value)

    def le(self, value: PrimitiveValue) -> Comparison:
        """Less than or equal to a value."""
        return self._compare(ComparisonOperator.LE, value)

    def contains(self, text: str) -> Call:
        """Holds a text."""
        return Call("contains", (self.member, Constant(text)))

    def startswith(self, text: str) -> Call:
        """Begins with a text."""
        return Call("startswith", (self.member, Constant(text)))

    def is_in(self, values: Iterable[PrimitiveValue]) -> Membership:
        """Is one of the values (`in`, which older ERP services do not know: see `any_equal`)."""
        return Membership(self.member, ValueList(tuple(map(Constant, values))))

    def any_equal(self, values: Iterable[PrimitiveValue]) -> Expression:
        """Is one of the values, written as `or`; raises `ValueError` for no value."""
        return any_of(*(self.eq(value) for value in values))


def all_of(*conditions: Expression) -> Expression:
    """All conditions hold; raises `ValueError` for none."""
    return _joined(LogicalOperator.AND, conditions)


def any_of(*conditions: Expression) -> Expression:
    """At least one condition holds; raises `ValueError` for none."""
    return _joined(LogicalOperator.OR, conditions)


def negate(condition: Expression) -> Negation:
    """The condition does not hold."""
    return Negation(condition)


def _joined(operator: LogicalOperator, conditions: Sequence[Expression]) -> Expression:
    if not conditions:
        raise ValueError("A filter of no conditions has no text; leave the filter out.")
    if len(conditions) == 1:
        return conditions[0]
    flat: list[Expression] = []
    for each in conditions:
        flat.extend(each.operands if isinstance(each, Logical) and each.operator is operator else (each,))
    return Logical(operator, tuple(flat))


def in_chunks(
    name: str, values: Iterable[PrimitiveValue], *, count_max: int = 100, length_max: int = 1500
) -> Iterator[Expression]:
    """Filters `name eq v1 or name eq v2 ...` that cover all values, each within both bounds.

    `length_max` counts the characters of the text before percent-encoding; one value is never split.
    """
    field = Field(name)
    chunk: list[Expression] = []
    length = 0
    for value in values:
        condition = field.eq(value)
        size = len(format_filter(condition)) + len(" or ")
        if chunk and (len(chunk) >= count_max or length + size > length_max):
            yield any_of(*chunk)
            chunk, length = [], 0
        chunk.append(condition)
        length += size
    if chunk:
        yield any_of(*chunk)
