"""What is done with the rows of a list that are ticked: one form, and a button for each act."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from htpy import Element, button, form, label, span
from htpy import input as input_

from interlace.management.operation import Effect, Operation
from interlace.ui.shell import hidden
from interlace.ui.words import Words
from interlace.web.addresses import DO
from interlace.web.visit import RETURN_TO, Visit

CHOSEN_FORM = "chosen"
"""Id of the form that the boxes of the rows belong to."""
AskedT = TypeVar("AskedT", bound=msgspec.Struct)
AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)


def chosen_form(
    visit: Visit, operation: Operation[AskedT, AnswerT], fields: list[tuple[str, str]]
) -> Element:
    """Return the form; its buttons stand elsewhere, and each says what it does."""
    sent = [("connection", visit.connection.name), *fields, (RETURN_TO, visit.here)]
    return form(f"#{CHOSEN_FORM}", method="post", action=f"{DO}/{operation.address}")[hidden(sent)]


def choose_all(words: Words, name: str) -> Element:
    """Return the box that ticks every row whose own box has this name; it needs the script."""
    return label(".script-only.choose-all")[
        input_({"data-check-all": name}, type="checkbox"), " ", words.t("Choose all rows")
    ]


def chosen_button(
    visit: Visit,
    operation: Operation[AskedT, AnswerT],
    caption: str,
    *,
    confirm: str = "",
    action: str = "",
    tooltip: str = "",
) -> Element:
    """Return the button that does something with the rows that are ticked; `action` is sent as a field."""
    words = visit.words
    assert operation.effect is Effect.WRITES
    if not visit.may(operation.permission):
        reason = words.t("You don't have the permission for this")
        return button(class_="button", type="button", aria_disabled="true", title=reason)[
            words.t(caption), span(".unseen")[f" ({reason})"]
        ]
    return button(
        {"data-confirm": confirm} if confirm else {},
        class_="button",
        type="submit",
        form=CHOSEN_FORM,
        formaction=f"{DO}/{operation.address}",
        name="action" if action else None,
        value=action or None,
        title=words.t(tooltip or operation.tooltip),
    )[words.t(caption)]
