"""Writes records to the CRM: creates in bulk under our keys, updates and deletions under preconditions.

A bulk create is one transaction: when it is refused, nothing of it took effect, and a batch of single creates
finds out which record was to blame.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from interlace.connectors.batch import PartAnswer, in_chunks, send_batch
from interlace.connectors.batch_formats import MultipartFormat
from interlace.connectors.classify import (
    Deed,
    Subject,
    classify_crm,
    classify_failure,
    done,
    not_writable,
    unknown,
    unmarkable,
)
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.dataverse.wire_record import WireRecords
from interlace.connectors.http import HttpChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed
from interlace.connectors.wire_body import ValueNotWritable, encode_body
from interlace.domain.values import Value
from interlace.engine.ports import Deletion, Precondition, TableView, Write, WriteResult
from interlace.locale.translatable import translatable

SERVICE = "the CRM"
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_VERSIONS = {"OData-MaxVersion": "4.0", "OData-Version": "4.0"}
"""Of requests that go alone; the parts of a batch have them from its envelope."""
_FORMAT = MultipartFormat()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A write whose body is known."""

    place: int
    write: Write
    body: dict[str, Value]
    subject: Subject


class _CreatedIds(msgspec.Struct):
    Ids: list[str]


class CrmWriter:
    """Sends writes to one organization."""

    def __init__(self, channel: HttpChannel, root: str, *, bulk_size: int, batch_size: int) -> None:
        self._channel = channel
        self._root = root
        self._bulk_size = bulk_size
        self._batch_size = batch_size
        self._wire_records: dict[tuple[str, tuple[tuple[str, str], ...]], WireRecords] = {}

    async def write(self, table: CrmTable, view: TableView, writes: Sequence[Write]) -> list[WriteResult]:
        """Carry out creates and updates."""
        results: dict[int, WriteResult] = {}
        creates: list[_Ready] = []
        updates: list[_Ready] = []
        records = self._wire_records_of(table, view)
        for place, write in enumerate(writes):
            is_create = write.precondition is not Precondition.UNCHANGED
            subject = _subject(table, write.key, Deed.CREATE if is_create else Deed.UPDATE)
            if write.precondition is Precondition.MARKED:
                results[place] = unmarkable(subject)
                continue
            try:
                body = records.body(write.values)
            except ValueNotWritable as error:
                results[place] = not_writable(subject, error.field, error.reason)
                continue
            ready = _Ready(place=place, write=write, body=body, subject=subject)
            (creates if is_create else updates).append(ready)
        work = [self._create(table, creates[part]) for part in in_chunks(len(creates), self._bulk_size)]
        work += [
            self._send_singly(table, updates[part]) for part in in_chunks(len(updates), self._batch_size)
        ]
        for group in await asyncio.gather(*work):
            results.update(group)
        return [results[place] for place in range(len(writes))]

    def _wire_records_of(self, table: CrmTable, view: TableView) -> WireRecords:
        key = (table.name, view.lookup_targets)
        held = self._wire_records.get(key)
        if held is None or held.table is not table:
            held = self._wire_records[key] = WireRecords(table, view)
        return held

    async def delete(self, table: CrmTable, deletions: Sequence[Deletion]) -> list[WriteResult]:
        """Carry out deletions."""
        subjects = [_subject(table, deletion.key, Deed.DELETE) for deletion in deletions]
        requests = [
            HttpRequest(
                method="DELETE",
                url=self._record_url(table, deletion.key),
                headers={"If-Match": deletion.tag or "*"},
            )
            for deletion in deletions
        ]
        parts = in_chunks(len(requests), self._batch_size)
        answers = await asyncio.gather(*(self._batch(requests[part]) for part in parts))
        flat = [answer for group in answers for answer in group]
        return [_judge(answer, subject) for answer, subject in zip(flat, subjects, strict=True)]

    async def _create(self, table: CrmTable, creates: Sequence[_Ready]) -> dict[int, WriteResult]:
        if not table.creates_in_bulk or len(creates) < 2:
            return await self._send_in_batches(table, creates)
        try:
            answer = await self._channel.send(self._create_multiple(table, creates))
        except RequestFailed as failure:
            return {each.place: classify_failure(failure, each.subject) for each in creates}
        if answer.is_success:
            return _created(answer, creates)
        if answer.status == 413:
            middle = len(creates) // 2
            halves = (creates[:middle], creates[middle:])
            first, second = await asyncio.gather(*(self._create(table, half) for half in halves))
            return first | second
        refused_whole = 400 <= answer.status < 500 and answer.status not in (401, 408, 423, 429)
        if refused_whole:
            return await self._send_in_batches(table, creates)
        return {each.place: classify_crm(answer, each.subject) for each in creates}

    def _create_multiple(self, table: CrmTable, creates: Sequence[_Ready]) -> HttpRequest:
        type_name = f"Microsoft.Dynamics.CRM.{table.name}"
        targets = [{"@odata.type": type_name, table.key: each.write.key, **each.body} for each in creates]
        return HttpRequest(
            method="POST",
            url=f"{self._root}{table.set_name}/Microsoft.Dynamics.CRM.CreateMultiple",
            headers={**_JSON, **_VERSIONS},
            body=encode_body({"Targets": targets}),
        )

    async def _send_in_batches(self, table: CrmTable, writes: Sequence[_Ready]) -> dict[int, WriteResult]:
        parts = in_chunks(len(writes), self._batch_size)
        groups = await asyncio.gather(*(self._send_singly(table, writes[part]) for part in parts))
        return {place: result for group in groups for place, result in group.items()}

    async def _send_singly(self, table: CrmTable, writes: Sequence[_Ready]) -> dict[int, WriteResult]:
        answers = await self._batch([self._patch(table, each) for each in writes])
        return {
            each.place: _judge(answer, each.subject) for each, answer in zip(writes, answers, strict=True)
        }

    def _patch(self, table: CrmTable, ready: _Ready) -> HttpRequest:
        write = ready.write
        is_create = write.precondition is Precondition.ABSENT
        condition = {"If-None-Match": "*"} if is_create else {"If-Match": write.tag or "*"}
        return HttpRequest(
            method="PATCH",
            url=self._record_url(table, write.key),
            headers={**_JSON, **condition},
            body=encode_body(ready.body),
        )

    def _record_url(self, table: CrmTable, key: str) -> str:
        return f"{self._root}{table.set_name}({key})"

    async def _batch(self, requests: Sequence[HttpRequest]) -> list[PartAnswer]:
        return await send_batch(self._channel, f"{self._root}$batch", _FORMAT, requests)


def _created(answer: HttpAnswer, creates: Sequence[_Ready]) -> dict[int, WriteResult]:
    """Believe a bulk create only when it names every key in order."""
    try:
        ids = [each.lower() for each in msgspec.json.decode(answer.body, type=_CreatedIds).Ids]
    except msgspec.DecodeError:
        ids = []
    if ids == [each.write.key.lower() for each in creates]:
        return {each.place: done(each.write.key) for each in creates}
    reason = translatable("the answer to the bulk create does not name the keys that were sent")
    return {each.place: unknown(each.subject, reason) for each in creates}


def _judge(answer: PartAnswer, subject: Subject) -> WriteResult:
    if isinstance(answer, RequestFailed):
        return classify_failure(answer, subject)
    written = answer.headers.get("odata-entityid", "")
    if answer.is_success and written and subject.key.lower() not in written.lower():
        return unknown(subject, translatable("the answer is about another record, {record}", record=written))
    return classify_crm(answer, subject)


def _subject(table: CrmTable, key: str, deed: Deed) -> Subject:
    return Subject(service=SERVICE, table=table.name, key=key, deed=deed)
