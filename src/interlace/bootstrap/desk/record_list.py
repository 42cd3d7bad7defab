"""Finds the records that a list shows: page by page from a service, or those that the store knows of."""

import base64
import binascii
import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from interlace.bootstrap.coupling_listing import catch_up
from interlace.bootstrap.desk.record_columns import Kinds, hints, learn
from interlace.bootstrap.desk.record_table import RecordTable, service_of
from interlace.bootstrap.desk.short_list import ShortList
from interlace.bootstrap.desk.wanted_rows import ValuesOf, Wanted, wanted_rows
from interlace.bootstrap.ends import Ends
from interlace.domain.filter_language import FieldKind, FilteredField, Reading, parse_filter, quoted
from interlace.domain.keys import ErpKey
from interlace.domain.side import Side
from interlace.domain.table_filter import EVERYTHING, TableFilter
from interlace.engine.observe import partner_key_of
from interlace.engine.ports import Record, TableView
from interlace.engine.service import Service, ServiceFailure
from interlace.management.caller import Caller
from interlace.management.listing import HeldValue, ListColumn, wrong_cursor
from interlace.management.records import (
    LOOKED_AT_MAX,
    ListRecords,
    RecordRow,
    RecordsListed,
    record_columns,
    record_values,
)
from interlace.management.refusal import RefusalKind, Refused
from interlace.management.translatable import translatable
from interlace.store.keyset import PageAsked
from interlace.store.time_limit import TookTooLong

_REMEMBERED_MAX: Final = 2_000
_LOOKED_UP: Final = 500
"""Of how many records the store is asked at once."""


