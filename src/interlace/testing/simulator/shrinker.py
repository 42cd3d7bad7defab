"""Makes a failing schedule shorter: leaves out what users and faults did as long as the same promise is broken."""

from collections.abc import Callable

from interlace.testing.simulator.profile import Profile
from interlace.testing.simulator.schedule import Outcome, World, run_schedule

_TRIES_MAX = 400


def shrink(
    seed: int, profile: Profile | None, failed: Outcome, sabotage: Callable[[World], None] | None = None
) -> Outcome:
    """Return the shortest schedule found that breaks the same promise."""
    assert failed.violation is not None
    search = _Search(seed, profile, failed, sabotage)
    search.leave_out_kinds()
    size = max(1, len(search.best.events.allowed) // 2)
    while size and search.tries < _TRIES_MAX:
        if not search.leave_out_numbers(size):
            size //= 2
    return search.best


class _Search:
    def __init__(
        self, seed: int, profile: Profile | None, failed: Outcome, sabotage: Callable[[World], None] | None
    ) -> None:
        self._sabotage = sabotage
        self._seed = seed
        self._profile = profile
        self._kinds: frozenset[str] = frozenset()
        self._numbers: frozenset[int] = frozenset()
        self.best = failed
        self.tries = 0

    def leave_out_kinds(self) -> None:
        """Leave out whole kinds of events, one after the other."""
        for kind in sorted({kind for _, kind in self.best.events.allowed}):
            self._try(self._kinds | {kind}, self._numbers)

    def leave_out_numbers(self, size: int) -> bool:
        """Leave out so many events at a time; gives whether any could go."""
        shorter = False
        numbers = [number for number, _ in self.best.events.allowed]
        for start in range(0, len(numbers), size):
            if self.tries >= _TRIES_MAX:
                break
            shorter |= self._try(self._kinds, self._numbers | frozenset(numbers[start : start + size]))
        return shorter

    def _try(self, kinds: frozenset[str], numbers: frozenset[int]) -> bool:
        self.tries += 1
        outcome = run_schedule(
            self._seed, self._profile, masked=numbers, masked_kinds=kinds, sabotage=self._sabotage
        )
        violation, wanted = outcome.violation, self.best.violation
        assert wanted is not None
        if violation is None or violation.invariant != wanted.invariant:
            return False
        if len(outcome.events.trace) > 1.2 * len(self.best.events.trace):
            return False
        self.best, self._kinds, self._numbers = outcome, kinds, numbers
        return True
