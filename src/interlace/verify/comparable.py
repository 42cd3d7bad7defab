"""Brings values of both services into texts that can be compared.

A text stands for a value; None means that the value isn't to be judged. The engine shares nothing of it.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

Comparable: TypeAlias = str | None

BLANK_DATES = frozenset({"0001-01-01", "0001-01-01T00:00:00Z"})
BLANK_MEMBER = "_x0020_"


def as_text(value: object) -> str:
    """Return a value as text: nothing as blank, trailing blanks dropped, numbers without trailing zeros."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal | float):
        return as_amount(value)
    return str(value).rstrip()


def as_amount(value: object) -> str:
    """Return a number as plain decimal text, so that 1.50 and 1.5 are the same."""
    if value is None or value == "":
        return ""
    amount = Decimal(str(value))
    if amount == 0:
        return "0"
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: object, decimals: int) -> str:
    """Return a number with at most so many decimals, halves away from zero."""
    amount = Decimal(str(value or 0))
    return as_amount(amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP))


def not_negative(value: object, decimals: int) -> str:
    """Return a rounded number, or zero for a negative one."""
    return rounded(max(Decimal(str(value or 0)), Decimal(0)), decimals)


def is_blank(value: object) -> bool:
    """Tell whether a field is unfilled: nothing, blank text, the blank date or the blank option."""
    text = as_text(value)
    return not text or text in BLANK_DATES or text == BLANK_MEMBER
