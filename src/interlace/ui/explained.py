"""Captions that explain themselves: the tooltip travels with the caption to whatever component shows it."""

from __future__ import annotations

from typing import Self

from htpy import Element, Node, th


class Explained(str):
    """A caption in the reader's language, with what it means."""

    __slots__ = ("tooltip",)

    tooltip: str

    def __new__(cls, caption: str, tooltip: str) -> Self:
        """Give a caption its tooltip."""
        self = super().__new__(cls, caption)
        self.tooltip = tooltip
        return self


def tooltip_of(caption: Node, tooltip: str = "") -> str | None:
    """Return the tooltip that was given, or the caption's own; None: there is none."""
    return tooltip or (caption.tooltip if isinstance(caption, Explained) else None)


def heading(caption: str, content: Node = None, *, tooltip: str = "") -> Element:
    """Return the head of a column of a table that is no list; `content` stands in place of the caption."""
    return th(scope="col", title=tooltip_of(caption, tooltip))[caption if content is None else content]
