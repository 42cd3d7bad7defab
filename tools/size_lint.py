"""Hold modules to 400 lines (tests: 700) and functions to 70 (docstrings not counted)."""

import ast
import sys
from collections.abc import Iterator

from tools.findings import ROOT, Finding, python_files, report

MODULE_LINES_MAX = 400
TEST_MODULE_LINES_MAX = 700
"""A test module is a list of sentences about one subject, read one at a time; it may be longer."""
FUNCTION_LINES_MAX = 70
STRAIGHT_LISTS = ("src/interlace/store/migrations/versions/",)
"""Folders whose functions are one straight list of statements, read from top to bottom once."""


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is, from its `def` to its end, without its docstring."""
    first, last = node.lineno, node.end_lineno or node.lineno
    length = last - first + 1
    opening = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        length -= (opening.end_lineno or opening.lineno) - opening.lineno + 1
    return length


def findings_in(source: str, path: str) -> Iterator[Finding]:
    """The module and the functions of it that are too long."""
    lines = len(source.splitlines())
    most = TEST_MODULE_LINES_MAX if path.startswith("tests/") else MODULE_LINES_MAX
    if lines > most:
        message = f"the module has {lines} lines, {most} are the limit; give each concept its own"
        yield Finding(path=path, line=lines, message=message)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not path.startswith(STRAIGHT_LISTS):
            length = function_lines(node)
            if length > FUNCTION_LINES_MAX:
                message = (
                    f"{node.name} has {length} lines, {FUNCTION_LINES_MAX} are the limit; split it by purpose"
                )
                yield Finding(path=path, line=node.lineno, message=message)


def main() -> int:
    """Check every Python file of the project."""
    found: list[Finding] = []
    for path in python_files():
        found.extend(findings_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))))
    return report("sizes", found)


if __name__ == "__main__":
    sys.exit(main())
