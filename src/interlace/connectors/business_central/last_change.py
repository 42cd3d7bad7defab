"""When an ERP record was changed last: columns of its page where it shows them, else the stamp of its API set."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from urllib.parse import quote

import msgspec

from interlace.connectors.business_central.published_tables import StampFeed
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.collection import CollectionReader
from interlace.connectors.odata_table import ColumnKind
from interlace.connectors.query import address, equals, literal
from interlace.domain.values import Value
from interlace.engine.ports import LastChange

_UNTOLD = LastChange(by=None, at=None)
_BY, _AT = "SystemModifiedBy", "SystemModifiedAt"


class _PageRow(msgspec.Struct):
    by: str | None = msgspec.field(name=_BY, default=None)
    at: datetime | None = msgspec.field(name=_AT, default=None)


class _ApiRow(msgspec.Struct):
    at: datetime | None = msgspec.field(name="lastModifiedDateTime", default=None)


def stamp_feed(table: ErpTable) -> StampFeed | None:
    """Return the API set that stamps the table's own records, if one does."""
    own = (
        feed
        for feed in table.published.feeds
        if feed.rising_field is None and feed.of_field is None and not feed.only_for_fields
    )
    return next(own, None)


async def last_change_of(
    reader: CollectionReader,
    company_root: str,
    root_of: Callable[[StampFeed], Awaitable[str]],
    table: ErpTable,
    key: str,
) -> LastChange:
    """Read it from the table's page, or from the set that stamps the table; `root_of` says below which address."""
    if _AT in table.columns:
        return await _of_page(reader, company_root, table, key)
    feed = stamp_feed(table)
    if feed is None:
        return _UNTOLD
    return await _of_set(reader, await root_of(feed), feed, table, key)


async def _of_page(reader: CollectionReader, company_root: str, table: ErpTable, key: str) -> LastChange:
    """Read the columns that the page shows."""
    held = [name for name in (_BY, _AT) if name in table.columns]
    terms = (equals(table.column(name), value) for name, value in table.key_values(key).items())
    options = {"$select": ",".join(held), "$filter": " and ".join(terms)}
    url = address(f"{company_root}{table.published.service}", options)
    rows = await reader.everything(url, page_size=1)
    if not rows:
        return _UNTOLD
    row = msgspec.json.decode(rows[0], type=_PageRow)
    return LastChange(by=row.by or None, at=_utc(row.at))


async def _of_set(
    reader: CollectionReader, api_root: str, feed: StampFeed, table: ErpTable, key: str
) -> LastChange:
    """Read the stamp of the record in the API set that shows its table; the set does not tell who it was."""
    parts: list[Value] = list(table.key_values(key).values())
    terms = (
        f"{name} eq {literal(ColumnKind.TEXT, value)}"
        for name, value in zip(feed.key_fields, parts, strict=True)
    )
    options = {"$select": "lastModifiedDateTime", "$filter": " and ".join(terms)}
    rows = await reader.everything(address(f"{api_root}{quote(feed.api_set)}", options), page_size=1)
    if not rows:
        return _UNTOLD
    return LastChange(by=None, at=_utc(msgspec.json.decode(rows[0], type=_ApiRow).at))


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None or moment.year <= 1:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
