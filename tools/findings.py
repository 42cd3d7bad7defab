"""What a check found and how it is shown; which files of the working tree are looked at."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One place that breaks a rule, with what to do about it."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def tracked_files(root: Path = ROOT) -> list[Path]:
    """All files that belong to the project: known to git, or new and not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)  # noqa: S603
    paths = (root / name for name in sorted(set(listed.stdout.split("\0"))) if name)
    return [path for path in paths if path.is_file()]


def python_files(root: Path = ROOT) -> list[Path]:
    """The project's Python files."""
    return [path for path in tracked_files(root) if path.suffix == ".py"]


def report(title: str, findings: Iterable[Finding]) -> int:
    """Print the findings and give the exit code: 1 if there are any."""
    ordered = sorted(findings)
    for finding in ordered:
        print(finding)
    if ordered:
        print(f"{title}: {len(ordered)} found")
    return 1 if ordered else 0
