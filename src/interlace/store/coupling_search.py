"""What filters and a search mean for the rows that couplings are listed by, and which index finds them."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.sql.visitors import iterate

from interlace.domain.filter_language import FieldKind
from interlace.domain.filter_nodes import (
    EVERYTHING,
    AllOf,
    AnyOf,
    Blank,
    Bound,
    Equal,
    Filter,
    Interval,
    Like,
    Wildcard,
    folded,
    folded_pieces,
    holds,
)
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.search_words import bare, search_words
from interlace.store.filter_sql import Condition, Dialect, StoredColumn, begins_with, condition
from interlace.store.keyset import PageAsked, StoredList
from interlace.store.listing_tables import LISTED_STATES, coupling_listing
from interlace.store.search_index import has_search_index
from interlace.store.time_limit import TookTooLong

FEW = 10_000
"""So many rows at most are found by an index and sorted: no more are counted either."""
MAPPING = "mapping"
STATE = "state"
_TRIGRAM = 3
# CROSS JOIN fixes the order: the planner knows nothing of how much the index of trigrams finds.
_WITH_TRIGRAMS = """SELECT l.id FROM coupling_search s CROSS JOIN coupling_listing l
WHERE s.coupling_search MATCH ? AND l.id = s.rowid AND l.mapping_id IN (SELECT value FROM json_each(?)){checks}
LIMIT ?"""
_HAVE_TRIGRAMS = (
    "SELECT count(*) FROM (SELECT 1 FROM coupling_search s WHERE s.coupling_search MATCH ? LIMIT ?)"
)
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
        "erp_key": StoredColumn(column=_listing.erp_key, is_indexed=True, is_searched=True),
        "crm_key": StoredColumn(column=_listing.crm_key, is_indexed=True),
        "erp_name": StoredColumn(
            column=_listing.erp_name, folded=_listing.erp_name_order, is_indexed=True, is_searched=True
        ),
        "crm_name": StoredColumn(
            column=_listing.crm_name, folded=_listing.crm_name_order, is_indexed=True, is_searched=True
        ),
        STATE: StoredColumn(column=_listing.state, kind=FieldKind.CHOICE, is_indexed=True),
        "synchronized_at": StoredColumn(
            column=_listing.synchronized_at, kind=FieldKind.MOMENT, is_indexed=True
        ),
    },
)
Find = Callable[[sa.Connection, Sequence[int]], "list[int]"]
"""Finds the ids of some rows of these mappings, at most one more than FEW; raises TookTooLong for more, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What is asked, in terms of SQL."""

    conditions: Sequence[Condition]
    finders: Sequence[Find]
    ranges: Sequence[Condition]
    """Where on the list's own order everything lies that fits: a walk begins and ends there."""
    rough: Sequence[Condition]
    """What the order's own index tells of all that fits: a walk leaves the rest out without a look at its row."""
    in_index: int
    """So many of the conditions the order's own index tells as they are."""
    scans: Sequence[Find]
    """What finds all that fits by one look at every entry of an index, which holds less than the rows do."""


def understand(connection: sa.Connection, asked: PageAsked, dialect: Dialect) -> Understood:
    """Return what must hold, and what finds rows by an index."""
    return _Reader(dialect, is_indexed=has_search_index(connection)).read(asked)


