"""Which passwords are taken: long ones that aren't among the first that anybody would guess.

No rules of composition: length and not being known are what helps (ASVS 5.0, 6.2). The list of the 10,000 most
common ones is the head of zxcvbn's (MIT licence, copyright Dropbox and Daniel Wolf), in its order.
"""

import functools
import unicodedata
from collections.abc import Iterable
from importlib import resources

from interlace.management.translatable import translatable

LENGTH_MIN = 12
LENGTH_MAX = 128
_OWN_PART_MIN = 6
"""How much must be left besides a word that everybody tries first."""
_WORD_MIN = 4
_CONTEXT_WORDS = ("interlace", "dynamics", "navision", "dataverse", "business central", "microsoft")


def problem_with(password: str, context: Iterable[str] = ()) -> str:
    """Return what is wrong with a new password, blank if nothing; `context` are the names of its user."""
    if len(password) < LENGTH_MIN:
        return translatable("The password has fewer than 12 characters.")
    if len(password) > LENGTH_MAX:
        return translatable("The password has more than 128 characters.")
    folded = _folded(password)
    if len(set(folded)) < _OWN_PART_MIN - 1:
        return translatable("The password repeats a few characters over and over.")
    if folded in _common() or _core(folded) in _common() or _is_repeated(folded):
        return translatable("This is one of the passwords that are tried first.")
    own = folded
    for word in (*_CONTEXT_WORDS, *_words_of(context)):
        own = own.replace(word, "")
    if own != folded and len(_core(own)) < _OWN_PART_MIN:
        return translatable("The password is mostly a name: yours, or the product's.")
    return ""


@functools.cache
def _common() -> frozenset[str]:
    text = resources.files("interlace.management").joinpath("common_passwords.csv").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("#"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _core(folded: str) -> str:
    """Leave out digits and signs at both ends: what people add to a word that was refused."""
    letters = [position for position, each in enumerate(folded) if each.isalpha()]
    return folded[letters[0] : letters[-1] + 1] if letters else ""


def _is_repeated(folded: str) -> bool:
    """Whether it is a common password several times over."""
    for size in range(3, len(folded) // 2 + 1):
        unit = folded[:size]
        if len(folded) % size == 0 and unit * (len(folded) // size) == folded:
            return unit in _common()
    return False


def _words_of(context: Iterable[str]) -> list[str]:
    words = {
        _folded(each)
        for text in context
        for each in (text, *text.replace("@", " ").replace(".", " ").split())
    }
    return sorted((word for word in words if len(word) >= _WORD_MIN), key=len, reverse=True)
