"""What is said to show that people are served exists, and nothing is said to be shown by nothing."""

import ast
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from interlace.cli.program import program

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "explanation" / "who-uses-it.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([A-F]\d) \|[^|]+\|[^|]+\| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)
ROWS = {name: (state, re.findall(r"`([^`]+)`", proofs)) for name, state, proofs in ROW.findall(TEXT)}
NAMED = sorted(set(re.findall(r"`((?:tests/|interlace |make |python -m )[^`]+)`", TEXT)))


def test_every_job_stands_there_with_its_state() -> None:
    """Five of each; what is met, wholly or in part, has something that shows it, and what is not has nothing."""
    assert list(ROWS) == [f"{person}{number}" for person in "ABCDEF" for number in range(1, 6)]
    for name, (state, proofs) in ROWS.items():
        assert re.fullmatch(r"shown|not met|in part: .+", state), name
        assert bool(proofs) == (state != "not met"), name
        assert set(proofs) <= set(NAMED), name


@pytest.mark.parametrize("proof", NAMED)
def test_what_is_named_exists(proof: str) -> None:
    """A file, a test in it, a command, a target of make, a module."""
    first, *words = shlex.split(proof)
    if first == "interlace":
        found: Any = get_command(program)
        for word in words:
            found = found.commands[word]
    elif first == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    elif first == "python":
        assert (ROOT / f"{words[1].replace('.', '/')}.py").is_file()
    else:
        path, _, test = first.partition("::")
        content = (ROOT / path).read_text(encoding="utf-8")
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        tests = {each.name for each in ast.parse(content).body if isinstance(each, functions)}
        assert test in tests if test else any(name.startswith("test_") for name in tests)
