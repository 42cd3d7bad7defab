"""Line and document amounts against examples computed by hand, to the last digit of the currency."""

from __future__ import annotations

from dataclasses import astuple
from decimal import Decimal

import pytest

from interlace.sandbox.crm.document_amounts import (
    HeaderTerms,
    Line,
    LineShare,
    amount_of,
    document_totals,
    line_amounts,
    line_discount,
    rounded,
)

# quantity, price, volume discount, manual discount, tax; digits, per unit; base, extended
LINES = [
    ("1", "100", "0", "0", "0", 2, False, "100.00", "100.00"),
    ("3", "100", "0", "20", "53.20", 2, False, "300.00", "333.20"),
    ("3", "100", "0", "20", "0", 2, True, "300.00", "240.00"),
    ("10", "9.99", "0.5", "0", "0", 2, False, "94.90", "94.90"),
    ("10", "9.99", "0.5", "1.25", "0", 2, True, "94.90", "82.40"),
    ("0.333", "0.05", "0", "0", "0", 2, False, "0.02", "0.02"),
    ("0.5", "0.01", "0", "0", "0", 2, False, "0.01", "0.01"),
    ("-2", "19.99", "0", "0", "-7.60", 2, False, "-39.98", "-47.58"),
    ("-0.5", "0.01", "0", "0", "0", 2, False, "-0.01", "-0.01"),
    ("7", "1234", "0", "5", "0", 0, False, "8638", "8633"),
    ("2.5", "333", "0", "0", "0", 0, False, "833", "833"),
    ("1.12345", "3.333", "0", "0.001", "0", 3, False, "3.744", "3.743"),
    ("0", "100", "0", "0", "0", 2, False, "0.00", "0.00"),
    ("99999.99999", "0.0001", "0", "0", "0", 2, False, "10.00", "10.00"),
]


@pytest.mark.parametrize(
    ("quantity", "price", "volume", "manual", "tax", "digits", "per_unit", "base", "extended"), LINES
)
def test_the_amounts_of_a_line(
    *,
    quantity: str,
    price: str,
    volume: str,
    manual: str,
    tax: str,
    digits: int,
    per_unit: bool,
    base: str,
    extended: str,
) -> None:
    """Quantity times the price after the volume discount, less the manual discount, plus tax."""
    line = Line(
        quantity=Decimal(quantity),
        price=Decimal(price),
        volume_discount=Decimal(volume),
        manual_discount=Decimal(manual),
        tax=Decimal(tax),
    )
    found = line_amounts(line, digits, per_unit=per_unit)
    assert (str(found.base), str(found.extended)) == (base, extended)


@pytest.mark.parametrize(
    ("per_unit", "discount"),
    [(False, Decimal("0.33")), (True, Decimal("0.99"))],
    ids=["line item", "per unit"],
)
def test_a_discount_per_unit_counts_for_every_unit(*, per_unit: bool, discount: Decimal) -> None:
    """The organization says which one a manual discount is."""
    assert (
        line_discount(Line(quantity=Decimal(3), manual_discount=Decimal("0.33")), 2, per_unit=per_unit)
        == discount
    )


# lines (extended, tax, discount); header discount, percent, freight; digits; the six totals
DOCUMENTS = [
    ([], "0", "0", "0", 2, ("0.00", "0.00", "0.00", "0.00", "0.00", "0.00")),
    ([], "0", "0", "9.95", 2, ("0.00", "0.00", "0.00", "0.00", "0.00", "9.95")),
    (
        [("333.20", "53.20", "20"), ("25", "0", "0")],
        "5",
        "10",
        "9.95",
        2,
        ("305.00", "20.00", "55.50", "269.50", "53.20", "332.65"),
    ),
    ([("0.05", "0", "0")], "0", "50", "0", 2, ("0.05", "0.00", "0.03", "0.02", "0.00", "0.02")),
    ([("33.33", "0", "0")] * 3, "0", "33.33", "0", 2, ("99.99", "0.00", "33.33", "66.66", "0.00", "66.66")),
    ([("100", "0", "0")], "0", "100", "0", 2, ("100.00", "0.00", "100.00", "0.00", "0.00", "0.00")),
    ([("8633", "0", "5")], "0", "2.5", "500", 0, ("8633", "5", "221", "8417", "0", "8917")),
    (
        [("3.743", "0", "0.001")],
        "0.001",
        "0",
        "0.5",
        3,
        ("3.743", "0.001", "0.002", "3.742", "0.000", "4.242"),
    ),
]


@pytest.mark.parametrize(("lines", "discount", "percent", "freight", "digits", "totals"), DOCUMENTS)
def test_the_totals_of_a_document(
    lines: list[tuple[str, str, str]],
    discount: str,
    percent: str,
    freight: str,
    digits: int,
    totals: tuple[str, ...],
) -> None:
    """Detail, line discounts, all discounts, less freight, tax, total."""
    shares = [LineShare(extended=Decimal(a), tax=Decimal(b), discount=Decimal(c)) for a, b, c in lines]
    terms = HeaderTerms(
        discount=Decimal(discount), discount_percent=Decimal(percent), freight=Decimal(freight)
    )
    assert tuple(map(str, astuple(document_totals(shares, terms, digits)))) == totals


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("2.5", 0, "3"),
        ("0.12345", 4, "0.1235"),
        ("7", 2, "7.00"),
    ],
)
def test_halves_are_rounded_away_from_zero(value: str, digits: int, expected: str) -> None:
    """In both directions and for any precision."""
    assert str(rounded(Decimal(value), digits)) == expected


def test_what_is_stored_becomes_a_decimal() -> None:
    """Null is nothing, whole amounts come back from the store as integers."""
    assert (amount_of(None), amount_of(3), amount_of(Decimal("1.50"))) == (
        Decimal(0),
        Decimal(3),
        Decimal("1.50"),
    )
