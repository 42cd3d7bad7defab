"""The filter language: what it finds, what it refuses, and that no text can break it."""

import string
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interlace.domain.filter_language import (
    LENGTH_MAX,
    DateFormat,
    FieldKind,
    FilteredField,
    FilterProblem,
    FilterReason,
    Formats,
    Reading,
    parse_filter,
    quoted,
)
from interlace.domain.filter_nodes import EVERYTHING, Filter, FilterValue, holds, matches

_NOW = datetime(2026, 3, 5, 22, 30, tzinfo=UTC)
_US = Formats()
_NORWAY = Formats(
    decimal_sign=",", group_sign="\u00a0", dates=DateFormat.DAY_MONTH_YEAR, zone=ZoneInfo("Europe/Oslo")
)
_STATES = FilteredField(kind=FieldKind.CHOICE, choices=(("Coupled", "coupled"), ("Ødelagt", "broken")))


def parse(text: str, kind: FieldKind = FieldKind.TEXT, formats: Formats = _US) -> Filter:
    """Understand a filter of a field of some kind."""
    return parse_filter(text, FilteredField(kind=kind), Reading(now=_NOW, formats=formats, me="Olga"))


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("", "anything", True),
        ("  ", None, True),
        ("Adatum", "Adatum", True),
        ("Adatum", "adatum", False),
        ("Adatum", "Adatum ", True),
        ("@adatum", "ADATUM", True),
        ("=Adatum", "Adatum", True),
        ("<>Adatum", "Adatum", False),
        ("<>Adatum", None, True),
        ("A*", "Adatum", True),
        ("A*", "adatum", False),
        ("@a*", "Adatum", True),
        ("*tum", "Adatum", True),
        ("*dat*", "Adatum", True),
        ("<>*dat*", "Adatum", False),
        ("A?atum", "Adatum", True),
        ("A?tum", "Adatum", False),
        ("*", None, True),
        ("<>*", "Adatum", False),
        ("''", None, True),
        ("''", "", True),
        ("''", "A", False),
        ("<>''", "A", True),
        ("<>''", None, False),
        ("10000..20000", "15000", True),
        ("10000..20000", "20000", True),
        ("10000..20000", "20001", False),
        ("..M", "Adatum", True),
        ("..M", None, True),
        ("M..", "Adatum", False),
        ("B..|A", "A", True),
        (">A&<C", "B", True),
        (">A&<C", "C", False),
        ("A|B&C", "A", True),
        ("(A|B)&C", "A", False),
        (" A | B ", "B", True),
        ("'A|B'", "A|B", True),
        ("'O''Neil'", "O'Neil", True),
        ("O'Neil", "O'Neil", True),
        ("*'a&b'*", "xa&by", True),
        ("Contoso (UK)", "Contoso (UK)", True),
        ("(Contoso (UK)|A)", "Contoso (UK)", True),
        ("A.B", "A.B", True),
        ("%me", "Olga", True),
        ("'%me'", "%me", True),
        ("%x", "%x", True),
        ("@ÆRØ*", "ærø transport", True),
    ],
)
def test_text_is_found_as_nav_finds_it(text: str, value: str | None, *, found: bool) -> None:
    """Every sign of the language does what users know of it."""
    assert holds(parse(text), value) is found


def test_codes_are_read_in_capitals() -> None:
    """A code typed in small letters finds the code."""
    assert holds(parse("c000*", FieldKind.CODE), "C00010")
    assert holds(parse("c00010", FieldKind.CODE), "C00010")
    assert holds(parse("%me", FieldKind.CODE), "OLGA")


@pytest.mark.parametrize(
    ("text", "formats", "value", "found"),
    [
        ("1,000.50", _US, Decimal("1000.5"), True),
        ("1.000", _US, 1, True),
        ("1 000,50", _NORWAY, Decimal("1000.5"), True),
        ("\u22125", _NORWAY, -5, True),
        ("1.5..2.5", _US, 2, True),
        (">1,5", _NORWAY, Decimal("1.4"), False),
        ("<>5", _US, None, True),
        ("''", _US, None, True),
        ("..5", _US, None, False),
        ("5", _US, True, False),
        ("5", _US, "5", False),
    ],
)
def test_numbers_are_read_as_their_reader_writes_them(
    text: str, formats: Formats, value: FilterValue | None, *, found: bool
) -> None:
    """Signs for fractions and thousands follow the language, and missing numbers are in no range."""
    assert holds(parse(text, FieldKind.NUMBER, formats), value) is found


