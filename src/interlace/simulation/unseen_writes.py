"""Writes of ours that took effect unseen, and of which their service shows nothing any more: no journal tells them.

Either a restored backup undid them, or a person deleted the record before the engine had looked. Whoever looks then
can't tell them from requests that were lost: the engine finds them not done, and does them again.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Sequence

from interlace.domain.keys import MappingName
from interlace.domain.side import Side
from interlace.simulation.memory import Memory
from interlace.simulation.oracle import WRITES
from interlace.simulation.world import World
from interlace.store.encoding import JsonValue

_CREATIONS = frozenset({"insert", "restore"})
_UNDONE_BY_RESTORATION = WRITES - {"modify"}
"""An update's entry is owed though a restored backup undid it: its pair says that the record is in doubt."""


class UnseenWrites:
    """Follows what vanishes from the services; an Observer of Services, behind the World."""

    def __init__(
        self,
        world: World,
        memory: Memory,
        mappings: Sequence[MappingName],
        told: Callable[[], Iterable[JsonValue]],
    ) -> None:
        self._world = world
        self._memory = memory
        self._mappings = mappings
        self._told = told
        """Everything that the journal tells, and what it needs not tell."""
        self._looked_at = len(world.effects)
        self.entries: list[JsonValue] = []
        """What the journal would tell of them; none is certain."""

    def before_restoration(self, side: Side) -> None:
        """Note what the restoration of a service is about to undo."""
        self._note(side, _UNDONE_BY_RESTORATION, None)

    def saw_effect(self, side: Side, by_engine: bool) -> None:  # noqa: FBT001 - as Observer says
        """Note what somebody else than the engine has just deleted."""
        latest, self._looked_at = self._world.effects[self._looked_at :], len(self._world.effects)
        for effect in latest:
            if effect.kind == "deleted" and not effect.by_engine:
                self._note(side, _CREATIONS, effect.key)

    def _note(self, side: Side, actions: Container[object], key: str | None) -> None:
        """Note the open intents of such actions that took effect and are not told; `key`: of this record only."""
        gate = self._memory.gate
        process, gate.process = gate.process, None  # the simulation looks, not the process: it can't die here
        announced = [
            each
            for each in self._memory.announced(self._mappings)
            if any(key in {None, one} for one in _keys_of(side, [each], actions))
        ]
        if announced:
            self.entries += _that_took_effect(self._world, side, announced, self._told())
        gate.process = process


def _that_took_effect(
    world: World, side: Side, announced: Iterable[JsonValue], told: Iterable[JsonValue]
) -> Iterator[JsonValue]:
    """Yield the announced writes that have an effect which is not told; one effect excuses one of them."""
    untold = Counter(each.key for each in world.effects if each.by_engine and each.side is side)
    untold.subtract(_keys_of(side, told, WRITES))
    for entry in announced:
        for key in _keys_of(side, [entry], WRITES):
            if untold[key] > 0:
                untold[key] -= 1
                yield entry


def _keys_of(side: Side, entries: Iterable[JsonValue], actions: Container[object]) -> Iterator[str]:
    for entry in entries:
        assert isinstance(entry, dict)
        if entry["side"] == side.value and entry["action"] in actions:
            yield str(entry["key"])
