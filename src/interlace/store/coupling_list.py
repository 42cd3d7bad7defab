"""The list of couplings, made for a million of them.

What is rare among them (a name, a state, three characters in a row) is found by its index and sorted; what is
frequent is met soon on a walk along the index of the list's order. What is neither is found by one look at every row in
the order in which they lie, which costs a tenth of what a whole walk does. Statements that take longer are ended.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from interlace.domain.filter_nodes import Filter, holds
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.store import coupling_search
from interlace.store.coupling_search import COUPLINGS, MAPPING, Find, Understood, understand
from interlace.store.database import Database
from interlace.store.filter_sql import Condition, Dialect
from interlace.store.keyset import (
    ListedPage,
    PageAsked,
    Row,
    count_rows,
    place_columns,
    read_page,
    read_page_of,
)
from interlace.store.listing_tables import coupling_listing
from interlace.store.schema import integration_table_mapping, synch_error
from interlace.store.time_limit import TookTooLong, time_limit

COUNT_MAX = 10_000
PAGE_SECONDS = 5.0
"""A page that takes longer is refused."""
_COUNT_SECONDS = 0.05
_FIND_SECONDS = 0.05
_WALK_SECONDS = 0.03
_NARROW_WALK_SECONDS = 0.3
"""A walk that looks at those rows only which may fit is as quick as one look at every row.

