"""What the CRM's tables are made of: columns, options, states, relationships.

A `Table` knows its columns by logical name and its wire properties in answer order; `declared_tables`
reads the files. A table holds declarations only; options that people add live in `option_sets`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

NAMESPACE = "Microsoft.Dynamics.CRM"


class ColumnKind(enum.Enum):
    """What a column holds; the value is the word of the declaration files."""

    KEY = "key"
    TEXT = "text"
    MEMO = "memo"
    INTEGER = "integer"
    BIG_INTEGER = "big_integer"
    DECIMAL = "decimal"
    DOUBLE = "double"
    MONEY = "money"
    MONEY_BASE = "money_base"
    BOOLEAN = "boolean"
    DATETIME = "datetime"
    DATE = "date"
    CHOICE = "choice"
    STATE = "state"
    STATUS = "status"
    GUID = "guid"
    LOOKUP = "lookup"
    SHADOW = "shadow"
    MANAGED = "managed"


class Requirement(enum.Enum):
    """How strongly a column is asked for; only SYSTEM is enforced by the service."""

    NONE = "none"
    RECOMMENDED = "recommended"
    APPLICATION = "application"
    SYSTEM = "system"


class ParentDelete(enum.Enum):
    """What happens to a record when the record its lookup names is deleted."""

    CASCADE = "cascade"
    RESTRICT = "restrict"
    REMOVE_LINK = "remove_link"
    NO_ACTION = "no_action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One value of a choice; status reasons also name their state."""

    value: int
    label: str
    state: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column by its logical name.

    `targets` maps navigation property to target table for lookups; `parent_delete` is what the
    deletion of the target does to this record; `choice` names the shared choice its options come from.
    """

    name: str
    kind: ColumnKind
    display_name: str = ""
    max_length: int = 0
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    precision: int = 0
    required: Requirement = Requirement.NONE
    writable: bool = True
    create_only: bool = False
    default: object = None
    options: tuple[Option, ...] = ()
    targets: Mapping[str, str] = field(default_factory=dict)
    customer: bool = False
    parent_delete: ParentDelete = ParentDelete.REMOVE_LINK
    mirrored: bool = False
    indexed: bool = False
    custom: bool = False
    shadow_of: str = ""
    schema_name: str = ""
    choice: str = ""

    @property
    def wire_name(self) -> str:
        """The property of this column in records: lookups are read as `_x_value`."""
        return f"_{self.name}_value" if self.kind is ColumnKind.LOOKUP else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One state with its status reasons, the default reason first."""

    value: int
    label: str
    reasons: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionNavigation:
    """The many side of a lookup: `members` whose lookup `column` names this record."""

    name: str
    members: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyToMany:
    """A relationship between two tables kept in rows of its own."""

    name: str
    first: str
    second: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: names, columns in answer order, keys, states, what may be done with it."""

    logical_name: str
    set_name: str
    display_name: str
    key: str
    primary_name: str
    object_type_code: int
    ownership: str
    methods: frozenset[str]
    bulk_messages: frozenset[str]
    change_tracking: bool
    columns: Mapping[str, Column]
    states: tuple[State, ...] = ()
    unique: tuple[str, ...] = ()
    alternate_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    collections: Mapping[str, CollectionNavigation] = field(default_factory=dict)
    custom: bool = False
    schema_name: str = ""

    @cached_property
    def by_wire_name(self) -> Mapping[str, Column]:
        """Columns by the property under which records show them, in answer order."""
        return MappingProxyType({column.wire_name: column for column in self.columns.values()})

    @cached_property
    def lookups(self) -> Mapping[str, Column]:
        """Lookup columns by navigation property."""
        return MappingProxyType({nav: column for column in self.columns.values() for nav in column.targets})

    @cached_property
    def money_columns(self) -> tuple[str, ...]:
        """Money columns that have a base twin."""
        return tuple(column.name for column in self.columns.values() if column.kind is ColumnKind.MONEY)

    @property
    def has_currency(self) -> bool:
        """Whether amounts of this table are in a currency of their own."""
        return "exchangerate" in self.columns and self.logical_name != "transactioncurrency"

    @property
    def type_name(self) -> str:
        """The qualified OData type."""
        return f"{NAMESPACE}.{self.logical_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedChoice:
    """A choice that columns of several tables share."""

    name: str
    display_name: str
    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Schema:
    """All tables and the relationships that are neither side's column; equal only to itself."""

    tables: Mapping[str, Table]
    many_to_many: tuple[ManyToMany, ...]
    choices: Mapping[str, SharedChoice] = field(default_factory=dict)

    @cached_property
    def by_set_name(self) -> Mapping[str, Table]:
        """Tables by entity set name."""
        return MappingProxyType({table.set_name: table for table in self.tables.values()})

    @cached_property
    def children(self) -> Mapping[str, tuple[tuple[Table, Column], ...]]:
        """For each table, the (table, lookup column) pairs that may name its records."""
        found: dict[str, list[tuple[Table, Column]]] = {name: [] for name in self.tables}
        for table in self.tables.values():
            for column in table.columns.values():
                for target in dict.fromkeys(column.targets.values()):
                    found[target].append((table, column))
        return MappingProxyType({name: tuple(pairs) for name, pairs in found.items()})

    def many_to_many_of(self, table: Table, navigation: str) -> ManyToMany | None:
        """The many-to-many relationship that a table calls by this navigation property."""
        for relation in self.many_to_many:
            if relation.name == navigation and table.logical_name in (relation.first, relation.second):
                return relation
        return None
