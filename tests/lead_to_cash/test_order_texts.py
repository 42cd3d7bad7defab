"""Texts about orders can be said in every language: no module of theirs puts an English sentence together itself."""

import ast
from pathlib import Path

import interlace.lead_to_cash

_MODULES = sorted(
    path
    for pattern in ("order_*.py", "two_way_*.py")
    for path in Path(interlace.lead_to_cash.__path__[0]).glob(pattern)
)
# What the CRM is given is English: it shows one language to everybody.
_FOR_THE_CRM = {"ERP order {} shipped"}
_NAMES = {"| `{}` | {} | {} |", "{}owed by payer"}
"""A line of a table of documentation, and the name of a look."""
_WORDS_MIN = 3


def _texts(path: Path) -> list[str]:
    """Return the f-strings of a module that read like a sentence."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = [each.value if isinstance(each, ast.Constant) else "{}" for each in node.values]
            text = "".join(map(str, parts))
            if len(text.replace("{}", "").split()) >= _WORDS_MIN:
                found.append(text)
    return found


def test_sentences_name_their_values() -> None:
    """An f-string would be English in every language; keys of looks and records are shorter than sentences."""
    found = {text for path in _MODULES for text in _texts(path)} - _FOR_THE_CRM - _NAMES
    assert found == set()
    assert len(_MODULES) > 20
