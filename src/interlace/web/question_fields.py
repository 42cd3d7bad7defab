"""Fields for the questions about a connection: the same in the assisted set-up and on the Connection Setup card."""

from __future__ import annotations

from dataclasses import replace

from htpy import Element, div, p

from interlace.management.setup import SetupQuestion
from interlace.ui.fields import Choice, Field, check_box, select_field, text_area, text_field
from interlace.ui.shell import hidden
from interlace.web.notice import said
from interlace.web.statuses import ANSWER_CAPTIONS
from interlace.web.visit import Visit

_ONLY_KEEP = "only_keep"


def answer_name(key: str) -> str:
    """Return the name of the field for an answer."""
    return f"answers.{key}"


def secret_name(key: str) -> str:
    """Return the name of the field for a secret."""
    return f"secrets.{key}"


def question_field(
    visit: Visit,
    question: SetupQuestion,
    error: str,
    *,
    keeps: str = _ONLY_KEEP,
    stored: str = "",
    is_wide: bool = True,
) -> Element:
    """Return the field of a question.

    A choice that decides what else is asked sends the form with the field `keeps`; `stored` says since when a secret
    is.
    """
    words = visit.words
    hint = said(words, question.help)
    if question.example and question.kind == "text":
        hint = f"{hint} {words.t('Example: {example}', example=question.example)}"
    held = Field(
        name=answer_name(question.key),
        caption=said(words, question.caption),
        value=question.value,
        error=error,
        hint=hint,
        is_required=question.is_required,
        is_wide=is_wide,
    )
    if question.kind == "secret":
        return _secret(visit, question, held, stored)
    if question.kind == "flag" and question.is_advanced:
        known = [Choice(value="1", caption=words.t("Yes")), Choice(value="0", caption=words.t("No"))]
        return select_field(replace(held, value=""), known, blank=words.t("As it is"))
    if question.kind == "flag":
        return flag_field(held, is_checked=bool(question.value))
    if question.kind == "names":
        return text_area(held)
    if question.choices:
        choices = [
            Choice(value=each.value, caption=said(words, ANSWER_CAPTIONS.get(each.value, each.value)))
            for each in question.choices
        ]
        return div({"data-keeps": keeps} if question.is_kept and keeps else {})[select_field(held, choices)]
    return text_field(held, autocomplete="off")


def flag_field(held: Field, *, is_checked: bool) -> Element:
    """Return a box; an empty one sends nothing, so the value before it says that the answer is no."""
    return div[hidden([(held.name, "0")]), check_box(held, is_checked=is_checked), p(".hint")[held.hint]]


def _secret(visit: Visit, question: SetupQuestion, held: Field, stored: str) -> Element:
    words = visit.words
    if question.is_stored:
        hint = stored or words.t("It is stored, encrypted; leave this blank to keep it.")
    elif question.key.startswith("administrator."):
        hint = words.t("It is used now and kept nowhere.")
    else:
        hint = words.t("It is stored encrypted, and never shown again.")
    asked = Field(
        name=secret_name(question.key),
        caption=held.caption,
        error=held.error,
        hint=hint,
        is_required=False,
        is_wide=held.is_wide,
    )
    return text_field(asked, kind="password", autocomplete="off")
