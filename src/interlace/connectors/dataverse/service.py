"""The CRM as a service of records: reads pages and keys, asks the change feed, writes under preconditions."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.changes import ChangeFeed
from interlace.connectors.dataverse.choices import ChoiceTable
from interlace.connectors.dataverse.column_facts import read_column_facts
from interlace.connectors.dataverse.last_change import read_last_change
from interlace.connectors.dataverse.messages import MessageSender
from interlace.connectors.dataverse.privileges import held_privileges
from interlace.connectors.dataverse.record_count import last_count
from interlace.connectors.dataverse.record_search import choices_with, search_condition
from interlace.connectors.dataverse.row_versions import has_row_versions
from interlace.connectors.dataverse.tables import CrmTable, TableCatalog
from interlace.connectors.dataverse.writing import SERVICE, CrmWriter
from interlace.connectors.http import HttpChannel
from interlace.connectors.markers import MarkerTable
from interlace.connectors.odata_table import ColumnKind, RecordReader, WireColumn
from interlace.connectors.query import address, equals, value_lists
from interlace.domain.side import Side
from interlace.domain.table_field import TableField
from interlace.domain.table_filter import Comparison, TableFilter
from interlace.domain.values import Value
from interlace.engine.ports import (
    Capabilities,
    Changes,
    Deletion,
    LastChange,
    Marker,
    Outcome,
    Page,
    Record,
    TableView,
    Write,
    WriteResult,
)
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable

_HEADERS = {"OData-MaxVersion": "4.0", "OData-Version": "4.0"}
_FILTER_CHARACTERS_MAX = 16_000
_KEYS_A_REQUEST_MAX = 250
_MARKERS = MarkerTable(
    view=TableView(side=Side.CRM, table="ilc_epochmarker", fields=("ilc_counter", "ilc_name"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataverseSettings:
    """How much is asked for at once."""

    page_size: int = 5000
    bulk_size: int = 500
    batch_size: int = 100
    write_batch_size: int = 1000
    max_request_life_seconds: float = 240.0
    choice_language: int | None = None
    """Code of the language in which choices are read and written; None: the organization's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataverseFacts:
    """What a connection must know about an organization."""

    organization_id: str
    user_id: str
    base_currency_id: str
    base_currency_code: str


class _Caller(msgspec.Struct):
    UserId: str
    OrganizationId: str


class _Organization(msgspec.Struct):
    base_currency: str = msgspec.field(name="_basecurrencyid_value")


class _Currency(msgspec.Struct):
    isocurrencycode: str


