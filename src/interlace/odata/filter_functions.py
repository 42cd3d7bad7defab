"""The canonical functions of `$filter`; each gets arguments that are not null."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Final

from interlace.odata.filter_values import fold_text, moment, number, text
from interlace.odata.literals import parse_clock, parse_duration
from interlace.odata.protocol_error import FilterTypeMismatch, LiteralSyntaxError


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRules:
    """How a service compares texts: without letter case, and with SQL wildcards in text functions."""

    ignore_case: bool = False
    wildcards: bool = False


EXACT_TEXT: Final = TextRules()


@dataclass(frozen=True, slots=True)
class Function:
    """A function and how many arguments it takes."""

    arity: tuple[int, int]
    apply: Callable[[TextRules, list[object]], object]


_WILDCARDS: Final = re.compile(r"%|_|\[[^\]]*\]")


def _pattern(needle: str, *, starts: bool, ends: bool) -> re.Pattern[str]:
    """Return SQL LIKE as a regular expression; anything may stand before and after, unless `starts` and `ends` say no.

    However many `%` it has, no part of the text is searched twice for the same piece.
    """
    pieces, position = [""], 0
    for match in _WILDCARDS.finditer(needle):
        pieces[-1] += re.escape(needle[position : match.start()])
        if match.group() == "%":
            pieces.append("")
        else:
            pieces[-1] += _wildcard(match.group())
        position = match.end()
    pieces[-1] += re.escape(needle[position:])
    first, *further = [*([] if starts else [""]), *pieces, *([] if ends else [""])]
    if not further:
        return re.compile(first + r"\Z", re.DOTALL)
    # Where a piece is found first is as good a place as any later one, so it is never looked for again.
    between = "".join(f"(?>.*?{piece})" for piece in further[:-1])
    return re.compile(f"{first}{between}.*{further[-1]}\\Z", re.DOTALL)


def _wildcard(sign: str) -> str:
    if sign == "_":
        return "."
    inner = sign[1:-1]
    negated = inner.startswith("^")
    inner = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner.removeprefix("^"))
    if not inner:
        return re.escape(sign)
    return f"[{'^' if negated else ''}{inner}]"


def _search(
    plain: Callable[[str, str], bool], *, starts: bool = False, ends: bool = False
) -> Callable[[TextRules, list[object]], object]:
    def search(rules: TextRules, arguments: list[object]) -> object:
        haystack, needle = text(arguments[0]), text(arguments[1])
        if rules.ignore_case:
            haystack, needle = fold_text(haystack), fold_text(needle)
        if rules.wildcards and _WILDCARDS.search(needle):
            try:
                return _pattern(needle, starts=starts, ends=ends).match(haystack) is not None
            except re.error as error:
                raise FilterTypeMismatch(f"'{needle}' is not a valid pattern.") from error
        return plain(haystack, needle)

    return search


def _substring(rules: TextRules, arguments: list[object]) -> object:
    start = max(0, int(number(arguments[1])))
    if len(arguments) == 2:
        return text(arguments[0])[start:]
    return text(arguments[0])[start : start + max(0, int(number(arguments[2])))]


def _index_of(rules: TextRules, arguments: list[object]) -> object:
    haystack, needle = text(arguments[0]), text(arguments[1])
    if rules.ignore_case:
        haystack, needle = fold_text(haystack), fold_text(needle)
    return haystack.find(needle)


def _rounded(mode: str) -> Callable[[TextRules, list[object]], object]:
    return lambda rules, arguments: Decimal(number(arguments[0])).to_integral_value(mode)


def _of_moment(part: Callable[[datetime], object]) -> Callable[[TextRules, list[object]], object]:
    return lambda rules, arguments: part(moment(arguments[0]))


def _of_clock(name: str) -> Callable[[TextRules, list[object]], object]:
    def part(rules: TextRules, arguments: list[object]) -> object:
        value = arguments[0]
        if isinstance(value, str) and "T" not in value.upper() and ":" in value:
            value = parse_clock(value)
        if not isinstance(value, datetime) and hasattr(value, "hour"):
            return getattr(value, name)
        return getattr(moment(value), name)

    return part


def _total_seconds(rules: TextRules, arguments: list[object]) -> object:
    value = arguments[0]
    if isinstance(value, str):
        try:
            value = parse_duration(value)
        except LiteralSyntaxError as error:
            raise FilterTypeMismatch(error.message) from error
    if not hasattr(value, "total_seconds"):
        raise FilterTypeMismatch(f"A duration was expected in a filter, not {value!r}.")
    return Decimal(str(value.total_seconds()))


def _length(rules: TextRules, arguments: list[object]) -> object:
    value = arguments[0]
    return len(value) if isinstance(value, list | tuple) else len(text(value))


def _fraction(at: datetime) -> Decimal:
    return Decimal(at.microsecond) / 1_000_000


FUNCTIONS: Final[Mapping[str, Function]] = {
    "contains": Function((2, 2), _search(lambda whole, part: part in whole)),
    "startswith": Function((2, 2), _search(str.startswith, starts=True)),
    "endswith": Function((2, 2), _search(str.endswith, ends=True)),
    "tolower": Function((1, 1), lambda rules, given: text(given[0]).lower()),
    "toupper": Function((1, 1), lambda rules, given: text(given[0]).upper()),
    "trim": Function((1, 1), lambda rules, given: text(given[0]).strip()),
    "length": Function((1, 1), _length),
    "concat": Function((2, 2), lambda rules, given: text(given[0]) + text(given[1])),
    "indexof": Function((2, 2), _index_of),
    "substring": Function((2, 3), _substring),
    "year": Function((1, 1), _of_moment(lambda at: at.year)),
    "month": Function((1, 1), _of_moment(lambda at: at.month)),
    "day": Function((1, 1), _of_moment(lambda at: at.day)),
    "hour": Function((1, 1), _of_clock("hour")),
    "minute": Function((1, 1), _of_clock("minute")),
    "second": Function((1, 1), _of_clock("second")),
    "fractionalseconds": Function((1, 1), _of_moment(_fraction)),
    "totaloffsetminutes": Function((1, 1), lambda rules, given: 0),
    "totalseconds": Function((1, 1), _total_seconds),
    "date": Function((1, 1), _of_moment(datetime.date)),
    "time": Function((1, 1), _of_moment(datetime.time)),
    "mindatetime": Function((0, 0), lambda rules, given: datetime.min.replace(tzinfo=UTC)),
    "maxdatetime": Function((0, 0), lambda rules, given: datetime.max.replace(tzinfo=UTC)),
    "round": Function((1, 1), _rounded(ROUND_HALF_UP)),
    "floor": Function((1, 1), _rounded(ROUND_FLOOR)),
    "ceiling": Function((1, 1), _rounded(ROUND_CEILING)),
}
