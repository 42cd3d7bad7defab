"""Which records a filter lets take part."""

from decimal import Decimal

import pytest

from interlace.domain.table_filter import EVERYTHING, Comparison, Condition, TableFilter
from interlace.domain.values import Value

# comparison, the field's value, the condition's value or the other field's, holds
CASES: list[tuple[Comparison, Value, Value, bool]] = [
    (Comparison.EQUAL, "a ", "a", True),
    (Comparison.EQUAL, "A", "a", False),
    (Comparison.EQUAL, "", None, True),
    (Comparison.NOT_EQUAL, "a", "b", True),
    (Comparison.NOT_EQUAL, 0, 0, False),
    (Comparison.BLANK, " ", None, True),
    (Comparison.BLANK, 0, None, False),
    (Comparison.NOT_BLANK, False, None, True),
    (Comparison.NOT_BLANK, "", None, False),
    (Comparison.WITHOUT_TEXT, "14 DAYS", ",", True),
    (Comparison.WITHOUT_TEXT, "1,5", ",", False),
    (Comparison.WITHOUT_TEXT, None, ",", True),
    (Comparison.BEGINS_WITH, "Oslo AS", "Oslo", True),
    (Comparison.BEGINS_WITH, None, "Oslo", False),
    (Comparison.ONE_OF, "FI", "NO|FI ", True),
    (Comparison.ONE_OF, "DE", "NO|FI", False),
    (Comparison.ONE_OF, None, "NO|FI", False),
    (Comparison.AT_LEAST, Decimal("10.50"), Decimal("10.5"), True),
    (Comparison.AT_LEAST, 9, Decimal(10), False),
    (Comparison.AT_LEAST, "2026-02-01", "2026-01-31", True),
    (Comparison.AT_LEAST, None, 0, False),
    (Comparison.AT_MOST, 10, 10, True),
    (Comparison.AT_MOST, "2026-02-01", "2026-01-31", False),
    (Comparison.AT_MOST, None, 5, False),
    (Comparison.AT_MOST, "5", 5, False),
    (Comparison.EQUAL_TO_FIELD, "PCS", "PCS", True),
    (Comparison.EQUAL_TO_FIELD, None, "PCS", False),
    (Comparison.EQUAL_TO_FIELD_OR_BLANK, None, "PCS", True),
    (Comparison.EQUAL_TO_FIELD_OR_BLANK, "PCS", "PCS", True),
    (Comparison.EQUAL_TO_FIELD_OR_BLANK, "BOX", "PCS", False),
]


@pytest.mark.parametrize(("comparison", "value", "other", "holds"), CASES)
def test_each_comparison(comparison: Comparison, value: Value, other: Value, *, holds: bool) -> None:
    """Each line of the table of comparisons."""
    condition = Condition(field="F", comparison=comparison, value=other, other_field="G")
    assert condition.holds({"F": value, "G": other}.__getitem__) == holds


def test_every_comparison_is_in_the_table() -> None:
    """A new comparison can't go untested."""
    assert {comparison for comparison, *_ in CASES} == set(Comparison)


def test_the_first_condition_that_fails_gives_the_reason() -> None:
    """All must hold; the order of the declaration is the order of the reasons."""
    blocked = Condition(field="Blocked", comparison=Comparison.BLANK, reason="blocked")
    typed = Condition(field="Type", comparison=Comparison.EQUAL_TO_FIELD, other_field="Wanted", reason="type")
    table_filter = TableFilter(conditions=(blocked, typed))
    record: dict[str, Value] = {"Blocked": "All", "Type": "a", "Wanted": "b"}
    assert table_filter.first_failing(record.__getitem__) == blocked
    assert table_filter.first_failing((record | {"Blocked": None}).__getitem__) == typed
    assert table_filter.first_failing((record | {"Blocked": None, "Type": "b"}).__getitem__) is None
    assert table_filter.fields == ("Blocked", "Type", "Wanted")
    assert EVERYTHING.first_failing(record.__getitem__) is None
