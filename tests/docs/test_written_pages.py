"""Pages that are written from the program are current, and every error code is explained."""

import re
from pathlib import Path

import pytest
from tools.reference_pages import REFERENCE, commands, pages
from typer._click.core import Command

from interlace.domain.errors import ErrorCode


@pytest.mark.parametrize("file", pages(), ids=lambda file: file.name)
def test_the_page_is_what_the_program_says(file: Path) -> None:
    """After a change of commands or settings: python -m tools.reference_pages."""
    assert file.read_text(encoding="utf-8") == pages()[file]


@pytest.mark.parametrize(
    ("name", "command"), commands(), ids=lambda each: each if isinstance(each, str) else ""
)
def test_every_command_has_an_example_of_itself(name: str, command: Command) -> None:
    """Its help says in one sentence what it does, and then shows it."""
    sentence, _, rest = (command.help or "").partition("\n\n")
    assert sentence.strip().endswith(".")
    assert re.search(rf"Example: {name}( |$)", rest, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "command"), commands(), ids=lambda each: each if isinstance(each, str) else ""
)
def test_every_command_speaks_to_programs_and_explains_its_options(name: str, command: Command) -> None:
    """--json is everywhere, and no option is without words."""
    parameters = [each for each in command.params if each.name != "help"]
    assert any("--json" in each.opts for each in parameters)
    assert all(getattr(each, "help", None) for each in parameters)


def test_every_error_code_says_what_why_and_what_next() -> None:
    """A code that people see leads to its remedy."""
    page = (REFERENCE / "errors.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert [section.partition(":")[0] for section in sections] == [code.value for code in ErrorCode]
    for section in sections:
        parts = re.findall(r"^\*\*(.+?)\*\*", section, re.MULTILINE)
        assert parts == ["What happened.", "Why.", "What next.", "Tried again."]
