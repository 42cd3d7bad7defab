"""Look for secrets in what the project holds: keys, tokens and passwords that somebody committed (`make check`).

`python -m tools.secret_lint --history` looks at every line that was ever added, too.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.findings import ROOT, Finding, report, tracked_files

_PATTERNS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s*[\\n]*[A-Za-z0-9+/=]{20}"),
    "a key of a cloud": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b"),
    "a token of a code host": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bglpat-[A-Za-z0-9_-]{20}\b"),
    "a token of a chat": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "a signed web token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "a client secret of a directory": re.compile(
        r"(?<![\w~.-])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34}(?![\w~.-])"
    ),
    "credentials in an address": re.compile(
        r"\b[a-z+]{3,12}://[^/\s:@'\"<>{}$]+:[^/\s:@'\"<>{}$]{6,}@[\w.-]+"
    ),
}
ALLOWED = frozenset({"user:secret@", "user:password@", "interlace:geheim@"})
"""What stands for credentials in tests and texts."""
_SKIPPED = frozenset({".png", ".zip", ".xlsx", ".po", ".csv"})
_RECORDED = "tests/clients/transcripts/"
"""What strangers' clients sent to the embedded services: tokens that those made up for the hour."""


def secrets_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and kind of everything that looks like a secret; never the secret itself."""
    for kind, pattern in _PATTERNS.items():
        for match in pattern.finditer(text):
            if not any(each in match[0] for each in ALLOWED):
                yield text.count("\n", 0, match.start()) + 1, kind


def in_files(root: Path = ROOT) -> Iterator[Finding]:
    """Yield what stands in the project's files."""
    for path in tracked_files(root):
        name = path.relative_to(root).as_posix()
        if path.suffix in _SKIPPED or name.startswith(_RECORDED):
            continue
        for line, kind in secrets_in(path.read_text(encoding="utf-8", errors="replace")):
            yield Finding(path=name, line=line, message=f"this looks like {kind}")


def in_history(root: Path = ROOT) -> Iterator[Finding]:
    """Yield what was ever added, by the commit that did it."""
    command = ["git", "log", "-p", "-U0", "--no-color", "--format=commit %H", "--diff-filter=AM"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, errors="replace") as running:  # noqa: S603
        assert running.stdout is not None, "it was asked for"
        commit, name = "", ""
        for line in running.stdout:
            if line.startswith("commit "):
                commit = line[7:19]
            elif line.startswith("+++ b/"):
                name = line[6:].strip()
            elif line.startswith("+") and not name.startswith(_RECORDED):
                for _, kind in secrets_in(line):
                    yield Finding(path=f"{commit}:{name}", line=1, message=f"this looks like {kind}")


def main() -> int:
    """Look at the files, and at the history if that is asked for."""
    found = list(in_files())
    if "--history" in sys.argv[1:]:
        found += in_history()
    return report("secrets", found)


if __name__ == "__main__":
    sys.exit(main())
