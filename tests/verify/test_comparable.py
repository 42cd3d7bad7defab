"""How the judge spells values."""

from decimal import Decimal

import pytest

from interlace.verify.comparable import as_amount, as_text, is_blank, not_negative, rounded


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("text  ", "text"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (Decimal("1.50"), "1.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"),
        (1.25, "1.25"),
    ],
)
def test_values_that_mean_the_same_have_one_text(value: object, text: str) -> None:
    """A value's text depends on its meaning, not on its spelling."""
    assert as_text(value) == text


def test_missing_amount_is_blank() -> None:
    """No amount is not an amount of zero."""
    assert as_amount(None) == as_amount("") == ""


def test_halves_are_rounded_away_from_zero() -> None:
    """Amounts are rounded as people do it."""
    assert rounded(Decimal("0.125"), 2) == "0.13"
    assert rounded(Decimal("-0.125"), 2) == "-0.13"
    assert rounded(None, 2) == "0"


def test_negative_amounts_become_zero() -> None:
    """What the CRM can't hold below zero is expected as zero."""
    assert not_negative(Decimal(-3), 2) == "0"
    assert not_negative(Decimal("3.456"), 2) == "3.46"


@pytest.mark.parametrize("value", [None, "", "  ", "0001-01-01", "0001-01-01T00:00:00Z", "_x0020_"])
def test_blank_spellings(value: object) -> None:
    """Every way in which the services say "nothing" is blank."""
    assert is_blank(value)


def test_zero_and_false_are_not_blank() -> None:
    """A number and a truth value say something."""
    assert not is_blank(0)
    assert not is_blank(False)