class DataverseService:
    """One organization of Dynamics 365 Sales, below the root of its Web API."""

    def __init__(
        self, channel: HttpChannel, root: str = "/api/data/v9.2/", settings: DataverseSettings | None = None
    ) -> None:
        self._settings = settings or DataverseSettings()
        self._root = root if root.endswith("/") else f"{root}/"
        self._reader = CollectionReader(channel, SERVICE, _HEADERS)
        self._catalog = TableCatalog(self._reader, self._root)
        self._feed = ChangeFeed(self._reader, self._root, page_size=self._settings.page_size)
        self._choices = ChoiceTable(self._reader, self._root, self._settings.choice_language)
        self._writer = CrmWriter(
            channel, self._root, bulk_size=self._settings.bulk_size, batch_size=self._settings.batch_size
        )
        self._messages = MessageSender(channel, self._root)
        self._readers: dict[tuple[str, tuple[str, ...]], RecordReader] = {}
        self._caller: _Caller | None = None

    async def facts(self) -> DataverseFacts:
        """Ask who we are and which currency the organization keeps its books in."""
        caller = await self._who_am_i()
        url = f"{self._root}organizations({caller.OrganizationId})?$select=_basecurrencyid_value"
        organization = await self._reader.document(url, _Organization)
        url = f"{self._root}transactioncurrencies({organization.base_currency})?$select=isocurrencycode"
        currency = await self._reader.document(url, _Currency)
        return DataverseFacts(
            organization_id=caller.OrganizationId.lower(),
            user_id=caller.UserId.lower(),
            base_currency_id=organization.base_currency.lower(),
            base_currency_code=currency.isocurrencycode,
        )

    async def organization_id(self) -> str:
        """Ask for the organization's id, afresh."""
        return (await self._who_am_i()).OrganizationId.lower()

    async def privileges(self) -> dict[str, str]:
        """Return the privileges of our account by name, each with how far it reaches."""
        caller = self._caller or await self._who_am_i()
        return await held_privileges(self._reader, self._root, caller.UserId.lower())

    async def _who_am_i(self) -> _Caller:
        self._caller = await self._reader.document(f"{self._root}WhoAmI", _Caller)
        return self._caller

    async def columns(self, table: str) -> dict[str, str]:
        """Return a table's columns with the EDM-like kind of each, for the check of mappings."""
        found = await self._catalog.table(table)
        return {
            name: "lookup" if found.is_lookup(name) else c.kind.value for name, c in found.columns.items()
        }

    async def fields(self, table: str) -> dict[str, TableField]:
        """Return a table's columns with what the CRM tells of each."""
        return await read_column_facts(self._reader, self._root, await self._catalog.table(table))

    async def tables(self) -> tuple[str, ...]:
        """Return the logical names of all tables."""
        return await self._catalog.names()

    async def table(self, name: str) -> CrmTable:
        """Return a table as the Web API shows it; raises TableMissing if there is none of that name."""
        return await self._catalog.table(name)

    def forget_tables(self) -> None:
        """Learn the tables anew at the next request: a solution may have brought columns."""
        self._catalog.forget()
        self._readers.clear()

    async def count(self, view: TableView) -> int:
        """Return how many records a table holds, as of the service's last count; for progress only."""
        if view.choice_column is not None:
            return len(await self._choices.read(view))
        return await last_count(self._reader, self._root, view.table)

    async def capabilities(self, view: TableView) -> Capabilities:
        """Say what a table, or an option set, can do."""
        table = None if view.choice_column is not None else await self._catalog.table(view.table)
        tracks = table is not None and table.tracks_changes
        return Capabilities(
            insert_with_key=True,
            conditional_update=True,
            reports_changes=tracks or (table is not None and has_row_versions(table)),
            reports_deletes=tracks,
            read_page_size=self._settings.page_size,
            write_batch_size=self._settings.write_batch_size,
            max_request_life_seconds=self._settings.max_request_life_seconds,
        )

    async def read_page(self, view: TableView, after: str | None) -> Page:
        """Read one page in the service's own order."""
        if view.choice_column is not None:
            return Page(records=await self._choices.read(view), next=None)
        table = await self._catalog.table(view.table)
        url = self._listing(table, view, _filter_hint(table, view.filter))
        page = await self._reader.page_of_listing(url, after, page_size=self._settings.page_size)
        return Page(records=self._record_reader(table, view).read(page.records), next=page.next_link)

    async def read_keys(self, view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
        """Read records by key, now."""
        if view.choice_column is not None:
            choices = {record.key: record for record in await self._choices.read(view)}
            return [choices.get(key) for key in keys]
        table = await self._catalog.table(view.table)
        key_column = WireColumn(name=table.key, kind=ColumnKind.GUID)
        wanted = list(dict.fromkeys(key.lower() for key in keys))
        found = {
            record.key.lower(): record for record in await self._matching(table, view, key_column, wanted)
        }
        return [found.get(key.lower()) for key in keys]

    async def find_records(
        self, view: TableView, field: str, values: tuple[str, ...], *, exact: bool = False
    ) -> list[Record]:
        """Find the records whose column equals one of the values; the CRM compares text without case."""
        if view.choice_column is not None:
            return await self._find_choices(view, field, values)
        table = await self._catalog.table(view.table)
        wanted = list(dict.fromkeys(values))
        return list(await self._matching(table, view, table.column(field), wanted))

    async def search_records(
        self, view: TableView, text: str, names: Sequence[str], numbers: Sequence[str], *, count: int
    ) -> list[Record]:
        """Find the first records one of whose numbers begins so, or whose names have every word: one request."""
        if view.choice_column is not None:
            return choices_with(await self._choices.read(view), text)[:count]
        table = await self._catalog.table(view.table)
        url = self._listing(table, view, search_condition(table, text, names, numbers))
        page = await self._reader.page(f"{url}&$top={count}", page_size=count)
        return list(self._record_reader(table, view).read(page.records))

    async def read_changes(self, view: TableView, cursor: str | None) -> Changes:
        """Ask the table's change feed."""
        if view.choice_column is not None:
            return Changes(keys=(), deleted=(), cursor=None, complete=False)
        return await self._feed.read(await self._catalog.table(view.table), cursor)

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Carry out creates and updates."""
        if view.choice_column is not None:
            return await self._choices.write(view, writes)
        return await self._writer.write(await self._catalog.table(view.table), view, writes)

    async def delete(self, view: TableView, deletions: tuple[Deletion, ...]) -> list[WriteResult]:
        """Carry out deletions."""
        if view.choice_column is not None:
            return await self._choices.delete(view, deletions)
        return await self._writer.delete(await self._catalog.table(view.table), deletions)

    async def create_document(
        self, view: TableView, mark: str, values: Mapping[str, Value], lines: tuple[Mapping[str, Value], ...]
    ) -> WriteResult:
        """Refuse: records are created one by one under keys of our choosing."""
        raise ServiceMismatch(
            translatable(
                "The CRM creates no documents of {table} in one request: insert the records under chosen "
                "keys.",
                table=view.table,
            )
        )

    async def perform(
        self, view: TableView, key: str, tag: str | None, message: str, parameters: Mapping[str, Value]
    ) -> WriteResult:
        """Carry out a message on a record."""
        table = await self._catalog.table(view.table)
        return await self._messages.perform(table, key, tag, message, parameters)

    async def read_marker(self, name: str) -> Marker | None:
        """Read a mapping's marker row; None where our solution's table is not there."""
        return await _MARKERS.read(self, name)

    async def advance_marker(self, name: str, value: int, tag: str | None) -> Outcome:
        """Create a marker row (no tag) or set it if it still carries the tag."""
        return await _MARKERS.advance(self, name, value, tag)

    async def read_last_change(self, view: TableView, key: str) -> LastChange:
        """Say who changed a record last, and when; nothing of choices, which carry no stamp."""
        if view.choice_column is not None:
            return LastChange(by=None, at=None)
        table = await self._catalog.table(view.table)
        return await read_last_change(self._reader, self._root, table, key)

    async def _find_choices(self, view: TableView, field: str, values: Sequence[str]) -> list[Record]:
        wanted = {value.casefold() for value in values}
        place = view.fields.index(field)
        choices = await self._choices.read(view)
        return [choice for choice in choices if str(choice.values()[place]).casefold() in wanted]

    async def _matching(
        self, table: CrmTable, view: TableView, column: WireColumn, values: Sequence[str]
    ) -> list[Record]:
        reader = self._record_reader(table, view)
        conditions = value_lists(
            column, values, characters_max=_FILTER_CHARACTERS_MAX, count_max=_KEYS_A_REQUEST_MAX
        )
        urls = [self._listing(table, view, condition) for condition in conditions]
        read = (self._reader.everything(url, page_size=self._settings.page_size) for url in urls)
        return [record for raws in await asyncio.gather(*read) for record in reader.read(raws)]

    def _listing(self, table: CrmTable, view: TableView, condition: str | None) -> str:
        columns = dict.fromkeys([table.key, *(table.column(field).name for field in view.fields)])
        return address(f"{self._root}{table.set_name}", {"$select": ",".join(columns), "$filter": condition})

    def _record_reader(self, table: CrmTable, view: TableView) -> RecordReader:
        reader = self._readers.get((view.table, view.fields))
        if reader is None:
            reader = RecordReader(
                columns=[table.column(field) for field in view.fields],
                key_columns=[WireColumn(name=table.key, kind=ColumnKind.GUID)],
                key_of=lambda parts: str(parts[0]),
            )
            self._readers[view.table, view.fields] = reader
        return reader


def _filter_hint(table: CrmTable, table_filter: TableFilter) -> str | None:
    """Leave out what certainly fails: only comparisons that both sides make exactly alike are handed over."""
    exact = (ColumnKind.WHOLE, ColumnKind.BOOLEAN)
    terms = [
        equals(table.column(condition.field), condition.value)
        for condition in table_filter.conditions
        if condition.comparison is Comparison.EQUAL
        and condition.value is not None
        and table.column(condition.field).kind in exact
    ]
    return " and ".join(terms) or None
