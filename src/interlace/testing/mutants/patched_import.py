"""Imports modules with a mutant's changes; the files on the disk, and every other process, stay as they are."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from interlace.testing.mutants.mutant import Change, Mutant, applied


def install(mutant: Mutant) -> None:
    """Let this process import the mutant's modules as it has them; none of them may be imported already.

    Raises DoesNotApply at the import of a module that does not hold what is to be changed.
    """
    changes: dict[str, tuple[Change, ...]] = {}
    for change in mutant.changes:
        assert change.module not in sys.modules, f"{change.module} is imported already"
        changes[change.module] = (*changes.get(change.module, ()), change)
    sys.meta_path.insert(0, _PatchingFinder(changes))


class _PatchingFinder(MetaPathFinder):
    """Finds the modules that are to be changed."""

    def __init__(self, changes: dict[str, tuple[Change, ...]]) -> None:
        self._changes = changes

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module with its changed text, or leave it to the other finders."""
        if fullname not in self._changes:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        assert found is not None
        assert found.origin is not None
        found.loader = _PatchingLoader(fullname, found.origin, self._changes[fullname])
        return found


class _PatchingLoader(SourceFileLoader):
    """Loads a module from its changed text, past every cache."""

    def __init__(self, name: str, path: str, changes: tuple[Change, ...]) -> None:
        super().__init__(name, path)
        self._changes = changes

    def get_code(self, fullname: str) -> CodeType:
        """Compile the changed text."""
        text = applied(Path(self.path).read_text(encoding="utf-8"), self._changes)
        return compile(text, self.path, "exec", dont_inherit=True)