@pytest.mark.parametrize(
    ("text", "formats", "value", "found"),
    [
        ("3/5/2026", _US, "2026-03-05", True),
        ("05.03.2026", _NORWAY, "2026-03-05", True),
        ("5.3.26", _NORWAY, "2026-03-05", True),
        ("5.3.", _NORWAY, "2026-03-05", True),
        ("2026-03-05", _NORWAY, "2026-03-05", True),
        ("01.03.2026..31.03.2026", _NORWAY, "2026-03-31", True),
        ("%today", _US, "2026-03-05", True),
        ("t", _US, "2026-03-05", True),
        # In Oslo it is half past eleven in the evening: the same day.
        ("%yesterday", _NORWAY, "2026-03-04", True),
        ("%tomorrow..", _US, "2026-03-05", False),
        ("1/1/99", _US, "1999-01-01", True),
        ("..t", _US, date(2026, 3, 5), True),
        ("..t", _US, "no date", False),
        ("<>t", _US, None, True),
    ],
)
def test_dates_are_read_as_their_reader_writes_them(
    text: str, formats: Formats, value: FilterValue | None, *, found: bool
) -> None:
    """The order of day and month follows the language; ISO dates are always understood."""
    assert holds(parse(text, FieldKind.DATE, formats), value) is found


def test_years_may_come_first() -> None:
    """Where dates are written from the year down, they are read so."""
    formats = Formats(dates=DateFormat.YEAR_MONTH_DAY)
    assert holds(parse("26/03/05", FieldKind.DATE, formats), "2026-03-05")
    assert holds(parse("03/05", FieldKind.DATE, formats), "2026-03-05")


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        # The fifth of March in Oslo begins on the fourth at eleven in the evening in UTC.
        ("05.03.2026", "2026-03-04T23:00:00Z", True),
        ("05.03.2026", "2026-03-05T22:59:59.999999Z", True),
        ("05.03.2026", "2026-03-05T23:00:00Z", False),
        ("<>05.03.2026", "2026-03-05T23:00:00Z", True),
        (">05.03.2026", "2026-03-05T22:59:59Z", False),
        (">05.03.2026", "2026-03-05T23:00:00Z", True),
        (">=05.03.2026", "2026-03-04T23:00:00Z", True),
        ("<05.03.2026", "2026-03-04T23:00:00Z", False),
        ("<=05.03.2026", "2026-03-05T22:59:59Z", True),
        ("<=05.03.2026", "2026-03-05T23:00:00Z", False),
        ("04.03.2026..05.03.2026", "2026-03-05T22:00:00Z", True),
        ("05.03.2026 10:30", "2026-03-05T09:30:59Z", True),
        ("05.03.2026 10:30:00", "2026-03-05T09:30:01Z", False),
        ("%today", "2026-03-05T10:00:00Z", True),
        ("%now..", "2026-03-05T22:29:00Z", False),
        ("%now..", "2026-03-05T22:30:00Z", True),
        ("%today", "nonsense", False),
        ("%today", "2026-03-05T10:00:00", False),
        ("%today", 5, False),
    ],
)
def test_moments_are_found_by_the_day_of_the_reader(text: str, value: FilterValue, *, found: bool) -> None:
    """A day is a stretch of time in the reader's own time zone."""
    assert holds(parse(text, FieldKind.MOMENT, _NORWAY), value) is found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ødelagt", {"broken"}),
        ("broken", {"broken"}),
        ("<>Ødelagt", {"coupled"}),
        ("ø*", {"broken"}),
        ("Coupled|Ødelagt", {"coupled", "broken"}),
        ("c..d", {"coupled"}),
        (">d", {"broken"}),
        ("<Ødelagt", {"coupled"}),
    ],
)
def test_choices_are_found_by_what_they_are_called(text: str, found: set[str]) -> None:
    """Captions in the reader's language, or the plain value."""
    node = parse_filter(text, _STATES, Reading(now=_NOW))
    assert {value for value in ("coupled", "broken") if holds(node, value)} == found


