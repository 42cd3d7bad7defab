"""The entity model of a service root, from which `$metadata` is rendered."""

from collections.abc import Iterable, Mapping

from interlace.odata.edm import (
    EntityContainer,
    EntitySet,
    EntityType,
    EnumMember,
    EnumType,
    Model,
    NavigationBinding,
    NavigationProperty,
    PrimitiveType,
    Property,
    Schema,
)
from interlace.sandbox.erp.declaration import FieldType
from interlace.sandbox.erp.option_members import OPTION_MEMBERS, to_wire_name
from interlace.sandbox.erp.set_declaration import PublishedProperty, PublishedSet

API_NAMESPACE = "Microsoft.NAV"
PAGE_NAMESPACE = "NAV"

_TYPES: Mapping[FieldType, PrimitiveType] = {
    FieldType.CODE: PrimitiveType.STRING,
    FieldType.TEXT: PrimitiveType.STRING,
    FieldType.DECIMAL: PrimitiveType.DECIMAL,
    FieldType.INTEGER: PrimitiveType.INT32,
    FieldType.BOOLEAN: PrimitiveType.BOOLEAN,
    FieldType.DATE: PrimitiveType.DATE,
    FieldType.DATETIME: PrimitiveType.DATE_TIME_OFFSET,
    FieldType.GUID: PrimitiveType.GUID,
    FieldType.OPTION: PrimitiveType.STRING,
}


def _property(prop: PublishedProperty, namespace: str, key: tuple[str, ...]) -> Property:
    kind = _TYPES[prop.type].value
    if prop.option and namespace == API_NAMESPACE:
        kind = f"{namespace}.{prop.option}"
    return Property(
        name=prop.name,
        type=kind,
        nullable=prop.name not in key,
        max_length=prop.length or None,
        scale="variable" if prop.type is FieldType.DECIMAL else None,
    )


def _key(published: PublishedSet) -> tuple[str, ...]:
    return published.shown_key if published.is_page else ("id",)


def _entity_type(published: PublishedSet, sets: Mapping[str, PublishedSet], namespace: str) -> EntityType:
    key = _key(published)
    return EntityType(
        name=published.entity,
        key=key,
        properties=tuple(_property(prop, namespace, key) for prop in published.properties),
        navigation=tuple(
            NavigationProperty(
                name=expansion.name,
                target=f"{namespace}.{sets[expansion.target].entity}",
                collection=expansion.many,
                contains_target=expansion.many,
            )
            for expansion in published.expansions
        ),
    )


def _enum_types(sets: Iterable[PublishedSet]) -> tuple[EnumType, ...]:
    names = sorted({prop.option for published in sets for prop in published.properties if prop.option})
    return tuple(
        EnumType(
            name=name,
            members=tuple(
                EnumMember(name=to_wire_name(member), value=number)
                for number, member in enumerate(OPTION_MEMBERS[name])
            ),
        )
        for name in names
    )


def _strings(**lengths: int | None) -> tuple[Property, ...]:
    return tuple(
        Property(name=name, max_length=length, nullable=name not in {"name", "Name"})
        for name, length in lengths.items()
    )


_API_COMPANY = EntityType(
    name="company",
    key=("id",),
    properties=(
        Property(name="id", type=PrimitiveType.GUID.value, nullable=False),
        *_strings(systemVersion=None),
        Property(name="timestamp", type=PrimitiveType.INT64.value),
        *_strings(name=30, displayName=250, businessProfileId=250),
    ),
)
_PAGE_COMPANY = EntityType(
    name="Company",
    key=("Name",),
    properties=(
        *_strings(Name=30),
        Property(name="Evaluation_Company", type=PrimitiveType.BOOLEAN.value),
        *_strings(Display_Name=250),
        Property(name="Id", type=PrimitiveType.GUID.value),
        *_strings(Business_Profile_Id=250),
    ),
)
_SUBSCRIPTION = EntityType(
    name="subscription",
    key=("subscriptionId",),
    properties=(
        Property(name="subscriptionId", max_length=150, nullable=False),
        *_strings(notificationUrl=None, resource=None),
        Property(name="timestamp", type=PrimitiveType.INT64.value),
        Property(name="userId", type=PrimitiveType.GUID.value),
        Property(name="lastModifiedDateTime", type=PrimitiveType.DATE_TIME_OFFSET.value),
        *_strings(clientState=2048),
        Property(name="expirationDateTime", type=PrimitiveType.DATE_TIME_OFFSET.value),
    ),
)


def build_model(sets: Mapping[str, PublishedSet], *, is_api: bool) -> Model:
    """Return the model of a root with these sets."""
    namespace = API_NAMESPACE if is_api else PAGE_NAMESPACE
    company = _API_COMPANY if is_api else _PAGE_COMPANY
    fixed_types = (company, _SUBSCRIPTION) if is_api else (company,)
    fixed_sets = [EntitySet(name="companies" if is_api else "Company", type=f"{namespace}.{company.name}")]
    if is_api:
        fixed_sets.append(EntitySet(name="subscriptions", type=f"{namespace}.subscription"))
    container = EntityContainer(
        name="NAV",
        sets=(
            *fixed_sets,
            *(
                EntitySet(
                    name=published.name,
                    type=f"{namespace}.{published.entity}",
                    bindings=tuple(
                        NavigationBinding(path=expansion.name, target=expansion.target)
                        for expansion in published.expansions
                    ),
                    insertable=published.insert,
                    updatable=published.modify,
                    deletable=published.delete,
                )
                for published in sets.values()
            ),
        ),
    )
    schema = Schema(
        namespace=namespace,
        entity_types=(*fixed_types, *(_entity_type(each, sets, namespace) for each in sets.values())),
        enum_types=_enum_types(sets.values()) if is_api else (),
        container=container,
    )
    return Model(schemas=(schema,))
