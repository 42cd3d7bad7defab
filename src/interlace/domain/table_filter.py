"""Which records of a table take part: a conjunction of conditions on fields."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import assert_never

from interlace.domain.values import Value, canonical, same_value

BETWEEN = "|"
"""Stands between the texts of `Comparison.ONE_OF`."""


class Comparison(Enum):
    """How a condition compares a field."""

    EQUAL = "="
    NOT_EQUAL = "<>"
    BLANK = "blank"
    NOT_BLANK = "not blank"
    WITHOUT_TEXT = "without"
    """The field's text does not contain the value."""
    BEGINS_WITH = "begins with"
    ONE_OF = "one of"
    """The field's text is one of those that the value names, with an upright line between them."""
    AT_LEAST = "at least"
    """A number, or a date as text in ISO 8601; a blank one is never enough."""
    AT_MOST = "at most"
    EQUAL_TO_FIELD = "= field"
    EQUAL_TO_FIELD_OR_BLANK = "= field or blank"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison of one field with a value, or with another field of the record."""

    field: str
    comparison: Comparison
    value: Value = None
    other_field: str | None = None
    reason: str = ""
    """Why a record that fails the condition stays out, in words for users."""

    def holds(self, get_value: Callable[[str], Value]) -> bool:
        """Tell whether the record whose fields `get_value` reads meets the condition."""
        value = canonical(get_value(self.field))
        match self.comparison:
            case Comparison.EQUAL:
                return same_value(value, self.value)
            case Comparison.NOT_EQUAL:
                return not same_value(value, self.value)
            case Comparison.BLANK:
                return value is None
            case Comparison.NOT_BLANK:
                return value is not None
            case Comparison.WITHOUT_TEXT:
                return str(self.value) not in str(value or "")
            case Comparison.BEGINS_WITH:
                return str(value or "").startswith(str(self.value))
            case Comparison.ONE_OF:
                return any(same_value(value, each.strip()) for each in str(self.value).split(BETWEEN))
            case Comparison.AT_LEAST:
                return _is_ordered(self.value, value)
            case Comparison.AT_MOST:
                return _is_ordered(value, self.value)
            case Comparison.EQUAL_TO_FIELD:
                assert self.other_field is not None
                return same_value(value, get_value(self.other_field))
            case Comparison.EQUAL_TO_FIELD_OR_BLANK:
                assert self.other_field is not None
                return value is None or same_value(value, get_value(self.other_field))
            case _:
                assert_never(self.comparison)


def _is_ordered(lower: Value, upper: Value) -> bool:
    """Tell whether two values of one sort stand in order; what has no order, or is blank, does not."""
    if isinstance(lower, str) and isinstance(upper, str):
        return lower <= upper
    if isinstance(lower, int | Decimal) and isinstance(upper, int | Decimal):
        return lower <= upper
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFilter:
    """All conditions must hold; no condition means every record."""

    conditions: tuple[Condition, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the conditions read, each once, in order."""
        named = [c.field for c in self.conditions]
        named += [c.other_field for c in self.conditions if c.other_field is not None]
        return tuple(dict.fromkeys(named))

    def first_failing(self, get_value: Callable[[str], Value]) -> Condition | None:
        """Return the first condition that keeps the record out, or None for a record in scope."""
        for condition in self.conditions:
            if not condition.holds(get_value):
                return condition
        return None


EVERYTHING = TableFilter()
"""The filter of a table whose records all take part."""
