"""The price of a product on a price list: pricing methods, rounding policies, volume discounts.

What is missing does not refuse the line; the service keeps it and says why in `pricingerrorcode`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from interlace.sandbox.crm.document_amounts import ZERO, amount_of, rounded
from interlace.sandbox.crm.record_layout import Row

_HUNDRED = Decimal(100)
_ONE = Decimal(1)


class PricingError(enum.IntEnum):
    """Why a line or document has no price (`pricingerrorcode`)."""

    NONE = 0
    DETAIL_ERROR = 1
    MISSING_PRICE_LEVEL = 2
    INACTIVE_PRICE_LEVEL = 3
    MISSING_QUANTITY = 4
    MISSING_UNIT_PRICE = 5
    PRODUCT_NOT_IN_PRICE_LEVEL = 11
    MISSING_PRICE_LEVEL_AMOUNT = 12
    MISSING_PRICE_LEVEL_PERCENTAGE = 13
    MISSING_PRICE = 14
    MISSING_CURRENT_COST = 15
    MISSING_STANDARD_COST = 16
    INVALID_PRICE_LEVEL_PERCENTAGE = 18
    INVALID_ROUNDING_OPTION = 23
    INVALID_ROUNDING_AMOUNT = 24
    INACTIVE_DISCOUNT_TYPE = 33


class PriceMissing(Exception):
    """There is no price; the code says why."""

    def __init__(self, code: PricingError) -> None:
        super().__init__(code.name)
        self.code = code


# The column of the product that each method takes its percentage of, and what to say when it is empty.
_PERCENT_OF = {
    2: ("price", PricingError.MISSING_PRICE),
    3: ("currentcost", PricingError.MISSING_CURRENT_COST),
    4: ("currentcost", PricingError.MISSING_CURRENT_COST),
    5: ("standardcost", PricingError.MISSING_STANDARD_COST),
    6: ("standardcost", PricingError.MISSING_STANDARD_COST),
}
_MARKUPS, _MARGINS = (3, 5), (4, 6)
_ROUNDINGS = {2: ROUND_CEILING, 3: ROUND_FLOOR, 4: ROUND_HALF_UP}
_ENDS_IN = 1


def unit_price(item: Row, product: Row, digits: int) -> Decimal:
    """The price that a price list item gives its product; raises `PriceMissing`."""
    method = item["pricingmethodcode"]
    if method == 1:
        if item["amount"] is None:
            raise PriceMissing(PricingError.MISSING_PRICE_LEVEL_AMOUNT)
        return rounded(amount_of(item["amount"]), digits)
    assert isinstance(method, int)
    column, missing = _PERCENT_OF[method]
    if item["percentage"] is None:
        raise PriceMissing(PricingError.MISSING_PRICE_LEVEL_PERCENTAGE)
    if product[column] is None:
        raise PriceMissing(missing)
    share = amount_of(item["percentage"]) / _HUNDRED
    found = amount_of(product[column])
    if method in _MARKUPS:
        found = found * (_ONE + share)
    elif method in _MARGINS:
        if share >= _ONE:
            raise PriceMissing(PricingError.INVALID_PRICE_LEVEL_PERCENTAGE)
        found = found / (_ONE - share)
    else:
        found = found * share
    return rounded(_by_policy(found, item), digits)


def _by_policy(price: Decimal, item: Row) -> Decimal:
    """Applies the rounding policy of a price list item (amounts in its currency have none)."""
    rounding = _ROUNDINGS.get(item["roundingpolicycode"])  # type: ignore[call-overload]
    if rounding is None:
        return price
    option = item["roundingoptioncode"]
    if option is None:
        raise PriceMissing(PricingError.INVALID_ROUNDING_OPTION)
    amount = amount_of(item["roundingoptionamount"])
    if option == _ENDS_IN:
        if amount < ZERO:
            raise PriceMissing(PricingError.INVALID_ROUNDING_AMOUNT)
        step, ending = _power_above(amount), amount
    else:
        if amount <= ZERO:
            raise PriceMissing(PricingError.INVALID_ROUNDING_AMOUNT)
        step, ending = amount, ZERO
    return ((price - ending) / step).quantize(_ONE, rounding) * step + ending


def _power_above(amount: Decimal) -> Decimal:
    """The least power of ten, one or more, that is above an ending: 0.99 repeats each 1, 95 each 100."""
    step = _ONE
    while step <= amount:
        step *= 10
    return step


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountStep:
    """One quantity range of a discount list; either an amount per unit or a percentage of the price."""

    low: Decimal
    high: Decimal
    amount: Decimal | None
    percentage: Decimal | None


def volume_discount(steps: Iterable[DiscountStep], quantity: Decimal, price: Decimal, digits: int) -> Decimal:
    """The discount per unit for this quantity; nothing outside all ranges."""
    for step in steps:
        if step.low <= quantity <= step.high:
            if step.amount is not None:
                return rounded(step.amount, digits)
            return rounded(price * (step.percentage or ZERO) / _HUNDRED, digits)
    return ZERO
