"""The change feed of the ERP: stamps of API v2.0 sets, and what virtual fields are made of.

A stamp is set when a record is written, not when it is committed: records of a long transaction appear
late with an old stamp. Each reading therefore begins some minutes before the newest stamp seen; what it
has told already under the same cursor is left out. Deletions are not reported.
"""

from array import array
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec

from interlace.connectors.business_central.published_tables import StampFeed
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.business_central.virtual_fields import VirtualSource
from interlace.connectors.collection import CollectionReader
from interlace.connectors.query import address
from interlace.connectors.told_window import ToldWindow, entry_digest
from interlace.domain.values import Value
from interlace.engine.ports import Changes
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable

_STAMP = "lastModifiedDateTime"
_BEGINNING = "0001-01-01T00:00:00Z"
_WINDOWS_KEPT = 2
_ROW = msgspec.json.Decoder(float_hook=Decimal)
_NUMBERS_OVERLAP = 1000
"""Entries of parallel postings may be committed in another order than they were numbered."""


@dataclass(slots=True, kw_only=True)
class _Window:
    """What a feed shows from the start of its window on."""

    told: ToldWindow
    """(key, stamp, etag) of each entry; etags tell changes of one tick of the clock apart."""
    fresh: list[str]
    """Keys of the entries that were not told before."""
    furthest: str


class _Cursor(msgspec.Struct):
    number: int
    stamps: dict[str, str]
    virtual: dict[str, str]


