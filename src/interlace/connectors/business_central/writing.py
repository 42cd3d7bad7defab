"""Writes records to the ERP's page services: creates under our keys, updates and deletions under etags."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from urllib.parse import quote

import msgspec

from interlace.connectors.batch import PartAnswer, in_chunks, send_batch
from interlace.connectors.batch_formats import JsonFormat
from interlace.connectors.business_central.identified_creates import IdentifiedCreates
from interlace.connectors.business_central.number_series import mark_field_of
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.business_central.virtual_fields import VirtualSource
from interlace.connectors.classify import (
    Deed,
    Subject,
    classify_erp,
    classify_failure,
    done,
    not_writable,
    unknown,
    unmarkable,
)
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed
from interlace.connectors.odata_table import ColumnKind
from interlace.connectors.wire_body import ValueNotWritable, encode_body
from interlace.domain.values import Value
from interlace.engine.ports import Deletion, Outcome, Precondition, Write, WriteResult
from interlace.locale.translatable import translatable

SERVICE = "the ERP"
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}

Sources = Mapping[str, VirtualSource]
Refresh = Callable[[], Awaitable[object]]


class ErpWriter:
    """Sends writes to one company's page services."""

    def __init__(
        self,
        channel: HttpChannel,
        root: str,
        company_root: str,
        *,
        batch_size: int | None,
        by_id: IdentifiedCreates | None = None,
    ) -> None:
        """Send writes in batches of a size; None: each alone, for an ERP without batches."""
        self._by_id = by_id
        self._channel = channel
        self._batch_url = f"{root}$batch"
        self._company_root = company_root
        self._batch_size = batch_size
        self._format = JsonFormat(root)

    async def write(
        self, table: ErpTable, sources: Sources, refresh: Refresh, writes: Sequence[Write]
    ) -> list[WriteResult]:
        """Carry out creates and updates; `refresh` reads the sources anew when they lack a value."""
        if _lacks_source_value(sources, writes):
            await refresh()
        results: dict[int, WriteResult] = {}
        ready: list[tuple[int, Subject, HttpRequest]] = []
        for place, write in enumerate(writes):
            is_update = write.precondition is Precondition.UNCHANGED
            subject = _subject(table, write.key, Deed.UPDATE if is_update else Deed.CREATE)
            if write.precondition is Precondition.MARKED:
                results[place] = await self._create_marked(table, sources, write, subject)
                continue
            try:
                ready.append((place, subject, self._request(table, sources, write)))
            except ValueNotWritable as error:
                results[place] = not_writable(subject, error.field, error.reason)
        answers = await self._send([request for _, _, request in ready])
        for (place, subject, _), answer in zip(ready, answers, strict=True):
            results[place] = _judge(table, answer, subject)
        return [results[place] for place in range(len(writes))]

    async def _create_marked(
        self, table: ErpTable, sources: Sources, write: Write, subject: Subject
    ) -> WriteResult:
        """Create a record that the ERP numbers: alone in its request, because nothing refuses a second one."""
        mark_field = mark_field_of(table)
        if mark_field is None:
            return unmarkable(subject)
        try:
            record = {**wire_record(table, sources, write.values), mark_field: write.key}
            if self._by_id is not None and self._by_id.can_create(table, record):
                return await self._by_id.create(table, record, mark_field, subject)
            body = encode_body(record)
        except ValueNotWritable as error:
            return not_writable(subject, error.field, error.reason)
        url = f"{self._company_root}{table.published.service}"
        try:
            answer = await self._channel.send(
                HttpRequest(method="POST", url=url, headers=_JSON, body=body, unguarded=True)
            )
        except RequestFailed as failure:
            return classify_failure(failure, subject)
        result = classify_erp(answer, subject)
        return _numbered(table, answer, subject) if result.outcome is Outcome.DONE else result

    async def delete(self, table: ErpTable, deletions: Sequence[Deletion]) -> list[WriteResult]:
        """Carry out deletions."""
        requests = [
            HttpRequest(
                method="DELETE",
                url=self._record_url(table, deletion.key),
                headers={"If-Match": deletion.tag or "*"},
            )
            for deletion in deletions
        ]
        answers = await self._send(requests)
        return [
            _judge_deletion(answer, _subject(table, deletion.key, Deed.DELETE))
            for deletion, answer in zip(deletions, answers, strict=True)
        ]

    def _request(self, table: ErpTable, sources: Sources, write: Write) -> HttpRequest:
        body = wire_record(table, sources, write.values)
        if write.precondition is Precondition.ABSENT:
            keyed = encode_body({**table.key_values(write.key), **body})
            url = f"{self._company_root}{table.published.service}"
            return HttpRequest(method="POST", url=url, headers=_JSON, body=keyed)
        return HttpRequest(
            method="PATCH",
            url=self._record_url(table, write.key),
            headers={**_JSON, "If-Match": write.tag or "*"},
            body=encode_body(body),
        )

    def _record_url(self, table: ErpTable, key: str) -> str:
        predicate = quote(table.predicate(key), safe="$'(),=@:!*")
        return f"{self._company_root}{table.published.service}({predicate})"

    async def _send_alone(self, request: HttpRequest) -> PartAnswer:
        try:
            return await self._channel.send(request)
        except RequestFailed as failure:
            return failure

    async def _send(self, requests: Sequence[HttpRequest]) -> list[PartAnswer]:
        if self._batch_size is None:
            return list(await asyncio.gather(*map(self._send_alone, requests)))
        parts = in_chunks(len(requests), self._batch_size)
        groups = await asyncio.gather(
            *(send_batch(self._channel, self._batch_url, self._format, requests[part]) for part in parts)
        )
        return [answer for group in groups for answer in group]


