"""Reads the ERP's pages, and from the extension's API the tables that no page shows.

Whoever reads names pages and their fields throughout. Continuations of such a table are addresses of its page, too.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote, unquote

import msgspec

from interlace.connectors.business_central.extension import ANNOUNCEMENT, Extension, Hosted
from interlace.connectors.business_central.field_names import ServiceNames
from interlace.connectors.business_central.published_tables import PublishedTable, StampFeed
from interlace.connectors.business_central.tables import ErpTable, TableCatalog
from interlace.connectors.collection import CollectionReader, ReadRefused
from interlace.connectors.http import HttpChannel
from interlace.connectors.odata_table import RawPage
from interlace.engine.service import SignInRefused
from interlace.locale.translatable import text_of
from interlace.odata.edm import Model

_CONTINUED: Final = "$continued="
_RENAMED: Final = ("$select=", "$filter=", "$orderby=")
_SAFE: Final = "$'(),=@:!*/;"
_RECORD: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])

RootOfCompany = Callable[[], Awaitable[str]]


class ExtensionReader(CollectionReader):
    """A reader of the pages of one company that knows the extension."""

    def __init__(
        self,
        channel: HttpChannel,
        service: str,
        headers: Mapping[str, str],
        extension: Extension,
        company_root: str,
        extension_company: RootOfCompany,
    ) -> None:
        """`extension_company` gives the address below which the extension has the company's sets."""
        super().__init__(channel, service, headers)
        self.extension = extension
        self.company_root = company_root
        self.extension_company = extension_company

    def with_headers(self, headers: Mapping[str, str]) -> "ExtensionReader":
        """Return a reader that asks with other headers and knows what this one knows."""
        return ExtensionReader(
            self.channel, self.service, headers, self.extension, self.company_root, self.extension_company
        )

    async def model(self, root: str) -> Model:
        """Get a root's metadata; the pages' tells whether the extension is asked for its own."""
        pages = await super().model(root)
        if root != self.extension.pages_root:
            return pages
        extension = self.extension
        extension.announced, extension.refusal, own = ANNOUNCEMENT in pages.sets, "", None
        if extension.announced:
            try:
                own = await super().model(extension.root)
            except (ReadRefused, SignInRefused) as refused:
                # A right that is missing, or an app that was removed while its page stayed: all goes on without it.
                extension.refusal = text_of(refused)
        return extension.learn(pages, own)

    async def number(self, url: str) -> int:
        """Get a whole number, such as the count of a table that the extension shows."""
        hosted = self._hosted(url)
        return await super().number(url if hosted is None else await self._address(url, hosted))

    async def page(self, url: str, *, page_size: int, prefer: str = "") -> RawPage:
        """Get one page of a collection, wherever it is read from."""
        hosted = self._hosted(url)
        if hosted is None:
            try:
                return await super().page(url, page_size=page_size, prefer=prefer)
            except ReadRefused:
                hosted = await self._hosted_after_all(url)
                if hosted is None:
                    raise
        page = await super().page(await self._address(url, hosted), page_size=page_size, prefer=prefer)
        following = None
        if page.next_link is not None:
            following = f"{url.partition('?')[0]}?{_CONTINUED}{quote(page.next_link, safe='')}"
        records = [msgspec.Raw(renamed_record(raw, hosted.names.ours)) for raw in page.records]
        return replace(page, records=records, next_link=following)

    async def _hosted_after_all(self, url: str) -> Hosted | None:
        """Learn who shows what, if nobody has asked yet: whoever reads plainly does not."""
        if self.extension.is_learned:
            return None
        await self.model(self.extension.pages_root)
        return self._hosted(url)

    def _hosted(self, url: str) -> Hosted | None:
        if not self.extension.hosted or not url.startswith(self.company_root):
            return None
        service = url.removeprefix(self.company_root).partition("?")[0].partition("/")[0]
        return self.extension.hosted.get(service)

    async def _address(self, url: str, hosted: Hosted) -> str:
        path, _, query = url.partition("?")
        if query.startswith(_CONTINUED):
            return unquote(query.removeprefix(_CONTINUED))
        below = path.removeprefix(self.company_root).partition("/")[2]
        place = f"{await self.extension_company()}{hosted.set_name}" + (f"/{below}" if below else "")
        if not query:
            return place
        return f"{place}?{'&'.join(_renamed_option(each, hosted.names) for each in query.split('&'))}"


class ExtendedCatalog(TableCatalog):
    """Learns tables with the change feeds that the extension adds."""

    def __init__(
        self,
        reader: CollectionReader,
        root: str,
        published: Sequence[PublishedTable],
        extension: Extension,
    ) -> None:
        super().__init__(reader, root, published)
        self._extension = extension

    def _learn(self, model: Model, name: str) -> ErpTable:
        table = super()._learn(model, name)
        feeds = self._extension.feeds_of(table.published)
        return table if feeds == table.published.feeds else _fed(table, feeds)


def _fed(table: ErpTable, feeds: tuple[StampFeed, ...]) -> ErpTable:
    return replace(table, published=replace(table.published, feeds=feeds))


def _renamed_option(option: str, names: ServiceNames) -> str:
    for name in _RENAMED:
        if option.startswith(name):
            return name + quote(names.to_shown(unquote(option.removeprefix(name))), safe=_SAFE)
    return option


def renamed_record(record: bytes | msgspec.Raw, names: Mapping[str, str]) -> bytes:
    """Rename the members of a record; values stay the bytes that they are."""
    return msgspec.json.encode(
        {names.get(name, name): value for name, value in _RECORD.decode(record).items()}
    )
