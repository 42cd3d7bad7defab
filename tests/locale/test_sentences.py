"""What is told to people names its values: a sentence that code puts together itself is English in every language."""

import ast
from pathlib import Path

import pytest

import interlace

_SOURCE = Path(interlace.__path__[0])
_MODULES = (
    "lead_to_cash/order_*.py",
    "lead_to_cash/two_way_*.py",
    "engine/plan.py",
    "engine/apply_*.py",
    "engine/undo*.py",
    "bootstrap/plan_file.py",
    "bootstrap/solution_setup.py",
    "bootstrap/solution_texts.py",
    "bootstrap/administrator_order.py",
)
_FOR_SERVICES = {"ERP order {} shipped"}
"""What the CRM is given is English: it shows one language to everybody."""
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


@pytest.mark.parametrize("pattern", _MODULES)
def test_no_sentence_is_an_f_string(pattern: str) -> None:
    """Keys of looks and of records are shorter than sentences."""
    modules = sorted(_SOURCE.glob(pattern))
    assert modules
    assert {text for path in modules for text in _texts(path)} <= _FOR_SERVICES | _NAMES