def wire_record(table: ErpTable, sources: Sources, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the body of a write; raises ValueNotWritable for a virtual value that nothing stands behind."""
    body: dict[str, Value] = {}
    for name, value in values.items():
        source = sources.get(name)
        if source is None:
            body[name] = table.blank_of(name) if value is None else _plain(value, table.column(name).kind)
        elif not source.field.writable:
            raise ValueNotWritable(
                name,
                translatable("can't be written: it follows from {service}", service=source.field.service),
            )
        elif value is None or value == "":
            body[source.field.argument] = ""
        else:
            argument = source.argument_for(value)
            if argument is None:
                raise ValueNotWritable(
                    name,
                    translatable(
                        "names {value}, which {service} does not know",
                        value=str(value),
                        service=source.field.service,
                    ),
                )
            body[source.field.argument] = argument
    return body


def _plain(value: Value, kind: ColumnKind) -> Value:
    if isinstance(value, Decimal) and kind is ColumnKind.WHOLE and value == value.to_integral_value():
        return int(value)
    return value


def _lacks_source_value(sources: Sources, writes: Sequence[Write]) -> bool:
    return any(
        source.argument_for(write.values[name]) is None
        for name, source in sources.items()
        for write in writes
        if source.field.writable and write.values.get(name)
    )


def _judge(table: ErpTable, answer: PartAnswer, subject: Subject) -> WriteResult:
    """Judge a create's or update's answer: a success carries the whole record, which must be ours."""
    if isinstance(answer, RequestFailed):
        return classify_failure(answer, subject)
    result = classify_erp(answer, subject)
    if result.outcome is not Outcome.DONE or (answer.status == 204 and subject.deed is Deed.UPDATE):
        return result
    return _confirmed(table, answer, subject)


def _judge_deletion(answer: PartAnswer, subject: Subject) -> WriteResult:
    if isinstance(answer, RequestFailed):
        return classify_failure(answer, subject)
    return classify_erp(answer, subject)


def _confirmed(table: ErpTable, answer: HttpAnswer, subject: Subject) -> WriteResult:
    named = _record_named(table, answer)
    if named is None:
        return unknown(subject, translatable("its answer does not hold the record"))
    key, tag, _ = named
    if key != subject.key:
        return unknown(subject, translatable("its answer is about another record, {key}", key=key))
    return done(subject.key, tag)


def _numbered(table: ErpTable, answer: HttpAnswer, subject: Subject) -> WriteResult:
    """Believe a marked create only when its answer holds a numbered record with the mark."""
    named = _record_named(table, answer)
    if named is None or not named[0]:
        return unknown(subject, translatable("its answer does not hold the record"))
    key, tag, record = named
    held = record.get(mark_field_of(table) or "")
    if held != subject.key:
        return unknown(
            subject,
            translatable(
                "its answer is about {record}, which carries {mark} instead of our mark",
                record=key,
                mark=repr(held),
            ),
        )
    return done(key, tag)


def _record_named(table: ErpTable, answer: HttpAnswer) -> tuple[str, str | None, dict[str, Value]] | None:
    """Return key, tag and fields of the record that an answer holds, or None when it holds none."""
    try:
        record: dict[str, Value] = msgspec.json.Decoder(float_hook=Decimal).decode(answer.body)
        key = table.key_text(record[name] for name in table.published.key)
        tag = record.get("@odata.etag")
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError):
        return None
    return key, tag if isinstance(tag, str) else None, record


def _subject(table: ErpTable, key: str, deed: Deed) -> Subject:
    return Subject(service=SERVICE, table=table.name, key=key, deed=deed)
