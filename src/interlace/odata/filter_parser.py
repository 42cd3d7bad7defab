"""Parser of `$filter` texts (decoded, that is without percent-encoding) into expression trees.

Follows the OData 4.01 grammar with two widenings that real services allow: `not a eq b` negates the
comparison, and calls with named arguments take JSON arrays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final, NamedTuple, NoReturn, TypeAlias, TypeVar

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
)
from interlace.odata.literals import LITERAL_PATTERN, literal_value
from interlace.odata.protocol_error import FilterSyntaxError, LiteralSyntaxError

DEPTH_MAX: Final = 50
NODES_MAX: Final = 2_000
LIST_MAX: Final = 500
"""What one filter may ask of a service: deeper, more or longer lists are refused before a tree is made of them."""

_Operator = TypeVar("_Operator")
_Rule: TypeAlias = Callable[[], Expression]

_IDENTIFIER = r"[^\W\d]\w*"
_TOKEN: Final = re.compile(
    rf"(?P<blank>[ \t]+)|{LITERAL_PATTERN}|(?P<jsontext>\"(?:[^\"\\]|\\.)*\")"
    rf"|(?P<alias>@{_IDENTIFIER})|(?P<name>\$?{_IDENTIFIER}(?:\.{_IDENTIFIER})*)"
    r"|(?P<mark>[()\[\],:/=-])"
)
_LITERAL_KINDS: Final = frozenset(
    ["string", "guid", "moment", "date", "clock", "duration", "binary", "enum", "number", "special", "word"]
)
_COMPARISONS: Final[dict[str, ComparisonOperator]] = {each.value: each for each in ComparisonOperator}
_SUMS: Final[dict[str, ArithmeticOperator]] = {"add": ArithmeticOperator.ADD, "sub": ArithmeticOperator.SUB}
_PRODUCTS: Final[dict[str, ArithmeticOperator]] = {
    each.value: each for each in ArithmeticOperator if each.value in ("mul", "div", "divby", "mod")
}
_LAMBDAS: Final = {each.value: each for each in LambdaOperator}


class _Token(NamedTuple):
    kind: str
    text: str
    position: int
    after_blank: bool


_END: Final = "end"


def parse_filter(text: str) -> Expression:
    """The tree of a filter text; raises `FilterSyntaxError`."""
    parser = _Parser(text)
    node = parser.condition()
    parser.expect_end()
    return node


def parse_value(text: str) -> Expression:
    """The tree of a parameter alias' value: a literal, a list or an expression."""
    parser = _Parser(text)
    node = parser.argument()
    parser.expect_end()
    return node


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    position, after_blank, nodes = 0, False, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise FilterSyntaxError(
                f"Unexpected character '{text[position]}' at position {position} of the filter '{text}'.",
                text=text,
                position=position,
            )
        kind, token = match.lastgroup, match.group()
        if kind == "number" and token[0] in "+-" and not after_blank and found and _ends_operand(found[-1]):
            # `a-5`: a sign glued to an operand is no literal of its own.
            raise FilterSyntaxError(
                f"An operator was expected before '{token}'.", text=text, position=position
            )
        if kind == "blank":
            after_blank = True
        else:
            found.append(_Token(kind, token, position, after_blank))
            after_blank = False
            nodes += kind != "mark"
            if nodes > NODES_MAX:
                raise FilterSyntaxError(
                    f"The filter has more than {NODES_MAX} names, values and operators.", position=position
                )
        position = match.end()
    found.append(_Token(_END, "", len(text), after_blank))
    return found


def _ends_operand(token: _Token) -> bool:
    return token.kind != "mark" or token.text in ")]"


