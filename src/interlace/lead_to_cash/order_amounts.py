"""Makes the ERP's amounts of an order equal to the CRM's: chooses unit price and line discount. Pure arithmetic.

The CRM rounds quantity times price less discounts to the currency's digits; the ERP rounds quantity times price to
its own precision and takes the line discount off. Whatever the CRM's net amount is, the ERP's discount is what is
left over to it. Where that would be less than nothing or more than the line, no discount makes them equal.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Context, Decimal
from enum import Enum
from typing import Final

ZERO: Final = Decimal(0)
# Wide enough that no product or quotient of amounts is rounded before the rounding that is meant.
_WIDE: Final = Context(prec=80)


class Mismatch(Enum):
    """Why no line discount makes the amounts equal."""

    TOO_FINE = "too fine"
    """The amount has more digits than the ERP keeps in this currency."""
    ABOVE_PRICE = "above price"
    """The amount is more than quantity times price."""
    BELOW_ZERO = "below zero"
    """The discount is more than quantity times price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """What the two services round to in a currency."""

    amount: Decimal
    """The ERP's rounding precision of amounts."""
    unit_price: Decimal
    """The ERP's rounding precision of unit prices."""
    crm: Decimal
    """The last digit of the CRM's amounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePrice:
    """Price and discount that give an ERP line the CRM's net amount."""

    unit_price: Decimal
    discount: Decimal
    net: Decimal


def round_to(value: Decimal, step: Decimal) -> Decimal:
    """Return the multiple of a step that is nearest, half away from zero: as the ERP rounds."""
    return _in_steps(value, step, ROUND_HALF_UP)


def fits(value: Decimal, step: Decimal) -> bool:
    """Tell whether a value is a multiple of a step."""
    return round_to(value, step) == value


def price_line(
    *, quantity: Decimal, unit_price: Decimal, net: Decimal, precision: Precision
) -> LinePrice | Mismatch:
    """Choose unit price and discount for a line that must come to `net`, or say why none does."""
    if not fits(net, precision.amount):
        return Mismatch.TOO_FINE
    price = round_to(unit_price, precision.unit_price)
    discount = _discount(quantity, price, net, precision)
    if _is_surcharge(discount, quantity, price):
        if not _is_rounding(quantity, unit_price, net, precision):
            return Mismatch.ABOVE_PRICE
        # Rounding alone has lifted the CRM's amount: the next price that reaches it, and less off again.
        price = _lifted(quantity, net, precision)
        discount = _discount(quantity, price, net, precision)
    gross = round_to(_WIDE.multiply(quantity, price), precision.amount)
    if abs(discount) > abs(gross) or discount * gross < ZERO:
        return Mismatch.BELOW_ZERO
    return LinePrice(unit_price=price, discount=discount, net=net)


def net_of_line(*, quantity: Decimal, unit_price: Decimal, discount: Decimal, step: Decimal) -> Decimal:
    """Return what the ERP makes of a line: its amount without tax, before the invoice discount."""
    return round_to(_WIDE.multiply(quantity, unit_price), step) - round_to(discount, step)


def _discount(quantity: Decimal, price: Decimal, net: Decimal, precision: Precision) -> Decimal:
    return round_to(_WIDE.multiply(quantity, price), precision.amount) - net


def _is_surcharge(discount: Decimal, quantity: Decimal, price: Decimal) -> bool:
    """Tell whether the net amount goes beyond quantity times price; a line that gives back is negative."""
    return discount > ZERO if quantity * price < ZERO else discount < ZERO


def _is_rounding(quantity: Decimal, unit_price: Decimal, net: Decimal, precision: Precision) -> bool:
    """Tell whether the net amount goes beyond the CRM's own price by less than it rounds, if at all."""
    exact = _WIDE.multiply(quantity, unit_price)
    excess = _WIDE.subtract(net, exact) if exact > ZERO else _WIDE.subtract(exact, net)
    return bool(exact) and excess < max(precision.crm, precision.amount)


def _lifted(quantity: Decimal, net: Decimal, precision: Precision) -> Decimal:
    """Return the least unit price, as the ERP keeps it, that is enough for the net amount."""
    exact = _WIDE.divide(abs(net), abs(quantity))
    price = _in_steps(exact, precision.unit_price, ROUND_CEILING)
    return price if (net < ZERO) == (quantity < ZERO) else -price


def _in_steps(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    steps = _WIDE.divide(value, step).quantize(Decimal(1), rounding=rounding, context=_WIDE)
    return _WIDE.multiply(steps, step)
