"""Carries out what is asked about records of the two services."""

from typing import Protocol

from interlace.bootstrap.desk.carry_out import AskedOfConnection, connection_of, off_loop
from interlace.bootstrap.desk.listing_place import ListingPlace
from interlace.bootstrap.desk.record_card import RecordCard
from interlace.bootstrap.desk.record_columns import Kinds
from interlace.bootstrap.desk.record_list import Continuations, RecordList
from interlace.bootstrap.desk.record_table import RecordTable, read_in_time, record_table
from interlace.bootstrap.reading_ends import Reading
from interlace.domain.side import Side
from interlace.management import records
from interlace.management.caller import Caller
from interlace.management.desk import Works
from interlace.management.records import (
    CompareRecords,
    ListRecords,
    RecordAsked,
    RecordExplained,
    RecordsCompared,
    RecordShown,
    RecordsListed,
)


class ReadingPlace(ListingPlace, Protocol):
    """Somewhere records can be read from the services."""

    @property
    def reading(self) -> Reading:
        """Reads them."""
        ...


def add_records(works: Works, place: ReadingPlace) -> None:
    """Let these operations be carried out."""
    work = _Records(place)
    works.add(records.LIST, work.listed)
    works.add(records.SHOW, work.show)
    works.add(records.EXPLAIN, work.explain)
    works.add(records.COMPARE, work.compare)


class _Records:
    """The records of a place's connections."""

    def __init__(self, place: ReadingPlace) -> None:
        self._application = place.application
        self._reading = place.reading
        self._continuations = Continuations()
        self._kinds: dict[tuple[str, str, str], Kinds] = {}

    async def listed(self, caller: Caller, asked: ListRecords) -> RecordsListed:
        table = await self._table(caller, asked, asked.mapping)
        found = RecordList(
            table=table,
            caller=caller,
            asked=asked,
            continuations=self._continuations,
            kinds=self._kinds.setdefault((table.held.id, table.mapping.name, asked.side), {}),
        )
        return await read_in_time(self._reading, table, found.page)

    async def show(self, caller: Caller, asked: RecordAsked) -> RecordShown:
        table, side = await self._table(caller, asked, asked.mapping), Side(asked.side)
        key = table.key(side, asked.key)
        return await read_in_time(
            self._reading, table, lambda ends: RecordCard(table=table, ends=ends).show(side, key)
        )

    async def explain(self, caller: Caller, asked: RecordAsked) -> RecordExplained:
        table, side = await self._table(caller, asked, asked.mapping), Side(asked.side)
        key = table.key(side, asked.key)
        return await read_in_time(
            self._reading, table, lambda ends: RecordCard(table=table, ends=ends).explain(side, key)
        )

    async def compare(self, caller: Caller, asked: CompareRecords) -> RecordsCompared:
        table = await self._table(caller, asked, asked.mapping)
        erp_key, crm_key = table.key(Side.ERP, asked.erp_key), table.key(Side.CRM, asked.crm_key)
        return await read_in_time(
            self._reading, table, lambda ends: RecordCard(table=table, ends=ends).compare(erp_key, crm_key)
        )

    async def _table(self, caller: Caller, asked: AskedOfConnection, name: str) -> RecordTable:
        held = await connection_of(self._application, caller, asked)
        return await off_loop(record_table, self._application, held, name)
