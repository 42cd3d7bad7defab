"""Runs a mapping over chosen records only: the feeds seem to name nothing, the error list just them.

What the error list names is taken up whether it changed or not, and in one direction; no cursor is moved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, cast

from interlace.domain.integration_field_mapping import Direction
from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.engine.interpret import Interpreter
from interlace.engine.memory import SynchError
from interlace.engine.ports import Call, Changes, ReadChanges
from interlace.engine.store_port import Store

Keys: TypeAlias = Mapping[Direction, tuple[str, ...]]
"""The chosen records' keys, by the direction in which they are carried over."""
_CURSOR = "chosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenRecords:
    """Answers the feeds, and leaves every other call to what stands behind."""

    keys: Keys
    behind: Interpreter

    async def answer(self, call: Call) -> object:
        """Say that nothing changed."""
        if isinstance(call, ReadChanges):
            return Changes(keys=(), deleted=(), cursor=_CURSOR, complete=True)
        return await self.behind.answer(call)

    def store(self, store: Store) -> Store:
        """Return the store as a run over chosen records sees it."""
        return cast("Store", _ChosenStore(store, self.keys))

    def store_by_word(self, store: Store) -> Store:
        """Return it as a run sees it that carries a person's word out: what waits for that word is not passed over."""
        return cast("Store", _AwakenedStore(store, self.keys))


class _ChosenStore:
    """A store whose cursors stand still and whose error list names the chosen records; all else is the store's own."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def cursor(self, _mapping: MappingName, _side: Side) -> str | None:
        """Say that the feeds were read before: a run over chosen records scans no table."""
        return _CURSOR

    def store_cursor(self, _mapping: MappingName, _side: Side, _cursor: str | None) -> None:
        """Leave the real cursor where it is."""

    def retry_candidates(
        self, _mapping: MappingName, direction: Direction, *, even_skipped: bool = False
    ) -> list[str]:
        """Ask for the chosen records."""
        del even_skipped
        return list(self._keys.get(direction, ()))


class _AwakenedStore(_ChosenStore):
    """The same, with an error list on which nothing is skipped."""

    def errors_of(
        self, mapping: MappingName, direction: Direction, keys: Sequence[str]
    ) -> dict[str, SynchError]:
        """Tell of each error as of one that is to be tried again."""
        errors = self._store.errors_of(mapping, direction, keys)
        return {key: replace(error, skipped=False) for key, error in errors.items()}
