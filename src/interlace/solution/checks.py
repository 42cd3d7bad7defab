"""Checks a package before anybody imports it: its documents by their schemas, and whether its parts fit together."""

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

from interlace.solution.manifest import ROLE_COMPONENT, TABLE_COMPONENT, WEB_RESOURCE_COMPONENT
from interlace.solution.xml_schema import schema

_DOCUMENTS = {"manifest": "solution.xml", "customizations": "customizations.xml"}
_KEY_BYTES_MAX = 900
"""The service refuses an alternate key whose columns may take more; a character takes two."""


def package_problems(content: bytes) -> tuple[str, ...]:
    """Say what is wrong with a package; nothing when it can be imported."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        documents = {name: archive.read(name) for name in _DOCUMENTS.values()}
        types = archive.read("[Content_Types].xml").decode("utf-8-sig")
    invalid = [
        f"{document}: {problem}"
        for name, document in _DOCUMENTS.items()
        for problem in schema(name).problems(documents[document])
    ]
    if invalid:
        return tuple(invalid)
    manifest = ElementTree.fromstring(documents["solution.xml"])
    customizations = ElementTree.fromstring(documents["customizations.xml"])
    return (
        *_component_problems(manifest, customizations),
        *_name_problems(manifest, customizations),
        *_relationship_problems(customizations),
        *_key_problems(customizations),
        *_file_problems(customizations, names, types),
    )


def _component_problems(manifest: Element, customizations: Element) -> Iterator[str]:
    listed = {
        (component.get("type", ""), component.get("schemaName") or component.get("id", ""))
        for component in manifest.iter("RootComponent")
    }
    carried = {(TABLE_COMPONENT, _text(entity, "Name").lower()) for entity in customizations.iter("Entity")}
    carried |= {(ROLE_COMPONENT, role.get("id", "")) for role in customizations.iter("Role")}
    carried |= {(WEB_RESOURCE_COMPONENT, _text(each, "Name")) for each in customizations.iter("WebResource")}
    for _, name in sorted(listed - carried):
        yield f"solution.xml lists {name}, which customizations.xml does not carry"
    for _, name in sorted(carried - listed):
        yield f"customizations.xml carries {name}, which solution.xml does not list"


def _name_problems(manifest: Element, customizations: Element) -> Iterator[str]:
    prefix = next(manifest.iter("CustomizationPrefix")).text or ""
    own = [
        _text(attribute, "LogicalName")
        for attribute in customizations.iter("attribute")
        if _text(attribute, "IsCustomField") == "1"
    ]
    own += [_text(key, "LogicalName") for key in customizations.iter("EntityKey")]
    own += [_text(each, "Name") for each in customizations.iter("WebResource")]
    for name in sorted(set(own)):
        if not name.startswith(f"{prefix}_"):
            yield f"{name} does not begin with the publisher's prefix {prefix}_"


def _relationship_problems(customizations: Element) -> Iterator[str]:
    related = {
        (_text(each, "ReferencingEntityName"), _text(each, "ReferencingAttributeName"))
        for each in customizations.iter("EntityRelationship")
    }
    for entity in customizations.iter("Entity"):
        for attribute in entity.iter("attribute"):
            place = (_text(entity, "Name"), _text(attribute, "LogicalName"))
            if _text(attribute, "Type") == "lookup" and place not in related:
                yield f"{place[0]}.{place[1]} is a lookup without a relationship"


def _key_problems(customizations: Element) -> Iterator[str]:
    for entity in customizations.iter("Entity"):
        lengths = {
            _text(each, "LogicalName"): int(_text(each, "Length") or "0") for each in entity.iter("attribute")
        }
        for key in entity.iter("EntityKey"):
            caption = f"The key {_text(key, 'Name')} of {_text(entity, 'Name')}"
            columns = [each.text or "" for each in key.iter("AttributeName")]
            for column in columns:
                if column not in lengths:
                    yield f"{caption} names the column {column}, which is not there"
            if sum(lengths.get(column, 0) for column in columns) > _KEY_BYTES_MAX:
                yield f"{caption} may take more than {_KEY_BYTES_MAX} bytes"


def _file_problems(customizations: Element, names: set[str], types: str) -> Iterator[str]:
    files = {_text(each, "FileName").lstrip("/") for each in customizations.iter("WebResource")}
    for file in sorted(files - names):
        yield f"{file} is named but not in the package"
    for file in sorted(names - files - set(_DOCUMENTS.values()) - {"[Content_Types].xml"}):
        yield f"{file} is in the package but not named"
    for file in sorted(files):
        if f'PartName="/{file}"' not in types:
            yield f"{file} has no content type"
    resources = {_text(each, "Name") for each in customizations.iter("WebResource")}
    for element in customizations.iter():
        for value in element.attrib.values():
            for name in re.findall(r"\$webresource:(.+)", value):
                if name not in resources:
                    yield f"A button names the web resource {name}, which is not in the package"


def _text(element: Element, child: str) -> str:
    return element.findtext(child) or ""
