"""Creates documents by page services, for an ERP without API v2.0: one request for the header, one for each line.

Nothing but its mark tells a second document from the first, so a document gets its mark last. What an earlier attempt
left unfinished is found by what it carries until then: it is completed if it was to become the very same document,
else deleted. A late line can't double another one: it has the same number, or its document is gone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final
from urllib.parse import quote

import msgspec

from interlace.connectors.business_central.api_documents import api_document
from interlace.connectors.business_central.page_documents import (
    LINE_NUMBER,
    NOTE_FIELD,
    POSTED_TABLE,
    POSTING_DAYS,
    DocumentPlan,
    lines_held,
    plan_document,
)
from interlace.connectors.business_central.tables import BLANK_DATE, BLANK_OPTION, ErpTable, TableCatalog
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
from interlace.connectors.query import address, equals
from interlace.connectors.wire_body import ValueNotWritable, encode_body
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.values import Value, same_value
from interlace.engine.ports import Outcome, WriteResult
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import as_sentence, translatable

_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}
_SECONDS_MAX: Final = 240.0
"""No request is sent later than this after the first: somebody else may have taken over."""
_ENDS_MAX: Final = 3
_PAGE_SIZE: Final = 1000
_BLANKS: Final = frozenset({"", " ", BLANK_OPTION})
_decode = msgspec.json.Decoder(float_hook=Decimal).decode

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unfinished:
    """A document that stands in the ERP without its mark."""

    key: str
    number: str
    tag: str | None
    note: Value
    day: str
    """The day that it was given when it was made; blank: none."""


class _Stopped(Exception):
    """The document is not made now."""

    def __init__(self, result: WriteResult) -> None:
        super().__init__(result.outcome.value)
        self.result = result


class PageDocumentRequests:
    """Creates documents of one company, one request after the other."""

    def __init__(
        self,
        *,
        reader: CollectionReader,
        creator: HttpChannel,
        company_root: str,
        catalog: TableCatalog,
        local_currency: Callable[[], Awaitable[str]],
        today: Callable[[], date],
    ) -> None:
        self._reader = reader
        self._creator = creator
        self._company_root = company_root
        self._catalog = catalog
        self._local_currency = local_currency
        self._today = today

    async def create(
        self, table_name: str, mark: str, values: Mapping[str, Value], lines: Sequence[Mapping[str, Value]]
    ) -> WriteResult:
        """Create a document with its lines, or go on with what an earlier attempt left of it."""
        document = api_document(table_name)
        if document is None:
            raise ServiceMismatch(
                translatable(
                    "Documents of the ERP table {table} can't be created with their lines.", table=table_name
                )
            )
        header = await self._catalog.table(document.table)
        line_table = await self._catalog.table(document.line_table)
        posted = await self._catalog.table(POSTED_TABLE)
        subject = Subject(service=SERVICE, table=table_name, key=mark, deed=Deed.CREATE)
        try:
            plan = plan_document(
                document, header, line_table, mark, values, lines, local_currency=await self._local_currency()
            )
        except ValueNotWritable as error:
            return not_writable(subject, error.field, error.reason)
        attempt = _Attempt(
            reader=self._reader,
            creator=self._creator,
            company_root=self._company_root,
            header=header,
            lines=line_table,
            posted=posted,
            subject=subject,
            plan=plan,
            today=self._today,
            began=asyncio.get_running_loop().time(),
        )
        try:
            return await attempt.make()
        except _Stopped as stopped:
            return stopped.result


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """One attempt at one document."""

    reader: CollectionReader
    creator: HttpChannel
    company_root: str
    header: ErpTable
    lines: ErpTable
    posted: ErpTable
    subject: Subject
    plan: DocumentPlan
    today: Callable[[], date]
    began: float

    async def make(self) -> WriteResult:
        """Bring the document to its end; raises _Stopped where it can't be done now."""
        found, held = await self._taken_up(await self._unfinished())
        if found is None:
            await self._refuse_posted()
            found, held = await self._add_header(), 0
        for place in range(held, len(self.plan.lines)):
            await self._add_line(found, place)
        return await self._end(found.key)

    # --- what is there

    async def _unfinished(self) -> list[_Unfinished]:
        table, mark = self.header, self.plan.document.mark
        days = [name for name in POSTING_DAYS if name in table.columns]
        names = [*table.published.key, mark, NOTE_FIELD, *days]
        condition = equals(table.column(mark), self.plan.unfinished)
        return [self._as_unfinished(row) for row in await self._rows(table, names, condition)]

    def _as_unfinished(self, row: Row) -> _Unfinished:
        key = self.header.key_text(row[name] for name in self.header.published.key)
        tag = row.get("@odata.etag")
        days = (str(row.get(name) or "") for name in POSTING_DAYS)
        return _Unfinished(
            key=key,
            number=str(row[self.plan.document.number[0]]),
            tag=tag if isinstance(tag, str) else None,
            note=row.get(NOTE_FIELD),
            day=next((day for day in days if day not in ("", BLANK_DATE)), ""),
        )

    async def _taken_up(self, found: Sequence[_Unfinished]) -> tuple[_Unfinished | None, int]:
        """Return the document to go on with, and how many lines it has; delete all others."""
        for each in found:
            held = await self._lines_held(each) if same_value(each.note, self.plan.note) else None
            if held is not None:
                await self._discard([other for other in found if other is not each])
                return each, held
        await self._discard(found)
        return None, 0

    async def _lines_held(self, document: _Unfinished) -> int | None:
        table = self.lines
        condition = " and ".join(
            equals(table.column(name), value) for name, value in self._of_document(document).items()
        )
        rows = await self._rows(table, [*table.published.key, "Type"], condition)
        numbers = [(int(str(row[LINE_NUMBER])), row["Type"] not in _BLANKS) for row in rows]
        return lines_held(numbers, len(self.plan.lines))

    async def _refuse_posted(self) -> None:
        """Hold a document that somebody posted before it was finished: what is left of it is for a person."""
        mark = self.plan.document.mark
        condition = equals(self.posted.column(mark), self.plan.unfinished)
        rows = await self._rows(self.posted, ["No", mark], condition)
        if rows:
            numbers = ", ".join(str(row["No"]) for row in rows)
            self._stop(
                translatable(
                    "The unfinished ERP document {mark} was posted by somebody as {numbers}, before all its "
                    "lines were there. Cancel that invoice, take the words before the mark out of its "
                    "External Document No., and the document is created anew; or cancel the CRM order.",
                    mark=repr(self.plan.unfinished),
                    numbers=numbers,
                )
            )

    # --- requests

    async def _add_header(self) -> _Unfinished:
        url = f"{self.company_root}{self.header.published.service}"
        answer, result = await self._post(url, self.plan.header, self.subject)
        if result.outcome is Outcome.REJECTED and self.plan.is_guarded:
            # Some pages insist on a document date: then nothing but its mark shows that it is unfinished.
            unguarded = self.plan.without_guard()
            answer, result = await self._post(url, unguarded.header, self.subject)
            self.plan = unguarded if result.outcome is Outcome.DONE else self.plan
        if result.outcome is not Outcome.DONE or answer is None:
            raise _Stopped(result)
        row = _record_in(answer)
        try:
            made = self._as_unfinished(row)
        except KeyError:
            raise _Stopped(
                unknown(self.subject, translatable("its answer does not hold the document"))
            ) from None
        held = row.get(self.plan.document.mark)
        if not made.number or not same_value(held, self.plan.unfinished):
            raise _Stopped(
                unknown(
                    self.subject,
                    translatable(
                        "its answer is about {record}, which carries {mark}",
                        record=repr(made.number),
                        mark=repr(held),
                    ),
                )
            )
        return made

    async def _add_line(self, document: _Unfinished, place: int) -> None:
        line = self.plan.lines[place]
        part = f"{document.number}, line {place + 1}"
        subject = replace(self.subject, table=self.lines.name, key=part)
        url = f"{self._url_of(document.key)}/{self.lines.published.service}"
        _, result = await self._post(url, line, subject)
        if result.outcome is Outcome.REJECTED and result.error is not None:
            message = translatable(
                "{problem} The ERP document {number} stays unfinished meanwhile, with {count} of {lines} "
                "lines. It carries {mark}.",
                problem=as_sentence(result.error.message),
                number=document.number,
                count=place,
                lines=len(self.plan.lines),
                mark=repr(self.plan.unfinished),
            )
            result = replace(result, error=replace(result.error, message=message))
        elif result.outcome is Outcome.EXISTS:
            # It came late, or by somebody's hand: what is there is read again.
            result = replace(result, outcome=Outcome.STALE)
        if result.outcome is not Outcome.DONE:
            raise _Stopped(replace(result, key=self.subject.key))

    async def _end(self, key: str) -> WriteResult:
        """Give the document its mark, under the tag with which it alone was seen to be there."""
        for _ in range(_ENDS_MAX):
            found = await self._unfinished()
            own = next((each for each in found if each.key == key), None)
            await self._discard([each for each in found if each.key != key])
            if own is None:
                break
            day = own.day or self.today().isoformat()
            result = await self._change(own, self.plan.end_on(day))
            if result.outcome is Outcome.DONE:
                return done(key)
            if result.outcome is not Outcome.STALE:
                raise _Stopped(replace(result, key=self.subject.key))
        message = translatable(
            "The unfinished ERP document of {record} was changed or deleted meanwhile. It is looked at "
            "again by itself.",
            record=self.subject.key,
        )
        error = RecordError(code=ErrorCode.CHANGED_MEANWHILE, message=message)
        raise _Stopped(WriteResult(outcome=Outcome.STALE, key=self.subject.key, error=error))

    async def _change(self, document: _Unfinished, values: Mapping[str, Value]) -> WriteResult:
        headers = {**_JSON, "If-Match": document.tag or "*"}
        url = self._url_of(document.key)
        request = HttpRequest(method="PATCH", url=url, headers=headers, body=encode_body(dict(values)))
        _, result = await self._send(self.creator, request, replace(self.subject, deed=Deed.UPDATE))
        return result

    async def _discard(self, documents: Sequence[_Unfinished]) -> None:
        """Delete unfinished documents that are to become something else."""
        for each in documents:
            headers = {"If-Match": each.tag or "*"}
            request = HttpRequest(method="DELETE", url=self._url_of(each.key), headers=headers)
            subject = replace(self.subject, key=each.number, deed=Deed.DELETE)
            _, result = await self._send(self.reader.channel, request, subject)
            if result.outcome not in (Outcome.DONE, Outcome.GONE):
                raise _Stopped(replace(result, key=self.subject.key))

    async def _post(
        self, url: str, body: Mapping[str, Value], subject: Subject
    ) -> tuple[HttpAnswer | None, WriteResult]:
        request = HttpRequest(
            method="POST", url=url, headers=_JSON, body=encode_body(dict(body)), unguarded=True
        )
        return await self._send(self.creator, request, subject)

    async def _send(
        self, channel: HttpChannel, request: HttpRequest, subject: Subject
    ) -> tuple[HttpAnswer | None, WriteResult]:
        if asyncio.get_running_loop().time() > self.began + _SECONDS_MAX:
            raise _Stopped(unknown(self.subject, translatable("it took too long, and is gone on with later")))
        try:
            answer = await channel.send(request)
        except RequestFailed as failure:
            return None, classify_failure(failure, subject)
        return answer, classify_erp(answer, subject)

    # --- addresses

    async def _rows(self, table: ErpTable, names: Sequence[str], condition: str) -> list[Row]:
        url = f"{self.company_root}{table.published.service}"
        options = {"$select": ",".join(dict.fromkeys(names)), "$filter": condition}
        raws = await self.reader.everything(address(url, options), page_size=_PAGE_SIZE)
        return [_decode(raw) for raw in raws]

    def _url_of(self, key: str) -> str:
        predicate = quote(self.header.predicate(key), safe="$'(),=@:!*")
        return f"{self.company_root}{self.header.published.service}({predicate})"

    def _of_document(self, document: _Unfinished) -> dict[str, Value]:
        """Return the part of the lines' key that is their document's."""
        values = self.header.key_values(document.key)
        named = dict(zip(self.lines.published.key, values.values(), strict=False))
        named.pop(LINE_NUMBER, None)
        return named

    def _stop(self, message: str) -> None:
        error = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=message)
        raise _Stopped(WriteResult(outcome=Outcome.REJECTED, key=self.subject.key, error=error))


def _record_in(answer: HttpAnswer) -> Row:
    try:
        record = _decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return record if isinstance(record, dict) else {}
