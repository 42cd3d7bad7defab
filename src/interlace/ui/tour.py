"""The tour of a page: the script leads from part to part of it, those that the page has, and tells what each is for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from htpy import Element, button, li, ol

from interlace.locale.translatable import translatable
from interlace.ui.captions import Captions


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A part that pages may have."""

    part: str
    """Its selector."""
    text: str


STOPS: Final = (
    Stop(
        part="nav.menu",
        text=translatable("The main menu. Below it stand the pages of the part that you are in."),
    ),
    Stop(
        part="#tell",
        text=translatable(
            "Tell Me finds pages, actions and records by any part of their names, also by names of other products."
        ),
    ),
    Stop(
        part=".bar .organization",
        text=translatable(
            "The company and the CRM that the page is about. Here you go over to another connection."
        ),
    ),
    Stop(
        part="main .cues",
        text=translatable("Tiles with numbers: each leads to the list behind it. Green means nothing to do."),
    ),
    Stop(
        part="main .actions",
        text=translatable(
            "What can be done here. An action that you can't use now stays in sight and says why when it is pointed at."
        ),
    ),
    Stop(
        part="main .views", text=translatable("Views of the list: one click shows only what belongs to one.")
    ),
    Stop(
        part="main .list-tools",
        text=translatable(
            "Search and filter the list, save what you chose as a view, or open the list in Excel or as CSV."
        ),
    ),
    Stop(
        part="main .list table",
        text=translatable(
            "The rows. Links lead on; the button with three dots at a row, or Shift+F10, opens its menu."
        ),
    ),
    Stop(
        part="main .fast-tab > summary",
        text=translatable(
            "A FastTab: a click opens or closes it. Its most important values stand beside its name."
        ),
    ),
    Stop(
        part="main .fact-boxes",
        text=translatable("FactBoxes: what belongs to the record. Alt+F2 shows or hides them."),
    ),
    Stop(
        part=".person",
        text=translatable("You. Behind the name are your language, time zone and password."),
    ),
    Stop(
        part=".tip > summary",
        text=translatable(
            "What this page is about, and this tour. A question mark typed anywhere lists the keys of the page."
        ),
    ),
)
"""In the order in which a page is read."""


def tour_button(captions: Captions) -> Element:
    """Return the button that begins the tour, for the script."""
    return button(
        {"data-tour": "1"}, class_="button script-only", type="button", title=captions.tour_explained
    )[captions.take_the_tour]


def tour_stops(captions: Captions) -> Element:
    """Return the stops with what the script says at them; nobody sees the list itself."""
    words = {
        "data-next": captions.next_page,
        "data-previous": captions.previous_page,
        "data-close": captions.close,
        "data-place": captions.stop_of_stops,
    }
    return ol("#tour", words, hidden=True)[[li({"data-part": part})[text] for part, text in captions.stops]]