class _Parser:
    """Recursive descent, one method per level of precedence."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._index = 0
        self._depth = 0

    # --- the stream of tokens

    @property
    def _next(self) -> _Token:
        return self._tokens[self._index]

    def _take(self) -> _Token:
        token = self._tokens[self._index]
        self._index += 1
        return token

    def _fail(self, expected: str) -> NoReturn:
        token = self._next
        found = f"'{token.text}'" if token.kind != _END else "the end"
        raise FilterSyntaxError(
            f"{expected} was expected at position {token.position} of the filter "
            f"'{self._text}', not {found}.",
            text=self._text,
            position=token.position,
        )

    def _mark(self, mark: str) -> bool:
        if self._next.kind == "mark" and self._next.text == mark:
            self._index += 1
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._mark(mark):
            self._fail(f"'{mark}'")

    def _operator(self, names: dict[str, _Operator]) -> _Operator | None:
        """Operators are words between blanks: `a eq b`; behind a parenthesis the blank may lack."""
        token = self._next
        if token.kind != "name" or token.text not in names:
            return None
        following = self._tokens[self._index + 1]
        if not following.after_blank and following.text != "(":
            return None
        if not token.after_blank and self._tokens[self._index - 1].text != ")":
            return None
        self._index += 1
        return names[token.text]

    def expect_end(self) -> None:
        if self._next.kind != _END:
            self._fail("An operator or the end")

    # --- precedence, from loose to tight

    def condition(self) -> Expression:
        return self._nested(self._disjunction)

    def _disjunction(self) -> Expression:
        operands = [self._conjunction()]
        while self._operator({"or": LogicalOperator.OR}) is not None:
            operands.append(self._conjunction())
        return _joined(LogicalOperator.OR, operands)

    def _conjunction(self) -> Expression:
        operands = [self._comparison()]
        while self._operator({"and": LogicalOperator.AND}) is not None:
            operands.append(self._comparison())
        return _joined(LogicalOperator.AND, operands)

    def _comparison(self) -> Expression:
        if self._starts_negation():
            self._index += 1
            return Negation(self._nested(self._comparison))
        left = self._sum()
        if self._operator({"in": True}) is not None:
            return Membership(left, self._choices())
        operator = self._operator(_COMPARISONS)
        return left if operator is None else Comparison(operator, left, self._sum())

    def _starts_negation(self) -> bool:
        token, following = self._next, self._tokens[min(self._index + 1, len(self._tokens) - 1)]
        return (
            token.kind == "name"
            and token.text == "not"
            and (following.after_blank or following.text == "(")
            and following.text not in _COMPARISONS
        )

    def _nested(self, rule: _Rule) -> Expression:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise FilterSyntaxError("The filter is nested too deeply.", text=self._text)
        node = rule()
        self._depth -= 1
        return node

    def _choices(self) -> Expression:
        if self._next.kind == "alias":
            return Alias(self._take().text[1:])
        if self._next.kind == "name":
            return self._path()
        if self._next.text == "[":
            return self._array()
        self._expect("(")
        return ValueList(self._list_until(")"))

    def _list_until(self, closing: str) -> tuple[Expression, ...]:
        if self._mark(closing):
            return ()
        items = [self.argument()]
        while self._mark(","):
            if len(items) == LIST_MAX:
                raise FilterSyntaxError(
                    f"A list in a filter holds at most {LIST_MAX} values.", position=self._next.position
                )
            items.append(self.argument())
        self._expect(closing)
        return tuple(items)

    def _sum(self) -> Expression:
        node = self._product()
        while (operator := self._operator(_SUMS)) is not None:
            node = Arithmetic(operator, node, self._product())
        return node

    def _product(self) -> Expression:
        node = self._unary()
        while (operator := self._operator(_PRODUCTS)) is not None:
            node = Arithmetic(operator, node, self._unary())
        return node

    def _unary(self) -> Expression:
        if self._mark("-"):
            return Minus(self._nested(self._unary))
        return self._primary()

    def _primary(self) -> Expression:
        token = self._next
        if token.kind in _LITERAL_KINDS:
            return self._literal()
        if token.kind == "alias":
            return Alias(self._take().text[1:])
        if token.kind == "name":
            return self._path()
        if self._mark("("):
            node = self.condition()
            self._expect(")")
            return node
        return self._fail("A value")

    def _literal(self) -> Constant:
        token = self._take()
        try:
            return Constant(literal_value(token.kind, token.text))
        except LiteralSyntaxError as error:
            raise FilterSyntaxError(error.message, text=self._text, position=token.position) from error

    # --- arguments

    def argument(self) -> Expression:
        if self._next.text == "[":
            return self._array()
        if self._next.kind == "jsontext":
            token = self._take()
            try:
                return Constant(json.loads(token.text))
            except json.JSONDecodeError as error:
                raise FilterSyntaxError(
                    f"{token.text} is not a JSON text.", text=self._text, position=token.position
                ) from error
        return self.condition()

    def _array(self) -> Expression:
        return self._nested(self._items)

    def _items(self) -> Expression:
        self._expect("[")
        return ValueList(self._list_until("]"))

    # --- names: paths, calls, lambdas

    def _path(self) -> Expression:
        path: list[str] = []
        while True:
            if self._next.kind != "name":
                self._fail("A name")
            name = self._take().text
            if name in _LAMBDAS and self._next.text == "(":
                if not path:
                    self._fail(f"A collection before '{name}'")
                return self._lambda(_LAMBDAS[name], Member(tuple(path)))
            if not path and self._next.text == "(" and not self._next.after_blank:
                return self._call(name)
            path.append(name)
            if not self._mark("/"):
                return Member(tuple(path))

    def _call(self, name: str) -> Expression:
        self._expect("(")
        if self._next.kind == "name" and self._tokens[self._index + 1].text == "=":
            return NamedCall(name, self._named_arguments())
        return Call(name, self._list_until(")"))

    def _named_arguments(self) -> tuple[tuple[str, Expression], ...]:
        found: dict[str, Expression] = {}
        while True:
            if self._next.kind != "name":
                self._fail("The name of an argument")
            name = self._next.text
            if name in found:
                self._fail("Another argument")
            self._index += 1
            self._expect("=")
            found[name] = self.argument()
            if not self._mark(","):
                break
        self._expect(")")
        return tuple(found.items())

    def _lambda(self, operator: LambdaOperator, collection: Member) -> Lambda:
        self._expect("(")
        if self._mark(")"):
            if operator is LambdaOperator.ALL:
                self._index -= 1
                self._fail("A condition of 'all'")
            return Lambda(operator, collection)
        if self._next.kind != "name":
            self._fail("The name of a variable")
        variable = self._take().text
        self._expect(":")
        condition = self.condition()
        self._expect(")")
        return Lambda(operator, collection, variable, condition)


def _joined(operator: LogicalOperator, operands: list[Expression]) -> Expression:
    """One node for `a and b and c`; parenthesised groups of the same operator join in."""
    if len(operands) == 1:
        return operands[0]
    flat: list[Expression] = []
    for each in operands:
        flat.extend(each.operands if isinstance(each, Logical) and each.operator is operator else (each,))
    return Logical(operator, tuple(flat))