class StampReader:
    """Reads the change feed of published tables."""

    def __init__(
        self,
        reader: CollectionReader,
        api_root: str,
        *,
        page_size: int,
        overlap: timedelta,
        extension_root: str = "",
    ) -> None:
        self._reader = reader
        self._api_root = api_root
        self._extension_root = extension_root
        self._page_size = page_size
        self._overlap = overlap
        self._told: OrderedDict[tuple[str, str], Mapping[str, ToldWindow]] = OrderedDict()

    async def read(
        self, table: ErpTable, fields: Sequence[str], sources: Mapping[str, VirtualSource], cursor: str | None
    ) -> tuple[Changes, dict[str, set[str]]]:
        """Return what changed, and per field the values whose records did: arguments of a virtual field, or
        what a feed tells of a field that many records share.
        """
        feeds = [feed for feed in table.published.feeds if _matters(feed, fields)]
        if not feeds or any(name in feed.silent_fields for feed in feeds for name in fields):
            return Changes(keys=(), deleted=(), cursor=None, complete=False), {}
        since = _read_cursor(cursor)
        touched = _touched_sources(sources, since)
        if since is None or touched is None or since.stamps.keys() != {feed.api_set for feed in feeds}:
            return await self._start(table, feeds, sources), {}
        return await self._continue(table, feeds, sources, since, touched, cursor or "")

    async def _start(
        self, table: ErpTable, feeds: Sequence[StampFeed], sources: Mapping[str, VirtualSource]
    ) -> Changes:
        """Begin at the newest records; what is there already is told by the comparison that follows."""
        stamps = {feed.api_set: await self._newest(feed) for feed in feeds}
        cursor = _write_cursor(0, stamps, sources)
        windows = {
            feed.api_set: (await self._since(table, feed, stamps[feed.api_set], None)).told for feed in feeds
        }
        self._remember(table, cursor, windows)
        return Changes(keys=(), deleted=(), cursor=cursor, complete=False)

    async def _continue(
        self,
        table: ErpTable,
        feeds: Sequence[StampFeed],
        sources: Mapping[str, VirtualSource],
        since: _Cursor,
        touched: dict[str, set[str]],
        cursor: str,
    ) -> tuple[Changes, dict[str, set[str]]]:
        known = self._told.get((table.name, cursor), {})
        keys: dict[str, None] = {}
        touched = dict(touched)
        stamps = dict(since.stamps)
        windows: dict[str, ToldWindow] = {}
        for feed in feeds:
            before = known.get(feed.api_set, ToldWindow())
            window = await self._since(table, feed, since.stamps[feed.api_set], before)
            if feed.of_field is None:
                keys.update(dict.fromkeys(sorted(window.fresh)))
            else:
                touched[feed.of_field] = touched.get(feed.of_field, set()) | set(window.fresh)
            windows[feed.api_set] = window.told
            stamps[feed.api_set] = window.furthest
        is_news = bool(keys) or any(touched.values())
        following = _write_cursor(since.number + is_news, stamps, sources)
        self._remember(table, following, windows)
        return Changes(keys=tuple(keys), deleted=(), cursor=following, complete=True), touched

    def _remember(self, table: ErpTable, cursor: str, windows: Mapping[str, ToldWindow]) -> None:
        """Keep what the last two cursors of a table have told: the one in use and the one just given."""
        self._told[table.name, cursor] = windows
        self._told.move_to_end((table.name, cursor))
        of_table = [key for key in self._told if key[0] == table.name]
        for key in of_table[:-_WINDOWS_KEPT]:
            del self._told[key]

    async def _newest(self, feed: StampFeed) -> str:
        name = feed.rising_field or _STAMP
        url = address(self._address_of(feed), {"$select": name, "$orderby": f"{name} desc", "$top": "1"})
        rows = await self._reader.everything(url, page_size=1)
        if rows:
            return str(msgspec.json.decode(rows[0])[name])
        return "0" if feed.rising_field else _BEGINNING

    async def _since(
        self, table: ErpTable, feed: StampFeed, position: str, before: ToldWindow | None
    ) -> _Window:
        """Read a feed's window page by page; without `before` nothing counts as fresh."""
        name = feed.rising_field or _STAMP
        names = dict.fromkeys((*feed.key_fields, name))
        condition = f"{name} ge {self._start_of_window(feed, position)}"
        url = address(self._address_of(feed), {"$select": ",".join(names), "$filter": condition})
        digests = array("Q")
        window = _Window(told=ToldWindow(), fresh=[], furthest=position)
        async for page in self._reader.pages(url, page_size=self._page_size):
            for raw in page.records:
                row: dict[str, Value] = _ROW.decode(raw)
                key = table.key_text(row[field] for field in feed.key_fields)
                stamp = str(row[name])
                digest = entry_digest(key, stamp, str(row.get("@odata.etag")))
                digests.append(digest)
                if before is not None and digest not in before:
                    window.fresh.append(key)
                if stamp != window.furthest:
                    window.furthest = _further(feed, window.furthest, stamp)
        window.told = ToldWindow(digests)
        return window

    def _address_of(self, feed: StampFeed) -> str:
        return f"{self._extension_root if feed.of_extension else self._api_root}{feed.api_set}"

    def _start_of_window(self, feed: StampFeed, position: str) -> str:
        if feed.rising_field is not None:
            return str(max(0, int(position) - _NUMBERS_OVERLAP))
        start = _moment(position)
        if position != _BEGINNING:
            start -= self._overlap
        return start.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _further(feed: StampFeed, position: str, stamp: str) -> str:
    return max(position, stamp, key=int if feed.rising_field is not None else _moment)


def _matters(feed: StampFeed, fields: Sequence[str]) -> bool:
    return not feed.only_for_fields or any(field in fields for field in feed.only_for_fields)


def _touched_sources(
    sources: Mapping[str, VirtualSource], since: _Cursor | None
) -> dict[str, set[str]] | None:
    """Say per virtual field what changed since the cursor; None when its version then is forgotten."""
    if since is None or since.virtual.keys() != sources.keys():
        return None
    touched: dict[str, set[str]] = {}
    for name, source in sources.items():
        changed = source.changed_since(since.virtual[name])
        if changed is None:
            return None
        touched[name] = changed
    return touched


def _read_cursor(cursor: str | None) -> _Cursor | None:
    if cursor is None:
        return None
    try:
        return msgspec.json.decode(cursor, type=_Cursor)
    except msgspec.DecodeError:
        return None


def _write_cursor(number: int, stamps: dict[str, str], sources: Mapping[str, VirtualSource]) -> str:
    virtual = {name: source.version or "" for name, source in sources.items()}
    return msgspec.json.encode(_Cursor(number=number, stamps=stamps, virtual=virtual)).decode()


def _moment(stamp: str) -> datetime:
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise ServiceMismatch(
            translatable("The ERP's time stamp {moment} is none.", moment=repr(stamp))
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
