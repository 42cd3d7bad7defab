"""Hold module, class and function names to the glossary: one word for one thing (CONTRIBUTING.md, "Words").

Checks names that we give ourselves, never words of the language or of a library.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.findings import ROOT, Finding, python_files, report

VAGUE_WORDS = {"manager", "helper", "helpers", "util", "utils", "handler", "data", "info", "common", "base"}
"""Words that name nothing; refused in module and class names."""

FOREIGN_WORDS = {
    "sync": "synch (the noun; sync means the opposite of async)",
    "syncing": "synchronizing",
    "xref": "coupling",
    "picklist": "choice",
    "dedupe": "match-based coupling",
    "converter": "transformation rule",
    "cron": "job queue entry",
    "outbox": "intent",
    "cfg": "the full word",
    "conf": "the full word",
    "ctx": "the full word",
    "mgr": "the full word",
    "msg": "message",
    "req": "request",
    "resp": "response",
    "cnt": "count",
    "tmp": "temporary",
}
"""Words of other products, and abbreviations; refused in every name, with the word to use."""

ALLOWED = {
    "BaseUnit": "the base unit of a unit group is the product's own term",
    "DataError": "the name that a database driver gives its error",
}
"""Names, or beginnings of names, that keep such a word, each with its reason."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase, in lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def refusal(name: str, *, may_be_vague: bool) -> str | None:
    """Why a name is refused, or None; a function may use the vague words, a module or class may not."""
    if any(name.lstrip("_").startswith(allowed) for allowed in ALLOWED):
        return None
    for word in words_of(name):
        if word in FOREIGN_WORDS:
            return f"{name}: say {FOREIGN_WORDS[word]} instead of {word}"
        if word in VAGUE_WORDS and not may_be_vague:
            return f"{name}: {word} names nothing; say what it does or holds"
    return None


def findings_in(source: str, path: str) -> Iterator[Finding]:
    """The refused names of one module, its own name included."""
    message = refusal(Path(path).stem, may_be_vague=False)
    if message:
        yield Finding(path=path, line=1, message=message)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            message = refusal(node.name, may_be_vague=not isinstance(node, ast.ClassDef))
            if message:
                yield Finding(path=path, line=node.lineno, message=message)


def main() -> int:
    """Check every Python file of the project."""
    found: list[Finding] = []
    for path in python_files():
        found.extend(findings_in(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))))
    return report("words", found)


if __name__ == "__main__":
    sys.exit(main())
