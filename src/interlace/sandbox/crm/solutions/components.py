"""Roles and web resources as a solution declares them."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from interlace.sandbox.crm.role_privileges import DEPTHS
from interlace.sandbox.crm.solutions import markup

_TYPES = range(1, 13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role with its privileges: name to depth."""

    id: str
    name: str
    description: str
    privileges: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebResource:
    """A file that the CRM's pages use; the content is base64, as its records hold it."""

    id: str
    name: str
    display_name: str
    description: str
    type: int
    content: str


def read_roles(customizations: Element) -> Iterator[Role]:
    """The roles of a package."""
    for element in markup.each(customizations, "Roles/Role"):
        name = element.get("name", "").strip()
        if not name:
            raise markup.invalid("A role has no name.")
        privileges: dict[str, str] = {}
        for each in markup.each(element, "RolePrivileges/RolePrivilege"):
            depth = each.get("level", "")
            if depth not in DEPTHS or not each.get("name"):
                raise markup.invalid(f"The role '{name}' has a privilege without name or level.")
            privileges[each.get("name", "")] = depth
        yield Role(
            id=markup.guid(element.get("id", "")),
            name=name,
            description=markup.text(element, "Description"),
            privileges=privileges,
        )


def read_web_resources(customizations: Element, files: Mapping[str, bytes]) -> Iterator[WebResource]:
    """The web resources of a package with their contents."""
    for element in markup.each(customizations, "WebResources/WebResource"):
        name, file_name = markup.needed(element, "Name"), markup.needed(element, "FileName")
        content = files.get(file_name.lstrip("/"))
        if content is None:
            raise markup.invalid(f"The file '{file_name}' of the web resource '{name}' is missing.")
        kind = markup.number(element, "WebResourceType")
        if kind not in _TYPES:
            raise markup.invalid(f"The web resource '{name}' has the unknown type {kind}.")
        yield WebResource(
            id=markup.guid(markup.needed(element, "WebResourceId")),
            name=name,
            display_name=markup.text(element, "DisplayName", name),
            description=markup.text(element, "Description"),
            type=kind,
            content=base64.b64encode(content).decode(),
        )
