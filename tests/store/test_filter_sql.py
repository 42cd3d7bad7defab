"""Filters in SQL find what the same filters find in memory."""

import string
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from interlace.domain.filter_language import (
    FieldKind,
    FilteredField,
    FilterProblem,
    Reading,
    parse_filter,
)
from interlace.domain.filter_nodes import Filter, FilterValue, folded, holds
from interlace.store.database import Database, open_database
from interlace.store.encoding import time_to_text
from interlace.store.filter_sql import Dialect, StoredColumn, condition
from interlace.store.table_parts import Key

_TABLE = sa.Table(
    "filtered",
    sa.MetaData(),
    sa.Column("text", Key, nullable=False),
    sa.Column("folded_text", Key, nullable=False),
    sa.Column("optional", Key),
    sa.Column("number", sa.BigInteger),
    sa.Column("moment", Key),
)
_COLUMNS = {
    "text": StoredColumn(column=_TABLE.c.text, folded=_TABLE.c.folded_text),
    "optional": StoredColumn(column=_TABLE.c.optional),
    "number": StoredColumn(column=_TABLE.c.number, kind=FieldKind.NUMBER),
    "moment": StoredColumn(column=_TABLE.c.moment, kind=FieldKind.MOMENT),
}
_TYPED = st.text(alphabet=string.ascii_letters[:6] + "AB01 ()|&<>=.*?@'%[]_\\æÆß", max_size=12)
_TEXTS = st.text(alphabet="abcABC01 *?[]%_\\æÆß'", max_size=6).map(str.rstrip)
_MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2026, 1, 4),  # noqa: DTZ001 - as above
    timezones=st.just(UTC),
)
_READING = Reading(now=datetime(2026, 1, 2, 12, tzinfo=UTC))


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """A database with the table that is filtered."""
    opened = open_database(url)
    with opened.write() as connection:
        _TABLE.create(connection)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def memory() -> Iterator[Database]:
    """A database in memory with the table that is filtered."""
    opened = open_database("sqlite://")
    with opened.write() as connection:
        _TABLE.create(connection)
    yield opened
    opened.close()


def found(database: Database, name: str, values: list[object], node: Filter, *, by_index: bool) -> list[int]:
    """Return which of the values a filter finds in the database, by their place."""
    dialect = Dialect(is_postgresql=database.is_postgresql)
    where = condition(node, _COLUMNS[name], dialect, by_index=by_index)
    places = []
    with database.write() as connection:
        connection.execute(sa.delete(_TABLE))
        for place, value in enumerate(values):
            row: dict[str, object] = {
                "text": "",
                "folded_text": "",
                "optional": None,
                "number": None,
                "moment": None,
            }
            row[name] = time_to_text(value) if isinstance(value, datetime) else value
            row["folded_text"] = folded(str(row["text"]))
            connection.execute(sa.delete(_TABLE))
            connection.execute(sa.insert(_TABLE).values(row))
            if connection.execute(sa.select(sa.literal(1)).select_from(_TABLE).where(where)).first():
                places.append(place)
    return places


def understood(text: str, kind: FieldKind) -> Filter | None:
    """Understand a filter, or None if it is none."""
    try:
        return parse_filter(text, FilteredField(kind=kind), _READING)
    except FilterProblem:
        return None


def in_memory(values: list[object], node: Filter) -> list[int]:
    """Return which of the values a filter finds, by their place."""
    held: list[FilterValue | None] = [
        value for value in values if value is None or isinstance(value, FilterValue)
    ]
    return [place for place, value in enumerate(held) if holds(node, value)]


@given(typed=_TYPED, value=_TEXTS, by_index=st.booleans())
def test_texts_are_found_alike(memory: Database, typed: str, value: str, *, by_index: bool) -> None:
    """Every filter of texts means in SQLite what it means in memory, folded column or not."""
    node = understood(typed, FieldKind.TEXT)
    if node is None:
        return
    for name, values in (("text", [value]), ("optional", [value, None])):
        assert found(memory, name, list(values), node, by_index=by_index) == in_memory(list(values), node)


@given(
    typed=st.sampled_from(
        ["5", "<>5", ">5", "<=5", "..5", "3..7", "''", "<>''", "5|7", ">3&<7", "4.5", "<>4.5"]
    ),
    value=st.none() | st.integers(min_value=0, max_value=9),
)
def test_numbers_are_found_alike(memory: Database, typed: str, value: int | None) -> None:
    """What is missing is in no range."""
    node = understood(typed, FieldKind.NUMBER)
    assert node is not None
    assert found(memory, "number", [value], node, by_index=False) == in_memory([value], node)


@given(
    typed=st.sampled_from(
        [
            "1/2/2026",
            "<>1/2/2026",
            ">1/2/2026",
            "<1/2/2026",
            "<=1/2/2026",
            ">=1/2/2026",
            "..%now",
            "%now..",
            "1/1/2026..1/2/2026",
            "''",
            "<>''",
            "2026-01-02 10:30",
            "%today|%yesterday",
        ]
    ),
    value=st.none() | _MOMENTS,
)
def test_moments_are_found_alike(memory: Database, typed: str, value: datetime | None) -> None:
    """Days are stretches of time, in SQL too."""
    node = understood(typed, FieldKind.MOMENT)
    assert node is not None
    assert found(memory, "moment", [value], node, by_index=False) == in_memory([value], node)


@pytest.mark.parametrize("by_index", [False, True])
@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a*",
        "@A*",
        "*b*",
        "<>*b*",
        "a?c",
        "[a]*",
        "%_",
        "\\*",
        "a..c",
        "@A..B",
        "<>a",
        "''",
        "<>''",
        "a|b&c",
        "<b",
        "=æ",
        "@Æ",
        "'*'",
        "'?'",
    ],
)
def test_both_databases_find_alike(database: Database, typed: str, *, by_index: bool) -> None:
    """Signs that mean something to LIKE or GLOB are letters; case and order are the same everywhere."""
    values: list[object] = [
        "",
        "a",
        "A",
        "abc",
        "aBc",
        "b",
        "c",
        "[a]x",
        "%_",
        "%x",
        "\\x",
        "æ",
        "Æ",
        "*",
        "?",
    ]
    node = understood(typed, FieldKind.TEXT)
    assert node is not None
    columns = {"text": values, "optional": [*values, None]}
    if database.is_postgresql and typed == "@Æ":
        # What is not stored folded is folded by the database, whose locale may know English letters only.
        del columns["optional"]
    for name, held in columns.items():
        assert found(database, name, held, node, by_index=by_index) == in_memory(held, node)


def test_numbers_with_fractions_are_compared_as_numbers(database: Database) -> None:
    """A whole number lies between two fractions."""
    node = understood("4.5..5.5", FieldKind.NUMBER)
    assert node is not None
    values: list[object] = [4, 5, 6, None]
    assert found(database, "number", values, node, by_index=False) == in_memory(values, node) == [1]
    assert holds(node, Decimal("4.5"))
