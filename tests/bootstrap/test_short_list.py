"""Lists that are held whole: filtered, searched and sorted like every other, page by page."""

from datetime import UTC, datetime

import pytest

from interlace.bootstrap.desk.short_list import ShortList
from interlace.domain.filter_language import FieldKind
from interlace.management.caller import Caller, Door
from interlace.management.listing import YES_OR_NO, ListAnswer, ListColumn, ListRow, ServerListAsked
from interlace.management.permission import Permission
from interlace.management.refusal import Refused

ADA = Caller(user_id="", name="ada", permissions=frozenset(Permission), door=Door.MACHINE)


class Row(ListRow, frozen=True, kw_only=True):
    """A row of this file's list."""

    name: str
    number: int | None
    at: datetime | None
    sets: tuple[str, ...]
    is_old: bool


class Rows(ListAnswer, frozen=True, kw_only=True):
    """A page of it."""

    rows: tuple[Row, ...] = ()


LISTED: ShortList[Row, Rows] = ShortList(
    columns=(
        ListColumn(name="name", caption="Name", is_sorted=True, is_searched=True),
        ListColumn(name="number", caption="Number", kind=FieldKind.NUMBER, is_sorted=True),
        ListColumn(name="at", caption="At", kind=FieldKind.MOMENT, is_sorted=True),
        ListColumn(name="sets", caption="Sets"),
        ListColumn(name="is_old", caption="Old", kind=FieldKind.CHOICE, choices=YES_OR_NO),
    ),
    answer=Rows,
    key_of=lambda each: each.name,
)
HELD = (
    Row(name="beta", number=20, at=datetime(2026, 3, 2, tzinfo=UTC), sets=("X", "Y"), is_old=False),
    Row(name="Alfa", number=3, at=None, sets=(), is_old=True),
    Row(name="gamma", number=None, at=datetime(2026, 3, 1, tzinfo=UTC), sets=("Y",), is_old=False),
    Row(name="Delta", number=100, at=datetime(2026, 3, 3, tzinfo=UTC), sets=("Z",), is_old=True),
)


def names(held: tuple[Row, ...] = HELD, **asked: object) -> list[str]:
    """Return the names of a page."""
    return [each.name for each in LISTED.page(ADA, ServerListAsked(**asked), held).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"name": "@a*"}, ["Alfa"]),
        ({"number": ">10"}, ["beta", "Delta"]),
        ({"number": "''"}, ["gamma"]),
        ({"at": "2026-03-01..2026-03-02"}, ["beta", "gamma"]),
        ({"at": "''"}, ["Alfa"]),
        ({"sets": "Y"}, ["beta", "gamma"]),
        ({"sets": "''"}, ["Alfa"]),
        ({"is_old": "yes"}, ["Alfa", "Delta"]),
        ({"is_old": "Yes", "number": "<10"}, ["Alfa"]),
    ],
)
def test_each_kind_of_column_is_filtered(filters: dict[str, str], found: list[str]) -> None:
    """Text, numbers, moments, several values, and yes or no, in the filter language; several filters hold together."""
    assert names(filters=filters) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("", ["beta", "Alfa", "gamma", "Delta"]),
        ("name", ["Alfa", "beta", "Delta", "gamma"]),
        ("-number", ["Delta", "beta", "Alfa", "gamma"]),
        ("at", ["Alfa", "gamma", "beta", "Delta"]),
    ],
)
def test_rows_are_sorted_as_people_do(sort: str, found: list[str]) -> None:
    """Without regard to case, numbers by amount, nothing first; unsorted they keep their own order."""
    assert names(sort=sort) == found


def test_a_search_looks_into_the_searched_columns_alone() -> None:
    """Every word must occur, in any case."""
    assert names(search="LT") == ["Delta"]
    assert names(search="Y") == []


def test_pages_lead_both_ways_and_tell_how_many_there_are() -> None:
    """Each row stands on one page, wherever one begins."""
    first = LISTED.page(ADA, ServerListAsked(sort="name", limit=3), HELD)
    assert [each.name for each in first.rows] == ["Alfa", "beta", "Delta"]
    assert (first.count, first.previous_cursor) == (4, "")
    second = LISTED.page(ADA, ServerListAsked(sort="name", limit=3, cursor=first.next_cursor), HELD)
    assert ([each.name for each in second.rows], second.next_cursor) == (["gamma"], "")
    back = ServerListAsked(sort="name", limit=3, cursor=second.previous_cursor)
    assert LISTED.page(ADA, back, HELD).rows == first.rows


def test_rows_that_come_and_go_move_no_others() -> None:
    """A page begins behind a row; where that row is gone, at its place."""
    cursor = LISTED.page(ADA, ServerListAsked(sort="name", limit=2), HELD).next_cursor
    assert names(HELD[:1] + HELD[2:], sort="name", cursor=cursor) == ["Delta", "gamma"]
    assert names(HELD[1:], sort="name", cursor=cursor) == ["gamma"]


@pytest.mark.parametrize("asked", [{"sort": "sets"}, {"cursor": "nonsense"}, {"filters": {"number": "x"}}])
def test_what_the_list_does_not_know_is_refused(asked: dict[str, object]) -> None:
    """A column that can't be sorted by, a page that is none, and a filter that can't be understood."""
    with pytest.raises(Refused):
        LISTED.page(ADA, ServerListAsked(**asked), HELD)  # type: ignore[arg-type]
