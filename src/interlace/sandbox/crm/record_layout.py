"""How the records of a table are laid out: template, stored table, mirrored columns, payload plan."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

from interlace.odata.filter_values import fold_text
from interlace.sandbox.crm.column_values import Check, compile_check
from interlace.sandbox.crm.option_sets import OptionSets
from interlace.sandbox.crm.schema import Column, ColumnKind, ManyToMany, Requirement, Table
from interlace.sandbox.entity_store import (
    ColumnType,
    MirroredColumn,
    RecordWrite,
    SqlValue,
    StoredTable,
)
from interlace.sandbox.json_codec import encode

Row = dict[str, object]

_INTEGERS = frozenset(
    {
        ColumnKind.INTEGER,
        ColumnKind.BIG_INTEGER,
        ColumnKind.CHOICE,
        ColumnKind.STATE,
        ColumnKind.STATUS,
        ColumnKind.BOOLEAN,
    }
)
_TEXTS = frozenset({ColumnKind.TEXT, ColumnKind.MEMO})
ETAG = "@odata.etag"


class Role(enum.Enum):
    """What a member of a request body is."""

    VALUE = "value"
    IGNORED = "ignored"
    KEY = "key"
    LOOKUP_VALUE = "lookup value"
    NAVIGATION = "navigation"
    BIND = "bind"
    COLLECTION = "collection"
    COLLECTION_BIND = "collection bind"


class Member(NamedTuple):
    """The plan for one member name of request bodies."""

    role: Role
    column: Column | None = None
    check: Check | None = None
    wire_name: str = ""
    name: str = ""


def stored_table(table: Table) -> StoredTable:
    """The declaration of the table for the store."""
    columns = [
        MirroredColumn(
            name=column.wire_name,
            column_type=ColumnType.INTEGER if column.kind in _INTEGERS else ColumnType.TEXT,
            indexed=column.indexed,
        )
        for column in table.columns.values()
        if column.mirrored and column.name != table.key
    ]
    unique = [tuple(table.alternate_keys[name]) for name in table.alternate_keys]
    if table.unique:
        unique.append(tuple(table.columns[name].wire_name for name in table.unique))
    return StoredTable(
        name=table.logical_name, key=(table.key,), columns=tuple(columns), unique=tuple(unique)
    )


def stored_relation(relation: ManyToMany) -> StoredTable:
    """The rows of a many-to-many relationship."""
    return StoredTable(
        name=relation.name,
        key=(relation.first, relation.second),
    )


class RecordLayout:
    """Turns rows (wire property -> value) of one table into what the store keeps."""

    def __init__(self, table: Table, option_sets: OptionSets) -> None:
        self.table = table
        self.members = _members(table, option_sets)
        # The members that need nothing but their check: nearly all of every body.
        self.checks = {
            name: member.check
            for name, member in self.members.items()
            if member.role is Role.VALUE and member.check and member.column and not member.column.create_only
        }
        self.values_for_null = {
            column.wire_name: column.default
            for column in table.columns.values()
            if column.kind is ColumnKind.BOOLEAN and column.default is not None
        }
        self.template: Row = {ETAG: None, table.key: None}
        for column in table.columns.values():
            self.template[column.wire_name] = column.default
        if table.states:
            self.template["statecode"] = table.states[0].value
            self.template["statuscode"] = table.states[0].reasons[0].value
        mirrored = [c for c in table.columns.values() if c.mirrored and c.name != table.key]
        self._mirrored = tuple((column.wire_name, column.kind in _TEXTS) for column in mirrored)
        self._folded_places = tuple(place for place, column in enumerate(mirrored) if column.kind in _TEXTS)
        self.folded = frozenset(column.wire_name for column in mirrored if column.kind in _TEXTS)
        self.required = tuple(column.wire_name for column in table.columns.values() if _is_enforced(column))
        self.mirrored_names = frozenset([table.key, "versionnumber", *(c.wire_name for c in mirrored)])

    def write(self, row: Row) -> RecordWrite:
        """The stored form of a complete row; its version is the row's `versionnumber`."""
        values: list[SqlValue] = [row[name] for name, _ in self._mirrored]  # type: ignore[misc]
        # Texts are compared without regard to letter case, in every language.
        for place in self._folded_places:
            value = values[place]
            if isinstance(value, str):
                values[place] = value.lower() if value.isascii() else fold_text(value)
        key, version, modified = row[self.table.key], row["versionnumber"], row["modifiedon"]
        assert isinstance(key, str)
        assert isinstance(version, int)
        assert isinstance(modified, str)
        return RecordWrite((key,), encode(row), version, modified, tuple(values))

    def changed(self, before: Row, row: Row) -> frozenset[str]:
        """The mirrored columns in which two rows differ."""
        return frozenset(name for name, _ in self._mirrored if row[name] != before[name])

    def complete(self, row: Row) -> Row:
        """A stored row with the columns that were declared after it was written."""
        if len(row) == len(self.template):
            return row
        return {name: row.get(name) for name in self.template}


def _members(table: Table, option_sets: OptionSets) -> Mapping[str, Member]:
    members: dict[str, Member] = {}
    for column in table.columns.values():
        wire = column.wire_name
        if column.name == table.key:
            members[wire] = Member(Role.KEY, column, compile_check(table, column, option_sets), wire)
        elif column.kind is ColumnKind.LOOKUP:
            members[wire] = Member(Role.LOOKUP_VALUE, column, None, wire)
            for navigation in column.targets:
                role = Role.NAVIGATION if column.writable else Role.IGNORED
                members[navigation] = Member(role, column, None, wire, navigation)
                role = Role.BIND if column.writable else Role.IGNORED
                members[f"{navigation}@odata.bind"] = Member(role, column, None, wire, navigation)
        elif not column.writable or column.kind is ColumnKind.MANAGED:
            # The service takes read-only columns without a word and keeps its own value.
            members[wire] = Member(Role.IGNORED)
        else:
            members[wire] = Member(Role.VALUE, column, compile_check(table, column, option_sets), wire)
    for name in table.collections:
        members[name] = Member(Role.COLLECTION, name=name)
        members[f"{name}@odata.bind"] = Member(Role.COLLECTION_BIND, name=name)
    return members


def _is_enforced(column: Column) -> bool:
    return (
        column.required is Requirement.SYSTEM
        and column.writable
        and column.kind not in (ColumnKind.KEY, ColumnKind.STATE, ColumnKind.STATUS)
        and column.default is None
    )
