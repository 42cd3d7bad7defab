"""How texts are compared when a person looks for something: case, width and accents don't matter."""

import unicodedata
from collections.abc import Iterable, Sequence

from interlace.domain.filter_nodes import folded

_FIRST_MARK, _LAST_MARK = "\u0300", "\u036f"
_WITHOUT_STROKES = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th"}
)
"""Letters that Unicode takes for letters of their own, as a keyboard without them writes them."""


def bare(text: str) -> str:
    """Return a text without case, width and accents, whichever way its accents are written."""
    plain = folded(text)
    if plain.isascii():
        return plain
    apart = unicodedata.normalize("NFD", plain)
    letters = "".join(each for each in apart if not _FIRST_MARK <= each <= _LAST_MARK)
    return unicodedata.normalize("NFC", letters).translate(_WITHOUT_STROKES)


def search_words(text: str) -> tuple[str, ...]:
    """Return the words that are looked for."""
    return tuple(bare(text).split())


def has_words(words: Sequence[str], names: Iterable[str]) -> bool:
    """Tell whether every word occurs somewhere in one of the names."""
    bared = [bare(name) for name in names]
    return any(all(word in name for word in words) for name in bared)
