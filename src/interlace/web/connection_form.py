"""The parts of the Connection Setup card that are changed in place: one form for each end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from htpy import Element, Node, button, details, div, form, p, summary

from interlace.management.connection_card import CardQuestion, ConnectionForm
from interlace.ui.actions import form_button
from interlace.ui.card import Fact, facts
from interlace.ui.explained import tooltip_of
from interlace.ui.shell import hidden
from interlace.web.notice import said
from interlace.web.question_fields import answer_name, question_field, secret_name
from interlace.web.statuses import ANSWER_CAPTIONS
from interlace.web.visit import Visit

ONLY_LOOK = "only_look"
"""Sent when another way to sign in was chosen: the form comes back with what that way asks, and nothing is kept."""
END = "end"
_PLACE = "/connection"


def end_form(
    visit: Visit, held: ConnectionForm, end: str, wrong: Mapping[str, str], learned: Sequence[Fact]
) -> Element:
    """Return what can be changed at one end, below what is `learned` there.

    Where it is can be changed only while the connection is disabled.
    """
    words = visit.words
    questions = [each for each in held.questions if each.end == end]
    places = [each for each in questions if each.is_place] if held.is_enabled else []
    asked = [each for each in questions if each not in places]
    simple = [each for each in asked if not each.question.is_advanced]
    advanced = [each for each in asked if each.question.is_advanced]
    has_wrong = any(_wrong(each, wrong) for each in advanced)
    return div[
        _places(visit, places, learned),
        form(".settings", {"data-kept": "1"}, method="post", action=visit.to(_PLACE), novalidate=True)[
            hidden([("connection", visit.connection.name), ("seen", held.seen), (END, end)]),
            [_field(visit, each, wrong) for each in simple],
            details(".advanced.whole", open=has_wrong)[
                summary[words.t("Advanced")],
                div(".settings")[[_field(visit, each, wrong) for each in advanced]],
            ]
            if advanced
            else None,
            div(".buttons")[
                form_button(words.t("Save"), is_primary=True),
                button(
                    ".button.unscripted",
                    type="submit",
                    name=ONLY_LOOK,
                    value="1",
                    title=tooltip_of(words.t("Show What This Way Asks")),
                )[words.t("Show What This Way Asks")],
            ],
        ],
    ]


def _places(visit: Visit, places: Sequence[CardQuestion], learned: Sequence[Fact]) -> Node:
    words = visit.words
    shown = [
        Fact(
            caption=said(words, each.question.caption),
            tooltip=said(words, each.question.help),
            value=words.t("Yes")
            if each.question.kind == "flag"
            else said(words, ANSWER_CAPTIONS.get(each.question.value, each.question.value)),
        )
        for each in places
        if each.question.value
    ]
    told = words.t("Disable the connection to change where this end is.") if places else ""
    return [facts([*shown, *learned]), p(".quiet-text")[told] if told else None]


def _field(visit: Visit, each: CardQuestion, wrong: Mapping[str, str]) -> Element:
    words = visit.words
    stored = ""
    if each.entered_at is not None and each.question.is_stored:
        stored = words.t(
            "Stored encrypted since {date}; leave this blank to keep it.", date=words.date(each.entered_at)
        )
        if each.is_old:
            stored = words.t(
                "Stored since {date}: have a new one made at the service, and enter it here.",
                date=words.date(each.entered_at),
            )
    question = each.question
    if question.kind == "flag":
        question = msgspec.structs.replace(question, is_advanced=False)
    is_way = question.key.endswith(".sign_in")
    error = said(words, told) if (told := _wrong(each, wrong)) else ""
    return question_field(
        visit, question, error, keeps=ONLY_LOOK if is_way else "", stored=stored, is_wide=False
    )


def _wrong(each: CardQuestion, wrong: Mapping[str, str]) -> str:
    key = each.question.key
    return wrong.get(answer_name(key), "") or wrong.get(secret_name(key), "")
