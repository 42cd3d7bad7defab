"""Reads pages of a set: scope, filter, order, keyset paging, count and expansion.

The order of an unsorted answer is that of the key (page services) or of the SystemId (API sets). A skip token
is the place behind which the next page begins; it needs no memory in the server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from interlace.odata.paging import decode_token, encode_token
from interlace.odata.protocol_error import TokenError
from interlace.odata.query_options import ExpandItem, QueryOptions
from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.declaration import Value
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import to_key_column
from interlace.sandbox.erp.record_layout import MODIFIED, SYSTEM_ID
from interlace.sandbox.erp.rendering import Reader
from interlace.sandbox.erp.set_declaration import Expansion, PublishedSet, SourceKind
from interlace.sandbox.erp.set_filter import FilterTranslation, SetFilter, field_column
from interlace.sandbox.stored_table import OrderColumn, SqlClause, SqlValue, StoredRecord, quoted

PAGE_ROWS_MAX = 20_000
_SORTED_ROWS_MAX = 1_000_000
_STRANGE_PLACE = "The skip token does not belong to this query. Follow next links as they are."

# Conditions on fields that select the records an address speaks of.
Scope = Sequence[tuple[str, Value]]

reader_of = lru_cache(maxsize=512)(Reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPage:
    """One page of a collection, ready for the envelope."""

    records: list[bytes]
    count: int | None = None
    next_token: str | None = None
    top_left: int | None = None


class SetReading:
    """Reads the sets of one company."""

    def __init__(self, records: ErpRecords, sets: Mapping[str, PublishedSet], secret: bytes) -> None:
        self._records = records
        self._sets = sets
        self._secret = secret

    # --- collections

    def page(self, published: PublishedSet, options: QueryOptions, scope: Scope, rows_max: int) -> SetPage:
        """Return one page of a collection."""
        selection = self.selection(published, options)
        filtering = FilterTranslation(self._records, published).translate(options)
        where = self._scope_clause(published, scope, filtering)
        limit = min(rows_max, PAGE_ROWS_MAX)
        if options.top is not None:
            limit = min(limit, options.top)
        rows, next_place = self._rows(published, options, where, filtering, limit)
        top_left = None
        if options.top is not None:
            top_left = options.top - len(rows)
            if top_left <= 0:
                next_place = None
        rendered = reader_of(published, selection).render(self._records, rows)
        if options.expand:
            rendered = self._expand(published, options.expand, rows, rendered)
        return SetPage(
            records=rendered,
            count=self._count(published, where, filtering) if options.count else None,
            next_token=None if next_place is None else self._token(published, options, next_place),
            top_left=top_left if next_place is not None else None,
        )

    def count(self, published: PublishedSet, options: QueryOptions, scope: Scope) -> int:
        """Return how many records a collection has under the filter."""
        filtering = FilterTranslation(self._records, published).translate(options)
        return self._count(published, self._scope_clause(published, scope, filtering), filtering)

    def single(self, published: PublishedSet, row: StoredRecord, options: QueryOptions) -> bytes:
        """Return one record."""
        rendered = reader_of(published, self.selection(published, options)).render(self._records, [row])
        if options.expand:
            rendered = self._expand(published, options.expand, [row], rendered)
        return rendered[0]

    def selection(self, published: PublishedSet, options: QueryOptions) -> frozenset[str] | None:
        """Return the selected properties by their proper names; None means all."""
        if options.select is None or "*" in options.select:
            return None
        names = set()
        for name in options.select:
            prop = published.by_folded_name.get(name.lower())
            if prop is None:
                raise refusals.unknown_queried_property(name, published.entity)
            names.add(prop.name)
        return frozenset(names)

    # --- rows

    def _token(self, published: PublishedSet, options: QueryOptions, place: tuple[SqlValue, ...]) -> str:
        return encode_token(place, secret=self._secret, context=_query_identity(published, options))

    def _place_of(self, published: PublishedSet, options: QueryOptions) -> tuple[SqlValue, ...] | None:
        """Where the page begins that a skip token asks for."""
        if not options.skip_token:
            return None
        try:
            identity = _query_identity(published, options)
            return decode_token(options.skip_token, secret=self._secret, context=identity)
        except TokenError as error:
            raise refusals.bad_url(_STRANGE_PLACE) from error

    def _scope_clause(self, published: PublishedSet, scope: Scope, filtering: SetFilter) -> SqlClause | None:
        texts: list[str] = []
        parameters: list[SqlValue] = []
        for name, value in (*published.fixed.items(), *scope):
            field = published.table.by_name[name]
            column = field_column(self._records, published, field)
            if column is None:
                message = f"the scope of {published.name} names the unsearchable field {name}"
                raise AssertionError(message)
            equal = f"{column.expression} = ?"
            # Nearly every row has what the whole set has: no index over that alone finds anything.
            texts.append(f"likelihood({equal}, 0.9)" if name in published.fixed else equal)
            parameters.append(to_key_column(field, value))
        if filtering.condition is not None:
            texts.append(f"({filtering.condition.text})")
            parameters.extend(filtering.condition.parameters)
        return SqlClause(" AND ".join(texts), tuple(parameters)) if texts else None

    def _rows(
        self,
        published: PublishedSet,
        options: QueryOptions,
        where: SqlClause | None,
        filtering: SetFilter,
        limit: int,
    ) -> tuple[list[StoredRecord], tuple[SqlValue, ...] | None]:
        place = self._place_of(published, options)
        skip = options.skip or 0 if place is None else 0
        order = self._order(published, options)
        if order is None:
            return self._sorted_rows(published, options, where, filtering, (place, skip, limit))
        rows: list[StoredRecord] = []
        while len(rows) <= limit:
            chunk = self._chunk(published, where, order, place, limit + skip + 1)
            kept = chunk
            if filtering.judge is not None:
                kept = [row for row, fits in zip(chunk, filtering.judge(chunk), strict=True) if fits]
            rows.extend(kept)
            if len(chunk) <= limit + skip:
                break
            place = self._place(published, order, chunk[-1])
        rows = rows[skip:]
        if len(rows) <= limit:
            return rows, None
        rows = rows[:limit]
        return rows, self._place(published, order, rows[-1]) if rows else None

    def _key_order(self, published: PublishedSet) -> tuple[str, ...]:
        return published.table.key if published.is_page else (SYSTEM_ID,)

    def _order(self, published: PublishedSet, options: QueryOptions) -> list[OrderColumn] | None:
        """The columns to sort by; empty for the natural order, None when the store can't sort so."""
        order: list[OrderColumn] = []
        columns = self._records.store.table(published.table.name).column_names
        unknown = [item for item in options.order_by if item.path.lower() not in published.by_folded_name]
        if unknown:
            raise refusals.unknown_queried_property(unknown[0].path, published.entity)
        for item in options.order_by:
            prop = published.by_folded_name[item.path.lower()]
            source = (
                prop.source if prop.kind is SourceKind.FIELD or prop.source in {SYSTEM_ID, MODIFIED} else ""
            )
            if source not in columns:
                return None
            order.append(OrderColumn(source, item.descending))
        if (
            order
            and tuple(column.name for column in order) == self._key_order(published)
            and not any(column.descending for column in order)
        ):
            return []
        return order

    def _chunk(
        self,
        published: PublishedSet,
        where: SqlClause | None,
        order: list[OrderColumn],
        place: tuple[SqlValue, ...] | None,
        limit: int,
    ) -> list[StoredRecord]:
        store, table = self._records.store, published.table.name
        if order:
            return store.page(table, where=where, order=order, after=place, limit=limit)
        names = self._key_order(published)
        if place is not None:
            # A row value comparison goes straight to its place in the key's index.
            listed = ", ".join(quoted(name) for name in names)
            text = f"({listed}) > ({', '.join('?' * len(names))})"
            parameters = place
            if where is not None:
                text = f"{where.text} AND {text}"
                parameters = (*where.parameters, *place)
            where = SqlClause(text, parameters)
        return store.page(table, where=where, order=[OrderColumn(name) for name in names], limit=limit)

    def _place(
        self, published: PublishedSet, order: list[OrderColumn], row: StoredRecord
    ) -> tuple[SqlValue, ...]:
        store, table = self._records.store, published.table.name
        if order:
            return store.position(table, row.row_id, order)
        names = [OrderColumn(name) for name in self._key_order(published)]
        return store.position(table, row.row_id, names)[:-1]

    def _sorted_rows(
        self,
        published: PublishedSet,
        options: QueryOptions,
        where: SqlClause | None,
        filtering: SetFilter,
        window: tuple[tuple[SqlValue, ...] | None, int, int],
    ) -> tuple[list[StoredRecord], tuple[SqlValue, ...] | None]:
        """Sort by properties that the store has no column for: read all, sort, cut. Slow, as in the real
        service.
        """
        place, skip, limit = window
        start = int(str(place[0])) if place else skip
        rows = self._chunk(published, where, [], None, _SORTED_ROWS_MAX)
        if filtering.judge is not None:
            rows = [row for row, fits in zip(rows, filtering.judge(rows), strict=True) if fits]
        names = [published.by_folded_name[item.path.lower()].name for item in options.order_by]
        rendered = reader_of(published, frozenset(names)).render(self._records, rows)
        decoded = [json_codec.decode_object(text) for text in rendered]
        places = list(range(len(rows)))
        for name, item in reversed(list(zip(names, options.order_by, strict=True))):
            places.sort(key=lambda at: sortable(decoded[at][name]), reverse=item.descending)
        cut = [rows[at] for at in places[start : start + limit]]
        more = start + limit < len(rows)
        return cut, (start + limit,) if more else None

    def _count(self, published: PublishedSet, where: SqlClause | None, filtering: SetFilter) -> int:
        if filtering.judge is None:
            return self._records.store.count(published.table.name, where)
        rows = self._chunk(published, where, [], None, _SORTED_ROWS_MAX)
        return sum(filtering.judge(rows))

    # --- expansion

    def _expand(
        self,
        published: PublishedSet,
        items: Sequence[ExpandItem],
        rows: Sequence[StoredRecord],
        rendered: list[bytes],
    ) -> list[bytes]:
        layout = self._records.layouts[published.table.name]
        owners = [layout.from_stored(row) for row in rows]
        for item in items:
            expansion = published.by_navigation.get(item.path)
            if expansion is None:
                raise refusals.unknown_queried_property(item.path, published.entity)
            prefix = b"," + json_codec.encode(expansion.name) + b":"
            rendered = [
                text[:-1] + prefix + self._related(expansion, item.options, owner.values) + b"}"
                for text, owner in zip(rendered, owners, strict=True)
            ]
        return rendered

    def _related(self, expansion: Expansion, options: QueryOptions, values: Mapping[str, Value]) -> bytes:
        target = self._sets[expansion.target]
        scope = [(other, values[own]) for own, other in expansion.links]
        if not expansion.many:
            if not all(value for _, value in scope):
                return b"null"
            options = replace(options, top=1)
        page = self.page(target, options, scope, PAGE_ROWS_MAX)
        if expansion.many:
            return b"[" + b",".join(page.records) + b"]"
        return page.records[0] if page.records else b"null"


def _query_identity(published: PublishedSet, options: QueryOptions) -> str:
    """What a skip token belongs to: the set and the order of its records."""
    return f"{published.name} {','.join(map(str, options.order_by))}"


def sortable(value: object) -> tuple[int, object]:
    """Numbers before texts: values of one property have one type, but a blank may stand among them."""
    return (0, value) if not isinstance(value, str) else (1, value)
