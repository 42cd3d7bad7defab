"""What both connectors share about reading: pages of raw records whose values are decoded on demand."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias

import msgspec
import xxhash

from interlace.connectors.answer_limits import check_records
from interlace.domain.values import Value
from interlace.engine.service import ServiceMismatch
from interlace.locale.translatable import translatable

_BLANK_GUID = "00000000-0000-0000-0000-000000000000"
_BLANK_YEAR = "0001-01-01"
_LISTINGS_MAX = 64

WireValues: TypeAlias = tuple[Value, ...]


class ColumnKind(Enum):
    """What a column holds on the wire."""

    TEXT = "text"
    WHOLE = "whole number"
    AMOUNT = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    GUID = "guid"


_KIND_OF_EDM = {
    "Edm.String": ColumnKind.TEXT,
    "Edm.Int16": ColumnKind.WHOLE,
    "Edm.Int32": ColumnKind.WHOLE,
    "Edm.Int64": ColumnKind.WHOLE,
    "Edm.Byte": ColumnKind.WHOLE,
    "Edm.Decimal": ColumnKind.AMOUNT,
    "Edm.Double": ColumnKind.AMOUNT,
    "Edm.Single": ColumnKind.AMOUNT,
    "Edm.Boolean": ColumnKind.BOOLEAN,
    "Edm.Date": ColumnKind.DATE,
    "Edm.DateTimeOffset": ColumnKind.MOMENT,
    "Edm.Guid": ColumnKind.GUID,
}

_PYTHON_TYPE: Mapping[ColumnKind, Any] = {
    ColumnKind.WHOLE: int | None,
    ColumnKind.AMOUNT: Decimal | None,
    ColumnKind.BOOLEAN: bool | None,
}


def kind_of(edm_type: str) -> ColumnKind:
    """Return what a column of an EDM type holds; enumerations travel as text."""
    return _KIND_OF_EDM.get(edm_type, ColumnKind.TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireColumn:
    """A column as records carry it."""

    name: str
    kind: ColumnKind


class _Envelope(msgspec.Struct):
    value: list[msgspec.Raw]
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)
    delta_link: str | None = msgspec.field(name="@odata.deltaLink", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPage:
    """A page whose records are still JSON."""

    records: Sequence[msgspec.Raw]
    next_link: str | None
    delta_link: str | None


_envelope_decoder = msgspec.json.Decoder(_Envelope)


def split_page(body: bytes) -> RawPage:
    """Split a collection's answer into raw records; raises DecodeError, ValueError or AnswerOverLimit."""
    envelope = _envelope_decoder.decode(body)
    check_records(body, envelope.value)
    return RawPage(records=envelope.value, next_link=envelope.next_link, delta_link=envelope.delta_link)


class RawRecord:
    """A record as it came; satisfies the engine's Record."""

    __slots__ = ("_body", "_reader", "digest", "key", "tag")

    def __init__(
        self, body: msgspec.Raw, key: str, tag: str | None, digest: bytes, reader: "RecordReader"
    ) -> None:
        self._body = body
        self._reader = reader
        self.key = key
        self.tag = tag
        self.digest = digest

    def __repr__(self) -> str:
        return f"RawRecord(key={self.key!r}, tag={self.tag!r})"

    def values(self) -> tuple[Value, ...]:
        """Decode the values, in the order of the view's fields."""
        return self._reader.values_of(self._body, self.key)


KeyOf: TypeAlias = Callable[[tuple[Value, ...]], str]
Finish: TypeAlias = Callable[[WireValues], WireValues]


