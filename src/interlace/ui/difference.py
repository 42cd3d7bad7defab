"""What a field held and what it gets, with the words marked in which the two differ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from htpy import Element, Node, del_, ins, mark

_WORDS = re.compile(r"\w+|\s+|.", re.DOTALL)
_WORDS_MAX = 400
"""Longer texts are compared as wholes: comparing takes the square of their length."""
_ALIKE_MIN = 0.4
"""What has less in common is another text, not a changed one."""


def difference(before: str, after: str) -> Node:
    """Show the old value and the new one; a blank old one is left out, a blank new one is a dash."""
    if not before:
        return ins[after or "–"]
    old, new = _marked(before, after)
    return [del_[old], " → ", ins[new]]


def _marked(before: str, after: str) -> tuple[Node, Node]:
    """Return both texts with the words marked that only one of them has."""
    left, right = _WORDS.findall(before), _WORDS.findall(after)
    if not right or max(len(left), len(right)) > _WORDS_MAX:
        return before, after or "–"
    steps = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    common = sum(_letters(left[start:end]) for kind, start, end, _, _ in steps if kind == "equal")
    if 2 * common < _ALIKE_MIN * (_letters(left) + _letters(right)):
        return before, after
    return (
        list(_parts((kind, left[start:end]) for kind, start, end, _, _ in steps)),
        list(_parts((kind, right[start:end]) for kind, _, _, start, end in steps)),
    )


def _letters(words: list[str]) -> int:
    """Count letters and digits: spaces that two texts have in common don't make them alike."""
    return sum(len(each) for each in words if each.isalnum())


def _parts(steps: Iterator[tuple[str, list[str]]]) -> Iterator[Element | str]:
    for kind, words in steps:
        text = "".join(words)
        if text:
            yield text if kind == "equal" else mark[text]
