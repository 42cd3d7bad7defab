"""What an order's line must cost in the ERP, reckoned from what the CRM charges: in exact fractions, rounded by name.

The CRM's amount without tax is the goal. The ERP rounds quantity times unit price to the currency's step and takes a
discount in money off; the discount is therefore whatever is left over to the goal.
"""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import Final

from interlace.verify.comparable import as_amount

NOTHING: Final = Fraction(0)
_HALF: Final = Fraction(1, 2)
_REMEMBERED: Final = 10_000


def number(value: object) -> Fraction:
    """Return an amount or quantity; nothing counts as zero."""
    return _exact(str(value or 0))


@lru_cache(maxsize=_REMEMBERED)
def _exact(text: str) -> Fraction:
    return Fraction(Decimal(text))


def to_step(value: Fraction, step: Fraction) -> Fraction:
    """Return the nearest multiple of a step, halves away from zero."""
    size = floor(abs(value) / step + _HALF) * step
    return size if value >= 0 else -size


def unit_price(
    *, quantity: Fraction, price: Fraction, net: Fraction, step: Fraction, cent: Fraction
) -> Fraction:
    """Return the ERP's unit price: the CRM's as the ERP can hold it, or the next one that reaches the amount."""
    held = to_step(price, step)
    if abs(net) <= abs(to_step(quantity * held, cent)) or not quantity:
        return held
    reaches = ceil(abs(net) / abs(quantity) / step) * step
    return reaches if (net < 0) == (quantity < 0) else -reaches


def line_discount(*, quantity: Fraction, price: Fraction, net: Fraction, cent: Fraction) -> Fraction:
    """Return what the ERP must take off quantity times its unit price."""
    return to_step(quantity * price, cent) - net


@lru_cache(maxsize=_REMEMBERED)
def written(value: Fraction) -> str:
    """Write an exact amount as plain decimal text; its denominator must be one of decimals."""
    return as_amount(Decimal(value.numerator) / Decimal(value.denominator))
