"""Turns stored records into the JSON bytes that a set answers.

A page service's whole records are slices of the stored bytes. For everything else a reader is compiled once
for a set and a selection: it takes the needed members out of the stored bytes unparsed and puts them under
the names that the set gives them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import msgspec

from interlace.sandbox import json_codec
from interlace.sandbox.erp.computed_properties import COMPUTATIONS, STORED_MEMBERS, Lookup
from interlace.sandbox.erp.declaration import BLANK_DATE, BLANK_GUID, FieldType
from interlace.sandbox.erp.erp_records import ErpRecords
from interlace.sandbox.erp.field_values import to_wire
from interlace.sandbox.erp.flow_fields import FlowValues, compute_flow_fields
from interlace.sandbox.erp.record_layout import TAIL_LENGTH, etag
from interlace.sandbox.erp.set_declaration import PublishedProperty, PublishedSet, SourceKind
from interlace.sandbox.stored_table import StoredRecord

_BLANK_JSON: Final = {
    FieldType.GUID: b'"' + BLANK_GUID.encode() + b'"',
    FieldType.TEXT: b'""',
    FieldType.BOOLEAN: b"false",
    FieldType.DATE: b'"' + BLANK_DATE.encode() + b'"',
}
_BLANK_CODE: Final = b'""'

# Where the etag ends in stored bytes: it always has the same length.
_ETAG_END: Final = len(b'{"@odata.etag":') + len(json_codec.encode(etag(0)))

_TEXT_MEMBER: Final = re.compile(rb',"\w+":("(?:[^"\\]|\\.)*")')

Raw = bytes | msgspec.Raw
# What a compiled reader calls for each property of each record: the unparsed members in, JSON out.
Getter = Callable[[msgspec.Struct], Raw]


def local_currency_code(records: ErpRecords) -> str:
    """Return the code of the local currency, which is blank on records."""
    setup = records.by_code("General_Ledger_Setup", "")
    return setup.text("LCY_Code") if setup is not None and setup.text("LCY_Code") else "EUR"


class Reader:
    """Renders records of one set with one selection of properties."""

    def __init__(self, published: PublishedSet, names: frozenset[str] | None) -> None:
        self.published = published
        self.table = published.table
        self.properties = tuple(prop for prop in published.properties if names is None or prop.name in names)
        shown = {prop.name for prop in published.properties if prop.name == prop.source}
        shows_all = all(declared.name in shown for declared in self.table.stored_fields)
        self.whole_page = published.is_page and names is None and shows_all
        self._flow_names = frozenset(
            prop.source
            for prop in self.properties
            if prop.kind is SourceKind.FIELD and self.table.by_name[prop.source].flow
        )
        if published.is_page and names is not None:
            # Every key field appears, asked for or not.
            keys = [published.by_name[name] for name in published.shown_key if name not in names]
            self.properties = (*keys, *self.properties)

    @cached_property
    def _members(self) -> Mapping[str, str]:
        """The stored members that are needed, and the attribute that holds each."""
        needed = {"@odata.etag", *self.table.key}
        for prop in self.properties:
            if prop.kind is SourceKind.COMPUTED:
                needed.update(COMPUTATIONS[prop.source].members)
            elif prop.kind is not SourceKind.BLANK:
                needed.add(prop.source)
        needed -= {declared.name for declared in self.table.flow_fields}
        return {name: f"m{place}" for place, name in enumerate(sorted(needed))}

    @cached_property
    def _decoder(self) -> msgspec.json.Decoder[Any]:
        defaults = {
            declared.name: json_codec.encode(to_wire(declared, declared.blank))
            for declared in self.table.stored_fields
        }
        members = self._members
        struct = msgspec.defstruct(
            f"Members_{self.published.name}",
            [
                (
                    attribute,
                    msgspec.Raw,
                    msgspec.field(default=msgspec.Raw(defaults.get(name, b'""')), name=name),
                )
                for name, attribute in members.items()
            ],
            gc=False,
        )
        return msgspec.json.Decoder(struct)

    def render(self, records: ErpRecords, rows: Sequence[StoredRecord]) -> list[bytes]:
        """The JSON objects of these records, each beginning with its etag."""
        if self.whole_page:
            return self._whole(records, rows)
        decode = self._decoder.decode
        decoded = [decode(row.body) for row in rows]
        flows = self._flows(records, decoded)
        parts = [
            (b"," + json_codec.encode(prop.name) + b":", self._getter(prop, records, decoded, flows))
            for prop in self.properties
        ]
        tag = self._attribute("@odata.etag")
        rendered: list[bytes] = []
        for row in decoded:
            pieces: list[Raw] = [b'{"@odata.etag":', getattr(row, tag)]
            for prefix, get in parts:
                pieces.append(prefix)
                pieces.append(get(row))
            pieces.append(b"}")
            rendered.append(b"".join(pieces))
        return rendered

    def _attribute(self, member: str) -> str:
        return self._members[member]

    def _flows(self, records: ErpRecords, decoded: Sequence[Any]) -> FlowValues:
        if not self._flow_names:
            return {}
        key = self._attribute(self.table.key[0])
        keys = [str(json_codec.decode(bytes(getattr(row, key)))) for row in decoded]
        return compute_flow_fields(records, self.table, keys, self._flow_names)

    def _whole(self, records: ErpRecords, rows: Sequence[StoredRecord]) -> list[bytes]:
        """Whole records of a page service: the stored bytes without their tail, computed fields at the end."""
        if not self._flow_names:
            return [row.body[:-TAIL_LENGTH] + b"}" for row in rows]
        keys = [_first_member(row.body) for row in rows]
        flows = compute_flow_fields(records, self.table, keys, self._flow_names)
        encode = json_codec.encode
        return [
            row.body[:-TAIL_LENGTH] + b"," + encode(flows[key])[1:]
            for row, key in zip(rows, keys, strict=True)
        ]

    def _getter(
        self, prop: PublishedProperty, records: ErpRecords, decoded: Sequence[Any], flows: FlowValues
    ) -> Getter:
        match prop.kind:
            case SourceKind.BLANK:
                blank = _BLANK_JSON[prop.type]
                return lambda row: blank
            case SourceKind.RELATED_ID:
                return self._related_id(prop, records, decoded)
            case SourceKind.CURRENCY:
                return self._currency(prop, records)
            case SourceKind.COMPUTED if prop.source in STORED_MEMBERS:
                return self._direct(prop)
            case SourceKind.COMPUTED:
                return self._computed(prop, records)
            case SourceKind.FIELD:
                return self._flow(prop, flows) if prop.source in self._flow_names else self._direct(prop)

    def _direct(self, prop: PublishedProperty) -> Getter:
        attribute = self._attribute(prop.source)

        def get(row: msgspec.Struct) -> Raw:
            raw: Raw = getattr(row, attribute)
            return raw

        return get

    def _flow(self, prop: PublishedProperty, flows: FlowValues) -> Getter:
        key = self._attribute(self.table.key[0])

        def get(row: msgspec.Struct) -> Raw:
            return json_codec.encode(flows[str(json_codec.decode(bytes(getattr(row, key))))][prop.source])

        return get

    def _currency(self, prop: PublishedProperty, records: ErpRecords) -> Getter:
        attribute = self._attribute(prop.source)
        local = json_codec.encode(local_currency_code(records))

        def get(row: msgspec.Struct) -> Raw:
            raw = bytes(getattr(row, attribute))
            return local if raw == _BLANK_CODE else raw

        return get

    def _related_id(self, prop: PublishedProperty, records: ErpRecords, decoded: Sequence[Any]) -> Getter:
        attribute = self._attribute(prop.source)
        codes = {bytes(getattr(row, attribute)) for row in decoded}
        ids = related_ids(records, prop.relation, codes)

        def get(row: msgspec.Struct) -> Raw:
            return ids[bytes(getattr(row, attribute))]

        return get

    def _computed(self, prop: PublishedProperty, records: ErpRecords) -> Getter:
        computation = COMPUTATIONS[prop.source]
        attributes = [(name, self._attribute(name)) for name in computation.members]
        lookup = Lookup(records, self.table)

        def get(row: msgspec.Struct) -> Raw:
            members = {
                name: json_codec.decode(bytes(getattr(row, attribute))) for name, attribute in attributes
            }
            return json_codec.encode(computation.compute(lookup, members))

        return get


def _first_member(body: bytes) -> str:
    """The text of the first member behind the etag: tables with computed fields have their key there."""
    found = _TEXT_MEMBER.match(body, _ETAG_END)
    assert found is not None, "a table with computed fields begins with its key, a code"
    return str(json_codec.decode(found[1]))


def related_ids(records: ErpRecords, table_name: str, codes: Iterable[bytes]) -> dict[bytes, bytes]:
    """Return the SystemId, as JSON, for each code given as JSON; the empty one where there is no record."""
    blank = _BLANK_JSON[FieldType.GUID]
    by_key = {(str(json_codec.decode(code)),): code for code in codes}
    found = records.store.get_many(table_name, list(by_key))
    ids = dict.fromkeys(by_key.values(), blank)
    begin = -TAIL_LENGTH + len(b',"SystemId":')
    for key, row in found.items():
        ids[by_key[(str(key[0]),)]] = row.body[begin : begin + len(blank)]
    return ids
