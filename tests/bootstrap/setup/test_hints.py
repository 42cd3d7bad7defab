"""What the questions of the set-up say: a page shows choices by their captions, and must not call them otherwise."""

import re

import pytest

from interlace.bootstrap.setup.question import AnswerKind, Question
from interlace.bootstrap.setup.questions import QUESTIONS
from interlace.web.statuses import ANSWER_CAPTIONS

_SHOWN = [each for each in QUESTIONS if each.kind is not AnswerKind.SECRET_FILE]
_EVERYDAY = {"", "certificate", "person", "team", "item", "resource"}
"""Choices that are called by words of everybody's."""
_CODES = ANSWER_CAPTIONS.keys() - _EVERYDAY


@pytest.mark.parametrize("question", _SHOWN, ids=lambda each: each.key)
def test_a_page_calls_choices_as_it_shows_them(question: Question) -> None:
    """`basic` and `ntlm` are words of the answers file: on the page stands a user with a key, a Windows account."""
    shown = question.help if question.hint is None else question.hint
    named = set(re.findall(r"[\w-]+", shown))
    assert not named & _CODES
    assert not any(f"{choice}:" in shown for choice in question.choices if choice)
