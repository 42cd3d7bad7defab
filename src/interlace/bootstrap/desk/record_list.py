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

REMEMBERED_MAX: Final = 4_000
"""Each page of a list adds two at most: where it goes on, and where it came from."""
_FIRST: Final = "."
"""The cursor of a list's first page for who comes back to it: a blank one leads nowhere."""
_CURSOR_MAX: Final = 2_400
"""No cursor of ours is longer, which may hold a whole key: nobody has us remember more."""
_DIGITS_MAX: Final = 18
_LOOKED_UP: Final = 500
"""Of how many records the store is asked at once."""


class Continuations:
    """Where services go on, by a name of ours: what they call it is an address that nobody else may choose.

    By such names a page of a list remembers the one that led to it, too. Whoever reads a page again, as for each record
    that a list is worked off by, is given the same names: other people's are not forgotten for it.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[tuple[str, ...], str]] = OrderedDict()
        self._names: dict[tuple[tuple[str, ...], str], str] = {}

    def keep(self, place: tuple[str, ...], token: str) -> str:
        """Remember where to go on, or back to, in a place; gives the name."""
        held = (place, token)
        name = self._names.setdefault(held, secrets.token_urlsafe(9))
        self._held[name] = held
        self._held.move_to_end(name)
        while len(self._held) > REMEMBERED_MAX:
            _, forgotten = self._held.popitem(last=False)
            del self._names[forgotten]
        return name

    def find(self, place: tuple[str, ...], name: str) -> str:
        """Return what a name stands for; blank for what is none here, or no longer."""
        held = self._held.get(name)
        return held[1] if held is not None and held[0] == place else ""


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
        if self.asked.search and not self._begins:
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
            after = _key_of_cursor(self._begins)
            store = self.table.application.connection_store(self.table.held)
            couplings = store.couplings_page(name, after, limit + 1)
            keys = [partner_key_of(each, self.side) for each in couplings[:limit]]
            is_more = len(couplings) > limit
            more = self._following(_cursor_of_key(couplings[limit - 1].erp_key)) if is_more else ""
        rows = await self._rows_of(service, keys)
        wanted = self._wanted(rows)
        return self._answer([each for each in rows if wanted.passes(each)], more)

    async def _failed(self, service: Service) -> RecordsListed:
        """Return the records that stand on the error list."""
        keys = self._failed_keys()
        start = _number(self._begins or "0")
        end = start + self.asked.limit
        rows = await self._rows_of(service, keys[start:end])
        wanted = self._wanted(rows)
        more = self._following(str(end)) if len(keys) > end else ""
        return self._answer([each for each in rows if wanted.has(each)], more)

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
        if not self._begins:
            return _Place()
        name, _, offset = self._begins.partition(".")
        if not name:
            return _Place(offset=_number(offset))
        after = self.continuations.find(self._where, name)
        if not after:
            raise wrong_cursor()
        return _Place(after=after, offset=_number(offset))

    def _cursor(self, place: _Place) -> str:
        name = "" if place.after is None else self.continuations.keep(self._where, place.after)
        return self._following(f"{name}.{place.offset}")

    # Pages: a cursor says where one begins, and by which name the way back to the one before it is remembered

    @property
    def _begins(self) -> str:
        """Where this page begins; blank: it is the list's first one."""
        if self.asked.cursor in {"", _FIRST}:
            return ""
        begins, _, _ = self.asked.cursor.rpartition(".")
        if not begins or len(self.asked.cursor) > _CURSOR_MAX:
            raise wrong_cursor()
        return begins

    def _following(self, begins: str) -> str:
        """Return the cursor of the page behind this one."""
        return f"{begins}.{self.continuations.keep(self._ways_back, self.asked.cursor or _FIRST)}"

    def _before(self) -> str:
        """Return the cursor of the page that led to this one; blank: it is the first one, or the way is forgotten."""
        return self.continuations.find(self._ways_back, self.asked.cursor.rpartition(".")[2])

    @property
    def _where(self) -> tuple[str, str, str]:
        return (self.table.held.id, self.table.mapping.name, self.asked.side)

    @property
    def _ways_back(self) -> tuple[str, ...]:
        """Apart from what services say: a cursor that somebody made up never becomes an address that is asked."""
        return (*self._where, "back")

    def _answer(self, rows: Sequence[RecordRow], cursor: str, looked: int = 0) -> RecordsListed:
        return self._listed(
            rows=tuple(rows), next_cursor=cursor, previous_cursor=self._before(), looked_at=looked
        )

    def _listed(self, **page: Any) -> RecordsListed:  # noqa: ANN401 - what every page of a list has
        numbers = tuple(each for each in self._names if self.kinds.get(each) is FieldKind.NUMBER)
        return RecordsListed(columns=self._names, numbers=numbers, **page)


def _number(text: str) -> int:
    """Read a number of a cursor; raises Refused for what is none."""
    if not text.isdecimal() or len(text) > _DIGITS_MAX:
        raise wrong_cursor()
    return int(text)


def _cursor_of_key(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def _key_of_cursor(text: str) -> ErpKey | None:
    if not text:
        return None
    try:
        return ErpKey(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode())
    except (binascii.Error, ValueError) as problem:
        raise wrong_cursor() from problem
