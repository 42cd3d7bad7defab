"""Keeps texts of ours so that they can be said in the reader's language later: the English one, and what it is made of.

Behind the English text, which searches and older versions read, stand its pattern and its values.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

import msgspec

from interlace.locale.translatable import Amount, Sentence, Value

BEHIND = "\x1e"
"""Separates the English text from what it is made of; no text of a service has it, or it is taken out."""
_TEXT, _AMOUNT, _NUMBER, _MOMENT, _DAY, _SECONDS = "text", "amount", "number", "moment", "day", "seconds"
_Plain: TypeAlias = "str | int | float | list[object] | dict[str, object]"


def to_kept(text: str) -> str:
    """Return what to keep of a text."""
    english = str(text).replace(BEHIND, " ")
    if not isinstance(text, Sentence):
        return english
    return english + BEHIND + msgspec.json.encode(_parts(text)).decode()


def from_kept(kept: str) -> str:
    """Return the text; one that was kept without its parts, or whose parts are damaged, is plain English."""
    english, _, parts = kept.partition(BEHIND)
    if not parts:
        return english
    try:
        return from_parts(english, msgspec.json.decode(parts))
    except msgspec.DecodeError:
        return english


def english_of(kept: str) -> str:
    """Return the English text alone."""
    return kept.partition(BEHIND)[0]


def parts_of(text: str) -> list[object] | None:
    """Return what a text is made of, for files in which its English stands by itself; None: nothing but English."""
    return _parts(text) if isinstance(text, Sentence) else None


def from_parts(english: str, parts: object) -> str:
    """Return a text of a file; one without its parts, or whose parts are damaged, is plain English."""
    if parts is None:
        return english
    try:
        return _sentence(parts)
    except (ValueError, TypeError, KeyError, IndexError, ArithmeticError):
        return english


def _parts(text: Sentence) -> list[object]:
    return [text.pattern, {name: _plain(value) for name, value in text.values.items()}]


def _plain(value: Value) -> _Plain:
    match value:
        case Sentence():
            return {_TEXT: _parts(value)}
        case Amount():
            return {_AMOUNT: f"{value}"}
        case Decimal():
            return {_NUMBER: str(value)}
        case datetime():
            return {_MOMENT: value.isoformat()}
        case date():
            return {_DAY: value.isoformat()}
        case timedelta():
            return {_SECONDS: value.total_seconds()}
        case str():
            return str(value).replace(BEHIND, " ")
        case _:
            return value


def _sentence(parts: object) -> Sentence:
    match parts:
        case [str() as pattern, dict() as values]:
            return Sentence(pattern, {name: _value(value) for name, value in values.items()})
        case _:
            raise ValueError(parts)


def _value(plain: object) -> Value:
    match plain:
        case str() | int() | float() | Decimal():
            return plain
        case {"text": parts}:
            return _sentence(parts)
        case {"amount": str() as text}:
            return Amount(text)
        case {"number": str() as text}:
            return Decimal(text)
        case {"moment": str() as text}:
            return datetime.fromisoformat(text)
        case {"day": str() as text}:
            return date.fromisoformat(text)
        case {"seconds": float() | int() | Decimal() as seconds}:
            return timedelta(seconds=float(seconds))
        case _:
            raise ValueError(plain)
