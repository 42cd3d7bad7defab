"""Reading `$metadata` (CSDL XML, all OData 4.x namespaces) into a model."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from interlace.odata.edm import (
    COLLECTION_PREFIX,
    ComplexType,
    EntityContainer,
    EntitySet,
    EntityType,
    EnumMember,
    EnumType,
    Model,
    NavigationBinding,
    NavigationProperty,
    Operation,
    OperationImport,
    Parameter,
    PrimitiveType,
    Property,
    ReferentialConstraint,
    Schema,
)
from interlace.odata.protocol_error import AnswerSyntaxError

_BYTES_MAX = 20_000_000
_DEPTH_MAX = 64
_CAPABILITIES = "Org.OData.Capabilities.V1."
_ALTERNATE_KEYS = "OData.Community.Keys.V1.AlternateKeys"


@lru_cache(maxsize=4)
def parse_metadata(document: bytes) -> Model:
    """The model in a CSDL XML document; raises `AnswerSyntaxError` when it is none or hides entities."""
    if len(document) > _BYTES_MAX:
        raise AnswerSyntaxError(f"The metadata document is longer than {_BYTES_MAX} bytes.")
    try:
        # Neither a document type nor entities of any kind belong into metadata.
        root = fromstring(document, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as error:
        raise AnswerSyntaxError(f"The service did not answer with a metadata document: {error}") from error
    _require_shallow(root)
    if _tag(root) != "Edmx":
        raise AnswerSyntaxError(f"A metadata document was expected, not '{_tag(root)}'.")
    try:
        schemas = tuple(
            _schema(each)
            for services in _children(root, "DataServices")
            for each in _children(services, "Schema")
        )
    except (KeyError, ValueError) as error:
        raise AnswerSyntaxError(f"The metadata document is incomplete: {error}") from error
    return Model(schemas=schemas, version=root.get("Version", "4.0"))


def _require_shallow(root: Element) -> None:
    """Refuse a document that is nested deeper than any metadata is."""
    level = [root]
    for _ in range(_DEPTH_MAX):
        level = [child for element in level for child in element]
        if not level:
            return
    raise AnswerSyntaxError(f"The metadata document is nested deeper than {_DEPTH_MAX} elements.")


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _children(element: Element, tag: str) -> Iterator[Element]:
    return (each for each in element if _tag(each) == tag)


def _true(element: Element, name: str, usual: str = "false") -> bool:
    return element.get(name, usual).lower() == "true"


def _schema(element: Element) -> Schema:
    container = next(_children(element, "EntityContainer"), None)
    operations = (
        _operation(each, is_function=kind == "Function")
        for kind in ("Function", "Action")
        for each in _children(element, kind)
    )
    return Schema(
        namespace=element.attrib["Namespace"],
        alias=element.get("Alias"),
        entity_types=tuple(map(_entity_type, _children(element, "EntityType"))),
        complex_types=tuple(map(_complex_type, _children(element, "ComplexType"))),
        enum_types=tuple(map(_enum_type, _children(element, "EnumType"))),
        operations=tuple(operations),
        container=None if container is None else _container(container),
    )


def _entity_type(element: Element) -> EntityType:
    return EntityType(
        name=element.attrib["Name"],
        base=element.get("BaseType"),
        abstract=_true(element, "Abstract"),
        open=_true(element, "OpenType"),
        has_stream=_true(element, "HasStream"),
        key=tuple(
            ref.attrib["Name"] for key in _children(element, "Key") for ref in _children(key, "PropertyRef")
        ),
        properties=tuple(map(_property, _children(element, "Property"))),
        navigation=tuple(map(_navigation, _children(element, "NavigationProperty"))),
        alternate_keys=tuple(_alternate_keys(element)),
    )


def _alternate_keys(element: Element) -> Iterator[tuple[str, ...]]:
    for annotation in _children(element, "Annotation"):
        if annotation.get("Term") != _ALTERNATE_KEYS:
            continue
        for collection in _children(annotation, "Collection"):
            for record in _children(collection, "Record"):
                paths = (each.get("PropertyPath") for each in record.iter() if each.get("Property") == "Name")
                yield tuple(path for path in paths if path)


def _complex_type(element: Element) -> ComplexType:
    return ComplexType(
        name=element.attrib["Name"],
        base=element.get("BaseType"),
        abstract=_true(element, "Abstract"),
        open=_true(element, "OpenType"),
        properties=tuple(map(_property, _children(element, "Property"))),
        navigation=tuple(map(_navigation, _children(element, "NavigationProperty"))),
    )


def _property(element: Element) -> Property:
    scale = element.get("Scale")
    unicode = element.get("Unicode")
    return Property(
        name=element.attrib["Name"],
        type=element.attrib["Type"],
        nullable=_true(element, "Nullable", "true"),
        max_length=_number(element.get("MaxLength")),
        precision=_number(element.get("Precision")),
        scale=int(scale) if scale is not None and scale.isdecimal() else scale,
        unicode=None if unicode is None else unicode.lower() == "true",
        default=element.get("DefaultValue"),
    )


def _number(text: str | None) -> int | None:
    """A number; `max` and other words mean: no limit declared."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() else None


