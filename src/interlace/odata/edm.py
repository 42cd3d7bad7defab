"""The entity model of a service as values: types, properties, navigation, sets, operations.

Both roles use it: a server declares its model and renders `$metadata` from it, a client parses one.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

COLLECTION_PREFIX = "Collection("


class PrimitiveType(enum.Enum):
    """The primitive types that ERP and CRM services use."""

    STRING = "Edm.String"
    GUID = "Edm.Guid"
    INT16 = "Edm.Int16"
    INT32 = "Edm.Int32"
    INT64 = "Edm.Int64"
    DECIMAL = "Edm.Decimal"
    DOUBLE = "Edm.Double"
    BOOLEAN = "Edm.Boolean"
    DATE = "Edm.Date"
    DATE_TIME_OFFSET = "Edm.DateTimeOffset"
    TIME_OF_DAY = "Edm.TimeOfDay"
    DURATION = "Edm.Duration"
    STREAM = "Edm.Stream"
    BINARY = "Edm.Binary"


_PRIMITIVE_TYPES = {member.value: member for member in PrimitiveType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A structural property; `type` is a qualified name (`Edm.String`, `NS.Enum`, `Collection(...)`)."""

    name: str
    type: str = PrimitiveType.STRING.value
    nullable: bool = True
    max_length: int | None = None
    precision: int | None = None
    scale: int | str | None = None
    unicode: bool | None = None
    default: str | None = None

    @property
    def primitive_type(self) -> PrimitiveType | None:
        """The primitive type, or None for enumerations, complex types and collections."""
        return _PRIMITIVE_TYPES.get(self.type)

    @property
    def is_collection(self) -> bool:
        """Whether the value is a list."""
        return self.type.startswith(COLLECTION_PREFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferentialConstraint:
    """The dependent property that holds the value of a property of the target."""

    property: str
    referenced_property: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationProperty:
    """A way to related entities; `target` is the qualified entity type without `Collection(...)`."""

    name: str
    target: str
    collection: bool = False
    nullable: bool = True
    partner: str | None = None
    contains_target: bool = False
    constraints: tuple[ReferentialConstraint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplexType:
    """A structured type without key."""

    name: str
    properties: tuple[Property, ...] = ()
    navigation: tuple[NavigationProperty, ...] = ()
    open: bool = False
    abstract: bool = False
    base: str | None = None

    def property(self, name: str) -> Property | None:
        """The own structural property of that exact name."""
        return next((each for each in self.properties if each.name == name), None)

    def navigation_property(self, name: str) -> NavigationProperty | None:
        """The own navigation property of that exact name."""
        return next((each for each in self.navigation if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType(ComplexType):
    """A structured type with a key; `key` names its properties in order."""

    key: tuple[str, ...] = ()
    has_stream: bool = False
    alternate_keys: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumMember:
    """One member of an enumeration."""

    name: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EnumType:
    """An enumeration."""

    name: str
    members: tuple[EnumMember, ...]
    is_flags: bool = False
    underlying: str = PrimitiveType.INT32.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter of an operation."""

    name: str
    type: str
    nullable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An action or function; a bound one's first parameter is the binding parameter."""

    name: str
    is_function: bool = False
    bound: bool = False
    parameters: tuple[Parameter, ...] = ()
    return_type: str | None = None
    composable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationBinding:
    """Which set holds the targets of a navigation path of a set."""

    path: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySet:
    """A named collection of entities; `type` is the qualified entity type."""

    name: str
    type: str
    bindings: tuple[NavigationBinding, ...] = ()
    in_service_document: bool = True
    insertable: bool = True
    """The set takes new entities, by its capability annotations; what they don't say counts as allowed."""
    updatable: bool = True
    deletable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationImport:
    """An unbound operation offered at the service root."""

    name: str
    operation: str
    is_function: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityContainer:
    """The sets and imports of the service."""

    name: str = "Container"
    sets: tuple[EntitySet, ...] = ()
    imports: tuple[OperationImport, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """One namespace of a model."""

    namespace: str
    alias: str | None = None
    entity_types: tuple[EntityType, ...] = ()
    complex_types: tuple[ComplexType, ...] = ()
    enum_types: tuple[EnumType, ...] = ()
    operations: tuple[Operation, ...] = ()
    container: EntityContainer | None = None


@dataclass(frozen=True, kw_only=True)
class Model:
    """All schemas of a service, with lookups by qualified name (namespace or alias) and by set name."""

    schemas: tuple[Schema, ...]
    version: str = "4.0"
    references: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _types(self) -> dict[str, ComplexType | EnumType]:
        found: dict[str, ComplexType | EnumType] = {}
        for schema in self.schemas:
            for prefix in filter(None, (schema.namespace, schema.alias)):
                found |= {f"{prefix}.{each.name}": each for each in schema.entity_types}
                found |= {f"{prefix}.{each.name}": each for each in schema.complex_types}
                found |= {f"{prefix}.{each.name}": each for each in schema.enum_types}
        return found

    @cached_property
    def sets(self) -> dict[str, EntitySet]:
        """The entity sets by name."""
        return {each.name: each for container in self._containers() for each in container.sets}

    @cached_property
    def imports(self) -> dict[str, OperationImport]:
        """The unbound operations by import name."""
        return {each.name: each for container in self._containers() for each in container.imports}

    @cached_property
    def operations(self) -> dict[str, tuple[Operation, ...]]:
        """The overloads of each operation by qualified name."""
        found: dict[str, tuple[Operation, ...]] = {}
        for schema in self.schemas:
            for operation in schema.operations:
                name = f"{schema.namespace}.{operation.name}"
                found[name] = (*found.get(name, ()), operation)
        return found

    def _containers(self) -> Iterator[EntityContainer]:
        return (schema.container for schema in self.schemas if schema.container is not None)

    def entity_type(self, name: str) -> EntityType | None:
        """The entity type of a qualified name."""
        found = self._types.get(name)
        return found if isinstance(found, EntityType) else None

    def complex_type(self, name: str) -> ComplexType | None:
        """The complex type of a qualified name (entity types are not complex types here)."""
        found = self._types.get(name)
        return found if isinstance(found, ComplexType) and not isinstance(found, EntityType) else None

    def enum_type(self, name: str) -> EnumType | None:
        """The enumeration of a qualified name."""
        found = self._types.get(name)
        return found if isinstance(found, EnumType) else None

    def type_of_set(self, name: str) -> EntityType | None:
        """The entity type of a set, or None when there is no such set."""
        entity_set = self.sets.get(name)
        return None if entity_set is None else self.entity_type(entity_set.type)

    def lineage(self, entity_type: EntityType) -> tuple[EntityType, ...]:
        """The type and its ancestors, nearest first; a broken or circular chain ends where it breaks."""
        chain = [entity_type]
        while (parent := self.entity_type(chain[-1].base or "")) is not None and parent not in chain:
            chain.append(parent)
        return tuple(chain)

    def key_of(self, entity_type: EntityType) -> tuple[str, ...]:
        """The key properties, inherited where the type declares none."""
        return next((each.key for each in self.lineage(entity_type) if each.key), ())

    def properties_of(self, entity_type: EntityType) -> tuple[Property, ...]:
        """Own and inherited structural properties, those of the oldest ancestor first."""
        return tuple(each for kind in reversed(self.lineage(entity_type)) for each in kind.properties)

    def navigation_of(self, entity_type: EntityType) -> tuple[NavigationProperty, ...]:
        """Own and inherited navigation properties, those of the oldest ancestor first."""
        return tuple(each for kind in reversed(self.lineage(entity_type)) for each in kind.navigation)
