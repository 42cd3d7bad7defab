"""The ids of records (SystemId): what tables of the ERP that name records of any table know them by."""

from urllib.parse import quote

import msgspec

from interlace.connectors.business_central.published_tables import StampFeed
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.collection import CollectionReader
from interlace.connectors.query import address
from interlace.domain.values import Value

_ID = "id"


async def ids_of_set(
    reader: CollectionReader, root: str, feed: StampFeed, table: ErpTable, page_size: int
) -> dict[str, str]:
    """Return the key of each record by its id, as the API set tells that shows the table."""
    names = ",".join(dict.fromkeys((_ID, *feed.key_fields)))
    url = address(f"{root}{quote(feed.api_set)}", {"$select": names})
    found: dict[str, str] = {}
    async for page in reader.pages(url, page_size=page_size):
        for raw in page.records:
            row: dict[str, Value] = msgspec.json.decode(raw)
            found[str(row[_ID]).lower()] = table.key_text(row[name] for name in feed.key_fields)
    return found
