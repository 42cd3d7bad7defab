"""Writes to the ERP's pages, and to the extension's API the tables that no page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import msgspec

from interlace.connectors.batch import PartAnswer
from interlace.connectors.business_central.extension import ID, Hosted, shown_name
from interlace.connectors.business_central.extension_reading import ExtensionReader, renamed_record
from interlace.connectors.business_central.identified_creates import IdentifiedCreates
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.business_central.writing import ErpWriter, Refresh, Sources
from interlace.connectors.collection import CollectionReader
from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.connectors.odata_table import WireColumn
from interlace.connectors.query import address, alternatives
from interlace.domain.values import Value
from interlace.engine.ports import Deletion, Precondition, Write, WriteResult

_FILTER_CHARACTERS_MAX = 6000
_ALTERNATIVES_MAX = 100
_NO_ID = "00000000-0000-0000-0000-000000000000"
"""No record has it: the service answers that there is none."""


class ExtendedWriter:
    """Sends writes to one company, each table to where it is published."""

    def __init__(self, reader: ExtensionReader, *, batch_size: int | None) -> None:
        """Send writes in batches of a size; None: each alone, for an ERP without batches."""
        self._reader = reader
        self._batch_size = batch_size
        extension, company_root = reader.extension, reader.company_root
        self._by_id = IdentifiedCreates(reader, extension, reader.extension_company)
        self._pages = ErpWriter(
            reader.channel, extension.pages_root, company_root, batch_size=batch_size, by_id=self._by_id
        )

    async def write(
        self, table: ErpTable, sources: Sources, refresh: Refresh, writes: Sequence[Write]
    ) -> list[WriteResult]:
        """Carry out creates and updates; `refresh` reads the sources anew when they lack a value."""
        changed = [each.key for each in writes if each.precondition is Precondition.UNCHANGED]
        writer = await self._writer_of(table, changed)
        return await writer.write(table, sources, refresh, writes)

    async def delete(self, table: ErpTable, deletions: Sequence[Deletion]) -> list[WriteResult]:
        """Carry out deletions."""
        writer = await self._writer_of(table, [each.key for each in deletions])
        return await writer.delete(table, deletions)

    async def _writer_of(self, table: ErpTable, keys: Sequence[str]) -> ErpWriter:
        hosted = self._reader.extension.hosted.get(table.published.service)
        if hosted is None:
            return self._pages
        root = f"{await self._reader.extension_company()}{hosted.set_name}"
        return _HostedWriter(
            self._reader,
            self._reader.extension.root,
            root,
            hosted,
            await self._ids_of(table, root, keys),
            batch_size=self._batch_size,
            by_id=self._by_id,
        )

    async def _ids_of(self, table: ErpTable, root: str, keys: Sequence[str]) -> dict[str, str]:
        """Return the ids under which the extension has the records of these keys."""
        if not keys:
            return {}
        search = table.column(table.published.search_field)
        conditions = alternatives(
            WireColumn(name=shown_name(search.name), kind=search.kind),
            list(dict.fromkeys(str(table.key_values(key)[search.name]) for key in keys)),
            characters_max=_FILTER_CHARACTERS_MAX,
            count_max=_ALTERNATIVES_MAX,
        )
        names = [shown_name(name) for name in table.published.key]
        found: dict[str, str] = {}
        decode = msgspec.json.Decoder(float_hook=Decimal).decode
        for condition in conditions:
            url = address(root, {"$select": ",".join([ID, *names]), "$filter": condition})
            for raw in await self._reader.everything(url, page_size=_ALTERNATIVES_MAX):
                row: dict[str, Value] = decode(raw)
                found[table.key_text(row[name] for name in names)] = str(row[ID])
        return found


class _HostedWriter(ErpWriter):
    """Writes of one call to one set of the extension."""

    def __init__(
        self,
        reader: CollectionReader,
        service_root: str,
        set_root: str,
        hosted: Hosted,
        ids: Mapping[str, str],
        *,
        batch_size: int | None,
        by_id: IdentifiedCreates,
    ) -> None:
        super().__init__(
            reader.channel,
            service_root,
            set_root.removesuffix(hosted.set_name),
            batch_size=batch_size,
            by_id=by_id,
        )
        self._set_root = set_root
        self._hosted = hosted
        self._ids = ids

    def _request(self, table: ErpTable, sources: Sources, write: Write) -> HttpRequest:
        request = super()._request(table, sources, write)
        assert request.body is not None, "creates and updates say what to write"
        url = self._set_root if write.precondition is Precondition.ABSENT else request.url
        return replace(request, url=url, body=renamed_record(request.body, self._hosted.names.shown))

    def _record_url(self, table: ErpTable, key: str) -> str:
        return f"{self._set_root}({self._ids.get(key, _NO_ID)})"

    async def _send(self, requests: Sequence[HttpRequest]) -> list[PartAnswer]:
        return [self._incoming(answer) for answer in await super()._send(requests)]

    def _incoming(self, answer: PartAnswer) -> PartAnswer:
        """Return a record that was answered in our names; what is none is judged as it is."""
        if not isinstance(answer, HttpAnswer) or not answer.is_success or not answer.body.strip():
            return answer
        try:
            return replace(answer, body=renamed_record(answer.body, self._hosted.names.ours))
        except (msgspec.DecodeError, UnicodeDecodeError):
            return answer