class _Reader:
    def __init__(self, dialect: Dialect, *, is_indexed: bool) -> None:
        self._dialect = dialect
        self._is_indexed = is_indexed

    def read(self, asked: PageAsked) -> Understood:
        conditions: list[Condition] = []
        finders: list[Find] = []
        ranges: list[Condition] = []
        held: list[str] = []
        rough: list[Condition] = []
        scans: list[Find] = []
        order = COUPLINGS.sorts[asked.sort]
        names = _index_of(order)
        for name, typed in asked.filters.items():
            if name == MAPPING:
                continue
            stored = COUPLINGS.columns[name]
            node = _of_states(typed) if name == STATE else _as_ranges(typed, stored)
            wanted = condition(node, stored, self._dialect)
            conditions.append(wanted)
            finders += self._finders(node, stored)
            held += self._held(node, stored)
            scans += self._scans(node, stored)
            if order in {stored.column, stored.folded}:
                ranges += self._ranges(node, stored)
            widened = None if _tells(names, wanted) else self._roughly(node, stored)
            rough += [widened] if widened is not None and _tells(names, widened) else []
        if asked.search.split():
            searched, find, of_search = self._search(asked.search)
            conditions.append(searched)
            finders.append(find)
            held += of_search
        if held:
            # Words of several columns together are rarer than each of them.
            finders.insert(0, lambda connection, branches: self._ids_with(connection, branches, held))
        return Understood(
            conditions=conditions,
            finders=finders,
            ranges=ranges,
            rough=rough,
            in_index=sum(_tells(names, each) for each in conditions),
            scans=scans,
        )

    def _ranges(self, node: Filter, stored: StoredColumn) -> Iterable[Condition]:
        if isinstance(node, AllOf):
            for part in node.parts:
                yield from self._ranges(part, stored)
        elif _has_range(node, stored):
            yield condition(_by_order(node, stored), stored, self._dialect, by_index=True)

    def _finders(self, node: Filter, stored: StoredColumn) -> Iterable[Find]:
        """Return what finds all that fits, each by itself; words that all of it holds are `_held`."""
        if isinstance(node, AllOf):
            for part in node.parts:
                yield from self._finders(part, stored)
        elif _has_range(node, stored):
            wanted = condition(_by_order(node, stored), stored, self._dialect, by_index=True)
            yield lambda connection, branches: _ids_where(connection, branches, wanted)
        elif isinstance(node, AnyOf):
            # Each is sought by itself: of alternatives in one statement SQLite would look at every entry of the index.
            parts = [self._best(part, stored) for part in node.parts]
            found = [find for find in parts if find is not None]
            if len(found) == len(parts):
                yield _any_of(found)

    def _scans(self, node: Filter, stored: StoredColumn) -> Iterable[Find]:
        if isinstance(node, AllOf):
            for part in node.parts:
                yield from self._scans(part, stored)
        elif isinstance(node, Like) and stored.is_indexed and not node.negated:
            wanted = condition(_by_order(node, stored), stored, self._dialect, by_index=True)
            yield lambda connection, branches: _ids_where(connection, branches, wanted)

    def _best(self, node: Filter, stored: StoredColumn) -> Find | None:
        """Return what finds all that fits one of several alternatives."""
        held = self._held(node, stored)
        if held:
            return lambda connection, branches: self._ids_with(connection, branches, held)
        return next(iter(self._finders(node, stored)), None)

    def _held(self, node: Filter, stored: StoredColumn) -> list[str]:
        """Return words, each of three characters at least, which everything that fits holds in its searched text."""
        if isinstance(node, AllOf):
            return [word for part in node.parts for word in self._held(part, stored)]
        if not (self._is_indexed and stored.is_searched and isinstance(node, Like)) or node.negated:
            return []
        words = [_in_search(piece) for piece in node.pieces if isinstance(piece, str)]
        return [word for word in words if len(word) >= _TRIGRAM]

    def _roughly(self, node: Filter, stored: StoredColumn) -> Condition | None:
        """Widen patterns to what the searched text tells of them."""
        match node:
            case AllOf() | AnyOf():
                parts = [self._roughly(part, stored) for part in node.parts]
                told = [part for part in parts if part is not None]
                if isinstance(node, AllOf):
                    return sa.and_(*told) if told else None
                return sa.or_(*told) if told and len(told) == len(parts) else None
            case Like(negated=False) if stored.is_searched:
                own = (_in_search(each) if isinstance(each, str) else Wildcard.ANY for each in node.pieces)
                pieces = (Wildcard.ANY, *own, Wildcard.ANY)
                return self._dialect.has_pattern(self._dialect.beside_index(_listing.search), pieces)
            case _:
                return None

    def _search(self, typed: str) -> tuple[Condition, Find, Sequence[str]]:
        """Understand a search: every word somewhere in numbers and names, or where they begin.

        Beside what must hold and what finds it: words that everything holds which fits.
        """
        at = self._dialect.beside_index
        words = [word if len(word) >= _TRIGRAM else f" {word}" for word in search_words(typed)]
        long = [word for word in words if len(word) >= _TRIGRAM]
        if self._is_indexed and long:
            found: Condition = sa.and_(
                *[_contains(at(_listing.search), word, self._dialect) for word in words]
            )
        else:
            text = " ".join(folded(typed).split())
            begins = [
                (_listing.erp_key, text),
                (_listing.erp_key, text.upper()),
                (_listing.erp_name_order, text),
                (_listing.crm_name_order, text),
            ]
            found = sa.or_(*[begins_with(at(column), word) for column, word in begins])
        keyed = len(words) == 1 and _CRM_KEY.fullmatch(words[0]) is not None
        if keyed:
            found = sa.or_(found, begins_with(at(_listing.crm_key), words[0]))

        def find(connection: sa.Connection, branches: Sequence[int]) -> list[int]:
            ids: dict[int, None] = {}
            if keyed:
                ids |= dict.fromkeys(
                    _ids_where(connection, branches, begins_with(_listing.crm_key, words[0]))
                )
            if self._is_indexed and long:
                return list(ids | dict.fromkeys(self._ids_with(connection, branches, long)))
            for column, word in begins:
                ids |= dict.fromkeys(_ids_where(connection, branches, begins_with(column, word)))
            return list(ids)

        return found, find, long if self._is_indexed and not keyed else ()

    def _ids_with(
        self, connection: sa.Connection, branches: Sequence[int], words: Sequence[str]
    ) -> list[int]:
        """Find rows in whose numbers and names all these words occur, by the index of three characters in a row."""
        if self._dialect.is_postgresql:
            wanted = [_contains(_listing.search, word, self._dialect) for word in words]
            query = sa.select(_listing.id).where(_listing.mapping_id.in_(branches), *wanted)
            return list(connection.execute(query.limit(FEW + 1)).scalars())
        trigrams = {word[at : at + _TRIGRAM] for word in words for at in range(len(word) - _TRIGRAM + 1)}
        text = " AND ".join('"' + each.replace('"', '""') + '"' for each in sorted(trigrams))
        held = connection.exec_driver_sql(_HAVE_TRIGRAMS, (text, FEW + 1)).scalar_one()
        if held > FEW:
            # To look at each of them would cost more than to walk along the list's order.
            raise TookTooLong
        checks = " AND instr(l.search, ?) > 0" * len(words)
        parameters = (text, json.dumps(list(branches)), *words, FEW + 1)
        return list(connection.exec_driver_sql(_WITH_TRIGRAMS.format(checks=checks), parameters).scalars())


