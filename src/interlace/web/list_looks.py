"""How a list looks: as rows or as tiles, and the button that opens a row's menu."""

from __future__ import annotations

from collections.abc import Mapping

from htpy import Element, button, span

from interlace.ui.actions import action_link
from interlace.ui.words import Words
from interlace.web.addresses import address
from interlace.web.visit import Visit

LAYOUT = "layout"
"""Parameter of the address that says how the list looks; blank: as rows."""
TILES = "tiles"


def is_tiled(visit: Visit) -> bool:
    """Whether each row stands in a tile of its own."""
    return visit.query(LAYOUT) == TILES


def layout_link(visit: Visit, path: str, kept: Mapping[str, str]) -> Element:
    """Return the way to the list's other look; `kept` are the other parameters of its address."""
    words = visit.words
    caption, query = (
        (words.t("Show as List"), kept)
        if is_tiled(visit)
        else (words.t("Show as Tiles"), {**kept, LAYOUT: TILES})
    )
    return span(".list-look")[action_link(caption, address(path, query))]


def row_menu(words: Words, row: str) -> Element:
    """Return the button that opens a row's menu; the script makes the menu of what stands in the row."""
    return button(
        ".row-menu.script-only",
        type="button",
        aria_haspopup="menu",
        aria_label=words.t("Menu of {row}", row=row),
        title=words.t("What can be done with this row"),
    )
