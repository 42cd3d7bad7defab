"""What a page tells beside its content: notices, errors of a form, empty lists."""

from __future__ import annotations

import enum
from collections.abc import Sequence

from htpy import Element, Node, a, div, li, p, strong, ul


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
