"""Key predicates: `('x')`, `(guid)`, `(Document_Type='Order',No='1')`, alternate keys, lookup keys.

The same parentheses hold the arguments of a function call (`(P=@p1)`), so both share one value.
Texts here are decoded; `resource_path` does the percent-encoding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from interlace.odata.literals import LITERAL_PATTERN, PrimitiveValue, format_literal, parse_literal
from interlace.odata.protocol_error import LiteralSyntaxError, PathSyntaxError

_NAME = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*=\s*")
_VALUE = re.compile(rf"\s*(?:(?P<alias>@\w+)|(?P<json>[\[{{])|{LITERAL_PATTERN})\s*")
# `'` and the sub-delimiters that keys use stay readable; `+` does not, because many servers take it for
# a blank.
_SAFE_IN_PATH = "$'(),=@:!*"


@dataclass(frozen=True, slots=True)
class ParameterAlias:
    """`@name`: the value stands in the query string."""

    name: str


@dataclass(frozen=True, slots=True)
class JsonArgument:
    """A JSON array or object given in place, unparsed."""

    text: str


KeyValue = PrimitiveValue | ParameterAlias | JsonArgument


@dataclass(frozen=True, slots=True)
class KeyPredicate:
    """The content of one pair of parentheses; a positional value has the name None."""

    parts: tuple[tuple[str | None, KeyValue], ...]

    @classmethod
    def of(cls, value: PrimitiveValue) -> KeyPredicate:
        """The predicate of a single unnamed value."""
        return cls(((None, value),))

    @classmethod
    def named(cls, values: Mapping[str, PrimitiveValue]) -> KeyPredicate:
        """The predicate of named values, in their order."""
        return cls(tuple(values.items()))

    @property
    def is_empty(self) -> bool:
        """`()`: a call without arguments."""
        return not self.parts

    @property
    def single(self) -> KeyValue:
        """The value of a one-part predicate, whatever its name; raises `PathSyntaxError` otherwise."""
        if len(self.parts) != 1:
            raise PathSyntaxError(f"One key value was expected in '{self.text}'.", text=self.text)
        return self.parts[0][1]

    @property
    def names(self) -> tuple[str, ...]:
        """The names given; empty for a positional value."""
        return tuple(name for name, _ in self.parts if name is not None)

    def values_for(self, key: tuple[str, ...]) -> dict[str, KeyValue] | None:
        """The values by key property when the predicate fits the key `key`, else None.

        A positional value fits a key of one property; names may stand in any order.
        """
        if len(key) == 1 and len(self.parts) == 1 and self.parts[0][0] is None:
            return {key[0]: self.parts[0][1]}
        given = {name: value for name, value in self.parts if name is not None}
        if len(given) != len(self.parts) or given.keys() != set(key):
            return None
        return {name: given[name] for name in key}

    @property
    def text(self) -> str:
        """The predicate with parentheses, not percent-encoded."""
        return "(" + ",".join(_part(name, value) for name, value in self.parts) + ")"

    def __str__(self) -> str:
        return self.text

    def encoded(self) -> str:
        """The predicate with parentheses, percent-encoded for a path."""
        return quote(self.text, safe=_SAFE_IN_PATH)


def _part(name: str | None, value: KeyValue) -> str:
    match value:
        case ParameterAlias():
            text = f"@{value.name}"
        case JsonArgument():
            text = value.text
        case _:
            text = format_literal(value)
    return text if name is None else f"{name}={text}"


def format_key(key: PrimitiveValue | Mapping[str, PrimitiveValue]) -> str:
    """The percent-encoded predicate of a single value or of named values: `(No='10%25')`."""
    predicate = KeyPredicate.named(key) if isinstance(key, Mapping) else KeyPredicate.of(key)
    return predicate.encoded()


def parse_key_predicate(text: str) -> KeyPredicate:
    """The predicate in `text`, which is decoded and stands without its parentheses."""
    parts: list[tuple[str | None, KeyValue]] = []
    position = 0
    while position < len(text) or parts:
        named = _NAME.match(text, position)
        if named is not None:
            position = named.end()
        value, position = _value(text, position)
        parts.append((named["name"] if named else None, value))
        if position == len(text):
            break
        if text[position] != ",":
            raise PathSyntaxError(
                f"A comma was expected in the key '({text})'.", text=text, position=position
            )
        position += 1
    _check(parts, text)
    return KeyPredicate(tuple(parts))


def _value(text: str, position: int) -> tuple[KeyValue, int]:
    match = _VALUE.match(text, position)
    if match is None:
        raise PathSyntaxError(f"The key '({text})' holds no valid value.", text=text, position=position)
    if match["alias"]:
        return ParameterAlias(match["alias"][1:]), match.end()
    if match["json"]:
        end = _end_of_json(text, match.start("json"))
        return JsonArgument(text[match.start("json") : end]), end
    try:
        return parse_literal(match.group().strip()), match.end()
    except LiteralSyntaxError as error:
        raise PathSyntaxError(error.message, text=text, position=position) from error


def _end_of_json(text: str, start: int) -> int:
    depth, quoted, position = 0, False, start
    while position < len(text):
        character = text[position]
        if quoted:
            if character == "\\":
                position += 1
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    raise PathSyntaxError("A JSON value in the address is not closed.", text=text, position=start)


def _check(parts: list[tuple[str | None, KeyValue]], text: str) -> None:
    names = [name for name, _ in parts]
    if len(names) > 1 and None in names:
        raise PathSyntaxError(f"A key of several values names each of them: '({text})'.", text=text)
    if len(set(names)) != len(names):
        raise PathSyntaxError(f"The key '({text})' names a property twice.", text=text)
