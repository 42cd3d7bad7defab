"""Pricing methods, rounding policies and discount lists as tables."""

from __future__ import annotations

from decimal import Decimal

import pytest

from interlace.sandbox.crm.price_determination import (
    DiscountStep,
    PriceMissing,
    PricingError,
    unit_price,
    volume_discount,
)
from interlace.sandbox.crm.record_layout import Row

PRODUCT: Row = {"price": Decimal(200), "currentcost": Decimal(80), "standardcost": Decimal("33.33")}


def item(method: int, **columns: object) -> Row:
    """A price list item."""
    return {
        "pricingmethodcode": method,
        "amount": None,
        "percentage": None,
        "roundingpolicycode": 1,
        "roundingoptioncode": None,
        "roundingoptionamount": None,
        **columns,
    }


METHODS = [
    ("an amount", item(1, amount=Decimal("19.995")), "20.00"),
    ("a whole amount", item(1, amount=7), "7.00"),
    ("percent of list", item(2, percentage=Decimal("87.5")), "175.00"),
    ("nothing of list", item(2, percentage=0), "0.00"),
    ("markup on current cost", item(3, percentage=Decimal(25)), "100.00"),
    ("margin on current cost", item(4, percentage=Decimal(20)), "100.00"),
    ("markup on standard cost", item(5, percentage=Decimal(10)), "36.66"),
    ("margin on standard cost", item(6, percentage=Decimal(50)), "66.66"),
]


@pytest.mark.parametrize(("name", "given", "price"), METHODS, ids=[row[0] for row in METHODS])
def test_each_pricing_method(name: str, given: Row, price: str) -> None:
    """The amount itself, or the product's price or cost with its percentage."""
    assert str(unit_price(given, PRODUCT, 2)) == price


# policy (2 up, 3 down, 4 nearest), option (1 ends in, 2 multiple of), amount, price before, price
ROUNDINGS = [
    (1, 1, "0.99", "123.40", "123.40"),
    (2, 1, "0.99", "123.40", "123.99"),
    (2, 1, "0.99", "123.99", "123.99"),
    (3, 1, "0.99", "123.40", "122.99"),
    (4, 1, "0.99", "123.40", "122.99"),
    (4, 1, "0.99", "123.50", "123.99"),
    (2, 1, "9", "123.40", "129.00"),
    (3, 1, "95", "123.40", "95.00"),
    (2, 2, "5", "123.40", "125.00"),
    (3, 2, "5", "123.40", "120.00"),
    (4, 2, "0.05", "123.43", "123.45"),
    (2, 2, "5", "125", "125.00"),
]


@pytest.mark.parametrize(("policy", "option", "amount", "before", "price"), ROUNDINGS)
def test_each_rounding_policy(policy: int, option: int, amount: str, before: str, price: str) -> None:
    """Percentage prices end in an amount or are a multiple of it."""
    given = item(
        2,
        percentage=Decimal(100),
        roundingpolicycode=policy,
        roundingoptioncode=option,
        roundingoptionamount=Decimal(amount),
    )
    assert str(unit_price(given, {"price": Decimal(before)}, 2)) == price


MISSING = [
    (item(1), PRODUCT, PricingError.MISSING_PRICE_LEVEL_AMOUNT),
    (item(2), PRODUCT, PricingError.MISSING_PRICE_LEVEL_PERCENTAGE),
    (item(2, percentage=Decimal(1)), {"price": None}, PricingError.MISSING_PRICE),
    (item(3, percentage=Decimal(1)), {"currentcost": None}, PricingError.MISSING_CURRENT_COST),
    (item(6, percentage=Decimal(1)), {"standardcost": None}, PricingError.MISSING_STANDARD_COST),
    (item(4, percentage=Decimal(100)), PRODUCT, PricingError.INVALID_PRICE_LEVEL_PERCENTAGE),
    (item(2, percentage=Decimal(1), roundingpolicycode=2), PRODUCT, PricingError.INVALID_ROUNDING_OPTION),
    (
        item(
            2,
            percentage=Decimal(1),
            roundingpolicycode=2,
            roundingoptioncode=2,
            roundingoptionamount=Decimal(0),
        ),
        PRODUCT,
        PricingError.INVALID_ROUNDING_AMOUNT,
    ),
    (
        item(
            2,
            percentage=Decimal(1),
            roundingpolicycode=2,
            roundingoptioncode=1,
            roundingoptionamount=Decimal(-1),
        ),
        PRODUCT,
        PricingError.INVALID_ROUNDING_AMOUNT,
    ),
]


@pytest.mark.parametrize(
    ("given", "product", "code"), MISSING, ids=[row[2].name for row in MISSING[:-1]] + ["x"]
)
def test_what_a_price_lacks_is_told(given: Row, product: Row, code: PricingError) -> None:
    """There is no price, and a code says why."""
    with pytest.raises(PriceMissing) as caught:
        unit_price(given, product, 2)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("quantity", "discount"),
    [
        ("0.99", "0"),
        ("1", "1.50"),
        ("9.99", "1.50"),
        ("9.995", "0"),
        ("10", "12.35"),
        ("100", "12.35"),
        ("101", "0"),
    ],
)
def test_a_discount_holds_within_its_quantities(quantity: str, discount: str) -> None:
    """Per unit, an amount or a percentage of the price; both ends of a range belong to it."""
    steps = [
        DiscountStep(low=Decimal(1), high=Decimal("9.99"), amount=Decimal("1.5"), percentage=None),
        DiscountStep(low=Decimal(10), high=Decimal(100), amount=None, percentage=Decimal(10)),
    ]
    assert volume_discount(steps, Decimal(quantity), Decimal("123.45"), 2) == Decimal(discount)
