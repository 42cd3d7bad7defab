"""Builds the package's XML: elements from names and values, documents as bytes that never vary."""

from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, tostring

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


def element(tag: str, /, *children: Element, text: str | float | None = None, **attributes: str) -> Element:
    """Make an element with its children, or with a text."""
    made = Element(tag, attributes)
    made.extend(children)
    if text is not None:
        made.text = str(text)
    return made


def values(parent: Element, named: Mapping[str, str | int | None]) -> None:
    """Add an element for each value; None is written as the nil of XML Schema."""
    for name, value in named.items():
        added = SubElement(parent, name)
        if value is None:
            added.set("xsi:nil", "true")
        else:
            added.text = str(value)


def labels(wrapper: str, name: str, text: str, language: int) -> Element:
    """Make a list of labels with one in the solution's language."""
    return element(wrapper, element(name, description=text, languagecode=str(language)))


def root(children: Iterable[Element], **attributes: str) -> Element:
    """Make the document element of both documents."""
    made = element("ImportExportXml", *children, **attributes)
    made.set("xmlns:xsi", _INSTANCE)
    return made


def document(top: Element) -> bytes:
    """Write a document, indented, in UTF-8, with plain line ends."""
    indent(top)
    text: str = tostring(top, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()
