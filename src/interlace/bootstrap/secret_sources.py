"""The credentials of a connection that people give: what each is called, and where it may come from."""

from collections.abc import Sequence

from interlace.bootstrap.setup.question import Question
from interlace.bootstrap.setup.questions import QUESTIONS

SOURCES: Sequence[Question] = tuple(each for each in QUESTIONS if each.secret and each.option)
