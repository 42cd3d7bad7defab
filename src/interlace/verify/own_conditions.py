"""Conditions that users add to a mapping, as the judge understands them: from what is kept, not from the engine."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from interlace.locale.translatable import translatable
from interlace.verify.comparable import as_text, is_blank
from interlace.verify.expectation import ScopeRule

_NUMBERS = frozenset({"whole number", "decimal"})
_MOMENTS = frozenset({"date", "moment"})
_SPELLED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BETWEEN = "|"


class SettingNotUnderstood(Exception):
    """A kept setting says something that this judge does not know."""


def plain_text(value: object) -> str:
    """Return a value as text, with the characters that the ERP spells by their numbers."""
    return (
        "" if is_blank(value) else _SPELLED.sub(lambda found: chr(int(found[1], 16)), as_text(value)).rstrip()
    )


def wire_name(field: str, kind: str) -> str:
    """Return the name under which rows hold a field: a lookup's key stands under a name of its own."""
    return f"_{field}_value" if kind == "lookup" else field


def own_condition(kept: Mapping[str, object]) -> tuple[str, ScopeRule]:
    """Return the field that a kept condition reads, and what it demands; raises SettingNotUnderstood."""
    field, kind, comparison = (str(kept.get(part) or "") for part in ("field", "kind", "comparison"))
    name, value = wire_name(field, kind), kept.get("value")
    test = _test(comparison, kind, value)
    shown = ("yes" if value else "no") if isinstance(value, bool) else value
    told = " ".join(str(part) for part in (field, comparison, shown) if part is not None)
    return name, ScopeRule(
        reason=translatable("{condition} does not hold", condition=told),
        holds=lambda row, _books: test(row.get(name)),
    )


def own_conditions(kept: object) -> list[tuple[str, ScopeRule]]:
    """Return what a kept list of conditions demands, each with the field that it reads."""
    if kept is None:
        return []
    if not isinstance(kept, list) or not all(isinstance(each, Mapping) for each in kept):
        raise SettingNotUnderstood(str(kept))
    return [own_condition(each) for each in kept]


def _test(comparison: str, kind: str, value: object) -> Callable[[object], bool]:
    text = plain_text(value)
    match comparison:
        case "blank":
            return is_blank
        case "not blank":
            return lambda held: not is_blank(held)
        case "=":
            return lambda held: _same(held, value, kind)
        case "<>":
            return lambda held: not _same(held, value, kind)
        case "without":
            return lambda held: text not in plain_text(held)
        case "begins with":
            return lambda held: plain_text(held).startswith(text)
        case "one of":
            wanted = [each.strip() for each in str(value).split(_BETWEEN)]
            return lambda held: any(_same(held, each, kind) for each in wanted)
        case "at least":
            return lambda held: _is_ordered(value, held, kind)
        case "at most":
            return lambda held: _is_ordered(held, value, kind)
        case _:
            raise SettingNotUnderstood(comparison)


def _same(held: object, wanted: object, kind: str) -> bool:
    if kind in {"guid", "lookup"}:
        return as_text(held).lower() == as_text(wanted).lower()
    if kind in _NUMBERS | _MOMENTS:
        return _measure(held, kind) == _measure(wanted, kind)
    return plain_text(held) == plain_text(wanted)


def _is_ordered(lower: object, upper: object, kind: str) -> bool:
    low, high = _measure(lower, kind), _measure(upper, kind)
    if isinstance(low, Decimal) and isinstance(high, Decimal):
        return low <= high
    return isinstance(low, datetime) and isinstance(high, datetime) and low <= high


def _measure(value: object, kind: str) -> Decimal | datetime | None:
    """Bring a number or a time into a form that has an order; None where nothing stands, or something else."""
    if is_blank(value):
        return None
    try:
        if kind in _MOMENTS:
            moment = datetime.fromisoformat(as_text(value))
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return Decimal(as_text(value))
    except (ValueError, InvalidOperation):
        return None
