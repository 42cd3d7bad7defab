"""Checks XML against the schemas in `schema`: the part of XML Schema that they use.

Sequences of elements with their numbers of occurrences, attributes, nil, texts by enumeration, pattern and kind.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from xml.etree.ElementTree import Element

from defusedxml import ElementTree

_XS = "{http://www.w3.org/2001/XMLSchema}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An element at its place in a sequence."""

    name: str
    type: str
    minimum: int
    maximum: float
    nillable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What an element may consist of; `text` names the type of its text, if it has one."""

    sequence: tuple[_Place, ...] = ()
    attributes: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    text: str = ""


class XmlSchema:
    """One schema: types by name, and the element that a document consists of."""

    def __init__(self, root: Element) -> None:
        top = root.find(f"{_XS}element")
        assert top is not None
        self._top = top.get("name", "")
        inner = top.find(f"{_XS}complexType")
        assert inner is not None
        self._kinds = {"": _kind(inner)} | {
            each.get("name", ""): _kind(each) for each in root.findall(f"{_XS}complexType")
        }
        self._texts: dict[str, Callable[[str], bool]] = {
            each.get("name", ""): _restriction(each) for each in root.findall(f"{_XS}simpleType")
        }
        self._texts.update(_BUILT_IN)

    def problems(self, document: bytes) -> Iterator[str]:
        """Say what is wrong with a document, and where; nothing when it is valid."""
        root = ElementTree.fromstring(document)
        if root.tag != self._top:
            yield f"/{root.tag}: the document must be an {self._top}"
            return
        yield from self._check(root, "", f"/{self._top}")

    def _check(self, element: Element, type_name: str, path: str) -> Iterator[str]:
        kind = self._kinds.get(type_name)
        if kind is None:
            yield from self._check_text(element.text or "", type_name, path)
            if len(element) or element.attrib:
                yield f"{path}: holds a text only"
            return
        yield from self._check_attributes(element, kind, path)
        if kind.text:
            yield from self._check_text(element.text or "", kind.text, path)
        elif (element.text or "").strip():
            yield f"{path}: holds no text"
        yield from self._check_children(element, kind.sequence, path)

    def _check_attributes(self, element: Element, kind: _Kind, path: str) -> Iterator[str]:
        for name, (type_name, required) in kind.attributes.items():
            value = element.get(name)
            if value is not None:
                yield from self._check_text(value, type_name, f"{path}/@{name}")
            elif required:
                yield f"{path}: the attribute {name} is missing"
        for name in element.attrib:
            if name not in kind.attributes:
                yield f"{path}: the attribute {name} is unknown"

    def _check_children(self, element: Element, sequence: Sequence[_Place], path: str) -> Iterator[str]:
        children = list(element)
        position = 0
        for place in sequence:
            count = 0
            while position < len(children) and children[position].tag == place.name and count < place.maximum:
                yield from self._check_child(children[position], place, f"{path}/{place.name}")
                position += 1
                count += 1
            if count < place.minimum:
                yield f"{path}: {place.name} is missing"
        yield from (f"{path}: {child.tag} does not belong here" for child in children[position:])

    def _check_child(self, child: Element, place: _Place, path: str) -> Iterator[str]:
        if place.nillable and child.get(_NIL) == "true":
            if child.text or len(child):
                yield f"{path}: nil, but not empty"
            return
        yield from self._check(child, place.type, path)

    def _check_text(self, text: str, type_name: str, path: str) -> Iterator[str]:
        if not self._texts[type_name](text):
            yield f"{path}: {text!r} is no {type_name.removeprefix('xs:')}"


@cache
def schema(name: str) -> XmlSchema:
    """Read one of the schemas that ship with the package: `manifest` or `customizations`."""
    source = resources.files(__package__) / "schema" / f"{name}.xsd"
    return XmlSchema(ElementTree.fromstring(source.read_bytes()))


def _kind(declared: Element) -> _Kind:
    places = tuple(
        _Place(
            name=each.get("name", ""),
            type=each.get("type", ""),
            minimum=int(each.get("minOccurs", "1")),
            maximum=float(each.get("maxOccurs", "1").replace("unbounded", "inf")),
            nillable=each.get("nillable") == "true",
        )
        for each in declared.findall(f"{_XS}sequence/{_XS}element")
    )
    extension = declared.find(f"{_XS}simpleContent/{_XS}extension")
    holder = declared if extension is None else extension
    attributes = {
        each.get("name", ""): (each.get("type", ""), each.get("use") == "required")
        for each in holder.findall(f"{_XS}attribute")
    }
    text = "" if extension is None else extension.get("base", "")
    return _Kind(sequence=places, attributes=attributes, text=text)


def _restriction(declared: Element) -> Callable[[str], bool]:
    words = {each.get("value", "") for each in declared.iter(f"{_XS}enumeration")}
    if words:
        return lambda text: text in words
    patterns = [re.compile(each.get("value", "")) for each in declared.iter(f"{_XS}pattern")]
    return lambda text: any(pattern.fullmatch(text) for pattern in patterns)


def _is_decimal(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


_BUILT_IN: Mapping[str, Callable[[str], bool]] = {
    "xs:string": lambda text: True,
    "xs:integer": lambda text: re.fullmatch(r"[+-]?[0-9]+", text) is not None,
    "xs:positiveInteger": lambda text: re.fullmatch(r"[0-9]+", text) is not None and int(text) > 0,
    "xs:decimal": _is_decimal,
}
