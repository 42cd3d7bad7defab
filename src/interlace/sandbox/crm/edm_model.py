"""The EDM model of the tables, for `$metadata` and the service document."""

from __future__ import annotations

from collections.abc import Iterator

from interlace.odata.edm import (
    EntityContainer,
    EntitySet,
    EntityType,
    Model,
    NavigationBinding,
    NavigationProperty,
    Operation,
    Parameter,
    PrimitiveType,
    Property,
    ReferentialConstraint,
)
from interlace.odata.edm import Schema as EdmSchema
from interlace.sandbox.crm.operation_declarations import (
    any_record,
    sales_imports,
    sales_operations,
    sales_types,
)
from interlace.sandbox.crm.schema import NAMESPACE, Column, ColumnKind, Schema, Table

_TYPES = {
    ColumnKind.KEY: PrimitiveType.GUID,
    ColumnKind.TEXT: PrimitiveType.STRING,
    ColumnKind.MEMO: PrimitiveType.STRING,
    ColumnKind.INTEGER: PrimitiveType.INT32,
    ColumnKind.BIG_INTEGER: PrimitiveType.INT64,
    ColumnKind.DECIMAL: PrimitiveType.DECIMAL,
    ColumnKind.DOUBLE: PrimitiveType.DOUBLE,
    ColumnKind.MONEY: PrimitiveType.DECIMAL,
    ColumnKind.MONEY_BASE: PrimitiveType.DECIMAL,
    ColumnKind.BOOLEAN: PrimitiveType.BOOLEAN,
    ColumnKind.DATETIME: PrimitiveType.DATE_TIME_OFFSET,
    ColumnKind.DATE: PrimitiveType.DATE,
    ColumnKind.CHOICE: PrimitiveType.INT32,
    ColumnKind.STATE: PrimitiveType.INT32,
    ColumnKind.STATUS: PrimitiveType.INT32,
    ColumnKind.GUID: PrimitiveType.GUID,
    ColumnKind.LOOKUP: PrimitiveType.GUID,
    ColumnKind.SHADOW: PrimitiveType.GUID,
    ColumnKind.MANAGED: PrimitiveType.STRING,
}
_DECIMALS = (ColumnKind.DECIMAL, ColumnKind.MONEY, ColumnKind.MONEY_BASE)


def build_model(schema: Schema, *, offers_bulk: bool = True) -> Model:
    """The model of all tables; every type has its own key and properties and inherits nothing."""
    types = tuple(_entity_type(schema, table) for table in schema.tables.values())
    sets = tuple(
        EntitySet(
            name=table.set_name,
            type=table.type_name,
            bindings=tuple(
                NavigationBinding(path=name, target=schema.tables[target].set_name)
                for column in table.columns.values()
                for name, target in _navigations(column)
            ),
        )
        for table in schema.tables.values()
    )
    return Model(
        schemas=(
            EdmSchema(
                namespace=NAMESPACE,
                alias="mscrm",
                entity_types=(any_record(), *types),
                complex_types=sales_types(),
                operations=(*_operations(schema, offers_bulk=offers_bulk), *sales_operations()),
                container=EntityContainer(name="System", sets=sets, imports=sales_imports()),
            ),
        )
    )


def _entity_type(schema: Schema, table: Table) -> EntityType:
    properties = tuple(_property(table, column) for column in table.columns.values())
    return EntityType(
        name=table.logical_name,
        properties=properties,
        navigation=tuple(_navigation_properties(schema, table)),
        key=("ownerid",) if table.logical_name in ("systemuser", "team") else (table.key,),
        alternate_keys=tuple(table.alternate_keys.values()),
    )


def _property(table: Table, column: Column) -> Property:
    return Property(
        name=column.wire_name,
        type=_TYPES[column.kind].value,
        nullable=column.name != table.key,
        max_length=column.max_length or None,
        scale="Variable" if column.kind in _DECIMALS else None,
        unicode=False if column.kind in (ColumnKind.TEXT, ColumnKind.MEMO) else None,
    )


def _navigations(column: Column) -> Iterator[tuple[str, str]]:
    for name, target in column.targets.items():
        if name != "ownerid_team":
            yield name, target


def _navigation_properties(schema: Schema, table: Table) -> Iterator[NavigationProperty]:
    for column in table.columns.values():
        for name, target in _navigations(column):
            constraint = ReferentialConstraint(
                property=column.wire_name, referenced_property=schema.tables[target].key
            )
            yield NavigationProperty(name=name, target=f"{NAMESPACE}.{target}", constraints=(constraint,))
    for collection in table.collections.values():
        yield NavigationProperty(
            name=collection.name, target=f"{NAMESPACE}.{collection.members}", collection=True
        )
    for relation in schema.many_to_many:
        if table.logical_name in (relation.first, relation.second):
            other = relation.second if relation.first == table.logical_name else relation.first
            yield NavigationProperty(
                name=relation.name, target=f"{NAMESPACE}.{other}", collection=True, partner=relation.name
            )


def _operations(schema: Schema, *, offers_bulk: bool) -> Iterator[Operation]:
    for name in ("WhoAmI", "RetrieveVersion"):
        yield Operation(name=name, is_function=True)
    for table in schema.tables.values() if offers_bulk else ():
        for message in sorted(table.bulk_messages):
            binding = Parameter(name="entityset", type=f"Collection({table.type_name})", nullable=False)
            targets = Parameter(name="Targets", type=f"Collection({table.type_name})", nullable=False)
            yield Operation(name=message, bound=True, parameters=(binding, targets))