def _index_of(order: sa.Column[str]) -> frozenset[str]:
    """Return the names of the columns that stand in the index of an order."""
    branch = COUPLINGS.branch.name
    return next(
        frozenset(each.columns.keys())
        for each in coupling_listing.indexes
        if each.columns.keys()[:2] == [branch, order.name]
    )


def _tells(names: frozenset[str], wanted: Condition) -> bool:
    """Tell whether a condition looks at these columns only."""
    return all(each.name in names for each in iterate(wanted) if isinstance(each, sa.Column))


def _in_search(text: str) -> str:
    """Return a piece of a number or name as it stands in the searched text."""
    return bare(text).replace(KEY_SEPARATOR, " ")


def _of_states(node: Filter) -> Filter:
    """Name the states that pass a filter: whatever it says of them, their index finds them."""
    passing = [state for state in LISTED_STATES if holds(node, state)]
    if len(passing) == len(LISTED_STATES):
        return EVERYTHING
    return AnyOf(parts=tuple(Equal(value=state) for state in passing))


def _as_ranges(node: Filter, stored: StoredColumn) -> Filter:
    """Say what lies outside an interval by what lies before and behind it, which an index finds."""
    match node:
        case AllOf():
            return AllOf(parts=tuple(_as_ranges(part, stored) for part in node.parts))
        case AnyOf():
            return AnyOf(parts=tuple(_as_ranges(part, stored) for part in node.parts))
        case Interval(negated=True):
            return _outside(node, stored)
        case _:
            return node


def _outside(node: Interval, stored: StoredColumn) -> Filter:
    parts: list[Filter] = []
    if node.low is not None:
        before = Bound(value=node.low.value, inclusive=not node.low.inclusive)
        parts.append(Interval(high=before, ignore_case=node.ignore_case))
    if node.high is not None:
        behind = Bound(value=node.high.value, inclusive=not node.high.inclusive)
        parts.append(Interval(low=behind, ignore_case=node.ignore_case))
    if stored.kind is FieldKind.MOMENT:
        # What is missing lies in no interval.
        parts.append(Blank())
    return AnyOf(parts=tuple(parts))


def _any_of(finds: Sequence[Find]) -> Find:
    def find(connection: sa.Connection, branches: Sequence[int]) -> list[int]:
        ids: dict[int, None] = {}
        for each in finds:
            ids |= dict.fromkeys(each(connection, branches))
            if len(ids) > FEW:
                break
        return list(ids)

    return find


def _has_range(node: Filter, stored: StoredColumn) -> bool:
    """Tell whether an index finds everything that fits."""
    match node:
        case Equal() | Blank():
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
        case Blank():
            return Equal(value="", ignore_case=True)
        case Like():
            return _in_order(node)
        case _:
            return node


def _in_order(node: Like) -> Like:
    """Widen a pattern to one of a folded text, where one character of a name may have become two."""
    pieces = node.pieces
    if not node.ignore_case:
        pieces = tuple(each if isinstance(each, str) else Wildcard.ANY for each in pieces)
    return Like(pieces=folded_pieces(pieces), ignore_case=True)


def _ids_where(connection: sa.Connection, branches: Sequence[int], wanted: Condition) -> list[int]:
    parts = [
        sa.select(_listing.id).where(_listing.mapping_id == branch, wanted).limit(FEW + 1).subquery()
        for branch in branches
    ]
    merged = sa.union_all(*[sa.select(part) for part in parts]).limit(FEW + 1)
    return list(connection.execute(merged).scalars())


def _contains(column: sa.ColumnElement[str], word: str, dialect: Dialect) -> Condition:
    if dialect.is_postgresql:
        return column.contains(word, autoescape=True)
    return sa.func.instr(column, word) > 0
