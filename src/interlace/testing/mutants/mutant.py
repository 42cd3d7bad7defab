"""What a seeded bug is: a patch of the engine's own text, and which promise it must be seen to break."""

from dataclasses import dataclass

from interlace.testing.simulator.profile import EVERYTHING, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place of a module's text and what stands there instead."""

    module: str
    original: str
    """Occurs exactly once in the module, or the mutant does not apply: so the list can't rot silently."""
    replacement: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One seeded bug."""

    name: str
    broken: str
    """What is wrong, in a sentence."""
    origin: str
    """Where the bug is known from."""
    changes: tuple[Change, ...]
    oracles: tuple[str, ...] = ()
    """Promises of which one must be seen to be broken, by name or its first word; other violations are passed over."""
    profile: Profile = EVERYTHING
    seeds: int = 400
    """So many schedules must be enough."""
    first: int = 0
    """The first seed."""
    needs_volume: bool = False
    """Needs a rare meeting of events: its profile is biased towards it."""
    harmless: str = ""
    """Why nobody could notice; such a mutant is listed, but not played."""


class DoesNotApply(Exception):
    """A mutant's original text does not occur exactly once in its module."""

    def __init__(self, change: Change, times: int) -> None:
        super().__init__(f"{change.module} holds this {times} times instead of once: {change.original!r}")


def applied(text: str, changes: tuple[Change, ...]) -> str:
    """Return a module's text with its changes; raises DoesNotApply."""
    for change in changes:
        times = text.count(change.original)
        if times != 1:
            raise DoesNotApply(change, times)
        text = text.replace(change.original, change.replacement)
    return text
