"""Pages of lists by the place where the page before ended: each costs the same, however far down it lies.

A list has branches (mappings), each with an index for every order; a page is merged from the branches' own pages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sqlalchemy as sa

from interlace.domain.filter_nodes import Filter
from interlace.store.filter_sql import Condition, StoredColumn

Values: TypeAlias = tuple[str | int, ...]
Row: TypeAlias = sa.Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredList:
    """A table that is shown as a list."""

    table: sa.Table
    branch: sa.Column[int]
    tie: tuple[sa.Column[Any], ...]
    """What tells the rows of a branch apart."""
    sorts: Mapping[str, sa.Column[Any]]
    """Each has an index of branch, this column and `tie`, and is never missing."""
    columns: Mapping[str, StoredColumn] = field(default_factory=dict)
    """What can be filtered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAsked:
    """Which page of a list is asked for."""

    sort: str
    descending: bool = False
    filters: Mapping[str, Filter] = field(default_factory=dict)
    search: str = ""
    after: Values | None = None
    """Where the page begins: values that `place_of` gave for a row."""
    backwards: bool = False
    """The page before these values instead of the one behind them."""
    limit: int = 50
    counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """A page, and whether there are others."""

    rows: Sequence[Row]
    before: Values | None = None
    """Where the page before this one begins, if there is one."""
    behind: Values | None = None
    count: int | None = None
    """At most the greatest number that is counted to; None: not known."""
    has_more_than_counted: bool = False


def place_of(stored: StoredList, sort: str, row: Row) -> Values:
    """Return what tells where in the list a row stands."""
    return tuple(getattr(row, name) for name in _place_names(stored, sort))


def is_place(stored: StoredList, sort: str, values: Values) -> bool:
    """Tell whether values can be a place in this list."""
    return len(values) == len(_place_names(stored, sort)) and all(
        isinstance(value, int) is (place == 1) for place, value in enumerate(values)
    )


def _place_names(stored: StoredList, sort: str) -> list[str]:
    return [each.name for each in place_columns(stored, sort)]


def place_columns(stored: StoredList, sort: str) -> list[sa.Column[Any]]:
    """Return the columns whose values tell where in the list a row stands."""
    return [stored.sorts[sort], stored.branch, *_tie(stored, sort)]


def _tie(stored: StoredList, sort: str) -> list[sa.Column[Any]]:
    return [each for each in stored.tie if each is not stored.sorts[sort]]


def read_page(
    connection: sa.Connection,
    stored: StoredList,
    asked: PageAsked,
    branches: Sequence[int],
    conditions: Sequence[Condition],
) -> ListedPage:
    """Read a page by walking along the index of its order."""

    def of_branch(branch: int) -> sa.Select[*tuple[Any, ...]]:
        query = sa.select(stored.table).where(stored.branch == branch, *conditions)
        return _ordered(_behind_place(query, stored, asked, branch), stored, asked)

    if not branches:
        return ListedPage(rows=())
    parts = [of_branch(branch).limit(asked.limit + 1).subquery() for branch in branches]
    merged = sa.union_all(*[sa.select(part) for part in parts]).subquery()
    query = sa.select(merged).order_by(*_order(stored, asked, merged.c)).limit(asked.limit + 1)
    return _page(connection.execute(query).all(), stored, asked)


def read_page_of(
    connection: sa.Connection,
    stored: StoredList,
    asked: PageAsked,
    found: sa.Select[*tuple[Any, ...]],
    *,
    key: sa.Column[int],
) -> ListedPage:
    """Read a page of few rows that were found already, by sorting them.

    `found` selects their key and `place_columns`: whole rows are read of the page alone.
    """
    rows = found.subquery()
    query = sa.select(rows)
    if asked.after is not None:
        names = _place_names(stored, asked.sort)
        is_up = asked.descending is asked.backwards
        query = query.where(_beyond([rows.c[name] for name in names], asked.after, is_up=is_up))
    query = query.order_by(*_order(stored, asked, rows.c)).limit(asked.limit + 1)
    keys = [getattr(row, key.name) for row in connection.execute(query)]
    whole = connection.execute(sa.select(stored.table).where(key.in_(keys))).all()
    by_key = {getattr(row, key.name): row for row in whole}
    return _page([by_key[each] for each in keys], stored, asked)


def _behind_place(
    query: sa.Select[*tuple[Any, ...]], stored: StoredList, asked: PageAsked, branch: int
) -> sa.Select[*tuple[Any, ...]]:
    """Leave out what of a branch does not lie behind the place at which the page begins."""
    if asked.after is None:
        return query
    value, of_branch, *rest = asked.after
    column, is_up = stored.sorts[asked.sort], asked.descending is asked.backwards
    if branch == of_branch:
        return query.where(_beyond([column, *_tie(stored, asked.sort)], (value, *rest), is_up=is_up))
    is_behind = (branch > int(of_branch)) is is_up
    if is_up:
        return query.where(column >= value if is_behind else column > value)
    return query.where(column <= value if is_behind else column < value)


def _beyond(
    columns: Sequence[sa.ColumnElement[Any]], values: Sequence[str | int], *, is_up: bool
) -> Condition:
    left, right = sa.tuple_(*columns), sa.tuple_(*values)
    return left > right if is_up else left < right


def _ordered(
    query: sa.Select[*tuple[Any, ...]], stored: StoredList, asked: PageAsked
) -> sa.Select[*tuple[Any, ...]]:
    columns = [stored.sorts[asked.sort], *_tie(stored, asked.sort)]
    return query.order_by(*(_directed(column, asked) for column in columns))


def _order(stored: StoredList, asked: PageAsked, columns: Any) -> Iterable[Any]:  # noqa: ANN401 - of any subquery
    return [_directed(columns[name], asked) for name in _place_names(stored, asked.sort)]


def _directed(column: sa.ColumnElement[Any], asked: PageAsked) -> sa.ColumnElement[Any]:
    return column.asc() if asked.descending is asked.backwards else column.desc()


def _page(found: Sequence[Row], stored: StoredList, asked: PageAsked) -> ListedPage:
    has_further, rows = len(found) > asked.limit, list(found[: asked.limit])
    if asked.backwards:
        rows.reverse()
    if not rows:
        return ListedPage(rows=())
    has_before = has_further if asked.backwards else asked.after is not None
    has_behind = asked.backwards or has_further
    return ListedPage(
        rows=rows,
        before=place_of(stored, asked.sort, rows[0]) if has_before else None,
        behind=place_of(stored, asked.sort, rows[-1]) if has_behind else None,
    )


def count_rows(
    connection: sa.Connection,
    stored: StoredList,
    branches: Sequence[int],
    conditions: Sequence[Condition],
    up_to: int,
) -> int:
    """Count rows, but at most one more than `up_to`."""
    if not branches:
        return 0
    rows = sa.select(sa.literal(1)).where(stored.branch.in_(branches), *conditions).limit(up_to + 1)
    return connection.execute(sa.select(sa.func.count()).select_from(rows.subquery())).scalar_one()
