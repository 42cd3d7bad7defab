"""What the connector learns about a published table: its columns' types, and keys as text."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from interlace.connectors.business_central.capabilities import ServiceGap, gaps_of
from interlace.connectors.business_central.column_facts import field_facts
from interlace.connectors.business_central.page_objects import publishing_of
from interlace.connectors.business_central.published_tables import PublishedTable
from interlace.connectors.collection import CollectionReader
from interlace.connectors.markers import FieldMissing, TableMissing
from interlace.connectors.odata_table import ColumnKind, WireColumn, kind_of
from interlace.connectors.query import literal
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.privilege import Access
from interlace.domain.table_field import TableField
from interlace.domain.values import Value
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import joined, translatable
from interlace.odata.edm import EntityType, Model

BLANK_DATE = "0001-01-01"
BLANK_OPTION = "_x0020_"
_ABOVE_COMPANIES = frozenset({"Company", "Companies"})
"""Sets beside the pages that hold no records of a company."""
_BLANKS: Mapping[ColumnKind, Value] = {
    ColumnKind.TEXT: "",
    ColumnKind.WHOLE: 0,
    ColumnKind.AMOUNT: 0,
    ColumnKind.BOOLEAN: False,
    ColumnKind.DATE: BLANK_DATE,
    ColumnKind.MOMENT: f"{BLANK_DATE}T00:00:00Z",
    ColumnKind.GUID: "00000000-0000-0000-0000-000000000000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpTable:
    """A published table with the types of its columns."""

    published: PublishedTable
    columns: Mapping[str, WireColumn]
    options: frozenset[str]
    """Columns of an enumeration type: blank has a name of its own there."""

    @property
    def name(self) -> str:
        """The table's name."""
        return self.published.name

    @property
    def key_columns(self) -> tuple[WireColumn, ...]:
        """The columns that make the key."""
        return tuple(self.column(name) for name in self.published.key)

    def column(self, name: str) -> WireColumn:
        """Return a column; raises FieldMissing when the page doesn't show it."""
        try:
            return self.columns[name]
        except KeyError:
            raise FieldMissing(
                translatable(
                    "The ERP's page service {service} shows no field {field}. Publish a page that has the field, or "
                    "take the row out of the mapping.",
                    service=self.published.service,
                    field=name,
                )
            ) from None

    def blank_of(self, name: str) -> Value:
        """Return what the wire says for a field that holds nothing."""
        return BLANK_OPTION if name in self.options else _BLANKS[self.column(name).kind]

    def key_text(self, parts: Iterable[Value]) -> str:
        """Join the values of the key's columns to the key."""
        return KEY_SEPARATOR.join(map(_key_part, parts))

    def key_values(self, key: str) -> dict[str, Value]:
        """Split a key into the values of its columns."""
        parts = key.split(KEY_SEPARATOR)
        if len(parts) != len(self.published.key):
            raise ServiceMismatch(
                translatable(
                    "{key} is no key of {table}: it needs {count} parts.",
                    key=repr(key),
                    table=self.name,
                    count=len(self.published.key),
                )
            )
        return {
            column.name: _value_of(column, part) for column, part in zip(self.key_columns, parts, strict=True)
        }

    def predicate(self, key: str) -> str:
        """Write a key as the address of one record has it, not yet percent-encoded."""
        values = self.key_values(key)
        return ",".join(f"{name}={literal(self.column(name).kind, value)}" for name, value in values.items())


class TableCatalog:
    """Learns the published tables once."""

    def __init__(self, reader: CollectionReader, root: str, published: Sequence[PublishedTable]) -> None:
        self._reader = reader
        self._root = root
        self._published = {table.name: table for table in published}
        self._model: Model | None = None
        self._tables: dict[str, ErpTable] = {}
        self._lock = asyncio.Lock()

    def forget(self) -> None:
        """Learn everything anew at the next request."""
        self._model = None
        self._tables.clear()

    async def table(self, name: str) -> ErpTable:
        """Return a table by its name; raises TableMissing for one that isn't published."""
        found = self._tables.get(name)
        if found is not None:
            return found
        async with self._lock:
            return self._tables.setdefault(name, self._learn(await self._metadata(), name))

    async def fields(self, name: str, virtual: Iterable[str]) -> dict[str, TableField]:
        """Return what is told of a table's fields; `virtual` ones are made of other tables."""
        async with self._lock:
            model = await self._metadata()
        published = self._published_in(model, name)
        return field_facts(model, _shown_by(model, published), published, virtual)

    async def tables(self) -> tuple[PublishedTable, ...]:
        """Return every table that the ERP publishes: those that we know, and page services that we don't."""
        async with self._lock:
            model = await self._metadata()
        known = {table.service: table for table in self._published.values()}
        services = sorted(model.sets.keys() - _ABOVE_COMPANIES)
        return tuple(known.get(each) or _unknown_page(model, each) for each in services)

    async def publishes(self, service: str) -> bool:
        """Tell whether the ERP publishes a page web service of this name."""
        async with self._lock:
            return (await self._metadata()).type_of_set(service) is not None

    async def require_published(self, services: Iterable[str]) -> None:
        """Raise TableMissing for the first page service that is not published, with what to publish."""
        for service in services:
            if not await self.publishes(service):
                raise TableMissing(ServiceGap(service=service).text)

    async def gaps(
        self, wanted: Mapping[str, Iterable[str]], accesses: Mapping[str, Iterable[Access]]
    ) -> tuple[ServiceGap, ...]:
        """Return what the ERP does not publish of the wanted columns and accesses by page service."""
        async with self._lock:
            return gaps_of(await self._metadata(), wanted, accesses)

    async def published(self, name: str) -> PublishedTable:
        """Return how a table is published; one that we don't know is called as its page service is."""
        async with self._lock:
            return self._published_in(await self._metadata(), name)

    def _published_in(self, model: Model, name: str) -> PublishedTable:
        return self._published.get(name) or _unknown_page(model, name)

    async def _metadata(self) -> Model:
        if self._model is None:
            self._model = await self._reader.model(self._root)
        return self._model

    def _learn(self, model: Model, name: str) -> ErpTable:
        published = self._published_in(model, name)
        properties = model.properties_of(_shown_by(model, published))
        return ErpTable(
            published=published,
            columns={each.name: WireColumn(name=each.name, kind=kind_of(each.type)) for each in properties},
            options=frozenset(each.name for each in properties if not each.type.startswith("Edm.")),
        )


def _unknown_page(model: Model, service: str) -> PublishedTable:
    """Describe a page by its metadata alone: nothing tells which API set stamps the changes of its table."""
    shown = model.type_of_set(service)
    key = () if shown is None else model.key_of(shown)
    return PublishedTable(name=service, service=service, key=key, search_field=key[0] if key else "")


def _shown_by(model: Model, published: PublishedTable) -> EntityType:
    entity_type = model.type_of_set(published.service)
    if entity_type is None:
        missing = translatable(
            "The ERP publishes no web service {service} for {table}.",
            service=published.service,
            table=published.name,
        )
        raise TableMissing(joined([missing, publishing_of(published.service)]))
    return entity_type


def _key_part(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return "" if value is None else str(value)


def _value_of(column: WireColumn, part: str) -> Value:
    if column.kind is ColumnKind.WHOLE:
        return int(part)
    return Decimal(part) if column.kind is ColumnKind.AMOUNT else part
