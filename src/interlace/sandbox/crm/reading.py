"""Answers reads: collections page by page, single records, expansions, counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from interlace.odata.entity import collection_body
from interlace.odata.paging import decode_token, encode_token
from interlace.odata.prefer import Preferences
from interlace.odata.protocol_error import TokenError
from interlace.odata.query_options import ExpandItem, OrderItem, QueryOptions
from interlace.sandbox.crm import errors
from interlace.sandbox.crm.annotations import (
    METADATA_VERSION,
    RECORD_COUNT,
    RECORD_COUNT_EXCEEDED,
    Annotator,
    lookup_target,
)
from interlace.sandbox.crm.filtering import Selection, read_path, require_path, select_by
from interlace.sandbox.crm.record_layout import ETAG, Row
from interlace.sandbox.crm.records import Author, Records
from interlace.sandbox.crm.schema import Table
from interlace.sandbox.crm.selected_columns import ColumnCutter, selected_names
from interlace.sandbox.entity_store import OrderColumn, SqlClause, SqlValue, StoredRecord
from interlace.sandbox.json_codec import decode_object, encode

PAGE_SIZE_MAX = 5_000
COUNT_MAX = 5_000
EXPAND_MAX = 15
SORTED_IN_MEMORY_MAX = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What a read needs to know of its request; `address` is the absolute URL without query."""

    service_url: str
    address: str
    raw_query: str
    options: QueryOptions
    preferences: Preferences
    author: Author

    def link_with(self, name: str, token: str) -> str:
        """The address of this request with its options and another token."""
        kept = [
            part
            for part in self.raw_query.split("&")
            if part and not part.lower().replace("%24", "$").startswith(("$skiptoken=", "$deltatoken="))
        ]
        return f"{self.address}?{'&'.join([*kept, f'{name}={quote(token, safe=str())}'])}"


