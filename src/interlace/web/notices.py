"""Notices as pages show them: what happened, why, what next, and buttons that do it."""

from __future__ import annotations

from collections.abc import Callable

from htpy import Element, Node, form, p

from interlace.ui.actions import action_link, form_button
from interlace.ui.notices import Kind, notice
from interlace.ui.shell import hidden
from interlace.ui.words import Words
from interlace.web.addresses import DO
from interlace.web.copied_details import ToldError, copied_details
from interlace.web.notice import Notice, NoticeStep


def shown_notice(told: Notice, words: Words, here: str, at: Callable[[str], str]) -> Element:
    """Return a notice with its reasons, its buttons, and details that can be copied.

    `at` makes the address of a page one for the connection that is looked at.
    """
    body: list[Node] = [p[text] for text in (told.why, told.next_step) if text]
    if told.is_refusal and (told.code or told.reference):
        held = ToldError(
            what=told.title,
            why=told.why,
            code=told.code,
            reference=told.reference,
            address=told.address,
            at=told.at,
        )
        body.append(copied_details(words, held))
    return notice(
        told.title,
        kind=Kind.ERROR if told.is_refusal else Kind.DONE,
        body=body or None,
        actions=[_step(each, here, at) for each in told.steps] or None,
    )


def _step(step: NoticeStep, here: str, at: Callable[[str], str]) -> Element:
    if step.page:
        return action_link(step.caption, at(step.page), tooltip=step.tooltip)
    return form(".action", method="post", action=f"{DO}/{step.operation.replace('.', '/')}")[
        hidden([*step.fields.items(), ("return_to", here)]),
        form_button(step.caption, tooltip=step.tooltip),
    ]
