"""The keys of the web client: the list that "?" shows, and the words of the script's own dialogs.

A part of a page says by `aria-keyshortcuts` which key leads to it; static/keys.js looks for it when a key is pressed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from htpy import Element, button, dialog, div, h2, kbd, table, tbody, td, th, tr

from interlace.locale.translatable import translatable
from interlace.ui.captions import Captions

TELL: Final = "Alt+Q"
NEW: Final = "Alt+N"
SEARCH: Final = "F3"
FILTER: Final = "Shift+F3"
ADD_FILTER: Final = "Alt+Shift+F3"
RESET_FILTERS: Final = "Control+Alt+Shift+F3"
NEXT_RECORD: Final = "Control+ArrowDown"
PREVIOUS_RECORD: Final = "Control+ArrowUp"
STATISTICS: Final = "F7"
LOG: Final = "Control+F7"
FACTS: Final = "Alt+F2"
FOLD: Final = "Alt+F6"
SAVE: Final = "Control+Enter"
CONNECTION: Final = "Control+O"
MY_SETTINGS: Final = "Alt+T"
ABOUT: Final = "Control+F1"
TAKE_ERP: Final = "A"
TAKE_CRM: Final = "B"
DECIDE: Final = "M"
UNDO: Final = "U"
ROW_MENU: Final = "Shift+F10"
_CHOOSE_ROW: Final = "Ctrl+Space"
_FILTER_TO_VALUE: Final = "Alt+F3"
_ROW: Final = "main .list tbody tr"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as the list shows it."""

    shown: str
    text: str
    needs: str = ""
    """Selector of what a page must have so that the key does something; blank: it does so on every page."""


def _of(shortcut: str) -> str:
    return f'[aria-keyshortcuts~="{shortcut}"]'


KEYS: Final = (
    Key(
        shown="Alt+Q",
        text=translatable("Tell me what you want to do: find a page, an action or a record"),
        needs=_of(TELL),
    ),
    Key(shown="Alt+N", text=translatable("New"), needs=_of(NEW)),
    Key(shown="F3", text=translatable("Search the list"), needs=_of(SEARCH)),
    Key(shown="Shift+F3", text=translatable("Filter the list"), needs=_of(FILTER)),
    Key(shown=_FILTER_TO_VALUE, text=translatable("Filter the list to this value"), needs="[data-filter-by]"),
    Key(shown="Ctrl+Alt+Shift+F3", text=translatable("Reset filters"), needs=_of(RESET_FILTERS)),
    Key(shown="J, K", text=translatable("Next row, previous row"), needs=_ROW),
    Key(shown="→, ←", text=translatable("In a row: next value, previous value"), needs=_ROW),
    Key(shown=ROW_MENU, text=translatable("Menu of the row"), needs=_ROW),
    Key(shown="Ctrl+Home, Ctrl+End", text=translatable("First row, last row"), needs=_ROW),
    Key(shown="Ctrl+A", text=translatable("Choose all rows"), needs="[data-check-all]"),
    Key(
        shown=_CHOOSE_ROW,
        text=translatable("Choose this row, or don't"),
        needs="main .list tbody .check input",
    ),
    Key(
        shown="Ctrl+↓, Ctrl+↑",
        text=translatable("Next record, previous record"),
        needs=f"{_of(NEXT_RECORD)}, {_of(PREVIOUS_RECORD)}",
    ),
    Key(shown="F5", text=translatable("Look again")),
    Key(shown="F6, Shift+F6", text=translatable("Next part of the page, previous part")),
    Key(shown="F7", text=translatable("Statistics"), needs=_of(STATISTICS)),
    Key(shown="Ctrl+F7", text=translatable("Log"), needs=_of(LOG)),
    Key(shown="Alt+F2", text=translatable("Show or hide the facts beside the card"), needs=_of(FACTS)),
    Key(shown="Alt+F6", text=translatable("Open or close the part of the card"), needs=_of(FOLD)),
    Key(shown="Alt+↑", text=translatable("Explain what is marked"), needs="main [title]"),
    Key(shown="Ctrl+Enter", text=translatable("Save"), needs=_of(SAVE)),
    Key(shown="Ctrl+O", text=translatable("Connection"), needs=_of(CONNECTION)),
    Key(shown="Alt+T", text=translatable("My Account"), needs=_of(MY_SETTINGS)),
    Key(shown="Ctrl+F1", text=translatable("About this page"), needs=_of(ABOUT)),
    Key(
        shown="A, B",
        text=translatable("In a conflict: take the ERP, take the CRM"),
        needs=f"{_of(TAKE_ERP)}, {_of(TAKE_CRM)}",
    ),
    Key(shown="M", text=translatable("In a conflict: decide"), needs=_of(DECIDE)),
    Key(shown="U", text=translatable("Undo: of the row, or of the record"), needs=_of(UNDO)),
    Key(shown="Y, N", text=translatable("In a question: yes, no"), needs="[data-confirm]"),
    Key(shown="Esc", text=translatable("Close")),
    Key(shown="?", text=translatable("Show these keys")),
)
"""What static/keys.js listens to; it shows those for which the page has something."""


def key_dialog(captions: Captions) -> Element:
    """Return the list of keys, which the script opens."""
    return dialog("#keys", aria_labelledby="keys-heading")[
        h2("#keys-heading")[captions.keys],
        table(".keys")[
            tbody[
                [
                    tr({"data-needs": needs} if needs else {})[th(scope="row")[kbd[keys]], td[text]]
                    for keys, text, needs in captions.key_list
                ]
            ]
        ],
        div(".buttons")[button({"data-closes": "1"}, class_="button primary", type="button")[captions.close]],
    ]


def script_words(captions: Captions) -> list[Element]:
    """Return the words that the script says, and the places where it tells how the page stands."""
    of_keys = {keys: text for keys, text, _ in captions.key_list}
    words = {
        "data-yes": captions.yes,
        "data-no": captions.no,
        "data-stale": captions.not_renewed_since,
        "data-again": captions.look_again,
        "data-working": captions.working,
        "data-copied": captions.copied,
        "data-zone": captions.time_zone,
        "data-menu": of_keys.get(ROW_MENU, ""),
        "data-choose": of_keys.get(_CHOOSE_ROW, ""),
        "data-filter": of_keys.get(_FILTER_TO_VALUE, ""),
    }
    return [
        div("#script-words", words, hidden=True),
        # They stand there empty: only what changes in them is read out.
        div("#stale", role="status"),
        div("#working", role="status"),
    ]
