"""Creates under an id of our choosing, by the ERP extension: the ERP gives the number, the id refuses a second record.

The record carries our mark as well, so that it is found the same way with the extension and without.
"""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

import msgspec

from interlace.connectors.business_central.extension import ID, Extension, ExtensionSet, shown_name
from interlace.connectors.business_central.tables import ErpTable
from interlace.connectors.classify import (
    Subject,
    classify_erp,
    classify_failure,
    done,
    unknown,
)
from interlace.connectors.collection import CollectionReader
from interlace.connectors.http_message import HttpAnswer, HttpRequest, RequestFailed
from interlace.connectors.query import address
from interlace.connectors.wire_body import encode_body
from interlace.domain.errors import ErrorCode, RecordError
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, WriteResult
from interlace.engine.service import ServiceFailure
from interlace.locale.translatable import translatable

_IDS: Final = UUID("3d3f2c5e-8a0b-5c0d-9c59-0f8d6f5b7a21")
_JSON: Final = {"Content-Type": "application/json", "Accept": "application/json"}
_VALUES: Final = msgspec.json.Decoder(float_hook=Decimal)


def id_of(table: str, mark: str) -> str:
    """Choose the id of the record that carries a mark: the same one each time it is sent."""
    return str(uuid5(_IDS, f"{table} {mark}"))


class IdentifiedCreates:
    """Creates records of one company by the extension's sets."""

    def __init__(
        self, reader: CollectionReader, extension: Extension, company_root: Callable[[], Awaitable[str]]
    ) -> None:
        self._reader = reader
        self._extension = extension
        self._company_root = company_root

    def can_create(self, table: ErpTable, record: Mapping[str, Value]) -> bool:
        """Tell whether the extension takes ids for the table, and has every field of the record."""
        shown = self._extension.sets.get(table.name)
        return shown is not None and shown.takes_ids and shown.shows((*table.published.key, *record))

    async def create(
        self, table: ErpTable, record: Mapping[str, Value], mark_field: str, subject: Subject
    ) -> WriteResult:
        """Create a record; an answer that says nothing sure is followed by a look under the id.

        Raises ValueNotWritable for a value that has no place on the wire.
        """
        shown = self._extension.sets[table.name]
        identity = id_of(table.name, subject.key)
        body = encode_body({ID: identity, **{shown_name(name): value for name, value in record.items()}})
        url = f"{await self._company_root()}{shown.name}"
        result, answer = await self._send(
            HttpRequest(method="POST", url=url, headers=_JSON, body=body), subject
        )
        if result.outcome is Outcome.DONE and answer is not None:
            return _numbered(table, answer, (identity, mark_field), subject)
        if result.outcome not in (Outcome.UNKNOWN, Outcome.EXISTS):
            return result
        return await self._look(table, shown, url, (identity, mark_field), result, subject)

    async def _send(self, request: HttpRequest, subject: Subject) -> tuple[WriteResult, HttpAnswer | None]:
        try:
            answer = await self._reader.channel.send(request)
        except RequestFailed as failure:
            return classify_failure(failure, subject), None
        return classify_erp(answer, subject), answer

    async def _look(
        self,
        table: ErpTable,
        shown: ExtensionSet,
        url: str,
        sought: tuple[str, str],
        result: WriteResult,
        subject: Subject,
    ) -> WriteResult:
        """Say how a create ended of which only the record itself tells."""
        identity, mark_field = sought
        names = [*map(shown_name, table.published.key), shown_name(mark_field)]
        options = {"$select": ",".join(dict.fromkeys(names)), "$filter": f"{ID} eq {identity}"}
        try:
            rows = await self._reader.everything(address(url, options), page_size=1)
        except ServiceFailure:
            return _not_known(result, subject)
        if not rows:
            return _not_known(result, subject)
        row: dict[str, Value] = _VALUES.decode(rows[0])
        key = table.key_text(row[shown_name(name)] for name in table.published.key)
        mark = str(row[shown_name(mark_field)])
        if mark.casefold() != subject.key.casefold():
            return _unmarked(subject, key, mark_field)
        # Its tag may be that of a later edit: what the record holds now is read and compared.
        return done(key)


def _not_known(result: WriteResult, subject: Subject) -> WriteResult:
    if result.outcome is Outcome.UNKNOWN:
        return result
    return unknown(subject, translatable("it says that the record exists, and shows none under our id"))


def _unmarked(subject: Subject, key: str, mark_field: str) -> WriteResult:
    message = translatable(
        "{service} was not asked for a second {table}: what was to be created is there as {number}, but somebody has "
        "changed its {field}, by which we know our records. Couple the two by hand; until then it is tried again by "
        "itself.",
        service=subject.service[:1].upper() + subject.service[1:],
        table=subject.table,
        number=key,
        field=mark_field,
    )
    error = RecordError(code=ErrorCode.REJECTED_BY_SERVICE, message=message)
    return WriteResult(outcome=Outcome.REJECTED, key=subject.key, error=error)


def _numbered(table: ErpTable, answer: HttpAnswer, sought: tuple[str, str], subject: Subject) -> WriteResult:
    """Believe a create only when its answer holds a numbered record under our id, or at least with our mark."""
    identity, mark_field = sought
    try:
        record: dict[str, Value] = _VALUES.decode(answer.body)
        key = table.key_text(record[shown_name(name)] for name in table.published.key)
        is_ours = str(record[ID]).lower() == identity or record[shown_name(mark_field)] == subject.key
        tag = record.get("@odata.etag")
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, AttributeError, TypeError):
        return unknown(subject, translatable("its answer does not hold the record"))
    if not key or not is_ours:
        return unknown(
            subject, translatable("its answer is about another record, {record}", record=key or "-")
        )
    return done(key, tag if isinstance(tag, str) else None)
