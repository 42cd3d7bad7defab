"""Reads a set of documents that are partly drafts: two tables that clients see as one.

Drafts are few and posted documents many. Without drafts a page is a page of the posted ones; with drafts both
are read whole, sorted and cut, and the skip token is the number of records before the page.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from interlace.odata.paging import decode_token, encode_token
from interlace.odata.protocol_error import TokenError
from interlace.odata.query_options import QueryOptions
from interlace.sandbox import json_codec
from interlace.sandbox.erp import refusals
from interlace.sandbox.erp.set_declaration import PublishedSet
from interlace.sandbox.erp.set_reading import PAGE_ROWS_MAX, Scope, SetPage, SetReading, sortable


class DraftReading:
    """Reads sets with drafts, and leaves the others to the plain reading."""

    def __init__(self, reading: SetReading, secret: bytes) -> None:
        self._reading = reading
        self._secret = secret

    def page(self, published: PublishedSet, options: QueryOptions, scope: Scope, rows_max: int) -> SetPage:
        """Return one page of a collection; inside of a document all lines lie in one table."""
        drafts = published.drafts
        if drafts is None or scope:
            return self._reading.page(published, options, scope, rows_max)
        start = self._start(published, options)
        if start is None:
            if options.skip_token or not self._reading.count(drafts, options, ()):
                return self._reading.page(published, options, scope, rows_max)
            start = options.skip or 0
        return self._cut(published, options, self._all((drafts, published), options), (start, rows_max))

    def count(self, published: PublishedSet, options: QueryOptions, scope: Scope) -> int:
        """Return how many records a collection has under the filter, drafts included."""
        total = self._reading.count(published, options, scope)
        if published.drafts is None or scope:
            return total
        return total + self._reading.count(published.drafts, options, scope)

    def _identity(self, published: PublishedSet) -> str:
        return f"{published.name} with drafts"

    def _start(self, published: PublishedSet, options: QueryOptions) -> int | None:
        """Where the page begins, if it follows one that was cut out of both tables."""
        if not options.skip_token:
            return None
        try:
            place = decode_token(options.skip_token, secret=self._secret, context=self._identity(published))
        except TokenError:
            return None
        return int(str(place[0]))

    def _all(self, sets: Sequence[PublishedSet], options: QueryOptions) -> list[dict[str, object]]:
        plain = replace(options, top=None, skip=None, skip_token=None, count=False, select=None)
        found: list[dict[str, object]] = []
        for each in sets:
            following = plain
            while True:
                page = self._reading.page(each, following, (), PAGE_ROWS_MAX)
                found += [json_codec.decode_object(record) for record in page.records]
                if page.next_token is None:
                    break
                following = replace(plain, skip_token=page.next_token)
        return found

    def _cut(
        self,
        published: PublishedSet,
        options: QueryOptions,
        found: list[dict[str, object]],
        window: tuple[int, int],
    ) -> SetPage:
        for item in reversed(options.order_by):
            prop = published.by_folded_name.get(item.path.lower())
            if prop is None:
                raise refusals.unknown_queried_property(item.path, published.entity)
            name = prop.name
            found.sort(key=lambda record: sortable(record[name]), reverse=item.descending)
        start, rows_max = window
        limit = min(rows_max, PAGE_ROWS_MAX, options.top if options.top is not None else PAGE_ROWS_MAX)
        rows = found[start : start + limit]
        left = None if options.top is None else options.top - len(rows)
        more = start + limit < len(found) and (left is None or left > 0)
        place = (start + limit,)
        return SetPage(
            records=[json_codec.encode(self._selected(published, options, row)) for row in rows],
            count=len(found) if options.count else None,
            next_token=encode_token(place, secret=self._secret, context=self._identity(published))
            if more
            else None,
            top_left=left if more else None,
        )

    def _selected(
        self, published: PublishedSet, options: QueryOptions, row: dict[str, object]
    ) -> dict[str, object]:
        names = self._reading.selection(published, options)
        if names is None:
            return row
        kept = {*names, *_ALWAYS, *(item.path for item in options.expand)}
        return {name: value for name, value in row.items() if name in kept}


_ALWAYS: Final = ("@odata.etag",)
