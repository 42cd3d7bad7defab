"""How a list looks: as rows or as tiles, and the button that opens a row's menu."""

from __future__ import annotations

from collections.abc import Mapping

from htpy import Element, button

from interlace.ui.actions import action_link
from interlace.ui.words import Words
from interlace.web.addresses import address
from interlace.web.visit import Visit

LAYOUT = "layout"
"""Parameter of the address that says how the list looks; blank: as rows."""
_TILES = "tiles"


def is_tiled(visit: Visit) -> bool:
    """Whether each row stands in a tile of its own."""
    return visit.query(LAYOUT) == _TILES


def layout_link(visit: Visit, path: str, kept: Mapping[str, str]) -> Element:
    """Return the way to the list's other look; `kept` are the other parameters of its address."""
    words = visit.words
    if is_tiled(visit):
        return action_link(words.t("Show as List"), address(path, kept))
    return action_link(words.t("Show as Tiles"), address(path, {**kept, LAYOUT: _TILES}))


def row_menu(words: Words, row: str) -> Element:
    """Return the button that opens a row's menu; the script makes the menu of what stands in the row."""
    return button(
        ".row-menu.script-only",
        type="button",
        aria_haspopup="menu",
        aria_label=words.t("Menu of {row}", row=row),
        title=words.t("What can be done with this row"),
    )
