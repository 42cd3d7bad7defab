"""Seeded bugs: each still applies to the engine as it is, and a few quick ones are found."""

import os
import subprocess
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path

import pytest

from interlace.testing.mutants.catalogue import HARMLESS, MUTANTS
from interlace.testing.mutants.mutant import Change, DoesNotApply, Mutant, applied

_QUICK = (
    "written before it is announced",
    "lost answer taken for a refusal",
    "deletion carried over an edit",
    "loser of a conflict not kept",
    "halt of an earlier run not looked at",
    "restored service not noticed",
)


@pytest.mark.parametrize("mutant", [*MUTANTS, *HARMLESS], ids=lambda each: each.name)
def test_every_seeded_bug_applies(mutant: Mutant) -> None:
    """What a seeded bug changes occurs exactly once in its module, and the change is a program."""
    changes: dict[str, list[Change]] = defaultdict(list)
    for change in mutant.changes:
        changes[change.module].append(change)
    for module, held in changes.items():
        found = find_spec(module)
        assert found is not None
        assert found.origin is not None
        text = Path(found.origin).read_text(encoding="utf-8")
        compile(applied(text, tuple(held)), module, "exec")


def test_names_are_unique_and_there_are_enough() -> None:
    """Every seeded bug has a name of its own, there are at least forty, and each names what it breaks."""
    names = [each.name for each in (*MUTANTS, *HARMLESS)]
    assert len(set(names)) == len(names)
    assert len(MUTANTS) >= 40
    assert all(each.oracles and each.changes and not each.harmless for each in MUTANTS)
    assert all(each.harmless for each in HARMLESS)


def test_changed_text_does_not_apply() -> None:
    """A seeded bug whose place is gone, or there twice, is refused."""
    change = Change(module="module", original="a = 1\n", replacement="a = 2\n")
    assert applied("a = 1\nb = 1\n", (change,)) == "a = 2\nb = 1\n"
    for text in ("b = 1\n", "a = 1\na = 1\n"):
        with pytest.raises(DoesNotApply):
            applied(text, (change,))


def test_quick_seeded_bugs_are_found() -> None:
    """A handful of seeded bugs is found, and the command says so."""
    only = [word for name in _QUICK for word in ("--only", name)]
    ended = subprocess.run(
        [sys.executable, "-m", "interlace.testing.mutants", *only],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.endswith(f"{len(_QUICK)} of {len(_QUICK)} seeded bugs found\n")


def test_unknown_name_is_refused() -> None:
    """A name that no seeded bug has ends the command with code 2."""
    ended = subprocess.run(
        [sys.executable, "-m", "interlace.testing.mutants", "--only", "no such bug"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "--list" in ended.stdout