class RecordReader:
    """Reads the records of one view: keys, tags and digests of a page at once, values one record at a time.

    `finish` turns the wire's values into the view's (virtual fields); its part of the digest comes from
    `digest_salt`, which must change when what it adds changes.
    """

    def __init__(
        self,
        *,
        columns: Sequence[WireColumn],
        key_columns: Sequence[WireColumn],
        key_of: KeyOf,
        finish: Finish | None = None,
    ) -> None:
        self._columns = tuple(columns)
        self._key_of = key_of
        self._finish = finish
        self._single_key = len(key_columns) == 1 and key_columns[0].kind not in _PYTHON_TYPE
        self._blanks = tuple(
            place
            for place, column in enumerate(columns)
            if column.kind in (ColumnKind.DATE, ColumnKind.MOMENT, ColumnKind.GUID)
        )
        record_type = _struct("Record", self._columns)
        tag = WireColumn(name="@odata.etag", kind=ColumnKind.TEXT)
        head_type = _struct("Head", (tag, *key_columns))
        self._decode_record = msgspec.json.Decoder(record_type).decode
        self._decode_heads = msgspec.json.Decoder(list[head_type]).decode  # type: ignore[valid-type]
        self._astuple: Callable[[Any], tuple[Any, ...]] = msgspec.structs.astuple

    def read(self, raws: Sequence[msgspec.Raw]) -> list[RawRecord]:
        """Make records of raw ones; their values stay undecoded unless virtual fields are part of them."""
        try:
            heads = self._decode_heads(b"[" + b",".join(raws) + b"]")
        except msgspec.ValidationError as error:
            raise ServiceMismatch(
                translatable(
                    "A record's key does not look as the metadata says: {problem}", problem=str(error)
                )
            ) from error
        digest_of = xxhash.xxh3_128_digest
        records = []
        for raw, head in zip(raws, heads, strict=True):
            tag, *parts = self._astuple(head)
            key = parts[0] if self._single_key else self._key_of(tuple(parts))
            if key is None:
                raise ServiceMismatch(translatable("A record came without its key."))
            digest = digest_of(raw) if self._finish is None else self._digest_with_virtual(raw, key)
            records.append(RawRecord(raw, key, tag, digest, self))
        return records

    def values_of(self, raw: msgspec.Raw, key: str) -> tuple[Value, ...]:
        """Decode one record's values."""
        try:
            values: tuple[Value, ...] = self._astuple(self._decode_record(raw))
        except msgspec.ValidationError as error:
            raise ServiceMismatch(
                translatable(
                    "Record {key} does not look as the metadata says: {problem}", key=key, problem=str(error)
                )
            ) from error
        if self._blanks:
            values = _without_blanks(values, self._blanks)
        return values if self._finish is None else self._finish(values)

    def _digest_with_virtual(self, raw: msgspec.Raw, key: str) -> bytes:
        """Digest a record with its virtual fields: they may change while the record does not."""
        digest = xxhash.xxh3_128(raw)
        digest.update(repr(self.values_of(raw, key)).encode())
        return digest.digest()


def _struct(name: str, columns: Sequence[WireColumn]) -> type[msgspec.Struct]:
    fields = [(f"f{place}", _PYTHON_TYPE.get(c.kind, str | None), None) for place, c in enumerate(columns)]
    rename = {f"f{place}": column.name for place, column in enumerate(columns)}
    return msgspec.defstruct(name, fields, rename=rename, gc=False)


def _without_blanks(values: tuple[Value, ...], places: tuple[int, ...]) -> tuple[Value, ...]:
    changed = list(values)
    for place in places:
        value = changed[place]
        if isinstance(value, str) and (value.startswith(_BLANK_YEAR) or value == _BLANK_GUID):
            changed[place] = None
    return tuple(changed)


class ListingTrail:
    """Remembers the continuations of listings under way, to notice a service that sends them in circles."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, set[int]] = OrderedDict()

    def follow(self, after: str | None, next_link: str | None) -> None:
        """Note that `next_link` continues the page that was read after `after`; raises on a circle."""
        seen = self._seen.pop(after, set()) if after is not None else set()
        if next_link is None:
            return
        if after is not None:
            seen.add(hash(after))
        if hash(next_link) in seen:
            raise ServiceMismatch(
                translatable(
                    "The service's continuation {link} leads back to a page that was read already.",
                    link=repr(next_link),
                )
            )
        self._seen[next_link] = seen
        while len(self._seen) > _LISTINGS_MAX:
            self._seen.popitem(last=False)
