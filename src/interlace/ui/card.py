"""Cards: FastTabs that fold, facts in pairs, FactBoxes beside the card, cue tiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from htpy import Element, Node, a, aside, b, dd, details, div, dl, dt, h2, section, span, summary

from interlace.ui.badge import Tone
from interlace.ui.captions import ENGLISH, Captions
from interlace.ui.explained import tooltip_of
from interlace.ui.keys import FACTS, FOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A named value; blank ones are shown as a dash."""

    caption: str
    value: Node
    is_number: bool = False
    tooltip: str = ""
    """Blank: the caption's own."""


def facts(entries: Sequence[Fact]) -> Element:
    """Named values in pairs."""
    return dl(".facts")[
        [
            div[
                dt(title=tooltip_of(entry.caption, entry.tooltip))[entry.caption],
                dd(class_={"number": entry.is_number})[_or_dash(entry.value)],
            ]
            for entry in entries
        ]
    ]


def _or_dash(value: Node) -> Node:
    return span(".blank")["–"] if value is None or value == "" else value


def fast_tab(
    heading: str, content: Node, *, promoted: Node = None, is_open: bool = True, keys: str = ""
) -> Element:
    """A part of a card that folds; what is `promoted` can be read while it is closed; `keys` leads to it."""
    return details(".fast-tab", open=is_open)[
        summary(aria_keyshortcuts=f"{FOLD} {keys}".strip())[
            h2[heading], span(".promoted")[promoted] if promoted is not None else None
        ],
        div(".fast-tab-content")[content],
    ]


def fact_box(heading: str, content: Node, *, keys: str = "") -> Element:
    """A part of the column beside a card; `keys` leads to it."""
    return section(".fact-box", aria_keyshortcuts=keys or None)[h2[heading], content]


def card(content: Node, fact_boxes: Sequence[Node] = (), *, captions: Captions = ENGLISH) -> Element:
    """A card with its FactBoxes; they stand below it on narrow screens."""
    if not fact_boxes:
        return div(".card-content")[content]
    return div(".with-facts")[
        div(".card-content")[content],
        aside(".fact-boxes", aria_label=captions.facts, aria_keyshortcuts=FACTS)[fact_boxes],
    ]


def cue(figure: str, caption: str, address: str, tone: Tone = Tone.NEUTRAL, *, tooltip: str = "") -> Element:
    """A tile with a number that leads to the list behind it."""
    told = tooltip_of(caption, tooltip)
    return a(class_=f"cue {tone.value}", href=address, title=told)[b[figure], span[caption]]


def cues(tiles: Sequence[Element]) -> Element:
    """Tiles side by side."""
    return div(".cues")[tiles]
