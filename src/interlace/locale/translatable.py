"""Texts that are written in one place and translated where they are shown, with the values that stand in them."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Self

Value = str | int | float | Decimal | date | timedelta
"""What may stand in a text; all but `str` are written as the reader's language does."""


class Amount(Decimal):
    """A number that stands in texts with the very decimals it has, and never with an exponent."""

    __slots__ = ()

    def __format__(self, specifier: str, context: Context | None = None, /) -> str:
        """Write it in English."""
        return super().__format__(specifier or "f", *(() if context is None else (context,)))


class Sentence(str):
    """An English text whose pattern and values are remembered, so that it can be said in another language."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, Value]

    def __new__(cls, pattern: str, values: Mapping[str, Value]) -> Self:
        """Fill the values in; raises KeyError if one is missing."""
        self = super().__new__(cls, pattern.format_map(values))
        self.pattern = pattern
        self.values = dict(values)
        return self

    def __reduce__(self) -> tuple[type["Sentence"], tuple[str, Mapping[str, Value]]]:
        """Keep pattern and values in copies."""
        return Sentence, (self.pattern, self.values)


def as_sentence(text: str) -> str:
    """Return one of our texts so that it is translated where it stands as a value in another one."""
    return text if isinstance(text, Sentence) or "{" in text or "}" in text else Sentence(text, {})


def joined(texts: Iterable[str], between: str = " ") -> str:
    """Return several texts as one in which each is still translated by itself; blank ones are left out."""
    parts = [as_sentence(each) for each in texts if each]
    if len(parts) == 1:
        return parts[0]
    names = [f"part{place}" for place in range(len(parts))]
    return Sentence(between.join(f"{{{name}}}" for name in names), dict(zip(names, parts, strict=True)))


def text_of(problem: BaseException) -> str:
    """Return what an exception says, still translatable if it was raised so."""
    text = problem.args[0] if problem.args else None
    return text if isinstance(text, Sentence) else str(problem)


def translatable(text: str, /, **values: Value) -> str:
    """Return the text, in English, with the values in it; the name marks it for the catalogues.

    `interlace.ui.words.Words.t` says it in another language, values included.
    """
    return Sentence(text, values) if values else text
