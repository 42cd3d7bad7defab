"""Addresses and filters: quoted, percent-encoded, and never longer than a service accepts."""

from decimal import Decimal
from urllib.parse import quote, unquote

import pytest

from interlace.connectors.odata_table import ColumnKind, WireColumn
from interlace.connectors.query import address, alternatives, equals, literal, value_lists
from interlace.domain.values import Value

NUMBER = WireColumn(name="No", kind=ColumnKind.TEXT)
TRICKY = ["O'Brien & Co", "100%", "Ü#?/+", "Ромашка", "plain-1", "a=b;c,d"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (ColumnKind.TEXT, "O'Neil", "'O''Neil'"),
        (ColumnKind.GUID, "6f1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90", "6f1c2d0e-7a35-5b0c-9a51-4e3f2a7c1d90"),
        (ColumnKind.DATE, "2026-01-01", "2026-01-01"),
        (ColumnKind.WHOLE, 7, "7"),
        (ColumnKind.AMOUNT, Decimal("1E+3"), "1000"),
        (ColumnKind.BOOLEAN, True, "true"),
        (ColumnKind.BOOLEAN, False, "false"),
        (ColumnKind.TEXT, None, "null"),
    ],
)
def test_value_is_written_as_its_column_compares_it(kind: ColumnKind, value: Value, expected: str) -> None:
    """Texts are quoted with quotes doubled; everything else stands bare."""
    assert literal(kind, value) == expected
    assert equals(WireColumn(name="F", kind=kind), value) == f"F eq {expected}"


def test_options_are_percent_encoded_and_blank_ones_left_out() -> None:
    """No reserved character of a value reaches the address as such."""
    url = address("/base/Set", {"$select": "No,Name", "$filter": "No eq 'A&B#C+D%'", "$orderby": None})
    assert url == "/base/Set?$select=No,Name&$filter=No%20eq%20'A%26B%23C%2BD%25'"
    assert address("/base/Set", {"$filter": None}) == "/base/Set"


@pytest.mark.parametrize("characters_max", [80, 200, 1000])
def test_filters_stay_below_the_length_and_name_each_value_once(characters_max: int) -> None:
    """Every group's encoded filter is short enough, and all values are in one of them."""
    values = [f"{text} {number}" for number in range(20) for text in TRICKY]
    for filters in (
        list(alternatives(NUMBER, values, characters_max=characters_max, count_max=50)),
        list(value_lists(NUMBER, values, characters_max=characters_max, count_max=50)),
    ):
        one_value_max = max(len(quote(value.replace("'", "''"))) for value in values) + 80
        assert all(len(quote(each)) <= max(characters_max, one_value_max) + 90 for each in filters)
        text = " ".join(filters)
        assert all(value.replace("'", "''") in text or value in text for value in values)


def test_groups_hold_at_most_so_many_values() -> None:
    """The number of values in one filter is bounded, too."""
    filters = list(alternatives(NUMBER, ["a", "b", "c", "d", "e"], characters_max=10_000, count_max=2))
    assert filters == ["No eq 'a' or No eq 'b'", "No eq 'c' or No eq 'd'", "No eq 'e'"]
    assert list(alternatives(NUMBER, [], characters_max=100, count_max=2)) == []


def test_case_is_folded_on_both_sides() -> None:
    """A comparison without letter case lowers the column and the value."""
    [condition] = alternatives(NUMBER, ["ÄB"], characters_max=1000, count_max=5, fold_case=True)
    assert condition == "tolower(No) eq 'äb'"


def test_value_list_is_json_in_the_crms_spelling() -> None:
    """Values of the CRM's In function are a JSON array."""
    [condition] = value_lists(NUMBER, ['a"b', "c"], characters_max=1000, count_max=5)
    assert condition == 'Microsoft.Dynamics.CRM.In(PropertyName=\'No\',PropertyValues=["a\\"b","c"])'
    assert unquote(address("/x", {"$filter": condition})).endswith(condition)
