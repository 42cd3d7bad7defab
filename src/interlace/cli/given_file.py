"""Files of text that a command is given; `-` is the standard input."""

import sys
from pathlib import Path

from interlace.bootstrap.connection_settings import ConnectionProblem
from interlace.locale.translatable import translatable


def read_text(file: Path) -> str:
    """Return what a file holds; raises ConnectionProblem if it can't be read as text."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ConnectionProblem(
            translatable("{file} can't be read: {reason}.", file=str(file), reason=str(problem))
        ) from problem
