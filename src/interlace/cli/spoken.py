"""The language in which commands speak: chosen once when a command line begins.

JSON is for programs and always the same; names of commands, options, mappings and fields are never translated.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.locale.languages import LANGUAGES, first_offered, offered
from interlace.locale.translatable import Sentence, Value, translatable
from interlace.ui.words import ENGLISH, Words, words_of

VARIABLE = "INTERLACE_LANGUAGE"
_OF_TERMINALS = ("LC_ALL", "LC_MESSAGES", "LANG")

_WORDS: ContextVar[Words] = ContextVar("words", default=ENGLISH)


def words() -> Words:
    """Return the words of the command at hand."""
    return _WORDS.get()


def t(text: str, /, **values: Value) -> str:
    """Say a text of ours in the command's language."""
    return words().t(text, **values)


def said(text: str) -> str:
    """Say a text in the command's language if it is one of ours; what a service or a person wrote stays as it is."""
    return words().t(text) if isinstance(text, Sentence) else words().pattern(text)


@contextmanager
def speaking(environment: Mapping[str, str] = os.environ) -> Iterator[None]:
    """Speak INTERLACE_LANGUAGE, else the terminal's language if it is offered, else English, for one command line."""
    first = next((value for name in (VARIABLE, *_OF_TERMINALS) if (value := environment.get(name))), "")
    before = _WORDS.set(words_of(first_offered([first])))
    try:
        yield
    finally:
        _WORDS.reset(before)


def speak(language: str) -> None:
    """Speak a language; raises ConnectionProblem if it isn't offered."""
    name = offered(language)
    if name is None:
        known = ", ".join(each.tag for each in LANGUAGES)
        raise ConnectionProblem(
            translatable(
                "There is no language '{language}'. These are offered: {known}.",
                language=language,
                known=known,
            )
        )
    _WORDS.set(words_of(name))
