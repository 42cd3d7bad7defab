"""How a record of a table lies in the store: ready JSON bytes, key columns and mirrored columns.

The bytes begin with the etag and end with three system members of fixed length (SystemId, SystemCreatedAt,
SystemModifiedAt). A page web service, which doesn't show those, answers the bytes without their tail: reading
a page of whole records is slicing and joining.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from interlace.sandbox import json_codec
from interlace.sandbox.erp.declaration import Field, FieldType, Table, Value
from interlace.sandbox.erp.field_values import to_key_column, to_mirror
from interlace.sandbox.erp.option_members import OPTION_MEMBERS, from_wire_name, to_wire_name
from interlace.sandbox.stored_table import (
    ColumnType,
    MirroredColumn,
    RecordKey,
    RecordWrite,
    StoredRecord,
    StoredTable,
)

TAIL_SAMPLE: Final = (
    b',"SystemId":"00000000-0000-0000-0000-000000000000"'
    b',"SystemCreatedAt":"2026-01-01T00:00:00.000Z"'
    b',"SystemModifiedAt":"2026-01-01T00:00:00.000Z"}'
)
TAIL_LENGTH: Final = len(TAIL_SAMPLE)
SYSTEM_ID: Final = "SystemId"
MODIFIED: Final = "SystemModifiedAt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record of a table; `values` holds its stored fields as the rules see them."""

    table: Table
    values: Mapping[str, Value]
    system_id: str
    created_at: str
    modified_at: str
    version: int

    @property
    def key(self) -> RecordKey:
        """The key as the store knows it."""
        return key_columns(self.table, self.values)

    @property
    def key_text(self) -> str:
        """The key as messages to people show it."""
        return ",".join(str(self.values[name]) for name in self.table.key)

    def text(self, name: str) -> str:
        """The value of a code, text, option or date field."""
        return str(self.values[name])

    def amount(self, name: str) -> Decimal:
        """The value of a decimal field."""
        value = self.values[name]
        return value if isinstance(value, Decimal) else Decimal(str(value))


def etag(version: int) -> str:
    """The tag of a record version, as the service spells it; clients only compare and echo it."""
    inner = base64.b64encode(f"20;{version:019d}1;00;".encode()).decode()
    return f'W/"{inner}"'


def key_columns(table: Table, values: Mapping[str, Value]) -> RecordKey:
    """Return the key of the record with these values."""
    return tuple(to_key_column(table.by_name[name], values[name]) for name in table.key)


def _mirrored(table: Table) -> tuple[Field, ...]:
    return tuple(field for field in table.stored_fields if field.mirrored and field.name not in table.key)


def _column_type(declared: Field) -> ColumnType:
    numeric = declared.summed or declared.type in {FieldType.INTEGER, FieldType.BOOLEAN, FieldType.DECIMAL}
    return ColumnType.INTEGER if numeric else ColumnType.TEXT


@dataclass(frozen=True, kw_only=True)
class RecordLayout:
    """Writes and reads the stored form of one table's records."""

    table: Table
    mirrored: tuple[Field, ...] = field(init=False)
    _options: tuple[tuple[str, Mapping[str, str]], ...] = field(init=False)
    _decimals: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Look the fields up once: bulk loads run through here a million times."""
        set_once = object.__setattr__
        stored = self.table.stored_fields
        set_once(self, "mirrored", _mirrored(self.table))
        set_once(
            self,
            "_options",
            tuple(
                (declared.name, {member: to_wire_name(member) for member in OPTION_MEMBERS[declared.option]})
                for declared in stored
                if declared.type is FieldType.OPTION
            ),
        )
        set_once(
            self,
            "_decimals",
            tuple(declared.name for declared in stored if declared.type is FieldType.DECIMAL),
        )

    def stored_table(self) -> StoredTable:
        """The declaration for the store."""
        indexed = [
            MirroredColumn(name=SYSTEM_ID, indexed=False),
            MirroredColumn(name=MODIFIED, indexed=True),
        ]
        indexed += [
            MirroredColumn(name=declared.name, column_type=_column_type(declared), indexed=declared.indexed)
            for declared in self.mirrored
        ]
        integers = {name for name in self.table.key if self.table.by_name[name].type is FieldType.INTEGER}
        return StoredTable(
            name=self.table.name,
            key=self.table.key,
            columns=tuple(indexed),
            # With the key at its end such a group is unique whatever it holds: a covering index.
            unique=((SYSTEM_ID,), *((*group, *self.table.key) for group in self.table.covering)),
            integer_keys=frozenset(integers),
        )

    def to_write(self, record: Record) -> RecordWrite:
        """The row to be stored."""
        values = record.values
        # Values are kept in the table's order from the start, so a copy is in the order of the page.
        wire: dict[str, object] = dict(values)
        for name, spelling in self._options:
            wire[name] = spelling[str(values[name])]
        wire[SYSTEM_ID] = record.system_id
        wire["SystemCreatedAt"] = record.created_at
        wire[MODIFIED] = record.modified_at
        tag = etag(record.version).replace('"', '\\"')
        body = b'{"@odata.etag":"' + tag.encode() + b'",' + json_codec.encode(wire)[1:]
        columns = tuple(to_mirror(declared, values[declared.name]) for declared in self.mirrored)
        return RecordWrite(
            record.key,
            body,
            record.version,
            record.modified_at,
            (record.system_id, record.modified_at, *columns),
        )

    def from_stored(self, stored: StoredRecord) -> Record:
        """The record that a stored row holds."""
        wire = json_codec.decode_object(stored.body)
        values: dict[str, Value] = {}
        for declared in self.table.stored_fields:
            # A field declared after the row was written is blank in it.
            value = wire.get(declared.name, declared.blank)
            values[declared.name] = value if isinstance(value, str | int | Decimal) else declared.blank
        for name in self._decimals:
            values[name] = Decimal(values[name])
        for name, _ in self._options:
            values[name] = from_wire_name(str(values[name]))
        return Record(
            table=self.table,
            values=values,
            system_id=str(wire[SYSTEM_ID]),
            created_at=str(wire["SystemCreatedAt"]),
            modified_at=str(wire[MODIFIED]),
            version=stored.version,
        )
