"""The values that records carry between the two services, and when two of them are the same."""

from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = str | int | bool | Decimal | None
"""One field's value: text, choice or whole number, Boolean, money or quantity, or nothing.

Dates and times are ISO 8601 text in UTC. Money and quantities are Decimal, never floating point.
"""


def canonical(value: Value) -> Value:
    """Fold the spellings that a service cannot tell apart: trailing blanks, and blank text for nothing."""
    if isinstance(value, str):
        return value.rstrip() or None
    return value


def same_value(left: Value, right: Value) -> bool:
    """Tell whether two values mean the same; numbers compare by amount, text exactly but for trailing blanks."""
    if isinstance(left, str) or isinstance(right, str):
        return canonical(left) == canonical(right)
    return left == right
