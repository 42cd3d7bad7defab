"""What is raised for people is said in their language: it is marked for the catalogues, and never put together."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import interlace

SOURCE = Path(interlace.__file__).parent
FOR_PEOPLE = frozenset({"ConnectionProblem", "NotAtHome", "SettingsError", "invalid"})
"""Exceptions whose text is shown as it is, by commands and pages."""


def untranslatable(code: str) -> Iterator[int]:
    """Yield the lines that raise a text of their own which no catalogue knows."""
    for function in ast.walk(ast.parse(code)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        texts = {
            node.targets[0].id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_text(node.value)
        }
        for node in ast.walk(function):
            if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
                continue
            called, given = node.exc.func, node.exc.args[:1]
            if isinstance(called, ast.Name) and called.id in FOR_PEOPLE:
                for each in given:
                    if _is_text(each) or (isinstance(each, ast.Name) and each.id in texts):
                        yield node.lineno


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    )


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('raise ConnectionProblem(f"No {name}.")', 1),
        ('raise ConnectionProblem("There is none.")', 1),
        ('msg = f"No {name}."\n    raise SettingsError(msg)', 1),
        ('raise ConnectionProblem(translatable("No {name}.", name=name))', 0),
        ('raise ValueError("a key has 32 bytes")', 0),
    ],
)
def test_a_raised_text_is_found(code: str, found: int) -> None:
    """The test below sees texts that stand in the call, and those that are named before."""
    assert len(list(untranslatable(f"def function(name):\n    {code}\n"))) == found


@pytest.mark.parametrize("part", ["bootstrap", "cli"])
def test_what_is_raised_for_people_can_be_translated(part: str) -> None:
    """Each is a whole sentence with places for its values (`translatable`)."""
    found = [
        f"{file.relative_to(SOURCE)}:{line}"
        for file in sorted((SOURCE / part).rglob("*.py"))
        for line in untranslatable(file.read_text(encoding="utf-8"))
    ]
    assert found == []
