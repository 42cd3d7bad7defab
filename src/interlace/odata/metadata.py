"""`$metadata` as CSDL XML written from a model (reading: `metadata_reader`), and the service document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from interlace.odata.edm import (
    COLLECTION_PREFIX,
    ComplexType,
    EntityContainer,
    EntitySet,
    EntityType,
    EnumType,
    Model,
    NavigationProperty,
    Operation,
    PrimitiveType,
    Property,
    Schema,
)
from interlace.odata.metadata_reader import parse_metadata
from interlace.odata.protocol_error import AnswerSyntaxError

__all__ = ["parse_metadata", "parse_service_document", "render_metadata", "service_document_body"]

EDMX: Final = "http://docs.oasis-open.org/odata/ns/edmx"
EDM: Final = "http://docs.oasis-open.org/odata/ns/edm"
_ALTERNATE_KEYS: Final = "OData.Community.Keys.V1.AlternateKeys"
_ALTERNATE_KEY: Final = "OData.Community.Keys.V1.AlternateKey"
_PROPERTY_REF: Final = "OData.Community.Keys.V1.PropertyRef"


# --- the service document


def service_document_body(model: Model, *, context: str) -> bytes:
    """The list of entity sets that the service root answers."""
    sets = [
        {"name": each.name, "kind": "EntitySet", "url": each.name}
        for each in model.sets.values()
        if each.in_service_document
    ]
    return msgspec.json.encode({"@odata.context": context, "value": sets})


class _Resource(msgspec.Struct):
    name: str
    url: str
    kind: str = "EntitySet"


class _Resources(msgspec.Struct):
    value: list[_Resource]


def parse_service_document(body: bytes) -> dict[str, str]:
    """The entity sets of a service document: address relative to the root, by name."""
    try:
        document = msgspec.json.decode(body, type=_Resources)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AnswerSyntaxError(
            f"The service root did not answer with a service document: {error}"
        ) from error
    return {each.name: each.url for each in document.value if each.kind == "EntitySet"}


# --- writing


def render_metadata(model: Model) -> bytes:
    """The CSDL XML document of a model."""
    root = Element("edmx:Edmx", {"Version": model.version, "xmlns:edmx": EDMX})
    services = SubElement(root, "edmx:DataServices")
    for schema in model.schemas:
        services.append(_schema_element(schema))
    text: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="utf-8"?>' + text


def _schema_element(schema: Schema) -> Element:
    element = Element(
        "Schema", _present({"Namespace": schema.namespace, "Alias": schema.alias, "xmlns": EDM})
    )
    element.extend(map(_entity_type_element, schema.entity_types))
    element.extend(_structured_element("ComplexType", each) for each in schema.complex_types)
    element.extend(map(_enum_element, schema.enum_types))
    element.extend(map(_operation_element, schema.operations))
    if schema.container is not None:
        element.append(_container_element(schema.container))
    return element


def _present(attributes: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value is not None}


def _flag(*, value: bool, usual: bool) -> str | None:
    return None if value is usual else str(value).lower()


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


def _structured_element(tag: str, kind: ComplexType) -> Element:
    element = Element(
        tag,
        _present(
            {
                "Name": kind.name,
                "BaseType": kind.base,
                "Abstract": _flag(value=kind.abstract, usual=False),
                "OpenType": _flag(value=kind.open, usual=False),
            }
        ),
    )
    element.extend(map(_property_element, kind.properties))
    element.extend(map(_navigation_element, kind.navigation))
    return element


def _entity_type_element(kind: EntityType) -> Element:
    element = _structured_element("EntityType", kind)
    if kind.has_stream:
        element.set("HasStream", "true")
    if kind.key:
        key = Element("Key")
        for name in kind.key:
            SubElement(key, "PropertyRef", {"Name": name})
        element.insert(0, key)
    if kind.alternate_keys:
        element.append(_alternate_keys_element(kind.alternate_keys))
    return element


def _alternate_keys_element(keys: Iterable[tuple[str, ...]]) -> Element:
    annotation = Element("Annotation", {"Term": _ALTERNATE_KEYS})
    collection = SubElement(annotation, "Collection")
    for key in keys:
        record = SubElement(collection, "Record", {"Type": _ALTERNATE_KEY})
        parts = SubElement(SubElement(record, "PropertyValue", {"Property": "Key"}), "Collection")
        for name in key:
            part = SubElement(parts, "Record", {"Type": _PROPERTY_REF})
            SubElement(part, "PropertyValue", {"Property": "Alias", "String": name})
            SubElement(part, "PropertyValue", {"Property": "Name", "PropertyPath": name})
    return annotation


def _property_element(each: Property) -> Element:
    attributes = {
        "Name": each.name,
        "Type": each.type,
        "Nullable": _flag(value=each.nullable, usual=True),
        "MaxLength": _number(each.max_length),
        "Precision": _number(each.precision),
        "Scale": None if each.scale is None else str(each.scale),
        "Unicode": None if each.unicode is None else str(each.unicode).lower(),
        "DefaultValue": each.default,
    }
    return Element("Property", _present(attributes))


def _navigation_element(each: NavigationProperty) -> Element:
    attributes = {
        "Name": each.name,
        "Type": f"{COLLECTION_PREFIX}{each.target})" if each.collection else each.target,
        "Nullable": _flag(value=each.nullable, usual=True),
        "Partner": each.partner,
        "ContainsTarget": _flag(value=each.contains_target, usual=False),
    }
    element = Element("NavigationProperty", _present(attributes))
    for constraint in each.constraints:
        SubElement(
            element,
            "ReferentialConstraint",
            {"Property": constraint.property, "ReferencedProperty": constraint.referenced_property},
        )
    return element


def _enum_element(kind: EnumType) -> Element:
    underlying = None if kind.underlying == PrimitiveType.INT32.value else kind.underlying
    element = Element(
        "EnumType",
        _present(
            {
                "Name": kind.name,
                "UnderlyingType": underlying,
                "IsFlags": _flag(value=kind.is_flags, usual=False),
            }
        ),
    )
    for member in kind.members:
        SubElement(element, "Member", {"Name": member.name, "Value": str(member.value)})
    return element


def _operation_element(operation: Operation) -> Element:
    element = Element(
        "Function" if operation.is_function else "Action",
        _present(
            {
                "Name": operation.name,
                "IsBound": _flag(value=operation.bound, usual=False),
                "IsComposable": _flag(value=operation.composable, usual=False),
            }
        ),
    )
    for each in operation.parameters:
        attributes = {
            "Name": each.name,
            "Type": each.type,
            "Nullable": _flag(value=each.nullable, usual=True),
        }
        SubElement(element, "Parameter", _present(attributes))
    if operation.return_type is not None:
        SubElement(element, "ReturnType", {"Type": operation.return_type})
    return element


def _say_refusals(element: Element, entity_set: EntitySet) -> None:
    """Write the capability annotations of what a set refuses."""
    capabilities = (
        ("Insert", "Insertable", entity_set.insertable),
        ("Update", "Updatable", entity_set.updatable),
        ("Delete", "Deletable", entity_set.deletable),
    )
    for verb, name, allowed in capabilities:
        if not allowed:
            term = f"Org.OData.Capabilities.V1.{verb}Restrictions"
            record = SubElement(SubElement(element, "Annotation", {"Term": term}), "Record")
            SubElement(record, "PropertyValue", {"Property": name, "Bool": "false"})


def _container_element(container: EntityContainer) -> Element:
    element = Element("EntityContainer", {"Name": container.name})
    for each in container.sets:
        own = _flag(value=each.in_service_document, usual=True)
        attributes = {"Name": each.name, "EntityType": each.type, "IncludeInServiceDocument": own}
        entity_set = SubElement(element, "EntitySet", _present(attributes))
        for binding in each.bindings:
            SubElement(
                entity_set, "NavigationPropertyBinding", {"Path": binding.path, "Target": binding.target}
            )
        _say_refusals(entity_set, each)
    for offered in container.imports:
        kind = "Function" if offered.is_function else "Action"
        SubElement(element, f"{kind}Import", {"Name": offered.name, kind: offered.operation})
    return element
