"""Executes a page's shell blocks in one shell, and compares what they write with the blocks that tell it.

A block marked `sh` is executed; the block marked `output` after it names lines that must come in this order, with
others between them. An ellipsis stands for any text of a line.
"""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_MARK = "==== block {} ===="


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What is executed, and the lines that must come."""

    commands: str
    expected: tuple[str, ...] = ()


def blocks_of(page: Path) -> list[Block]:
    """Return what a page has executed."""
    found: list[Block] = []
    for language, text in _FENCED.findall(page.read_text(encoding="utf-8")):
        if language == "sh":
            found.append(Block(commands=text))
        elif language == "output":
            found[-1] = Block(commands=found[-1].commands, expected=tuple(text.splitlines()))
    return found


def execute(
    page: Path, *, replaced: Mapping[str, str], environment: Mapping[str, str], seconds: float
) -> list[str]:
    """Execute a page; gives what each block wrote. `replaced` are texts of the page that differ here."""
    lines = []
    for number, block in enumerate(blocks_of(page)):
        commands = block.commands
        for told, here in replaced.items():
            commands = commands.replace(told, here)
        # What came last may not have ended its line.
        lines += [f"printf '\\n%s\\n' '{_MARK.format(number)}'", commands]
    ended = subprocess.run(
        ["bash", "-c", "exec 2>&1\n" + "\n".join(lines)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        env=dict(environment),
    )
    parts = re.split(r"^==== block \d+ ====\n", ended.stdout, flags=re.MULTILINE)
    return parts[1:]


def missing_line(block: Block, written: str) -> str | None:
    """Return the first expected line that did not come, None if all did."""
    lines = [" ".join(line.split()) for line in written.splitlines()]
    start = 0
    for expected in block.expected:
        pattern = re.compile(".*".join(re.escape(part) for part in " ".join(expected.split()).split("…")))
        found = next((at for at in range(start, len(lines)) if pattern.fullmatch(lines[at])), None)
        if found is None:
            return expected
        start = found + 1
    return None
