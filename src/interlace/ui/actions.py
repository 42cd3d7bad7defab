"""The bar of a page's actions: links, and forms of one button for everything that writes."""

from __future__ import annotations

from collections.abc import Sequence

from htpy import Element, Node, a, button, div, form, span

from interlace.ui.captions import ENGLISH, Captions
from interlace.ui.explained import tooltip_of
from interlace.ui.keys import SAVE
from interlace.ui.shell import hidden


def action_bar(*groups: Sequence[Node], captions: Captions = ENGLISH) -> Element | None:
    """Groups of actions, with a line between them; nothing when all are empty."""
    filled = [[action for action in group if action is not None] for group in groups]
    filled = [group for group in filled if group]
    if not filled:
        return None
    shown: list[Node] = []
    for group in filled:
        if shown:
            shown.append(span(".separator", role="separator"))
        shown.extend(group)
    return div(".actions", role="group", aria_label=captions.actions)[shown]


def action_link(
    caption: str, address: str, *, is_primary: bool = False, keys: str = "", tooltip: str = ""
) -> Element:
    """An action that only leads somewhere; `keys` is its shortcut."""
    style = "button primary" if is_primary else "button"
    told = tooltip_of(caption, tooltip)
    return a(class_=style, href=address, aria_keyshortcuts=keys or None, title=told)[caption]


def outside_link(caption: str, address: str) -> Element | None:
    """The way into another system, in a window of its own; nothing for what is no address of the web."""
    if not address.startswith(("https://", "http://")):
        return None
    return a(".button", href=address, target="_blank", rel="noopener noreferrer", title=tooltip_of(caption))[
        caption
    ]


def action_form(
    caption: str,
    address: str,
    fields: Sequence[tuple[str, str]],
    *,
    is_primary: bool = False,
    tooltip: str | None = None,
) -> Element:
    """An action that writes: a form of its own, with its hidden fields."""
    return form(".action", method="post", action=address)[
        hidden(fields),
        button(
            class_="button primary" if is_primary else "button",
            type="submit",
            title=tooltip_of(caption, tooltip or ""),
        )[caption],
    ]


def form_button(
    caption: str,
    *,
    name: str | None = None,
    value: str | None = None,
    is_primary: bool = False,
    keys: str = "",
    tooltip: str = "",
) -> Element:
    """A button that sends the form it stands in; `name` and `value` tell which one was pressed.

    The primary one is what Ctrl+Enter presses.
    """
    return button(
        class_="button primary" if is_primary else "button",
        type="submit",
        name=name,
        value=value,
        title=tooltip_of(caption, tooltip),
        aria_keyshortcuts=" ".join(each for each in (SAVE if is_primary else "", keys) if each) or None,
    )[caption]
