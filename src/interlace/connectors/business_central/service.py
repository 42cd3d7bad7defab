"""The ERP as a service of records: page web services for reading and writing, API stamps for what changed."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from interlace.connectors.business_central.capabilities import ServiceGap
from interlace.connectors.business_central.changes import StampReader
from interlace.connectors.business_central.company import (
    BusinessCentralFacts,
    CompanyReader,
    UnknownCompany,
    company_segment,
)
from interlace.connectors.business_central.document_requests import DocumentRequests
from interlace.connectors.business_central.extension import ANNOUNCEMENT, Extension
from interlace.connectors.business_central.extension_reading import ExtendedCatalog, ExtensionReader
from interlace.connectors.business_central.extension_writing import ExtendedWriter
from interlace.connectors.business_central.filter_hint import filter_hint
from interlace.connectors.business_central.last_change import last_change_of, stamp_feed
from interlace.connectors.business_central.nav_fields import NAV_FIELDS
from interlace.connectors.business_central.number_series import NumberSeriesReader, mark_field_of
from interlace.connectors.business_central.page_documents import need_of_creating
from interlace.connectors.business_central.permissions import Permissions, read_permissions
from interlace.connectors.business_central.published_fields import DERIVED_FIELDS, PUBLISHED_VIRTUAL_FIELDS
from interlace.connectors.business_central.published_tables import PUBLISHED_TABLES, PublishedTable, StampFeed
from interlace.connectors.business_central.record_ids import ids_of_set
from interlace.connectors.business_central.record_search import search_conditions
from interlace.connectors.business_central.service_settings import BusinessCentralSettings
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.business_central.view_fields import DerivedField, ViewFields
from interlace.connectors.business_central.virtual_fields import VirtualField, VirtualSource
from interlace.connectors.business_central.writing import SERVICE
from interlace.connectors.http import HttpChannel
from interlace.connectors.markers import MarkerTable
from interlace.connectors.odata_table import ColumnKind, RawRecord, RecordReader, WireColumn
from interlace.connectors.query import address, alternatives
from interlace.domain.privilege import Access
from interlace.domain.side import Side
from interlace.domain.table_field import TableField
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

__all__ = ["BusinessCentralFacts", "BusinessCentralService", "BusinessCentralSettings", "UnknownCompany"]

_FILTER_CHARACTERS_MAX = 6000
_ALTERNATIVES_MAX = 100
_READ_OPTIONS = {"Data-Access-Intent": "ReadWrite"}
"""Read past replicas: they lag, and an absence there proves nothing."""
_MARKERS = MarkerTable(
    view=TableView(side=Side.ERP, table="Epoch_Marker", fields=("Counter", "Name")), key_characters_max=20
)


def _today() -> date:
    return datetime.now(UTC).date()


class BusinessCentralService:
    """One company of NAV or Business Central."""

    def __init__(
        self,
        channel: HttpChannel,
        settings: BusinessCentralSettings,
        *,
        published: Sequence[PublishedTable] = PUBLISHED_TABLES,
        virtual_fields: Iterable[VirtualField] = PUBLISHED_VIRTUAL_FIELDS,
        derived_fields: Iterable[DerivedField] = DERIVED_FIELDS,
        today: Callable[[], date] = _today,
        document_channel: HttpChannel | None = None,
    ) -> None:
        """`document_channel` signs in as the user who is to appear as the creator of documents."""
        self._settings = settings
        self._root, self._api_root = (
            f"{root.rstrip('/')}/" for root in (settings.odata_root, settings.api_root)
        )
        self._company_root = f"{self._root}{company_segment(settings.company)}/"
        if not settings.has_api:
            published = tuple(replace(table, feeds=()) for table in published)
            derived_fields = (*derived_fields, *NAV_FIELDS)
        self._today = today
        self._extension = Extension(pages_root=self._root, tables=published)
        self.reader = ExtensionReader(
            channel, SERVICE, _READ_OPTIONS, self._extension, self._company_root, self._extension_company
        )
        self._catalog = ExtendedCatalog(self.reader, self._root, published, self._extension)
        self.tables = self._catalog.tables
        self._company = CompanyReader(
            self.reader,
            name=settings.company,
            api_root=self._api_root,
            company_root=self._company_root,
            pages_root=self._root,
            has_api=settings.has_api,
        )
        self._numbers = NumberSeriesReader(self.reader, self._company_root, self._catalog)
        batch_size = settings.batch_size if settings.has_api else None
        self._writer = ExtendedWriter(self.reader, batch_size=batch_size)
        self._fields = ViewFields(
            [VirtualSource(each, self.reader, settings.source_page_size) for each in virtual_fields],
            derived_fields,
            today,
            settings.write_in_product,
        )
        self._documents = DocumentRequests(
            reader=self.reader,
            creator=document_channel or channel,
            company_root=self._company_root,
            company=self._company,
            catalog=self._catalog,
            has_api=settings.has_api,
            today=today,
        )
        self._stamps: StampReader | None = None
        self.readers: dict[tuple[str, tuple[str, ...]], RecordReader] = {}
        self._refreshing = asyncio.Lock()

    async def facts(self) -> BusinessCentralFacts:
        """Ask for the company's id and local currency."""
        return await self._company.facts()

    async def company_id(self) -> str:
        """Ask for the company's id, afresh."""
        return await self._company.id()

    async def columns(self, table: str) -> dict[str, str]:
        """Return a table's fields, virtual ones too, with the kind of each, for the check of mappings."""
        found = await self._catalog.table(table)
        kinds = {name: column.kind.value for name, column in found.columns.items()}
        return kinds | dict.fromkeys(self._fields.names_of(table), "virtual")

    async def fields(self, table: str) -> dict[str, TableField]:
        """Return a table's fields with what the ERP tells of each, virtual ones too."""
        return await self._catalog.fields(table, self._fields.names_of(table))

    async def permissions(self) -> Permissions | None:
        """Return what our user may do with each table; None: the ERP publishes no page that tells."""
        return await read_permissions(self.reader, self._catalog, self._company_root)

    async def require_readable(self, table: str) -> None:
        """Try to read a record of a table; raises what keeps us from it."""
        found = await self._catalog.table(table)
        url = address(
            f"{self._company_root}{found.published.service}", {"$top": "1", "$select": found.published.key[0]}
        )
        await self.reader.page(url, page_size=1)

    async def gaps(self, view: TableView, accesses: Iterable[Access]) -> tuple[ServiceGap, ...]:
        """Return what the ERP would have to publish for a view and for accesses to its table."""
        published = await self._catalog.published(view.table)
        needs = self._fields.needs(view)
        wanted = {published.service: [*published.key, *needs.pop("")]}
        for service, columns in needs.items():
            wanted.setdefault(service, []).extend(columns)
        verbs = {published.service: tuple(accesses)}
        if Access.CREATE in verbs[published.service] and not self._settings.has_api:
            for name, shown, access in need_of_creating(view.table):
                service = (await self._catalog.published(name)).service
                wanted[service] = [*wanted.get(service, ()), *shown]
                verbs[service] = (*verbs.get(service, ()), *access)
        return await self._catalog.gaps(wanted, verbs)

    def forget_tables(self) -> None:
        """Learn the tables anew at the next request."""
        self._catalog.forget()
        self._numbers.forget()
        self.readers.clear()

    async def refresh_virtual_fields(self, view: TableView) -> None:
        """Read anew what the view's virtual fields are made of."""
        async with self._refreshing:
            sources = self._fields.sources(view).values()
            await self._catalog.require_published(source.field.service for source in sources)
            for source in sources:
                await source.refresh(self._company_root, self._today())

    async def count(self, view: TableView) -> int:
        """Return how many records a table holds; for progress only."""
        table = await self._catalog.table(view.table)
        return await self.reader.number(f"{self._company_root}{table.published.service}/$count")

    async def capabilities(self, view: TableView) -> Capabilities:
        """Say what a table can do."""
        table = await self._catalog.table(view.table)
        manual = await self._numbers.allows_manual_numbers(view.table)
        return Capabilities(
            insert_with_key=manual,
            conditional_update=True,
            reports_changes=bool(table.published.feeds),
            reports_deletes=False,
            read_page_size=self._settings.page_size,
            write_batch_size=self._settings.write_batch_size,
            max_request_life_seconds=self._settings.max_request_life_seconds,
            mark_field=None if manual else mark_field_of(table),
        )

    async def read_page(self, view: TableView, after: str | None) -> Page:
        """Read one page in key order; a listing's first page also refreshes its virtual fields."""
        table = await self._catalog.table(view.table)
        if after is None:
            await self.refresh_virtual_fields(view)
        reader = await self._record_reader(table, view)
        url = self._listing(table, view, filter_hint(table, view.filter))
        page = await self.reader.page_of_listing(url, after, page_size=self._settings.page_size)
        return Page(records=reader.read(page.records), next=page.next_link)

    async def read_keys(self, view: TableView, keys: tuple[str, ...]) -> list[Record | None]:
        """Read records by key, now; those of a composite key are picked out of all that share one part."""
        table = await self._catalog.table(view.table)
        search = table.published.search_field
        parts = dict.fromkeys(str(table.key_values(key)[search]) for key in keys)
        records = await self._matching(table, view, table.column(search), list(parts))
        found = {record.key: record for record in records}
        return [found.get(key) for key in keys]

    async def find_records(
        self, view: TableView, field: str, values: tuple[str, ...], *, exact: bool = False
    ) -> list[Record]:
        """Find the records whose field equals one of the values; text compares without case."""
        table = await self._catalog.table(view.table)
        source = self._fields.source(view.table, field)
        if source is not None:
            return list(await self._with_virtual_value(table, view, source, values))
        column = table.column(field)
        folds = not exact and column.kind is ColumnKind.TEXT and field not in table.options
        return list(await self._matching(table, view, column, list(dict.fromkeys(values)), fold_case=folds))

    async def search_records(
        self, view: TableView, text: str, names: Sequence[str], *, count: int
    ) -> list[Record]:
        """Find the first records whose number begins so, or that have every word of the text in one of these fields.

        One request for the number, and one for each field.
        """
        table = await self._catalog.table(view.table)
        reader = await self._record_reader(table, view)
        listings = (self._listing(table, view, each) for each in search_conditions(table, text, names))
        read = (self.reader.page(f"{url}&$top={count}", page_size=count) for url in listings)
        return [record for page in await asyncio.gather(*read) for record in reader.read(page.records)]

    async def read_changes(self, view: TableView, cursor: str | None) -> Changes:
        """Ask the stamps what may have changed, and the sources of virtual fields what they changed."""
        table = await self._catalog.table(view.table)
        if not table.published.feeds:
            return Changes(keys=(), deleted=(), cursor=None, complete=False)
        await self.refresh_virtual_fields(view)
        sources = self._fields.sources(view)
        stamps = await self._stamp_reader()
        changes, touched = await stamps.read(table, view.fields, sources, cursor)
        keys = dict.fromkeys(changes.keys)
        for name, arguments in touched.items():
            column = table.column(sources[name].field.argument if name in sources else name)
            records = await self._matching(table, view, column, sorted(arguments))
            keys.update((record.key, None) for record in records)
        return Changes(keys=tuple(keys), deleted=(), cursor=changes.cursor, complete=changes.complete)

    async def write(self, view: TableView, writes: tuple[Write, ...]) -> list[WriteResult]:
        """Carry out creates and updates."""
        table = await self._catalog.table(view.table)

        async def refresh() -> None:
            """Load what virtual fields are made of."""
            await self.refresh_virtual_fields(view)

        return await self._writer.write(table, self._fields.sources(view, writes), refresh, writes)

    async def delete(self, view: TableView, deletions: tuple[Deletion, ...]) -> list[WriteResult]:
        """Carry out deletions."""
        return await self._writer.delete(await self._catalog.table(view.table), deletions)

    async def create_document(
        self, view: TableView, mark: str, values: Mapping[str, Value], lines: tuple[Mapping[str, Value], ...]
    ) -> WriteResult:
        """Create a document with its lines: by API v2.0 in one request, by pages line by line."""
        return await self._documents.create(view.table, mark, values, lines)

    async def perform(
        self, view: TableView, key: str, tag: str | None, message: str, parameters: Mapping[str, Value]
    ) -> WriteResult:
        """Call an action on a record of a page, or of the API set that shows its table."""
        table = await self._catalog.table(view.table)
        return await self._documents.perform(table, key, tag, message, parameters)

    async def read_marker(self, name: str) -> Marker | None:
        """Read a mapping's marker row; None where the company publishes no page for markers."""
        return await _MARKERS.read(self, name)

    async def advance_marker(self, name: str, value: int, tag: str | None) -> Outcome:
        """Create a marker row (no tag) or set it if it still carries the tag."""
        return await _MARKERS.advance(self, name, value, tag)

    async def read_last_change(self, view: TableView, key: str) -> LastChange:
        """Say who changed a record last, and when, as far as its page or its API set tells."""
        table = await self._catalog.table(view.table)
        return await last_change_of(self.reader, self._company_root, self._root_of, table, key)

    async def record_ids(self, name: str) -> dict[str, str] | None:
        """Return the key of each record of a table by its id; None where no API set shows the table."""
        feed = stamp_feed(table := await self._catalog.table(name))
        if feed is None:
            return None
        return await ids_of_set(
            self.reader, await self._root_of(feed), feed, table, self._settings.source_page_size
        )

    async def _root_of(self, feed: StampFeed) -> str:
        return await (self._extension_company() if feed.of_extension else self._company.api_root())

    async def _with_virtual_value(
        self, table: ErpTable, view: TableView, source: VirtualSource, values: Sequence[str]
    ) -> list[RawRecord]:
        async with self._refreshing:
            await source.refresh(self._company_root, self._today())
        wanted = {value.casefold() for value in values}
        arguments = [name for name, value in source.current.items() if str(value).casefold() in wanted]
        return await self._matching(table, view, table.column(source.field.argument), arguments)

    async def _matching(
        self,
        table: ErpTable,
        view: TableView,
        column: WireColumn,
        values: Sequence[str],
        *,
        fold_case: bool = False,
    ) -> list[RawRecord]:
        reader = await self._record_reader(table, view)
        conditions = alternatives(
            column,
            values,
            characters_max=_FILTER_CHARACTERS_MAX,
            count_max=_ALTERNATIVES_MAX,
            fold_case=fold_case,
        )
        urls = [self._listing(table, view, condition) for condition in conditions]
        read = (self.reader.everything(url, page_size=self._settings.page_size) for url in urls)
        return [record for raws in await asyncio.gather(*read) for record in reader.read(raws)]

    def _listing(self, table: ErpTable, view: TableView, condition: str | None) -> str:
        names = [*table.published.key, *(column.name for column in self._fields.wire_columns(table, view))]
        url = f"{self._company_root}{table.published.service}"
        return address(url, {"$select": ",".join(dict.fromkeys(names)), "$filter": condition})

    async def _record_reader(self, table: ErpTable, view: TableView) -> RecordReader:
        sources = self._fields.sources(view)
        if any(source.version is None for source in sources.values()):
            await self.refresh_virtual_fields(view)
        reader = self.readers.get((view.table, view.fields))
        if reader is None:
            columns = self._fields.wire_columns(table, view)
            reader = RecordReader(
                columns=columns,
                key_columns=table.key_columns,
                key_of=table.key_text,
                finish=self._fields.finish(view, columns),
            )
            self.readers[view.table, view.fields] = reader
        return reader

    async def _stamp_reader(self) -> StampReader:
        if self._stamps is None:
            self._stamps = StampReader(
                self.reader,
                await self._company.api_root(),
                page_size=self._settings.source_page_size,
                overlap=timedelta(minutes=self._settings.stamp_overlap_minutes),
                extension_root=await self._extension_company(),
            )
        return self._stamps

    async def extension(self) -> Extension:
        """Return what the ERP extension offers, if the ERP has it."""
        await self._catalog.publishes(ANNOUNCEMENT)
        return self._extension

    async def _extension_company(self) -> str:
        """Return the address below which the ERP extension's API has the company's sets."""
        below = (await self._company.api_root()).removeprefix(self._api_root)
        return f"{self._extension.root}{below}"