class Reader:
    """Reads of all tables."""

    def __init__(self, records: Records, secret: bytes) -> None:
        self._records = records
        self._secret = secret
        self._cutters: dict[tuple[str, tuple[str, ...]], ColumnCutter] = {}

    # --- collections

    def collection(self, table: Table, request: ReadRequest, within: SqlClause | None = None) -> bytes:
        """One page of a table, or of the part of it that `within` selects."""
        options = request.options
        self._require(table, options)
        selection = self._selection(table, request)
        where = _both(selection, within)
        size = min(request.preferences.page_size or PAGE_SIZE_MAX, PAGE_SIZE_MAX)
        limit = size if options.top is None else min(options.top, PAGE_SIZE_MAX)
        page_number, position = self._position(table, options)
        if options.order_by and not self._sorts_in_store(table, options.order_by):
            found, next_position = self._sorted_page(
                table, options.order_by, selection, where, limit, position
            )
        else:
            order = _store_order(table, options.order_by)
            found = list(self._matching(table, selection, where, order, position, limit + 1))
            next_position = None
            if len(found) > limit:
                found = found[:limit]
                next_position = (
                    self._records.store.position(table.logical_name, found[-1].row_id, order)
                    if found
                    else None
                )
        next_link = None
        if next_position is not None and options.top is None:
            next_link = self.next_link(request, table, page_number + 1, next_position, tracking=False)
        annotations, count = self._counts(table, selection, where, request)
        return collection_body(
            self.render(table, found, request),
            context=f"{request.service_url}$metadata#{context_of(table, options)}",
            count=count,
            next_link=next_link,
            annotations=annotations,
        )

    def count(self, table: Table, request: ReadRequest, within: SqlClause | None = None) -> int:
        """How many records a request selects, capped as the service caps it."""
        selection = self._selection(table, request)
        return min(self._count(table, selection, _both(selection, within)), COUNT_MAX)

    def _count(self, table: Table, selection: Selection, where: SqlClause | None) -> int:
        if selection.predicate is None:
            return self._records.store.count(table.logical_name, where)
        matching = self._matching(table, selection, where, (), None, COUNT_MAX + 1)
        return sum(1 for _ in matching)

    def _counts(
        self, table: Table, selection: Selection, where: SqlClause | None, request: ReadRequest
    ) -> tuple[dict[str, object], int | None]:
        wants = request.preferences.includes
        total = self._count(table, selection, where) if request.options.count else -1
        annotations: dict[str, object] = {}
        if wants(RECORD_COUNT):
            annotations[f"@{RECORD_COUNT}"] = min(total, COUNT_MAX)
            annotations[f"@{RECORD_COUNT_EXCEEDED}"] = total > COUNT_MAX
        if wants(METADATA_VERSION):
            annotations[f"@{METADATA_VERSION}"] = "1"
        return annotations, min(total, COUNT_MAX) if request.options.count else None

    def _matching(
        self,
        table: Table,
        selection: Selection,
        where: SqlClause | None,
        order: Sequence[OrderColumn],
        after: tuple[SqlValue, ...] | None,
        limit: int,
    ) -> Iterator[StoredRecord]:
        """Records in order, as many as asked for; what SQL could not decide is decided here."""
        store, name = self._records.store, table.logical_name
        if selection.predicate is None:
            yield from store.page(name, where=where, order=order, after=after, limit=limit)
            return
        found = 0
        while True:
            chunk = store.page(name, where=where, order=order, after=after, limit=1_000)
            for record in chunk:
                if selection.predicate(decode_object(record.body)):
                    yield record
                    found += 1
                    if found == limit:
                        return
            if len(chunk) < 1_000:
                return
            after = store.position(name, chunk[-1].row_id, order)

    def _sorted_page(
        self,
        table: Table,
        order_by: Sequence[OrderItem],
        selection: Selection,
        where: SqlClause | None,
        limit: int,
        position: tuple[SqlValue, ...] | None,
    ) -> tuple[list[StoredRecord], tuple[SqlValue, ...] | None]:
        """A page in an order that the store has no column for: sorted here, position is an offset."""
        records = list(self._matching(table, selection, where, (), None, SORTED_IN_MEMORY_MAX))
        rows = {record.row_id: decode_object(record.body) for record in records}
        for item in reversed(order_by):
            path = tuple(item.path.split("/"))
            keys = {
                record.row_id: _sort_key(read_path(self._records, table, rows[record.row_id], path))
                for record in records
            }
            records.sort(key=lambda record: keys[record.row_id], reverse=item.descending)
        start = int(position[0]) if position and isinstance(position[0], int) else 0
        found = records[start : start + limit]
        end = start + len(found)
        return found, (end,) if end < len(records) else None

    # --- paging

    def next_link(
        self, request: ReadRequest, table: Table, page: int, position: tuple[SqlValue, ...], *, tracking: bool
    ) -> str:
        """The absolute address of the next page, in the outer shape of the service's cookies."""
        values = tuple(value.decode() if isinstance(value, bytes) else value for value in position)
        token = encode_token((page, *values), secret=self._secret, context=table.logical_name)
        cookie = f'<cookie pagenumber="{page}" pagingcookie="{token}" istracking="{tracking}" />'
        return request.link_with("$skiptoken", cookie)

    def read_token(self, table: Table, cookie: str) -> tuple[int, tuple[SqlValue, ...]]:
        """Page number and position in a skip token."""
        _, _, rest = cookie.partition('pagingcookie="')
        try:
            values = decode_token(rest.partition('"')[0], secret=self._secret, context=table.logical_name)
        except TokenError as error:
            raise errors.refused(
                "0x8004112a", "The paging cookie is not valid. Begin to read anew."
            ) from error
        page = values[0]
        assert isinstance(page, int)
        return page, values[1:]

    def _position(self, table: Table, options: QueryOptions) -> tuple[int, tuple[SqlValue, ...] | None]:
        if options.skip_token is None:
            return 1, None
        return self.read_token(table, options.skip_token)

    # --- rendering

    def render(self, table: Table, found: Sequence[StoredRecord], request: ReadRequest) -> Iterator[bytes]:
        """The records as the request wants them: whole and cut records stay bytes."""
        options = request.options
        if options.expand or request.preferences.annotations:
            annotator = self._annotator(request)
            for record in found:
                row = self._records.layouts[table.logical_name].complete(decode_object(record.body))
                yield encode(self.shape(table, row, options, request, annotator))
        elif options.select is None or "*" in options.select:
            for record in found:
                yield record.body
        else:
            cut = self._cutter(table, options.select).cut
            for record in found:
                yield cut(record.body)

    def _cutter(self, table: Table, select: Sequence[str]) -> ColumnCutter:
        names = selected_names(table, select)
        place = (table.logical_name, names)
        cutter = self._cutters.get(place)
        if cutter is None:
            if len(self._cutters) > 500:
                self._cutters.clear()
            cutter = self._cutters[place] = ColumnCutter(names)
        return cutter

    def _annotator(self, request: ReadRequest) -> Annotator | None:
        wanted = request.preferences.annotations
        return Annotator(self._records, wanted) if wanted else None

    def single(self, table: Table, row: Row, request: ReadRequest) -> bytes:
        """One record with its context."""
        self._require(table, request.options)
        shaped = self.shape(table, row, request.options, request, self._annotator(request))
        context = f"{request.service_url}$metadata#{context_of(table, request.options)}/$entity"
        return encode({"@odata.context": context, **shaped})

    def shape(
        self,
        table: Table,
        row: Mapping[str, object],
        options: QueryOptions,
        request: ReadRequest,
        annotator: Annotator | None,
    ) -> Row:
        """A row with selection, annotations and expansions applied."""
        if options.select is None or "*" in options.select:
            shaped: Row = dict(row)
        else:
            shaped = {name: row.get(name) for name in selected_names(table, options.select)}
        if annotator is not None:
            shaped = annotator.annotate(table, shaped)
        for item in options.expand:
            self._expand(table, row, item, shaped, request, annotator)
        return shaped

    def _expand(
        self,
        table: Table,
        row: Mapping[str, object],
        item: ExpandItem,
        shaped: Row,
        request: ReadRequest,
        annotator: Annotator | None,
    ) -> None:
        records = self._records
        column = table.lookups.get(item.path)
        if column is not None:
            value = row[column.wire_name]
            target = records.schema.tables[column.targets[item.path]]
            if value is not None:
                _, actual = lookup_target(records, table, column, row, str(value))
                target = records.schema.tables[actual]
            is_named = value is not None and (
                target.logical_name == column.targets[item.path] or column.name == "ownerid"
            )
            found = records.row(target.logical_name, str(value)) if is_named else None
            shaped[item.path] = (
                None if found is None else self.shape(target, found, item.options, request, annotator)
            )
            return
        target_name = records.members_table(table, item.path)
        if target_name is None:
            raise errors.feature_refused(
                f"Could not find a property named '{item.path}' on type '{table.type_name}'."
            )
        target = records.schema.tables[target_name]
        members = records.members_of(table, str(row[table.key]), item.path)
        if item.options.filter is not None:
            chosen = select_by(records, target, item.options.filter, request.options.aliases, request.author)
            members = [member for member in members if self._is_selected(target, member, chosen)]
        for order in reversed(item.options.order_by):
            members.sort(key=lambda member: _sort_key(member.get(order.path)), reverse=order.descending)
        members = members[: item.options.top if item.options.top is not None else PAGE_SIZE_MAX]
        shaped[item.path] = [self.shape(target, each, item.options, request, annotator) for each in members]

    def _is_selected(self, table: Table, row: Row, selection: Selection) -> bool:
        if selection.predicate is not None and not selection.predicate(row):
            return False
        if selection.condition is None:
            return True
        own = SqlClause(
            f'({selection.condition.text}) AND "{table.key}" = ?',
            (*selection.condition.parameters, str(row[table.key])),
        )
        return self._records.store.count(table.logical_name, own) > 0

    # --- checks

    def _require(self, table: Table, options: QueryOptions) -> None:
        for name in options.select or ():
            if name not in ("*", ETAG):
                require_path(self._records, table, (name,))
        for item in options.order_by:
            require_path(self._records, table, tuple(item.path.split("/")))
        if len(options.expand) > EXPAND_MAX:
            raise errors.feature_refused(f"More than {EXPAND_MAX} expanded properties are not supported.")
        if options.apply is not None:
            raise errors.feature_refused("The query option '$apply' is not supported by this service.")

    def _selection(self, table: Table, request: ReadRequest) -> Selection:
        options = request.options
        if options.filter is None:
            return Selection(None, None)
        return select_by(self._records, table, options.filter, options.aliases, request.author)

    def _sorts_in_store(self, table: Table, order_by: Sequence[OrderItem]) -> bool:
        mirrored = self._records.layouts[table.logical_name].mirrored_names
        return all(item.path in mirrored for item in order_by)


def _store_order(table: Table, order_by: Sequence[OrderItem]) -> tuple[OrderColumn, ...]:
    return tuple(
        OrderColumn("_version" if item.path == "versionnumber" else item.path, item.descending)
        for item in order_by
    )


def _both(selection: Selection, within: SqlClause | None) -> SqlClause | None:
    condition = selection.condition
    if condition is None:
        return within
    if within is None:
        return SqlClause(condition.text, condition.parameters)
    return SqlClause(f"({condition.text}) AND ({within.text})", (*condition.parameters, *within.parameters))


def _sort_key(value: object) -> tuple[int, object]:
    """Nulls first, texts without regard to letter case."""
    if value is None:
        return (0, 0)
    return (1, value.casefold() if isinstance(value, str) else value)


def context_of(table: Table, options: QueryOptions) -> str:
    """The part of a context URL that names what is answered."""
    return f"{table.set_name}{_projection(options)}"


def _projection(options: QueryOptions) -> str:
    parts = [name for name in options.select or () if name != "*"]
    parts += [f"{item.path}{_projection(item.options) or '()'}" for item in options.expand]
    return f"({','.join(parts)})" if parts else ""