def _navigation(element: Element) -> NavigationProperty:
    kind = element.attrib["Type"]
    collection = kind.startswith(COLLECTION_PREFIX)
    return NavigationProperty(
        name=element.attrib["Name"],
        target=kind[len(COLLECTION_PREFIX) : -1] if collection else kind,
        collection=collection,
        nullable=_true(element, "Nullable", "true"),
        partner=element.get("Partner"),
        contains_target=_true(element, "ContainsTarget"),
        constraints=tuple(
            ReferentialConstraint(
                property=each.attrib["Property"], referenced_property=each.attrib["ReferencedProperty"]
            )
            for each in _children(element, "ReferentialConstraint")
        ),
    )


def _enum_type(element: Element) -> EnumType:
    members = [
        EnumMember(name=each.attrib["Name"], value=int(each.get("Value", place)))
        for place, each in enumerate(_children(element, "Member"))
    ]
    return EnumType(
        name=element.attrib["Name"],
        members=tuple(members),
        is_flags=_true(element, "IsFlags"),
        underlying=element.get("UnderlyingType", PrimitiveType.INT32.value),
    )


def _operation(element: Element, *, is_function: bool) -> Operation:
    answer = next(_children(element, "ReturnType"), None)
    return Operation(
        name=element.attrib["Name"],
        is_function=is_function,
        bound=_true(element, "IsBound"),
        composable=_true(element, "IsComposable"),
        parameters=tuple(
            Parameter(
                name=each.attrib["Name"], type=each.attrib["Type"], nullable=_true(each, "Nullable", "true")
            )
            for each in _children(element, "Parameter")
        ),
        return_type=None if answer is None else answer.attrib["Type"],
    )


def _container(element: Element) -> EntityContainer:
    imports = [
        OperationImport(name=each.attrib["Name"], operation=each.attrib[kind], is_function=kind == "Function")
        for kind in ("Function", "Action")
        for each in _children(element, f"{kind}Import")
    ]
    return EntityContainer(
        name=element.attrib["Name"],
        sets=tuple(map(_entity_set, _children(element, "EntitySet"))),
        imports=tuple(imports),
    )


def _entity_set(element: Element) -> EntitySet:
    refused = set(_refused(element))
    return EntitySet(
        name=element.attrib["Name"],
        type=element.attrib["EntityType"],
        in_service_document=_true(element, "IncludeInServiceDocument", "true"),
        bindings=tuple(
            NavigationBinding(path=each.attrib["Path"], target=each.attrib["Target"])
            for each in _children(element, "NavigationPropertyBinding")
        ),
        insertable="Insertable" not in refused,
        updatable="Updatable" not in refused,
        deletable="Deletable" not in refused,
    )


def _refused(element: Element) -> Iterator[str]:
    """Name what the capability annotations of a set refuse."""
    for annotation in _children(element, "Annotation"):
        if not annotation.get("Term", "").startswith(_CAPABILITIES):
            continue
        for record in _children(annotation, "Record"):
            for value in _children(record, "PropertyValue"):
                if value.get("Bool", "").lower() == "false":
                    yield value.get("Property", "")
