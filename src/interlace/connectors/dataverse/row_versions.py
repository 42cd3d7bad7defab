"""What changed in a CRM table without change tracking: rows with a higher row version than the highest one seen.

A row version is given when a row is written, not when it is committed: a row of a long transaction appears late,
with a lower version than rows that were seen already. So each reading goes back some minutes by `modifiedon`, too,
and leaves out what it told under the same cursor. Deletions do not show; a sweep or a whole comparison finds them.
"""

from array import array
from collections import OrderedDict
from datetime import UTC, datetime, timedelta

import msgspec

from interlace.connectors.collection import CollectionReader
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.query import address
from interlace.connectors.told_window import ToldWindow, entry_digest
from interlace.engine.ports import Changes

_VERSION = "versionnumber"
_MOMENT = "modifiedon"
_OVERLAP = timedelta(minutes=5)
"""Longer than the two minutes that the CRM gives a transaction."""
_WINDOWS_KEPT = 2


class _Cursor(msgspec.Struct, frozen=True):
    number: int
    """Rises with every reading that told something: what is told already belongs to one cursor."""
    version: int
    moment: datetime | None


class _Stamp(msgspec.Struct):
    version: int = msgspec.field(name=_VERSION)
    moment: datetime | None = msgspec.field(name=_MOMENT, default=None)


class RowVersions:
    """Reads what changed since a row version."""

    def __init__(self, reader: CollectionReader, root: str, *, page_size: int) -> None:
        self._reader = reader
        self._root = root
        self._page_size = page_size
        self._told: OrderedDict[tuple[str, str], ToldWindow] = OrderedDict()

    async def read(self, table: CrmTable, cursor: str | None) -> Changes:
        """Return the keys of new and changed records, or a new cursor with `complete` False."""
        since = _read_cursor(cursor)
        if since is None or cursor is None:
            return await self._start(table)
        before = self._told.get((table.name, cursor), ToldWindow())
        digests = array("Q")
        fresh: dict[str, None] = {}
        version, moment = 0, since.moment
        async for page in self._reader.pages(self._listing(table, since), page_size=self._page_size):
            for raw in page.records:
                stamp = msgspec.json.decode(raw, type=_Stamp)
                key = str(msgspec.json.decode(raw)[table.key]).lower()
                digest = entry_digest(key, str(stamp.version))
                digests.append(digest)
                version, moment = max(version, stamp.version), _later(moment, stamp.moment)
                if digest not in before:
                    fresh[key] = None
        if version < since.version:
            # The newest record is gone, or the CRM is back at an earlier day: versions are given once more then.
            return await self._start(table)
        following = _Cursor(number=since.number + bool(fresh), version=version, moment=moment)
        text = _write_cursor(following)
        self._remember(table, text, ToldWindow(digests))
        return Changes(keys=tuple(fresh), deleted=(), cursor=text, complete=True)

    async def _start(self, table: CrmTable) -> Changes:
        """Begin at the newest record; what is there already is told by the comparison that follows."""
        url = address(
            f"{self._root}{table.set_name}",
            {"$select": f"{_VERSION},{_MOMENT}", "$orderby": f"{_VERSION} desc"},
        )
        # One page of one record: together with a page size the service may ignore $top.
        page = await self._reader.page(url, page_size=1)
        newest = [msgspec.json.decode(raw, type=_Stamp) for raw in page.records[:1]]
        version, moment = (newest[0].version, newest[0].moment) if newest else (0, None)
        cursor = _write_cursor(_Cursor(number=0, version=version, moment=moment))
        return Changes(keys=(), deleted=(), cursor=cursor, complete=False)

    def _listing(self, table: CrmTable, since: _Cursor) -> str:
        condition = f"{_VERSION} gt {since.version}"
        if since.moment is not None:
            start = (since.moment - _OVERLAP).astimezone(UTC)
            condition += f" or {_MOMENT} ge {start:%Y-%m-%dT%H:%M:%SZ}"
        return address(
            f"{self._root}{table.set_name}",
            {
                "$select": f"{table.key},{_VERSION},{_MOMENT}",
                "$filter": condition,
                "$orderby": _VERSION,
            },
        )

    def _remember(self, table: CrmTable, cursor: str, told: ToldWindow) -> None:
        """Keep what the last two cursors of a table have told: the one in use and the one just given."""
        self._told[table.name, cursor] = told
        self._told.move_to_end((table.name, cursor))
        of_table = [key for key in self._told if key[0] == table.name]
        for key in of_table[:-_WINDOWS_KEPT]:
            del self._told[key]


def has_row_versions(table: CrmTable) -> bool:
    """Tell whether a table's records carry what this feed reads."""
    return _VERSION in table.columns and _MOMENT in table.columns


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one is not None and other is not None else one or other


def _read_cursor(cursor: str | None) -> _Cursor | None:
    try:
        return msgspec.json.decode(cursor or "", type=_Cursor)
    except msgspec.DecodeError:
        return None


def _write_cursor(cursor: _Cursor) -> str:
    return msgspec.json.encode(cursor).decode()
