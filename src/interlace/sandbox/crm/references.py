"""Addresses of records inside bodies and queries: `/contacts(<guid>)`, alternate keys, absolute links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple
from urllib.parse import unquote
from uuid import UUID

from interlace.odata.keys import KeyPredicate, parse_key_predicate
from interlace.odata.protocol_error import ProtocolError
from interlace.sandbox.crm.column_values import parse_guid
from interlace.sandbox.crm.errors import FEATURE_REFUSED, KEY_NOT_DEFINED, refused
from interlace.sandbox.crm.schema import Schema, Table

_REFERENCE = re.compile(r"^(?:.*/)?([A-Za-z_][A-Za-z0-9_]*)\((.*)\)$", re.DOTALL)


class RecordAddress(NamedTuple):
    """A table and either the record's id or the values of one of its alternate keys (by wire name)."""

    table: Table
    record_id: str | None
    key_values: Mapping[str, object]


def parse_reference(schema: Schema, text: object) -> RecordAddress:
    """The record that a reference names; raises `Refusal` when it is no reference."""
    found = _REFERENCE.match(text) if isinstance(text, str) else None
    table = schema.by_set_name.get(found[1]) if found else None
    if found is None or table is None:
        raise refused(FEATURE_REFUSED, f"'{text}' is not the address of a record of this service.")
    guid = parse_guid(found[2])
    if guid is not None:
        return RecordAddress(table, guid, {})
    try:
        predicate = parse_key_predicate(unquote(found[2]))
    except ProtocolError as error:
        raise refused(FEATURE_REFUSED, error.message) from error
    return address_of(table, predicate)


def address_of(table: Table, predicate: KeyPredicate) -> RecordAddress:
    """The record that a key predicate names: by id, by `accountid=<guid>` or by an alternate key."""
    # For systemuser and team the declared key is `ownerid`, of their base type principal.
    own_key = "ownerid" if table.logical_name in ("systemuser", "team") else table.key
    values = predicate.values_for((own_key,))
    if values is not None:
        value = values[own_key]
        if isinstance(value, UUID):
            return RecordAddress(table, str(value), {})
        guid = parse_guid(value)
        if guid is not None:
            return RecordAddress(table, guid, {})
    for key_columns in table.alternate_keys.values():
        values = predicate.values_for(tuple(table.columns[name].wire_name for name in key_columns))
        if values is not None:
            return RecordAddress(table, None, {name: _stored(value) for name, value in values.items()})
    raise refused(
        KEY_NOT_DEFINED,
        f"The specified key attributes {', '.join(predicate.names) or predicate} are not a defined key for "
        f"the {table.logical_name} entity.",
    )


def _stored(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value
