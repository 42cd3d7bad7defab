"""Creates ERP documents with their lines in one request, and has the ERP carry out actions on records.

A create is sent once: nothing but its mark tells a second document from the first.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import msgspec

from interlace.connectors.business_central.api_documents import (
    ApiDocument,
    api_document,
    header_body,
    line_bodies,
)
from interlace.connectors.business_central.capabilities import NO_ACTIONS
from interlace.connectors.business_central.company import CompanyReader
from interlace.connectors.business_central.document_values import wire_values
from interlace.connectors.business_central.page_document_requests import PageDocumentRequests
from interlace.connectors.business_central.tables import ErpTable, TableCatalog
from interlace.connectors.business_central.writing import SERVICE
from interlace.connectors.classify import (
    Deed,
    Subject,
    classify_erp,
    classify_failure,
    done,
    not_writable,
    unknown,
)
from interlace.connectors.collection import CollectionReader
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed
from interlace.connectors.markers import MappingLacks
from interlace.connectors.odata_table import ColumnKind
from interlace.connectors.query import address, literal
from interlace.connectors.wire_body import ValueNotWritable, encode_body
from interlace.domain.values import Value, same_value
from interlace.engine.ports import Outcome, WriteResult
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_OF_API = "Microsoft.NAV."


class _Id(msgspec.Struct):
    id: str


class DocumentRequests:
    """Sends creates of documents and actions to one company."""

    def __init__(
        self,
        *,
        reader: CollectionReader,
        creator: HttpChannel,
        company_root: str,
        company: CompanyReader,
        catalog: TableCatalog,
        has_api: bool,
        today: Callable[[], date],
    ) -> None:
        """Without an API documents are created line by line, and no actions are carried out."""
        self._reader = reader
        self._creator = creator
        self._company_root = company_root
        self._company = company
        self._catalog = catalog
        self._has_api = has_api
        self._by_pages = PageDocumentRequests(
            reader=reader,
            creator=creator,
            company_root=company_root,
            catalog=catalog,
            local_currency=company.local_currency,
            today=today,
        )

    async def create(
        self, table_name: str, mark: str, values: Mapping[str, Value], lines: tuple[Mapping[str, Value], ...]
    ) -> WriteResult:
        """Create a document; its own key is known from the answer only."""
        if not self._has_api:
            return await self._by_pages.create(table_name, mark, values, lines)
        document = api_document(table_name)
        if document is None:
            raise ServiceMismatch(
                translatable(
                    "The API creates no documents of the ERP table {table} with their lines.",
                    table=table_name,
                )
            )
        header = await self._catalog.table(document.table)
        line_table = await self._catalog.table(document.line_table)
        subject = Subject(service=SERVICE, table=table_name, key=mark, deed=Deed.CREATE)
        try:
            body: dict[str, object] = dict(header_body(document, wire_values(header, values)))
            body[document.line_set] = line_bodies(document, [wire_values(line_table, line) for line in lines])
        except ValueNotWritable as error:
            return not_writable(subject, error.field, error.reason)
        url = f"{await self._company.api_root()}{document.api_set}"
        request = HttpRequest(method="POST", url=url, headers=_JSON, body=encode_body(body), unguarded=True)
        try:
            answer = await self._creator.send(request)
        except RequestFailed as failure:
            return classify_failure(failure, subject)
        result = classify_erp(answer, subject)
        if result.outcome is not Outcome.DONE:
            return result
        return _created(document, header, answer, subject)

    async def perform(
        self,
        table: ErpTable,
        key: str,
        tag: str | None,
        message: str,
        parameters: Mapping[str, Value],
    ) -> WriteResult:
        """Call an action: `NAV.X` on the record of the page, `Microsoft.NAV.x` on the record of the API set."""
        if not self._has_api:
            raise MappingLacks(NO_ACTIONS.text)
        subject = Subject(service=SERVICE, table=table.name, key=key, deed=Deed.PERFORM)
        if message.startswith(_OF_API):
            record_url = await self._url_in_api(table, key)
            if record_url is None:
                return WriteResult(outcome=Outcome.GONE, key=key)
        else:
            predicate = quote(table.predicate(key), safe="$'(),=@:!*")
            record_url = f"{self._company_root}{table.published.service}({predicate})"
        condition = {"If-Match": tag} if tag is not None and not message.startswith(_OF_API) else {}
        request = HttpRequest(
            method="POST",
            unguarded=True,
            url=f"{record_url}/{message}",
            headers={**_JSON, **condition},
            body=encode_body(dict(parameters)),
        )
        try:
            answer = await self._reader.channel.send(request)
        except RequestFailed as failure:
            return classify_failure(failure, subject)
        return classify_erp(answer, subject)

    async def _url_in_api(self, table: ErpTable, key: str) -> str | None:
        document = api_document(table.name)
        if document is None:
            raise ServiceMismatch(
                translatable(
                    "No API set is known for the ERP table {table}: use an action of its page.",
                    table=table.name,
                )
            )
        field, name = document.number
        number = table.key_values(key)[field]
        root = await self._company.api_root()
        condition = f"{name} eq {literal(ColumnKind.TEXT, number)}"
        url = address(f"{root}{document.api_set}", {"$select": "id", "$filter": condition})
        rows = await self._reader.everything(url, page_size=1)
        if not rows:
            return None
        return f"{root}{document.api_set}({msgspec.json.decode(rows[0], type=_Id).id})"


def _created(document: ApiDocument, table: ErpTable, answer: HttpAnswer, subject: Subject) -> WriteResult:
    """Believe a create only when its answer holds a numbered document with the mark.

    The tag is left to the next reading: the page's differs from that of the API.
    """
    field, name = document.number
    try:
        record: dict[str, Value] = msgspec.json.Decoder(float_hook=Decimal).decode(answer.body)
        number, held = record.get(name), record.get(document.properties[document.mark])
    except (msgspec.DecodeError, UnicodeDecodeError, AttributeError):
        number, held = None, None
    if not number:
        return unknown(subject, translatable("its answer does not hold the document"))
    if not same_value(held, subject.key):
        return unknown(
            subject,
            translatable(
                "its answer is about {record}, which carries {mark} instead of our mark",
                record=str(number),
                mark=repr(held),
            ),
        )
    parts = {**dict(document.fixed_key), field: number}
    return done(table.key_text(parts[each] for each in table.published.key))
