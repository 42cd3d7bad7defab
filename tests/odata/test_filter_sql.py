"""SQL of filters: what it says exactly, and what is left to evaluation."""

import pytest
from tests.odata.test_filter import KINDS

from interlace.odata.filter_functions import TextRules
from interlace.odata.filter_parser import parse_filter
from interlace.odata.filter_sql import SqlColumn, SqlCondition, SqlKind, to_sql


def _mirrored(path: tuple[str, ...]) -> SqlColumn | None:
    kind = KINDS.get(path[0])
    return None if kind is None else SqlColumn(path[0], kind)


@pytest.mark.parametrize(
    "text",
    [
        "Unknown eq 1",
        "Text add 'a' eq 'b'",
        "Text eq Other",
        "Flag gt true",
        "Text",
        "contains(Whole,'a')",
        "tolower(Text) eq 'a'",
        "length(Text) eq 1",
        "matchesPattern(Text,'a')",
        "endswith(Text,'')",
        "Text in (null)",
        "Text in (Other)",
        "Whole eq 1.5",
        "Whole eq 99999999999999999999",
        "Whole eq true",
        "Guid eq 'x'",
        "Day eq 2026-01-01T00:00:00Z",
        "At eq 2026-01-01T00:00:00.5Z",
        "Exact eq 2026-01-01T00:00:00.0005Z",
        "Text has NS.E'a'",
        "Whole eq @a",
    ],
)
def test_what_sql_cannot_say_exactly_remains(text: str) -> None:
    """Conditions without an exact SQL form are left to evaluation."""
    node = parse_filter(text)
    assert to_sql(node, _mirrored) == (None, node)


def test_translatable_parts_go_to_sql() -> None:
    """The outermost `and` is cut; several remaining parts stay joined."""
    node = parse_filter(
        "Text eq 'a' and x eq 1 and Day eq 2026-01-01 and y eq 2 and Whole eq 2.0 and Text eq NS.E'm'"
    )
    split = to_sql(node, _mirrored)
    assert split.condition is not None
    assert split.condition.parameters == ("a", "2026-01-01", 2, "m")
    assert split.remainder == parse_filter("x eq 1 and y eq 2")
    ignoring = to_sql(parse_filter("matchesPattern(Text,'a')"), _mirrored, TextRules(ignore_case=True))
    assert ignoring.condition is None
    turned = to_sql(parse_filter("5 gt Whole and not (2 eq Whole)"), _mirrored)
    assert turned.condition is not None
    assert turned.condition.text == "(Whole < ? AND Whole IS NOT NULL) AND (NOT (Whole IS ?))"
    either = to_sql(parse_filter("Flag or Text eq null or Text gt null"), _mirrored)
    assert either.condition is not None
    assert either.condition.text == "(Flag) OR (Text IS NULL) OR (0)"
    exact = to_sql(parse_filter("F eq 'a'"), lambda path: SqlColumn("F", SqlKind.FOLDED_TEXT))
    assert exact.condition is None


def test_alternatives_of_one_property_become_a_list() -> None:
    """An index answers for a list, whatever else the filter asks for; null is no member of one."""
    split = to_sql(parse_filter("Text eq 'a' or Text eq 'b' or Text eq 'c'"), _mirrored)
    assert split.condition == SqlCondition("Text IN (?, ?, ?) AND Text IS NOT NULL", ("a", "b", "c"))
    for text in ("Text eq 'a' or Text eq null", "Text eq 'a' or Text ne 'b'", "Text eq 'a' or Whole eq 1"):
        split = to_sql(parse_filter(text), _mirrored)
        assert split.condition is not None
        assert " OR " in split.condition.text