@pytest.mark.parametrize(
    ("text", "kind", "reason", "position"),
    [
        ("A|", FieldKind.TEXT, FilterReason.NOTHING_THERE, 2),
        ("A&&B", FieldKind.TEXT, FilterReason.NOTHING_THERE, 2),
        ("<>", FieldKind.TEXT, FilterReason.NOTHING_THERE, 2),
        ("..", FieldKind.TEXT, FilterReason.NOTHING_THERE, 0),
        ("'A", FieldKind.TEXT, FilterReason.NOT_CLOSED, 0),
        ("(A", FieldKind.TEXT, FilterReason.PARENTHESIS_OPEN, 0),
        ("A)", FieldKind.TEXT, FilterReason.PARENTHESIS_CLOSED, 1),
        ("A..B*", FieldKind.TEXT, FilterReason.WILDCARD_IN_RANGE, 3),
        (">A*", FieldKind.TEXT, FilterReason.WILDCARD_IN_RANGE, 1),
        ("5|many", FieldKind.NUMBER, FilterReason.NO_NUMBER, 2),
        ("5*", FieldKind.NUMBER, FilterReason.NO_WILDCARDS, 0),
        ("2026-02-30", FieldKind.DATE, FilterReason.NO_DATE, 0),
        ("soon", FieldKind.MOMENT, FilterReason.NO_DATE, 0),
        ("2026-02-01 25:00", FieldKind.MOMENT, FilterReason.NO_DATE, 0),
        ("%later", FieldKind.DATE, FilterReason.UNKNOWN_NAME, 0),
        ("%today", FieldKind.NUMBER, FilterReason.UNKNOWN_NAME, 0),
        ("*a" * 11, FieldKind.TEXT, FilterReason.TOO_MANY_WILDCARDS, 0),
        ("(" * 30 + "a", FieldKind.TEXT, FilterReason.TOO_DEEP, 21),
        ("a|" * 300 + "a", FieldKind.TEXT, FilterReason.TOO_DEEP, 400),
        ("a" * (LENGTH_MAX + 1), FieldKind.TEXT, FilterReason.TOO_LONG, LENGTH_MAX),
    ],
)
def test_a_wrong_filter_says_what_is_wrong_and_where(
    text: str, kind: FieldKind, reason: FilterReason, position: int
) -> None:
    """The position is that of the first sign that does not fit."""
    with pytest.raises(FilterProblem) as caught:
        parse(text, kind)
    assert (caught.value.reason, caught.value.position) == (reason, position)


def test_an_unknown_choice_is_named() -> None:
    """What was typed stands in the message."""
    with pytest.raises(FilterProblem, match="“lost” is none of the choices") as caught:
        parse_filter("broken|lost", _STATES, Reading(now=_NOW))
    assert caught.value.position == 7
    with pytest.raises(FilterProblem):
        parse_filter("''", _STATES, Reading(now=_NOW))


_TYPED = st.text(alphabet=string.ascii_letters + "0123456789 ()|&<>=.*?@'%\"-:/,æß", max_size=40)
_VALUES = st.text(max_size=20)


@given(text=_TYPED, kind=st.sampled_from(FieldKind), value=_VALUES)
def test_any_text_is_understood_or_refused(text: str, kind: FieldKind, value: str) -> None:
    """Whatever is typed gives a filter or a reason with a position inside the text, never anything else."""
    filtered = FilteredField(kind=kind, choices=_STATES.choices)
    problem = node = None
    try:
        node = parse_filter(text, filtered, Reading(now=_NOW, formats=_NORWAY))
    except FilterProblem as raised:
        problem = raised
    assert (node is None) is not (problem is None)
    if problem is not None:
        assert 0 <= problem.position <= len(text)
    if node is not None:
        assert holds(node, value) in {True, False}
    if not text.strip():
        assert node == EVERYTHING


@given(wanted=_VALUES, other=_VALUES)
def test_a_quoted_value_finds_exactly_itself(wanted: str, other: str) -> None:
    """To filter to a value works for every value."""
    node = parse(quoted(wanted))
    assert holds(node, wanted)
    assert holds(node, other) is (other.rstrip() == wanted.rstrip())


@given(one=_TYPED, other=_TYPED, value=_VALUES)
def test_and_and_or_mean_what_they_say(one: str, other: str, value: str) -> None:
    """Two filters in parentheses behave as one after the other."""
    try:
        first, second = parse(one), parse(other)
        both, either = parse(f"({one})&({other})"), parse(f"({one})|({other})")
    except FilterProblem:
        return
    assert holds(both, value) is (holds(first, value) and holds(second, value))
    assert holds(either, value) is (holds(first, value) or holds(second, value))


@given(
    number=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9)
)
def test_numbers_come_back_as_they_are_shown(number: Decimal) -> None:
    """What a Norwegian list shows can be typed over its column."""
    shown = f"{number:,.2f}".replace(",", "\u00a0").replace(".", ",")
    assert holds(parse(shown, FieldKind.NUMBER, _NORWAY), number)


def test_patterns_with_many_stars_take_no_time() -> None:
    """Matching grows with the lengths, not with the ways to match."""
    node = parse("*a*a*a*a*a*a*a*a*b")
    assert not holds(node, "a" * 20_000)
    assert matches("", ())