Where the index tells all that is asked there is none at any: nothing that looks at everything is quicker.
"""
_listing = coupling_listing.c


class CouplingList:
    """Reads pages of couplings."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._dialect = Dialect(is_postgresql=database.is_postgresql)

    def page(self, connection_id: str, asked: PageAsked) -> tuple[ListedPage, dict[int, MappingName]]:
        """Return a page and the names of its mappings by number; raises TookTooLong."""
        with self._database.read() as connection:
            mappings = mappings_of(connection, connection_id, asked.filters.get(MAPPING))
            branches = sorted(mappings)
            understood = understand(connection, asked, self._dialect)
        found = self._few(branches, understood.finders, _FIND_SECONDS)
        page = self._walk(asked, branches, understood) if found is None else None
        if page is None:
            if found is None:
                found = self._few(branches, understood.scans, PAGE_SECONDS)
            page = self._sorted(asked, branches, understood.conditions, found)
        if not asked.counted:
            return page, mappings
        count = self._count(page, asked, branches, understood, found)
        return replace(
            page,
            count=None if count is None else min(count, COUNT_MAX),
            has_more_than_counted=count is not None and count > COUNT_MAX,
        ), mappings

    def _walk(self, asked: PageAsked, branches: Sequence[int], understood: Understood) -> ListedPage | None:
        """Walk along the index of the list's order; None: too little of what it meets fits."""
        seconds = self._walk_seconds(understood)
        conditions = [*understood.ranges, *understood.rough, *understood.conditions]
        with (
            contextlib.suppress(TookTooLong),
            self._database.read() as connection,
            time_limit(connection, seconds),
        ):
            return read_page(connection, COUPLINGS, asked, branches, conditions)
        return None

    def _walk_seconds(self, understood: Understood) -> float:
        # PostgreSQL looks at the row of every entry, whatever its index tells.
        is_told = understood.in_index == len(understood.conditions) and not self._dialect.is_postgresql
        if is_told:
            return PAGE_SECONDS
        return _NARROW_WALK_SECONDS if understood.in_index or understood.rough else _WALK_SECONDS

    def _sorted(
        self,
        asked: PageAsked,
        branches: Sequence[int],
        conditions: Sequence[Condition],
        found: Sequence[int] | None,
    ) -> ListedPage:
        """Sort what fits of those that were found; without them look at every row once."""
        columns = [_listing.id, *place_columns(COUPLINGS, asked.sort)]
        if found is not None:
            rows = self._among(found, conditions, columns)
        else:
            own = self._dialect.beside_index(_listing.mapping_id).in_(branches)
            # With an offset it stays a statement of its own: the order's index would be walked along again.
            rows = sa.select(*columns).where(own, *conditions).offset(0)
        with self._database.read() as connection, time_limit(connection, PAGE_SECONDS):
            return read_page_of(connection, COUPLINGS, asked, rows, key=_listing.id)

    def count_by_state(self, connection_id: str) -> dict[tuple[MappingName, str], int]:
        """Count the couplings of each mapping in each state."""
        query = sa.select(_listing.mapping_id, _listing.state, sa.func.count()).group_by(
            _listing.mapping_id, _listing.state
        )
        with self._database.read() as connection:
            mappings = mappings_of(connection, connection_id, None)
            rows = connection.execute(query.where(_listing.mapping_id.in_(mappings))).all()
        return {(mappings[number], state): count for number, state, count in rows}

    def problems(self, rows: Sequence[Row]) -> dict[tuple[int, str], tuple[str, bool]]:
        """Return the code of the open error of each coupling that has one, and whether it is skipped.

        By mapping and ERP key; of two errors the one that is not skipped.
        """
        found: dict[tuple[int, str], tuple[str, bool]] = {}
        with self._database.read() as connection:
            for number in sorted({row.mapping_id for row in rows}):
                own = [row for row in rows if row.mapping_id == number]
                for direction, keys in (
                    (Direction.TO_INTEGRATION_TABLE, {row.erp_key: row.erp_key for row in own}),
                    (Direction.FROM_INTEGRATION_TABLE, {row.crm_key: row.erp_key for row in own}),
                ):
                    for key, code, skipped in self._errors_of(connection, number, direction, list(keys)):
                        place = number, keys[key]
                        if place not in found or found[place][1]:
                            found[place] = code, bool(skipped)
        return found

    def _errors_of(
        self, connection: sa.Connection, number: int, direction: Direction, keys: Sequence[str]
    ) -> Sequence[tuple[Any, ...]]:
        return self._database.bulk.matching(
            connection,
            ("source_key", "code", "skipped"),
            table=synch_error,
            fixed={"mapping_id": number, "direction": direction.value},
            key="source_key",
            keys=keys,
        )

    def _few(self, branches: Sequence[int], finds: Sequence[Find], seconds: float) -> list[int] | None:
        """Return the ids of few rows that hold all that fit; None: there are more, or that would take too long."""
        few = coupling_search.FEW
        if not finds or not branches:
            return None
        with self._database.read() as connection:
            if count_rows(connection, COUPLINGS, branches, (), few) <= few:
                return None
        for find in finds:
            # What takes long finds much: that is met soon on a walk.
            with (
                contextlib.suppress(TookTooLong),
                self._database.read() as connection,
                time_limit(connection, seconds),
            ):
                ids = find(connection, branches)
                if len(ids) <= few:
                    return ids
        return None

    def _among(
        self, ids: Sequence[int], conditions: Sequence[Condition], columns: Sequence[sa.ColumnElement[Any]]
    ) -> sa.Select[*tuple[Any, ...]]:
        if self._dialect.is_postgresql:
            own = _listing.id == sa.func.any(sa.cast(list(ids), sa.ARRAY(sa.Integer)))
            return sa.select(*columns).where(own, *conditions)
        listed = sa.func.json_each("[" + ",".join(map(str, ids)) + "]").table_valued("value")
        return sa.select(*columns).where(_listing.id.in_(sa.select(listed.c.value)), *conditions)

    def _count(
        self,
        page: ListedPage,
        asked: PageAsked,
        branches: Sequence[int],
        understood: Understood,
        found: Sequence[int] | None,
    ) -> int | None:
        """Count what fits, up to one more than is told; None: that would take too long."""
        if asked.after is None and page.behind is None:
            return len(page.rows)
        with (
            contextlib.suppress(TookTooLong),
            self._database.read() as connection,
            time_limit(connection, _COUNT_SECONDS),
        ):
            if found is None:
                return count_rows(connection, COUPLINGS, branches, understood.conditions, COUNT_MAX)
            rows = self._among(found, understood.conditions, [_listing.id]).subquery()
            return int(connection.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one())
        return None


def mappings_of(
    connection: sa.Connection, connection_id: str, wanted: Filter | None
) -> dict[int, MappingName]:
    """Return the mappings of a connection whose names pass a filter, by number."""
    table = integration_table_mapping
    query = sa.select(table.c.id, table.c.name).where(table.c.connection_id == connection_id)
    return {
        row.id: MappingName(row.name)
        for row in connection.execute(query)
        if wanted is None or holds(wanted, row.name)
    }
