"""Envelopes of answers: collections and single entities joined from ready JSON, and read back raw.

Records stay bytes on both sides, so a page costs no per-field work here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from interlace.odata.protocol_error import AnswerSyntaxError

_EMPTY: Final[Mapping[str, object]] = {}
_encoder: Final = msgspec.json.Encoder(decimal_format="number")


def collection_body(
    records: Iterable[bytes],
    *,
    context: str | None = None,
    count: int | None = None,
    next_link: str | None = None,
    delta_link: str | None = None,
    annotations: Mapping[str, object] = _EMPTY,
) -> bytes:
    """The JSON body of a collection; `annotations` come before the records, links behind them."""
    head = _members({"@odata.context": context, "@odata.count": count, **annotations})
    tail = _members({"@odata.nextLink": next_link, "@odata.deltaLink": delta_link})
    opening = b"{" + head + (b"," if head else b"") + b'"value":['
    closing = b"]" + (b"," if tail else b"") + tail + b"}"
    pieces = list(records)
    if not pieces:
        return opening + closing
    # One join, so that a page of megabytes is copied once.
    pieces[0] = opening + pieces[0]
    pieces[-1] += closing
    return b",".join(pieces)


def entity_body(record: bytes, *, context: str | None = None, etag: str | None = None) -> bytes:
    """The JSON body of a single entity from its ready JSON object."""
    return with_members(record, {"@odata.context": context, "@odata.etag": etag})


def value_body(value: object, *, context: str | None = None) -> bytes:
    """The JSON body of a single property or a primitive result: `{"@odata.context":...,"value":...}`."""
    return b"{" + _members({"@odata.context": context}, "value", value) + b"}"


def with_members(record: bytes, members: Mapping[str, object]) -> bytes:
    """A ready JSON object with members put in front; members that are None are left out."""
    head = _members(members)
    if not head:
        return record
    rest = record.lstrip()[1:]
    return b"{" + head + (b"" if rest.lstrip().startswith(b"}") else b",") + rest


def with_etag(record: bytes, etag: str) -> bytes:
    """A ready JSON object with `@odata.etag` in front (the hot path of pages)."""
    return b'{"@odata.etag":' + _encoder.encode(etag) + b"," + record[1:]


def _members(members: Mapping[str, object], *last: object) -> bytes:
    encoded = [
        _encoder.encode(name) + b":" + _encoder.encode(each)
        for name, each in members.items()
        if each is not None
    ]
    if last:
        encoded.append(_encoder.encode(last[0]) + b":" + _encoder.encode(last[1]))
    return b",".join(encoded)


class CollectionPage(msgspec.Struct, frozen=True, gc=False):
    """A page as received: raw records and what surrounds them."""

    value: list[msgspec.Raw]
    context: str | None = msgspec.field(name="@odata.context", default=None)
    count: int | str | None = msgspec.field(name="@odata.count", default=None)
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)

    @property
    def records(self) -> list[bytes]:
        """The JSON texts of the records."""
        return [bytes(each) for each in self.value]

    @property
    def total(self) -> int | None:
        """The count of all records under the filter, where it was asked for."""
        return None if self.count is None else int(self.count)


_page_decoder: Final = msgspec.json.Decoder(CollectionPage)


def parse_page(body: bytes) -> CollectionPage:
    """The page in a body, its records unparsed; raises `AnswerSyntaxError`."""
    try:
        return _page_decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AnswerSyntaxError(f"The service did not answer with a page of records: {error}") from error


class DeletedEntry(msgspec.Struct, frozen=True):
    """An entry of a delta page that says a record is gone."""

    context: str = msgspec.field(name="@odata.context", default="")
    id: str = ""
    reason: str = "deleted"


_deleted_decoder: Final = msgspec.json.Decoder(DeletedEntry)


def deleted_entry_body(
    *,
    context: str,
    id: str,  # noqa: A002 - the name on the wire
    reason: str = "deleted",
) -> bytes:
    """A delta entry of a deleted record; `context` ends in `/$deletedEntity`."""
    return _encoder.encode({"@odata.context": context, "id": id, "reason": reason})


def parse_deleted_entry(record: bytes) -> DeletedEntry | None:
    """The deletion that a raw delta record tells of, None for a changed record."""
    if b"/$deletedEntity" not in record:
        return None
    try:
        entry = _deleted_decoder.decode(record)
    except msgspec.MsgspecError:
        return None
    return entry if entry.context.endswith("/$deletedEntity") and entry.id else None
