"""The nodes of `$filter` trees: values only, equal when they mean the same."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TypeAlias

from interlace.odata.literals import PrimitiveValue


class ComparisonOperator(enum.Enum):
    """The comparison operators."""

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    HAS = "has"


class LogicalOperator(enum.Enum):
    """The operators that join conditions."""

    AND = "and"
    OR = "or"


class ArithmeticOperator(enum.Enum):
    """The arithmetic operators."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"
    DIV = "div"
    DIVBY = "divby"
    MOD = "mod"


class LambdaOperator(enum.Enum):
    """The operators over collections."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: PrimitiveValue


@dataclass(frozen=True, slots=True)
class Member:
    """A property or a path to one: `No`, `primarycontactid/fullname`, `Lines/$count`, `$it`."""

    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alias:
    """`@name`, whose value stands in the query string."""

    name: str


@dataclass(frozen=True, slots=True)
class ValueList:
    """A list: `('a','b')` behind `in`, `["a","b"]` as argument of a call."""

    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two values compared."""

    operator: ComparisonOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Membership:
    """`left in (...)`."""

    left: Expression
    choices: Expression


@dataclass(frozen=True, slots=True)
class Logical:
    """Two or more conditions joined by one operator."""

    operator: LogicalOperator
    operands: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """`not` a condition."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two numbers (or times and durations) combined."""

    operator: ArithmeticOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Minus:
    """The negative of a number."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function with positional arguments: `contains(name,'a')`."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class NamedCall:
    """A function with named arguments: `Microsoft.Dynamics.CRM.In(PropertyName='c',PropertyValues=[...])`."""

    name: str
    arguments: tuple[tuple[str, Expression], ...]

    def argument(self, name: str) -> Expression | None:
        """The argument of that name."""
        return next((value for key, value in self.arguments if key == name), None)


@dataclass(frozen=True, slots=True)
class Lambda:
    """`path/any(x:condition)`; `any()` has neither variable nor condition."""

    operator: LambdaOperator
    collection: Member
    variable: str | None = None
    condition: Expression | None = None


Expression: TypeAlias = (
    Constant
    | Member
    | Alias
    | ValueList
    | Comparison
    | Membership
    | Logical
    | Negation
    | Arithmetic
    | Minus
    | Call
    | NamedCall
    | Lambda
)
