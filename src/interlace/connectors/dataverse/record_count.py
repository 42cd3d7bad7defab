"""How many records a CRM table holds: the service counts large tables once a day only."""

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.tables import CrmTable

COUNTED_MAX = 5000
"""`$count` never tells more."""


class _Counts(msgspec.Struct):
    Values: list[int]


class _RecordCounts(msgspec.Struct):
    EntityRecordCountCollection: _Counts


async def last_count(reader: CollectionReader, root: str, table: str) -> int:
    """Return the service's last count of a table, which may be a day old."""
    url = f"{root}RetrieveTotalRecordCount(EntityNames=@names)?@names=[%22{table}%22]"
    answer = await reader.document(url, _RecordCounts)
    return sum(answer.EntityRecordCountCollection.Values)


async def count_now(reader: CollectionReader, root: str, table: CrmTable) -> int:
    """Count a table now; from 5000 records on, return the last count if that is higher."""
    counted = await reader.number(f"{root}{table.set_name}/$count")
    return counted if counted < COUNTED_MAX else max(counted, await last_count(reader, root, table.name))
