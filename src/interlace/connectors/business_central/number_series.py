"""Whether a client may choose the numbers of a table's new records, as the company's number series say.

A table's setup names its series, and the series says whether numbers may be given by hand. Companies need not
publish those pages: what they don't say counts as allowed, and a create is refused in words where it is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from interlace.connectors.business_central.tables import ErpTable, TableCatalog
from interlace.connectors.collection import CollectionReader
from interlace.connectors.query import address

_SERIES_SERVICE = "NoSeries"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedTable:
    """Where a table's number series is named, and which field of the table can carry our mark."""

    setup_service: str
    series_field: str
    mark_field: str


NUMBERED_TABLES: Mapping[str, NumberedTable] = {
    "Customer": NumberedTable(
        setup_service="SalesReceivablesSetup", series_field="Customer_Nos", mark_field="Search_Name"
    ),
    "Contact": NumberedTable(
        setup_service="MarketingSetup", series_field="Contact_Nos", mark_field="Search_Name"
    ),
    "Item": NumberedTable(
        setup_service="InventorySetup", series_field="Item_Nos", mark_field="Search_Description"
    ),
    "Resource": NumberedTable(
        setup_service="ResourcesSetup", series_field="Resource_Nos", mark_field="Search_Name"
    ),
    "Vendor": NumberedTable(
        setup_service="PurchasesPayablesSetup", series_field="Vendor_Nos", mark_field="Search_Name"
    ),
}
"""Search names only help people to find a record; documents do not print them."""


def mark_field_of(table: ErpTable) -> str | None:
    """Return the field of a table that can carry our mark, if its page shows one."""
    numbered = NUMBERED_TABLES.get(table.name)
    if numbered is None or numbered.mark_field not in table.columns:
        return None
    return numbered.mark_field


class _Series(msgspec.Struct):
    Manual_Nos: bool = True


class NumberSeriesReader:
    """Asks the company about its number series, once for each table."""

    def __init__(self, reader: CollectionReader, company_root: str, catalog: TableCatalog) -> None:
        self._reader = reader
        self._company_root = company_root
        self._catalog = catalog
        self._allowed: dict[str, bool] = {}

    def forget(self) -> None:
        """Ask again: somebody may have changed a series."""
        self._allowed.clear()

    async def allows_manual_numbers(self, table: str) -> bool:
        """Tell whether a new record of the table may come with a number of our choosing."""
        if table not in self._allowed:
            self._allowed[table] = await self._ask(table)
        return self._allowed[table]

    async def _ask(self, table: str) -> bool:
        numbered = NUMBERED_TABLES.get(table)
        if numbered is None:
            return True
        for service in (_SERIES_SERVICE, numbered.setup_service):
            if not await self._catalog.publishes(service):
                return True
        name = numbered.series_field
        url = address(f"{self._company_root}{numbered.setup_service}", {"$select": name})
        setups = await self._reader.everything(url, page_size=1)
        code = str(msgspec.json.decode(setups[0]).get(name) or "") if setups else ""
        if not code:
            return True
        condition = "Code eq '" + code.replace("'", "''") + "'"
        url = address(
            f"{self._company_root}{_SERIES_SERVICE}", {"$select": "Manual_Nos", "$filter": condition}
        )
        series = await self._reader.everything(url, page_size=1)
        return not series or msgspec.json.decode(series[0], type=_Series).Manual_Nos
