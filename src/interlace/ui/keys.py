"""The keys of the web client: the list that "?" shows, and the words of the script's own dialogs."""

from __future__ import annotations

from typing import Final

from htpy import Element, button, dialog, div, h2, kbd, table, tbody, td, th, tr

from interlace.locale.translatable import translatable
from interlace.ui.captions import Captions

KEYS: Final = (
    ("Alt+Q", translatable("Tell me what you want to do: find a page, an action or a record")),
    ("Alt+N", translatable("New")),
    ("F3", translatable("Search the list")),
    ("Shift+F3", translatable("Filter the list")),
    ("J, K", translatable("Next row, previous row")),
    ("Ctrl+↓, Ctrl+↑", translatable("Next record, previous record")),
    ("F5", translatable("Look again")),
    ("F7", translatable("Statistics")),
    ("Ctrl+F7", translatable("Log")),
    ("Alt+F2", translatable("Show or hide the facts beside the card")),
    ("Alt+F6", translatable("Open or close the part of the card")),
    ("Ctrl+Enter", translatable("Save")),
    ("A, B, M", translatable("In a conflict: take the ERP, take the CRM, decide")),
    ("Y, N", translatable("In a question: yes, no")),
    ("Esc", translatable("Close")),
    ("?", translatable("Show these keys")),
)
"""What static/interlace.js listens to."""


def key_dialog(captions: Captions) -> Element:
    """Return the list of keys, which the script opens."""
    return dialog("#keys", aria_labelledby="keys-heading")[
        h2("#keys-heading")[captions.keys],
        table(".keys")[tbody[[tr[th(scope="row")[kbd[keys]], td[text]] for keys, text in captions.key_list]]],
        div(".buttons")[button({"data-closes": "1"}, class_="button primary", type="button")[captions.close]],
    ]


def dialog_words(captions: Captions) -> Element:
    """Return the words of the script's questions."""
    return div("#dialog-words", {"data-yes": captions.yes, "data-no": captions.no}, hidden=True)
