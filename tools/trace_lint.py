"""Refuse traces of the machine a file was made on, and unfinished work: paths, package addresses, markers.

A clone must install from whatever package index its owner has configured, and hold no promise in a comment.
"""

import re
import sys
from collections.abc import Iterator

from tools.findings import ROOT, Finding, report, tracked_files

# The patterns are put together from pieces, so that this file does not contain what it refuses.
RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)" + r"/(?!\.\.\.)"), "a path of one machine"),
    (
        re.compile(r"(?:py" + r"pi\.org|python" + r"hosted\.org|--(?:extra-)?index" + r"-url)"),
        "a package address",
    ),
    (re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b(?! #\d)"), "unfinished work; finish it or open an issue"),
    (re.compile(r"^(?:<<<" + r"<<<<|>>>" + r">>>>) "), "a merge left half done"),
    (re.compile(r"pytest\.mark\.ski" + r"p\b"), "a test that never runs; make it run, or remove it"),
)


def findings_in(text: str, path: str) -> Iterator[Finding]:
    """The lines of one file that hold such a trace."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, meaning in RULES:
            if pattern.search(line):
                yield Finding(path=path, line=number, message=f"{meaning}: {line.strip()[:80]}")


def main() -> int:
    """Check every text file of the project."""
    found: list[Finding] = []
    for path in tracked_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found.extend(findings_in(text, str(path.relative_to(ROOT))))
    return report("traces", found)


if __name__ == "__main__":
    sys.exit(main())
