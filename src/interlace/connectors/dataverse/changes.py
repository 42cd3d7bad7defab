"""The change feed of a CRM table: delta links, with a new start when a link has expired.

A table whose changes are not tracked is asked for row versions instead.
"""

import msgspec

from interlace.connectors.collection import CollectionReader, ReadRefused
from interlace.connectors.dataverse.record_count import count_now
from interlace.connectors.dataverse.row_versions import RowVersions, has_row_versions
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.odata_table import RawPage
from interlace.connectors.query import address
from interlace.engine.ports import Changes
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable

_TRACKING = "odata.track-changes"
_EXPIRED = frozenset({400, 404, 410})
_FEW = 20
"""So many changes are read by key without asking whether they are everything there is."""


class ChangeFeed:
    """Reads what changed since a delta link."""

    def __init__(self, reader: CollectionReader, root: str, *, page_size: int) -> None:
        self._reader = reader
        self._root = root
        self._page_size = page_size
        self._row_versions = RowVersions(reader, root, page_size=page_size)

    async def read(self, table: CrmTable, cursor: str | None) -> Changes:
        """Return the keys of changed and deleted records, or a new cursor with `complete` False."""
        if not table.tracks_changes and has_row_versions(table):
            return await self._row_versions.read(table, cursor)
        if not table.tracks_changes:
            return Changes(keys=(), deleted=(), cursor=None, complete=False)
        if cursor is None or not self._reader.channel.covers(cursor):
            return await self._start(table)
        try:
            return await self._continue(table, cursor)
        except ReadRefused as refusal:
            if refusal.status not in _EXPIRED:
                raise
            return await self._start(table)

    async def _start(self, table: CrmTable) -> Changes:
        """Get a link that covers everything from now on: the tracking listing is walked to its end."""
        url = address(f"{self._root}{table.set_name}", {"$select": table.key})
        cursor = None
        async for page in self._reader.pages(url, page_size=self._page_size, prefer=_TRACKING):
            cursor = page.delta_link
        if cursor is None:
            raise ServiceMismatch(
                translatable(
                    "The CRM gave no delta link for {table} although changes are tracked.",
                    table=table.set_name,
                )
            )
        return Changes(keys=(), deleted=(), cursor=cursor, complete=False)

    async def _continue(self, table: CrmTable, cursor: str) -> Changes:
        changed: dict[str, None] = {}
        deleted: dict[str, None] = {}
        following = None
        async for page in self._reader.pages(cursor, page_size=self._page_size, prefer=_TRACKING):
            self._note(table, page, changed, deleted)
            following = page.delta_link
        if following is None:
            raise ServiceMismatch(
                translatable(
                    "The CRM's changes of {table} end without a new delta link.", table=table.set_name
                )
            )
        if len(changed) >= _FEW and len(changed) >= await count_now(self._reader, self._root, table):
            # Older services answer an expired link with the whole table; deletions may be lost then.
            return Changes(keys=(), deleted=(), cursor=following, complete=False)
        return Changes(
            keys=tuple(key for key in changed if key not in deleted),
            deleted=tuple(deleted),
            cursor=following,
            complete=True,
        )

    def _note(
        self, table: CrmTable, page: RawPage, changed: dict[str, None], deleted: dict[str, None]
    ) -> None:
        for raw in page.records:
            entry: dict[str, object] = msgspec.json.decode(raw)
            context = entry.get("@odata.context")
            is_deletion = entry.get("reason") == "deleted" or (
                isinstance(context, str) and context.endswith("/$deletedEntity")
            )
            key = entry.get("id") if is_deletion else entry.get(table.key)
            if isinstance(key, str):
                (deleted if is_deletion else changed)[key.lower()] = None
