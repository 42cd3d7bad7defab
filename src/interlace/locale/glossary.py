"""The product's terms in each language: what translations must say, and the old names by which users search."""

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from interlace.locale.languages import SOURCE, TRANSLATED


@dataclass(frozen=True, slots=True, kw_only=True)
class TermInLanguage:
    """A term in one language."""

    term: str
    stems: tuple[str, ...]
    """Beginnings by which the term is known in all its forms."""
    aliases: tuple[str, ...] = ()
    """What the product called it, mistakes included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One of the product's terms."""

    caption: str
    """The English caption of the page or action that it leads to."""
    english: tuple[str, ...]
    """Its forms in English, in lower case."""
    exceptions: tuple[str, ...]
    """Texts that use it in another sense."""
    aliases: tuple[str, ...]
    """Its old English names."""
    languages: Mapping[str, TermInLanguage]

    def is_in(self, text: str) -> bool:
        """Whether an English text uses the term."""
        forms = "|".join(map(re.escape, self.english))
        return (
            text not in self.exceptions
            and re.search(rf"(?<![\w`-])(?:{forms})(?![\w`-])", text.lower()) is not None
        )


@functools.cache
def glossary() -> tuple[Term, ...]:
    """Return every term."""
    text = resources.files("interlace.locale").joinpath("glossary.toml").read_text(encoding="utf-8")
    return tuple(_term(each) for each in tomllib.loads(text)["term"])


def old_names(caption: str, language: str = SOURCE) -> tuple[str, ...]:
    """Return the names under which users of a language, or of English, may look for an English caption."""
    found = [name for term in glossary() if term.caption == caption for name in _names(term, language)]
    return tuple(dict.fromkeys(found))


def _names(term: Term, language: str) -> tuple[str, ...]:
    translated = term.languages.get(language)
    return (*translated.aliases, translated.term, *term.aliases) if translated is not None else term.aliases


def _term(table: Mapping[str, object]) -> Term:
    aliases = table.get("aliases", {})
    assert isinstance(aliases, dict)
    return Term(
        caption=str(table["caption"]),
        english=_texts(table["english"]),
        exceptions=_texts(table.get("except", [])),
        aliases=_texts(aliases.get(SOURCE, [])),
        languages={language: _in_language(table[language]) for language in TRANSLATED},
    )


def _in_language(table: object) -> TermInLanguage:
    assert isinstance(table, dict)
    return TermInLanguage(
        term=str(table["term"]), stems=_texts(table["stems"]), aliases=_texts(table.get("aliases", []))
    )


def _texts(values: object) -> tuple[str, ...]:
    assert isinstance(values, list)
    return tuple(str(value) for value in values)
