"""Filters that people type, as `$filter` of a service: as much of them as it understands, never more.

What a service compares otherwise than we do is left to us: then everything that fits is among what comes back, and
`filter_nodes.holds` decides of each record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

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
)
from interlace.odata.literals import format_literal

EVERYTHING = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFilter:
    """The text of a filter, not yet percent-encoded; blank lets everything through."""

    text: str
    is_exact: bool
    """False: the records that come back must be looked at once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilteredProperty:
    """A property of a service's entities."""

    name: str
    is_text: bool = True
    has_case: bool = True
    """Whether the service tells capitals from small letters."""


def odata_filter(node: Filter, of: FilteredProperty) -> ServiceFilter:
    """Write a filter of one property."""
    match node:
        case AllOf():
            parts = [odata_filter(part, of) for part in node.parts]
            texts = [f"({part.text})" for part in parts if part.text]
            return ServiceFilter(text=" and ".join(texts), is_exact=all(part.is_exact for part in parts))
        case AnyOf():
            return _alternatives([odata_filter(part, of) for part in node.parts], of)
        case Blank():
            return ServiceFilter(text=_blank(of, negated=node.negated), is_exact=True)
        case Equal():
            return _equal(node, of)
        case Interval():
            return _interval(node, of)
        case Like():
            return _like(node, of)
        case _:
            assert_never(node)


def _alternatives(parts: Sequence[ServiceFilter], of: FilteredProperty) -> ServiceFilter:
    is_exact = all(part.is_exact for part in parts)
    if not parts:
        # Nothing fits: no record is blank and not blank at once.
        return ServiceFilter(text=f"{of.name} eq null and {of.name} ne null", is_exact=True)
    if any(part.text == EVERYTHING for part in parts):
        return ServiceFilter(text=EVERYTHING, is_exact=is_exact)
    return ServiceFilter(text=" or ".join(f"({part.text})" for part in parts), is_exact=is_exact)


def _blank(of: FilteredProperty, *, negated: bool) -> str:
    if not of.is_text:
        return f"{of.name} {'ne' if negated else 'eq'} null"
    return f"{of.name} ne null and {of.name} ne ''" if negated else f"{of.name} eq null or {of.name} eq ''"


def _equal(node: Equal, of: FilteredProperty) -> ServiceFilter:
    name, value = _sides(node.value, of, ignore_case=node.ignore_case)
    is_exact = not of.is_text or (of.has_case and not node.ignore_case)
    if not node.negated:
        return ServiceFilter(text=f"{name} eq {value}", is_exact=is_exact)
    if not is_exact:
        return ServiceFilter(text=EVERYTHING, is_exact=False)
    # Some services leave out what is missing when they look for what is unequal.
    return ServiceFilter(text=f"{name} ne {value} or {name} eq null", is_exact=True)


def _interval(node: Interval, of: FilteredProperty) -> ServiceFilter:
    bounds = [bound for bound in (node.low, node.high) if bound is not None]
    if of.is_text and (node.ignore_case or node.negated or any(bound.value == "" for bound in bounds)):
        return ServiceFilter(text=EVERYTHING, is_exact=False)
    parts = [
        _beyond(bound, of, is_low=is_low) for bound, is_low in ((node.low, True), (node.high, False)) if bound
    ]
    text = " and ".join(parts)
    if node.negated:
        return ServiceFilter(text=f"not ({text}) or {of.name} eq null", is_exact=True)
    if of.is_text and node.low is None:
        # Missing text comes before all other.
        text = f"{text} or {of.name} eq null"
    # Texts lie in the service's own order, in which its own lists show them.
    return ServiceFilter(text=text, is_exact=True)


def _beyond(bound: Bound, of: FilteredProperty, *, is_low: bool) -> str:
    operator = ("ge" if bound.inclusive else "gt") if is_low else ("le" if bound.inclusive else "lt")
    return f"{of.name} {operator} {_literal(bound.value)}"


def _like(node: Like, of: FilteredProperty) -> ServiceFilter:
    name = f"tolower({of.name})" if node.ignore_case and of.has_case else of.name
    pieces = [
        piece.lower() if node.ignore_case and isinstance(piece, str) else piece for piece in node.pieces
    ]
    texts = [(place, piece) for place, piece in enumerate(pieces) if isinstance(piece, str)]
    conditions = []
    for place, piece in texts:
        function = "contains"
        if place == 0:
            function = "startswith"
        elif place == len(pieces) - 1:
            function = "endswith"
        conditions.append(f"{function}({name},{_literal(piece)})")
    is_simple = len(texts) == 1 and Wildcard.ONE not in pieces
    is_exact = is_simple and of.has_case and not node.ignore_case
    if not node.negated:
        return ServiceFilter(text=" and ".join(conditions), is_exact=is_exact)
    if not is_exact:
        return ServiceFilter(text=EVERYTHING, is_exact=False)
    return ServiceFilter(text=f"not {conditions[0]} or {name} eq null", is_exact=True)


def _sides(value: FilterValue, of: FilteredProperty, *, ignore_case: bool) -> tuple[str, str]:
    if ignore_case and isinstance(value, str) and of.has_case:
        return f"tolower({of.name})", _literal(value.lower())
    return of.name, _literal(value)


def _literal(value: FilterValue) -> str:
    return format_literal(value)
