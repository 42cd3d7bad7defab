"""What each transformation rule makes of each kind of value."""

from decimal import Decimal

import pytest

from interlace.domain.transformation_rule import (
    Choose,
    NotBelowZero,
    Prefix,
    Replace,
    RoundTo,
    TransformationRule,
    Truncate,
    UpperCase,
    apply_rules,
)
from interlace.domain.values import Value

PREFIX = Prefix(text="NAV ")
CHOOSE = Choose(pairs=((False, 0), (True, 1)), otherwise=9)
REPLACE = Replace(pairs=(("USA", "US"), (1, "one"), (None, "none")))


@pytest.mark.parametrize(
    ("rule", "value", "result"),
    [
        (PREFIX, "PCS", "NAV PCS"),
        (PREFIX, "", ""),
        (PREFIX, None, None),
        (NotBelowZero(), Decimal("-0.01"), Decimal(0)),
        (NotBelowZero(), -1, Decimal(0)),
        (NotBelowZero(), Decimal("0.01"), Decimal("0.01")),
        (NotBelowZero(), None, None),
        (NotBelowZero(), "-1", "-1"),
        (RoundTo(decimals=2), Decimal("1.005"), Decimal("1.01")),
        (RoundTo(decimals=2), Decimal("-1.005"), Decimal("-1.01")),
        (RoundTo(decimals=2), Decimal(3), Decimal("3.00")),
        (RoundTo(decimals=2), 3, 3),
        (RoundTo(decimals=2), None, None),
        (Truncate(length=3), "a bc", "a b"),
        (Truncate(length=2), "a bc", "a"),
        (Truncate(length=9), "a bc", "a bc"),
        (Truncate(length=1), 123, 123),
        (UpperCase(), "straße", "STRASSE"),
        (UpperCase(), None, None),
        (REPLACE, "USA", "US"),
        (REPLACE, "DE", "DE"),
        (REPLACE, 1, "one"),
        (REPLACE, True, True),
        (REPLACE, None, "none"),
        (CHOOSE, True, 1),
        (CHOOSE, False, 0),
        (CHOOSE, 0, 9),
        (CHOOSE, 1, 9),
        (CHOOSE, None, 9),
        (Choose(pairs=((1, "All"),)), 0, None),
        (Choose(pairs=((1, "All"),)), 1, "All"),
    ],
)
def test_rule_makes_of_a_value(rule: TransformationRule, value: Value, result: Value) -> None:
    """A rule changes the values it is made for and passes the others."""
    changed = rule.apply(value)
    assert changed == result
    assert type(changed) is type(result)


def test_rules_apply_in_order() -> None:
    """The result of one rule is the value of the next."""
    assert apply_rules((NotBelowZero(), RoundTo(decimals=1)), Decimal("-2.55")) == Decimal("0.0")
    assert apply_rules((Truncate(length=2), UpperCase(), PREFIX), "pcs") == "NAV PC"
    assert apply_rules((), "same") == "same"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (PREFIX, "behind 'NAV '"),
        (NotBelowZero(), "not below zero"),
        (RoundTo(decimals=2), "rounded to 2 decimals"),
        (Truncate(length=3), "cut to 3 characters"),
        (UpperCase(), "in capitals"),
        (Replace(pairs=(("USA", "US"),)), "USA becomes US"),
        (CHOOSE, "False becomes 0, True becomes 1, else 9"),
        (Choose(pairs=((1, "All"),)), "1 becomes All, else blank"),
    ],
)
def test_rule_describes_itself(rule: TransformationRule, words: str) -> None:
    """People read what a rule does."""
    assert rule.describe() == words
