"""The list of couplings, made for a million of them.

What is rare among them (a name, a state, three characters in a row) is found by its index and sorted; what is
frequent is met soon on a walk along the index of the list's order. Statements that belong to neither are ended in time.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from interlace.domain.filter_language import FieldKind
from interlace.domain.filter_nodes import (
    AllOf,
    AnyOf,
    Equal,
    Filter,
    Interval,
    Like,
    folded,
    folded_pieces,
    holds,
)
from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.store.database import Database
from interlace.store.filter_sql import Condition, Dialect, StoredColumn, begins_with, condition
from interlace.store.keyset import ListedPage, PageAsked, Row, StoredList, count_rows, read_page, read_page_of
from interlace.store.listing_tables import coupling_listing
from interlace.store.schema import integration_table_mapping, synch_error
from interlace.store.search_index import has_search_index
from interlace.store.time_limit import TookTooLong, time_limit

COUNT_MAX = 10_000
PAGE_SECONDS = 5.0
"""A page that takes longer is refused."""
_COUNT_SECONDS = 0.1
_FIND_SECONDS = 0.1
_FEW = 10_000
"""So many rows at most are found by an index and sorted."""
_TRIGRAM = 3
# CROSS JOIN fixes the order: the planner knows nothing of how much the index of trigrams finds.
_WITH_TRIGRAMS = """SELECT l.id FROM coupling_search s CROSS JOIN coupling_listing l
WHERE s.coupling_search MATCH ? AND l.id = s.rowid AND l.mapping_id IN (SELECT value FROM json_each(?)){checks}
LIMIT ?"""
_CRM_KEY = re.compile(r"[0-9a-f]{8}[0-9a-f-]*")

_listing = coupling_listing.c
COUPLINGS = StoredList(
    table=coupling_listing,
    branch=_listing.mapping_id,
    tie=(_listing.erp_key,),
    sorts={
        "erp_key": _listing.erp_key,
        "erp_name": _listing.erp_name_order,
        "crm_name": _listing.crm_name_order,
        "synchronized_at": _listing.synchronized_at,
    },
    columns={
        "erp_key": StoredColumn(column=_listing.erp_key, is_indexed=True),
        "crm_key": StoredColumn(column=_listing.crm_key, is_indexed=True),
        "erp_name": StoredColumn(
            column=_listing.erp_name, folded=_listing.erp_name_order, is_indexed=True, is_searched=True
        ),
        "crm_name": StoredColumn(
            column=_listing.crm_name, folded=_listing.crm_name_order, is_indexed=True, is_searched=True
        ),
        "state": StoredColumn(column=_listing.state, kind=FieldKind.CHOICE, is_indexed=True),
        "synchronized_at": StoredColumn(
            column=_listing.synchronized_at, kind=FieldKind.MOMENT, is_indexed=True
        ),
    },
)
MAPPING = "mapping"

_Find = Callable[[sa.Connection, Sequence[int]], "list[int]"]
"""Finds the ids of some rows that certainly hold all that fit, at most one more than `_FEW`."""


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
            conditions, finders = self._understood(connection, asked)
        found = self._found(branches, finders)
        with self._database.read() as connection, time_limit(connection, PAGE_SECONDS):
            if found is None:
                page = read_page(connection, COUPLINGS, asked, branches, conditions)
            else:
                rows = self._among(found, conditions)
                page = read_page_of(connection, COUPLINGS, asked, rows)
        if not asked.counted:
            return page, mappings
        return self._counted(page, asked, branches, conditions, found), mappings

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

    def _understood(self, connection: sa.Connection, asked: PageAsked) -> tuple[list[Condition], list[_Find]]:
        """Return what must hold, and what finds rows by an index."""
        is_indexed = has_search_index(connection)
        conditions: list[Condition] = []
        finders: list[_Find] = []
        for name, node in asked.filters.items():
            if name == MAPPING:
                continue
            stored = COUPLINGS.columns[name]
            conditions.append(condition(node, stored, self._dialect))
            finders += self._finders(node, stored, is_indexed=is_indexed)
        words = folded(asked.search).split()
        if words:
            searched, finder = self._search(words, is_indexed=is_indexed)
            conditions.append(searched)
            finders.append(finder)
        return conditions, finders

    def _finders(self, node: Filter, stored: StoredColumn, *, is_indexed: bool) -> Iterable[_Find]:
        if isinstance(node, AllOf):
            for part in node.parts:
                yield from self._finders(part, stored, is_indexed=is_indexed)
        elif _has_range(node, stored):
            wanted = condition(_by_order(node, stored), stored, self._dialect, by_index=True)
            yield lambda connection, branches: _ids_where(connection, branches, wanted)
        elif is_indexed and stored.is_searched and isinstance(node, Like) and not node.negated:
            pieces = folded_pieces(node.pieces)
            words = [piece for piece in pieces if isinstance(piece, str) and len(piece) >= _TRIGRAM]
            if words:
                yield lambda connection, branches: self._ids_with(connection, branches, words)

    def _search(self, words: list[str], *, is_indexed: bool) -> tuple[Condition, _Find]:
        """Understand a search: every word somewhere in numbers and names, or where they begin."""
        at = self._dialect.beside_index
        long = [word for word in words if len(word) >= _TRIGRAM]
        if is_indexed and long:
            wanted = [_contains(at(_listing.search), word, self._dialect) for word in long]
            padded = sa.literal(" ") + _listing.search
            short = (word for word in words if len(word) < _TRIGRAM)
            wanted += [_contains(padded, f" {word}", self._dialect) for word in short]
            found: Condition = sa.and_(*wanted)
        else:
            text = " ".join(words)
            begins = [
                (_listing.erp_key, text),
                (_listing.erp_key, text.upper()),
                (_listing.erp_name_order, text),
                (_listing.crm_name_order, text),
            ]
            found = sa.or_(*[begins_with(at(column), word) for column, word in begins])
        keyed = _CRM_KEY.fullmatch(words[0]) if len(words) == 1 else None
        if keyed:
            found = sa.or_(found, begins_with(at(_listing.crm_key), words[0]))

        def find(connection: sa.Connection, branches: Sequence[int]) -> list[int]:
            ids: dict[int, None] = {}
            if keyed:
                ids |= dict.fromkeys(
                    _ids_where(connection, branches, begins_with(_listing.crm_key, words[0]))
                )
            if is_indexed and long:
                return list(ids | dict.fromkeys(self._ids_with(connection, branches, long)))
            for column, word in begins:
                ids |= dict.fromkeys(_ids_where(connection, branches, begins_with(column, word)))
            return list(ids)

        return found, find

    def _ids_with(
        self, connection: sa.Connection, branches: Sequence[int], words: Sequence[str]
    ) -> list[int]:
        """Find rows in whose numbers and names all these words occur, by the index of three characters in a row."""
        if self._dialect.is_postgresql:
            wanted = [_contains(_listing.search, word, self._dialect) for word in words]
            query = sa.select(_listing.id).where(_listing.mapping_id.in_(branches), *wanted)
            return list(connection.execute(query.limit(_FEW + 1)).scalars())
        trigrams = {word[at : at + _TRIGRAM] for word in words for at in range(len(word) - _TRIGRAM + 1)}
        text = " AND ".join('"' + each.replace('"', '""') + '"' for each in sorted(trigrams))
        checks = " AND instr(l.search, ?) > 0" * len(words)
        parameters = (text, json.dumps(list(branches)), *words, _FEW + 1)
        return list(connection.exec_driver_sql(_WITH_TRIGRAMS.format(checks=checks), parameters).scalars())

    def _found(self, branches: Sequence[int], finders: Sequence[_Find]) -> list[int] | None:
        """Return the ids of few rows that hold all that fit; None: a walk is better."""
        if not finders or not branches:
            return None
        with self._database.read() as connection:
            if count_rows(connection, COUPLINGS, branches, (), _FEW) <= _FEW:
                return None
        for find in finders:
            # What takes long finds much: that is met soon on a walk.
            with (
                contextlib.suppress(TookTooLong),
                self._database.read() as connection,
                time_limit(connection, _FIND_SECONDS),
            ):
                ids = find(connection, branches)
                if len(ids) <= _FEW:
                    return ids
        return None

    def _among(self, ids: Sequence[int], conditions: Sequence[Condition]) -> sa.Select[*tuple[Any, ...]]:
        if self._dialect.is_postgresql:
            own = _listing.id == sa.func.any(sa.cast(list(ids), sa.ARRAY(sa.Integer)))
            return sa.select(coupling_listing).where(own, *conditions)
        listed = sa.func.json_each("[" + ",".join(map(str, ids)) + "]").table_valued("value")
        return sa.select(coupling_listing).where(_listing.id.in_(sa.select(listed.c.value)), *conditions)

    def _counted(
        self,
        page: ListedPage,
        asked: PageAsked,
        branches: Sequence[int],
        conditions: Sequence[Condition],
        found: Sequence[int] | None,
    ) -> ListedPage:
        count: int | None = None
        if asked.after is None and page.behind is None:
            count = len(page.rows)
        else:
            with (
                contextlib.suppress(TookTooLong),
                self._database.read() as connection,
                time_limit(connection, _COUNT_SECONDS),
            ):
                if found is None:
                    count = count_rows(connection, COUPLINGS, branches, conditions, COUNT_MAX)
                else:
                    rows = self._among(found, conditions).subquery()
                    query = sa.select(sa.func.count()).select_from(rows)
                    count = int(connection.execute(query).scalar_one())
        return ListedPage(
            rows=page.rows,
            before=page.before,
            behind=page.behind,
            count=None if count is None else min(count, COUNT_MAX),
            has_more_than_counted=count is not None and count > COUNT_MAX,
        )


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


def _has_range(node: Filter, stored: StoredColumn) -> bool:
    """Tell whether an index finds everything that fits."""
    match node:
        case AnyOf():
            return all(_has_range(part, stored) for part in node.parts)
        case Equal():
            return stored.is_indexed and not node.negated
        case Interval():
            is_ordered = stored.folded is None or node.ignore_case
            return stored.is_indexed and is_ordered and not node.negated
        case Like():
            return stored.is_indexed and not node.negated and isinstance(node.pieces[0], str)
        case _:
            return False


def _by_order(node: Filter, stored: StoredColumn) -> Filter:
    """Widen a filter to one of the folded column, if that is the one which has the index."""
    if stored.folded is None:
        return node
    match node:
        case AnyOf():
            return AnyOf(parts=tuple(_by_order(part, stored) for part in node.parts))
        case Equal():
            return Equal(value=node.value, ignore_case=True)
        case Like():
            return Like(pieces=node.pieces, ignore_case=True)
        case _:
            return node


def _ids_where(connection: sa.Connection, branches: Sequence[int], wanted: Condition) -> list[int]:
    parts = [
        sa.select(_listing.id).where(_listing.mapping_id == branch, wanted).limit(_FEW + 1).subquery()
        for branch in branches
    ]
    merged = sa.union_all(*[sa.select(part) for part in parts]).limit(_FEW + 1)
    return list(connection.execute(merged).scalars())


def _contains(column: sa.ColumnElement[str], word: str, dialect: Dialect) -> Condition:
    if dialect.is_postgresql:
        return column.contains(word, autoescape=True)
    return sa.func.instr(column, word) > 0
