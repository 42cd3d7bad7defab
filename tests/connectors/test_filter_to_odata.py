"""Filters as `$filter`: what a service sends back holds everything that fits, and nothing else if it says so."""

import string
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.connectors.filter_to_odata import FilteredProperty, odata_filter
from interlace.domain.filter_language import (
    FieldKind,
    FilteredField,
    FilterProblem,
    Reading,
    parse_filter,
)
from interlace.domain.filter_nodes import Filter, holds
from interlace.odata.filter_evaluation import PLAIN_RULES, EvaluationRules, evaluate
from interlace.odata.filter_functions import TextRules
from interlace.odata.filter_parser import parse_filter as parse_odata

_READING = Reading(now=datetime(2026, 1, 2, 12, tzinfo=UTC))
_NAME = FilteredProperty(name="Name")
_FOLDING = FilteredProperty(name="Name", has_case=False)
_TYPED = st.text(alphabet=string.ascii_letters[:4] + "AB01 ()|&<>=.*?@'", max_size=12)
_TEXTS = st.none() | st.text(alphabet="abAB01 '", max_size=5).map(str.rstrip)


def understood(text: str, kind: FieldKind = FieldKind.TEXT) -> Filter:
    """Understand a filter."""
    return parse_filter(text, FilteredField(kind=kind), _READING)


def selects(text: str, value: object, rules: EvaluationRules = PLAIN_RULES) -> bool:
    """Tell whether a service sends a record with this value back."""
    return not text or evaluate(parse_odata(text), lambda _path: value, rules)


@pytest.mark.parametrize(
    ("typed", "text", "is_exact"),
    [
        ("", "", True),
        ("A", "Name eq 'A'", True),
        ("O'Neil", "Name eq 'O''Neil'", True),
        ("@a", "tolower(Name) eq 'a'", False),
        ("<>A", "Name ne 'A' or Name eq null", True),
        ("<>@A", "", False),
        ("A*", "startswith(Name,'A')", True),
        ("*A", "endswith(Name,'A')", True),
        ("*A*", "contains(Name,'A')", True),
        ("@A*", "startswith(tolower(Name),'a')", False),
        ("A*B?C", "startswith(Name,'A') and contains(Name,'B') and endswith(Name,'C')", False),
        ("<>*A*", "not contains(Name,'A') or Name eq null", True),
        ("<>A*B", "", False),
        ("10000..20000", "Name ge '10000' and Name le '20000'", True),
        ("..M", "Name le 'M' or Name eq null", True),
        ("''", "Name eq null or Name eq ''", True),
        ("<>''", "Name ne null and Name ne ''", True),
        ("A*|B", "(startswith(Name,'A')) or (Name eq 'B')", True),
        ("A*&<>*B", "(startswith(Name,'A')) and (not endswith(Name,'B') or Name eq null)", True),
        ("A|<>@B", "", False),
        ("<>*", "Name eq null and Name ne null", True),
    ],
)
def test_texts_become_what_a_service_understands(typed: str, text: str, *, is_exact: bool) -> None:
    """And what it does not is left out, so that nothing is missing."""
    made = odata_filter(understood(typed), _NAME)
    assert (made.text, made.is_exact) == (text, is_exact)


@pytest.mark.parametrize("of", [_NAME, _FOLDING])
@given(typed=_TYPED, value=_TEXTS)
def test_everything_that_fits_comes_back(of: FilteredProperty, typed: str, value: str | None) -> None:
    """Whether the service knows case or not; and where it says so, nothing else comes."""
    try:
        node = understood(typed)
    except FilterProblem:
        return
    made = odata_filter(node, of)
    rules = PLAIN_RULES if of.has_case else EvaluationRules(text=TextRules(ignore_case=True))
    if holds(node, value):
        assert selects(made.text, value, rules)
    elif made.is_exact and of.has_case:
        assert not selects(made.text, value, rules)


@pytest.mark.parametrize(
    "typed", ["5", "<>5", ">5", "<=5", "3..7", "''", "<>''", "5|7", ">3&<7", "4.5", "(<3|>7)&<>9"]
)
@given(
    value=st.none()
    | st.integers(min_value=0, max_value=10)
    | st.decimals(min_value=0, max_value=10, places=1)
)
def test_numbers_are_left_to_the_service(typed: str, value: int | Decimal | None) -> None:
    """It compares them as we do."""
    node = understood(typed, FieldKind.NUMBER)
    made = odata_filter(node, FilteredProperty(name="Amount", is_text=False))
    assert made.is_exact
    assert selects(made.text, value) is holds(node, value)


@pytest.mark.parametrize(
    "typed", ["1/2/2026", "<>1/2/2026", ">1/1/2026", "..%today", "''", "1/1/2026|%tomorrow"]
)
@pytest.mark.parametrize("kind", [FieldKind.DATE, FieldKind.MOMENT])
@given(day=st.none() | st.integers(min_value=1, max_value=4), hour=st.integers(min_value=0, max_value=23))
def test_times_are_left_to_the_service(kind: FieldKind, typed: str, day: int | None, hour: int) -> None:
    """Days and moments are literals of the protocol."""
    node = understood(typed, kind)
    made = odata_filter(node, FilteredProperty(name="At", is_text=False))
    value = None
    if day is not None:
        value = f"2026-01-{day:02}" if kind is FieldKind.DATE else f"2026-01-{day:02}T{hour:02}:00:00Z"
    assert made.is_exact
    assert selects(made.text, value) is holds(node, value)
