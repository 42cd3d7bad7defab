"""docs/reference/security.md: each requirement has tests of its number in each file it names, and none is forgotten."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| ([A-Z]\d+) \| .* \| (.*) \|$", re.MULTILINE)
_LAST = {"A": 10, "K": 6, "W": 7, "Z": 6, "S": 7, "O": 7, "I": 8, "U": 11}
REQUIREMENTS = {f"{letter}{number}" for letter, last in _LAST.items() for number in range(1, last + 1)}
_TEST = re.compile(r"def (test_security(?:_[a-z]\d+)+)_")


def _numbers(path: Path) -> set[str]:
    names = _TEST.findall(path.read_text(encoding="utf-8"))
    return {part.upper() for name in names for part in name.removeprefix("test_security_").split("_")}


def test_each_requirement_has_tests_where_the_page_says() -> None:
    """Every file that the page names for a requirement holds a test that bears its number."""
    page = (ROOT / "docs/reference/security.md").read_text(encoding="utf-8")
    rows = _ROW.findall(page)
    assert len(rows) > 20
    tested = {number for number, files in rows if "`" in files}
    assert tested == REQUIREMENTS
    for number, files in rows:
        for file in re.findall(r"`([^`]+)`", files):
            assert number in _numbers(ROOT / file), f"{file} tests nothing of {number}"


def test_each_numbered_test_stands_on_the_page() -> None:
    """A test that bears a number belongs to a requirement that the page tells of."""
    page = (ROOT / "docs/reference/security.md").read_text(encoding="utf-8")
    told = {number for number, _ in _ROW.findall(page)}
    tested = set().union(*(_numbers(path) for path in (ROOT / "tests").rglob("test_*.py")))
    assert tested <= told
