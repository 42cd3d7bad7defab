"""The engine's store without one of its duties, to see what the duty costs; only the benchmark does without."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from interlace.engine.memory import BatchResult, Intent
from interlace.engine.store_port import Store


class LighterStore:
    """Passes everything on but journal entries (`omitted` "journal") or intents ("intents")."""

    def __init__(self, store: Store, omitted: str) -> None:
        self._store = store
        self._omitted = omitted

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the store has
        return getattr(self._store, name)

    def announce(self, intents: Sequence[Intent]) -> None:
        """Announce writes, or not."""
        if self._omitted != "intents":
            self._store.announce(intents)

    def remember(self, result: BatchResult) -> None:
        """Remember a batch, less what is omitted."""
        if self._omitted == "journal":
            result = replace(result, journal=())
        elif self._omitted == "intents":
            result = replace(result, finished_intents=(), unknown_intents=())
        self._store.remember(result)
