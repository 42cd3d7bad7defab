"""Refuse sources that would talk to a server without verifying it (`make check`; requirement O4).

Certificates of a private authority are trusted by naming its file, never by looking away.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.findings import ROOT, Finding, python_files, report

RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bverify(?:_ssl)?\s*=\s*False\b"), "the server's certificate is not verified"),
    (re.compile(r"\bCERT_(?:NONE|OPTIONAL)\b"), "the server's certificate is not verified"),
    (re.compile(r"\bssl\s*=\s*False\b"), "the server's certificate is not verified"),
    (re.compile(r"\bcheck_hostname\s*=\s*False\b"), "any server's certificate would do"),
    (re.compile(r"\b_create_unverified_context\b"), "the server's certificate is not verified"),
    (re.compile(r"TLSv1(?:_1)?\b"), "this version of TLS is broken"),
)


def findings_in(text: str, path: str) -> Iterator[Finding]:
    """The lines of one source that switch the verification off."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern, meaning in RULES:
            if pattern.search(line):
                yield Finding(path=path, line=number, message=f"{meaning}: {line.strip()[:80]}")


def in_sources(root: Path = ROOT) -> Iterator[Finding]:
    """Look at everything that is installed."""
    for path in python_files(root):
        name = path.relative_to(root).as_posix()
        if name.startswith("src/"):
            yield from findings_in(path.read_text(encoding="utf-8"), name)


def main() -> int:
    """Check every source."""
    return report("unverified servers", in_sources())


if __name__ == "__main__":
    sys.exit(main())
