"""Small questions to the XML of a solution, which is read without entities and document types."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from interlace.sandbox.crm.solutions.refusals import INVALID_XML, NOT_WELL_FORMED, SolutionRefused

_CUSTOM_NAME = re.compile(r"[a-z][a-z0-9]{1,7}_[a-z0-9_]{1,90}")


def document(name: str, content: bytes) -> Element:
    """The root of one XML file of a package."""
    try:
        root: Element = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, UnicodeDecodeError, ValueError) as error:
        raise SolutionRefused(
            NOT_WELL_FORMED, f"Invalid customization file. This file is not well formed: {name}: {error}"
        ) from error
    if root.tag != "ImportExportXml":
        raise invalid(f"{name} begins with the element '{root.tag}', not with 'ImportExportXml'.")
    return root


def invalid(reason: str) -> SolutionRefused:
    """The file is XML, but not what a solution holds."""
    return SolutionRefused(
        INVALID_XML, f"The import file is invalid. XSD validation failed with the following error: '{reason}'"
    )


def text(element: Element, path: str, default: str = "") -> str:
    """The trimmed text below a path."""
    return (element.findtext(path) or default).strip()


def needed(element: Element, path: str) -> str:
    """The text below a path that must be there."""
    found = text(element, path)
    if not found:
        raise invalid(f"The element '{element.tag}' has no '{path}'.")
    return found


def number(element: Element, path: str, default: int = 0) -> int:
    """The whole number below a path."""
    found = text(element, path)
    try:
        return int(found) if found else default
    except ValueError as error:
        raise invalid(f"'{found}' in '{element.tag}/{path}' is no whole number.") from error


def labels(element: Element, path: str) -> str:
    """The English text of a list of labels, else the first one."""
    found = element.findall(path)
    english = [each for each in found if each.get("languagecode") == "1033"]
    return next((each.get("description", "") for each in [*english, *found]), "")


def each(element: Element, path: str) -> Iterator[Element]:
    """The elements at a path."""
    return iter(element.findall(path))


def guid(given: str) -> str:
    """A GUID in braces or without them, in lower case."""
    try:
        return str(uuid.UUID(given.strip("{}")))
    except ValueError as error:
        raise invalid(f"'{given}' is no GUID.") from error


def custom_name(name: str) -> str:
    """A name of a solution's own thing: a publisher's prefix, then letters, digits and underscores."""
    if not _CUSTOM_NAME.fullmatch(name):
        raise invalid(f"'{name}' does not begin with the customization prefix of a publisher.")
    return name