class Continuations:
    """Where services go on, by a name of ours: what they call it is an address that nobody else may choose."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[object, str]] = OrderedDict()

    def keep(self, place: object, token: str) -> str:
        """Remember where to go on in a place; gives the name."""
        name = secrets.token_urlsafe(9)
        self._held[name] = (place, token)
        while len(self._held) > _REMEMBERED_MAX:
            self._held.popitem(last=False)
        return name

    def find(self, place: object, name: str) -> str:
        """Return where to go on; raises Refused for what is no name here."""
        held = self._held.get(name)
        if held is None or held[0] != place:
            raise wrong_cursor()
        return held[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a scan goes on: behind a continuation, after so many of its records."""

    after: str | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordList:
    """One question for a page of records."""

    table: RecordTable
    caller: Caller
    asked: ListRecords
    continuations: Continuations
    kinds: Kinds
    """What the columns hold, as far as it was seen; more is added to it."""

    @property
    def side(self) -> Side:
        """The side that is listed."""
        return Side(self.asked.side)

    async def page(self, ends: Ends) -> RecordsListed:
        """Read the page."""
        service = service_of(ends, self.side)
        if self.asked.sort:
            return await self._sorted(service)
        if self.asked.view == "coupled":
            return await self._coupled(service)
        if self.asked.view == "failed":
            return await self._failed(service)
        first: list[RecordRow] = []
        if self.asked.search and not self.asked.cursor:
            first = [each for each in await self._direct_hits(service) if self._fits_view(each)]
        passing = self._wanted(first)
        return await self._scanned(service, [each for each in first if passing.passes(each)])

    # What is wanted

    @property
    def _names(self) -> tuple[str, ...]:
        return self.table.columns(self.side)

    def _values_of(self) -> ValuesOf[RecordRow]:
        """Return how a row's values are found: the fields of a list are worked out once, not for each value."""
        names = self._names

        def values(row: RecordRow, name: str) -> tuple[HeldValue, ...]:
            if name == "partner":
                # Its key finds it, too.
                return row.partner, row.partner_key
            return record_values(row, name, names)

        return values

    def _columns(self, rows: Sequence[RecordRow]) -> tuple[ListColumn, ...]:
        learn(self.kinds, self._names, rows)
        return record_columns(self._names, self.kinds)

    def _wanted(self, rows: Sequence[RecordRow] = ()) -> Wanted[RecordRow]:
        """Understand what is asked, with what these rows tell of their columns."""
        return wanted_rows(self.caller, self.asked, self._columns(rows), self._values_of())

    # Sorted: all of them, if they are few

    async def _sorted(self, service: Service) -> RecordsListed:
        rows = await self._every(service)
        if len(rows) > LOOKED_AT_MAX:
            raise Refused(
                RefusalKind.TOO_MANY,
                translatable("There are too many records to sort"),
                why=translatable("Up to {count} are sorted; this list has more.", count=str(LOOKED_AT_MAX)),
                next_step=translatable(
                    "Filter by how a text begins, or leave the order as the service has it."
                ),
                code="sort",
                fields={"sort": translatable("There are too many records to sort.")},
            )
        listed: ShortList[RecordRow, RecordsListed] = ShortList(
            columns=self._columns(rows),
            answer=lambda **page: self._listed(looked_at=len(rows), **page),
            key_of=lambda row: row.key,
            values_of=self._values_of(),
        )
        return listed.page(self.caller, self.asked, rows)

    async def _every(self, service: Service) -> list[RecordRow]:
        """Read every record of the view, but not many more than are sorted."""
        if self.asked.view == "failed":
            return await self._rows_of(service, self._failed_keys())
        if self.asked.view == "coupled":
            store = self.table.application.connection_store(self.table.held)
            couplings = store.couplings_page(self.table.mapping.name, None, LOOKED_AT_MAX + 1)
            return await self._rows_of(service, [partner_key_of(each, self.side) for each in couplings])
        view, rows, after = self._view(), list[RecordRow](), None
        while len(rows) <= LOOKED_AT_MAX:
            page = await service.read_page(view, after)
            found = self.table.rows(self.side, page.records)
            rows += [each for each in found if self._fits_view(each)]
            if page.next is None:
                break
            after = page.next
        return rows

    def _view(self) -> TableView:
        """Return the table without what the service may leave out."""
        view = self.table.view(self.side)
        if self.asked.view == "all":
            # Whoever looks for a record wants to see it, and why it is left out.
            view = replace(view, filter=EVERYTHING)
        more = hints(self._wanted().filters, self.kinds) if self.asked.filters else ()
        return replace(view, filter=TableFilter(conditions=(*view.filter.conditions, *more)))

    # What the store knows of

    async def _coupled(self, service: Service) -> RecordsListed:
        name, limit = self.table.mapping.name, self.asked.limit
        if self.asked.search:
            keys, more = self._listed_keys(limit), ""
        else:
            after = _key_of_cursor(self.asked.cursor)
            store = self.table.application.connection_store(self.table.held)
            couplings = store.couplings_page(name, after, limit + 1)
            keys = [partner_key_of(each, self.side) for each in couplings[:limit]]
            more = _cursor_of_key(couplings[limit - 1].erp_key) if len(couplings) > limit else ""
        rows = await self._rows_of(service, keys)
        wanted = self._wanted(rows)
        return self._answer([each for each in rows if wanted.passes(each)], more)

    async def _failed(self, service: Service) -> RecordsListed:
        """Return the records that stand on the error list."""
        keys = self._failed_keys()
        start = int(self.asked.cursor) if self.asked.cursor.isdecimal() else 0
        end = start + self.asked.limit
        rows = await self._rows_of(service, keys[start:end])
        wanted = self._wanted(rows)
        return self._answer([each for each in rows if wanted.has(each)], str(end) if len(keys) > end else "")

    def _failed_keys(self) -> list[str]:
        """Return the keys of records that failed, their own or their partner's."""
        table, side = self.table, self.side
        errors = table.application.state.errors.found(
            table.held.id, mapping=table.mapping.name, limit=LOOKED_AT_MAX
        )
        own = [each.source_key for each in errors if each.direction.source_side is side]
        theirs = [each.source_key for each in errors if each.direction.source_side is not side]
        partners = table.run.store.partner_keys(table.mapping.name, side.other, theirs)
        return list(dict.fromkeys([*own, *partners.values()]))

    def _listed_keys(self, limit: int) -> list[str]:
        """Find coupled records by the names that they had when they were compared last."""
        application = self.table.application
        catch_up(application, self.table.held.id)
        wanted = parse_filter(
            quoted(self.table.mapping.name), FilteredField(), Reading(now=datetime.now(UTC))
        )
        asked = PageAsked(
            sort="erp_key",
            filters={"mapping": wanted},
            search=self.asked.search.replace("\0", ""),
            limit=limit,
            counted=False,
        )
        try:
            page, _ = application.state.coupling_list.page(self.table.held.id, asked)
        except TookTooLong:
            # The rest of the search finds what it can.
            return []
        return [row.erp_key if self.side is Side.ERP else row.crm_key for row in page.rows]

    # What the service finds by itself

    async def _direct_hits(self, service: Service) -> list[RecordRow]:
        """Find records by their key, by their whole name, and coupled ones by a part of it."""
        view, text = self.table.view(self.side), self.asked.search.strip()
        typed = [self.table.key(self.side, each) for each in (text, text.upper())]
        keys = [*typed, *self._listed_keys(self.asked.limit)]
        found: list[Record] = []
        caption = self.table.caption_field(self.side)
        if caption is not None and caption in view.fields:
            found = await service.find_records(view, caption, (text,))
        rows = [*await self._rows_of(service, keys, may_be_wrong=True), *self.table.rows(self.side, found)]
        return list({each.key: each for each in rows}.values())

    async def _rows_of(
        self, service: Service, keys: Sequence[str], *, may_be_wrong: bool = False
    ) -> list[RecordRow]:
        view = self.table.view(self.side)
        wanted = [each for each in dict.fromkeys(keys) if self._may_be_key(each)]
        if not wanted:
            return []
        try:
            found = await service.read_keys(view, tuple(wanted))
        except ServiceFailure:
            # What was typed can't be a key of this table.
            if not may_be_wrong or len(wanted) == 1:
                if may_be_wrong:
                    return []
                raise
            return await self._rows_of(service, wanted[1:])
        return self.table.rows(self.side, [each for each in found if each is not None])

    def _may_be_key(self, text: str) -> bool:
        if self.side is Side.ERP:
            return bool(text)
        if self.table.mapping.choice_column is not None:
            return text.isdecimal()
        return [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12]

    # Page by page

    async def _scanned(self, service: Service, rows: list[RecordRow]) -> RecordsListed:
        rows = rows[: self.asked.limit]
        view = self._view()
        place, looked = self._place(), 0
        known = {each.key for each in rows}
        while True:
            page = await service.read_page(view, place.after)
            records = page.records[place.offset :]
            for start in range(0, len(records), _LOOKED_UP):
                found = self.table.rows(self.side, records[start : start + _LOOKED_UP])
                wanted = self._wanted(found)
                for index, row in enumerate(found, start + 1):
                    looked += 1
                    if row.key in known or not (self._fits_view(row) and wanted.has(row)):
                        continue
                    rows.append(row)
                    if len(rows) >= self.asked.limit and (index < len(records) or page.next is not None):
                        behind = _Place(after=place.after, offset=place.offset + index)
                        return self._answer(rows, self._cursor(behind), looked)
            if page.next is None:
                return self._answer(rows, "", looked)
            place = _Place(after=page.next)
            if looked >= LOOKED_AT_MAX:
                return self._answer(rows, self._cursor(place), looked)

    def _fits_view(self, row: RecordRow) -> bool:
        if self.asked.view != "uncoupled":
            return True
        return not row.partner_key and not row.left_out

    def _place(self) -> _Place:
        if not self.asked.cursor:
            return _Place()
        name, _, offset = self.asked.cursor.partition(".")
        if not offset.isdecimal():
            raise wrong_cursor()
        after = self.continuations.find(self._where, name) if name else None
        return _Place(after=after, offset=int(offset))

    def _cursor(self, place: _Place) -> str:
        name = "" if place.after is None else self.continuations.keep(self._where, place.after)
        return f"{name}.{place.offset}"

    @property
    def _where(self) -> tuple[str, str, str]:
        return (self.table.held.id, self.table.mapping.name, self.asked.side)

    def _answer(self, rows: Sequence[RecordRow], cursor: str, looked: int = 0) -> RecordsListed:
        return self._listed(rows=tuple(rows), next_cursor=cursor, looked_at=looked)

    def _listed(self, **page: Any) -> RecordsListed:  # noqa: ANN401 - what every page of a list has
        numbers = tuple(each for each in self._names if self.kinds.get(each) is FieldKind.NUMBER)
        return RecordsListed(columns=self._names, numbers=numbers, **page)


def _cursor_of_key(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _key_of_cursor(text: str) -> ErpKey | None:
    if not text:
        return None
    try:
        return ErpKey(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode())
    except (binascii.Error, ValueError) as problem:
        raise wrong_cursor() from problem
