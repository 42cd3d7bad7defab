"""Reads a page as people see it: which columns, facts, fields, tiles, actions it has, and what explains each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"br", "circle", "hr", "img", "input", "line", "link", "meta", "path", "rect", "wbr"})


@dataclass(kw_only=True)
class Shown:
    """One element of a page."""

    tag: str
    attributes: dict[str, str]
    above: tuple["Shown", ...]
    text: str = field(default="")

    @property
    def classes(self) -> frozenset[str]:
        """Its classes."""
        return frozenset(self.attributes.get("class", "").split())

    @property
    def kind(self) -> str:
        """What it is to people; blank: nothing that needs to be explained."""
        if self.tag == "th" and self.attributes.get("scope") == "col" and "check" not in self.classes:
            return "column"
        if self.tag == "label" and any("field" in each.classes for each in self.above):
            return "field"
        if self.tag == "button" or (self.tag == "a" and "button" in self.classes):
            return "action"
        if self.tag == "a" and "cue" in self.classes:
            return "tile"
        return "fact" if self.tag == "dt" else ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Shown] = []
        self._open: list[Shown] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element."""
        held = {name: value or "" for name, value in attrs}
        self.elements.append(Shown(tag=tag, attributes=held, above=tuple(self._open)))
        if tag not in _VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag: str) -> None:
        """Leave it."""
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Give a text to all that stand around it."""
        for each in self._open:
            each.text += data


def parts_of(page: str) -> Iterator[Shown]:
    """Return what stands in the page's own part, below the menu, and needs to be explained."""
    reader = _Reader()
    reader.feed(page)
    for each in reader.elements:
        if each.kind and any(above.tag == "main" for above in each.above):
            yield each


def unexplained(page: str) -> list[str]:
    """Return what has no tooltip."""
    return [
        f"{each.kind}: {' '.join(each.text.split())[:80]}"
        for each in parts_of(page)
        if not each.attributes.get("title", "").strip()
    ]
