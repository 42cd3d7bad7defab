"""What the connector learns about the CRM's tables: sets, keys, columns, lookups, and what they can do."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from interlace.connectors.collection import CollectionReader, ReadRefused
from interlace.connectors.markers import TableMissing
from interlace.connectors.odata_table import ColumnKind, WireColumn, kind_of
from interlace.connectors.query import address
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable
from interlace.odata.edm import EntityType, Model

_CREATE_MULTIPLE = "CreateMultiple"
_ANY_PRINCIPAL = "principal"
_OWNER = "ownerid"
_OWNERS = ("systemuser", "team")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """How one kind of reference is written: bind the navigation property to a record of a set."""

    navigation: str
    set_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmTable:
    """A table as the Web API shows it."""

    name: str
    set_name: str
    key: str
    columns: Mapping[str, WireColumn]
    """By logical name; a lookup column is read under another name than it has."""
    lookups: Mapping[tuple[str, str], Lookup] = field(default_factory=dict)
    """By (column, target table)."""
    tracks_changes: bool = False
    creates_in_bulk: bool = False

    def column(self, name: str) -> WireColumn:
        """Return a column by its logical name; raises ServiceMismatch when the table has none."""
        try:
            return self.columns[name]
        except KeyError:
            raise ServiceMismatch(
                translatable(
                    "The CRM's table {table} has no column {column}. Correct the mapping or import the solution.",
                    table=self.name,
                    column=name,
                )
            ) from None

    def is_lookup(self, name: str) -> bool:
        """Tell whether a column refers to other records."""
        return self.column(name).name != name

    def lookup(self, column: str, target: str | None) -> Lookup | None:
        """Return how a reference from a column to a table is bound."""
        if target is not None:
            found = self.lookups.get((column, target))
            if found is not None:
                return found
        candidates = [found for (name, _), found in self.lookups.items() if name == column]
        return candidates[0] if len(candidates) == 1 and target is None else None


class _Definition(msgspec.Struct):
    EntitySetName: str
    PrimaryIdAttribute: str
    ChangeTrackingEnabled: bool | None = None


class _Rows(msgspec.Struct):
    value: list[msgspec.Raw]


class TableCatalog:
    """Learns each table once, when it is first asked for."""

    def __init__(self, reader: CollectionReader, root: str) -> None:
        self._reader = reader
        self._root = root
        self._model: Model | None = None
        self._tables: dict[str, CrmTable] = {}
        self._lock = asyncio.Lock()

    def forget(self) -> None:
        """Learn everything anew: a solution may have brought columns."""
        self._model = None
        self._tables.clear()

    async def table(self, name: str) -> CrmTable:
        """Return a table by its logical name; raises ServiceMismatch for an unknown one."""
        found = self._tables.get(name)
        if found is not None:
            return found
        async with self._lock:
            if name not in self._tables:
                self._tables[name] = await self._learn(name)
            return self._tables[name]

    async def names(self) -> tuple[str, ...]:
        """Return the logical names of all tables whose records can be read."""
        async with self._lock:
            model = await self._metadata()
        return tuple(sorted(_plain(each.type) for each in model.sets.values()))

    async def _metadata(self) -> Model:
        if self._model is None:
            self._model = await self._reader.model(self._root)
        return self._model

    async def _learn(self, name: str) -> CrmTable:
        model = await self._metadata()
        entity_type = _type_named(model, name)
        definition = await self._definition(name)
        return CrmTable(
            name=name,
            set_name=definition.EntitySetName,
            key=definition.PrimaryIdAttribute,
            columns=_columns(model, entity_type, definition.PrimaryIdAttribute),
            lookups=_lookups(model, entity_type),
            tracks_changes=bool(definition.ChangeTrackingEnabled),
            creates_in_bulk=await self._offers(_CREATE_MULTIPLE, name),
        )

    async def _definition(self, name: str) -> _Definition:
        url = address(
            f"{self._root}EntityDefinitions(LogicalName='{name}')",
            {"$select": "LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled"},
        )
        return await self._reader.document(url, _Definition)

    async def _offers(self, message: str, table: str) -> bool:
        """Tell whether a table takes a bulk message; a service that can't tell offers none."""
        url = address(
            f"{self._root}sdkmessagefilters",
            {
                "$select": "sdkmessagefilterid",
                "$filter": "sdkmessageid/name eq @m and primaryobjecttypecode eq @t",
                "@m": f"'{message}'",
                "@t": f"'{table}'",
            },
        )
        try:
            rows = await self._reader.document(url, _Rows)
        except ReadRefused:
            return False
        return bool(rows.value)


def _type_named(model: Model, name: str) -> EntityType:
    for schema in model.schemas:
        for entity_type in schema.entity_types:
            if entity_type.name == name:
                return entity_type
    raise TableMissing(
        translatable("The CRM has no table {table}. Correct the mapping or import the solution.", table=name)
    )


def _columns(model: Model, entity_type: EntityType, key: str) -> dict[str, WireColumn]:
    columns: dict[str, WireColumn] = {}
    for each in model.properties_of(entity_type):
        name = each.name
        is_lookup = name.startswith("_") and name.endswith("_value")
        columns[name.removeprefix("_").removesuffix("_value") if is_lookup else name] = WireColumn(
            name=name, kind=kind_of(each.type)
        )
    # Users and teams declare the key of their common ancestor; their own id column is there all the same.
    columns.setdefault(key, WireColumn(name=key, kind=ColumnKind.GUID))
    return columns


def _lookups(model: Model, entity_type: EntityType) -> dict[tuple[str, str], Lookup]:
    set_names = {_plain(each.type): name for name, each in model.sets.items()}
    lookups: dict[tuple[str, str], Lookup] = {}
    for each in model.navigation_of(entity_type):
        if each.collection or not each.constraints:
            continue
        column = each.constraints[0].property.removeprefix("_").removesuffix("_value")
        target = _plain(each.target)
        targets = _OWNERS if target == _ANY_PRINCIPAL or column == _OWNER else (target,)
        for table in targets:
            if table in set_names:
                lookups.setdefault((column, table), Lookup(navigation=each.name, set_name=set_names[table]))
    return lookups


def _plain(qualified: str) -> str:
    return qualified.rpartition(".")[2]
