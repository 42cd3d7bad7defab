"""What a page tells beside its content: notices, errors of a form, empty lists."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from htpy import Element, Node, a, button, details, div, label, li, p, pre, span, strong, summary, ul
from htpy import input as input_

from interlace.ui.captions import ENGLISH, Captions


class Kind(enum.Enum):
    """How urgent a notice is."""

    DONE = "done"
    HINT = "hint"
    WARNING = "warning"
    ERROR = "error"


def notice(title: str, *, kind: Kind = Kind.HINT, body: Node = None, actions: Node = None) -> Element:
    """A bar with what happened, why, and what to do; errors are read out at once."""
    role = "alert" if kind in (Kind.ERROR, Kind.WARNING) else "status"
    return div(class_=f"notice {kind.value}", role=role)[
        div[strong[title], div[body] if body is not None else None],
        div(".notice-actions")[actions] if actions is not None else None,
    ]


def dismissable(notices: Sequence[Node], *, captions: Captions = ENGLISH) -> Element | None:
    """Notices above each other, each with a box that takes it away; it needs no script."""
    told = [each for each in notices if each is not None]
    if not told:
        return None
    return div(".notices")[
        [
            div(".dismissable")[
                each,
                label(".dismiss", title=captions.dismiss)[
                    # Browsers that come back to a page would tick it again.
                    input_(type="checkbox", autocomplete="off"),
                    span(".unseen")[captions.dismiss],
                ],
            ]
            for each in told
        ]
    ]


def copied(text: str, *, captions: Captions = ENGLISH) -> Element:
    """Details for whoever is asked for help: a text that can be marked, and a button that copies it."""
    return details(".copied")[
        summary(title=captions.details_explained)[captions.details],
        pre(tabindex="0")[text],
        button(
            {"data-copies": "1"}, class_="button script-only", type="button", title=captions.copy_explained
        )[captions.copy],
    ]


def form_errors(title: str, errors: Sequence[tuple[str, str]]) -> Element:
    """The list of what is wrong in a form; each entry (anchor, text) leads to its field."""
    entries = [li[a(href=f"#{anchor}")[text] if anchor else text] for anchor, text in errors]
    return notice(title, kind=Kind.ERROR, body=ul[entries])


def empty_state(title: str, advice: Node = None, actions: Node = None) -> Element:
    """What stands in place of a list without rows."""
    return div(".empty")[
        p(".empty-title")[title],
        p[advice] if advice is not None else None,
        div(".empty-actions")[actions] if actions is not None else None,
    ]
