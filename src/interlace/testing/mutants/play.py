"""Plays one mutant's schedules, in a process that imports the engine for the first time."""

import time
from dataclasses import dataclass
from importlib import import_module

from interlace.testing.mutants.mutant import Mutant
from interlace.testing.mutants.patched_import import install
from interlace.testing.simulator.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How the hunt for a mutant ended."""

    mutant: Mutant
    seed: int | None
    """The schedule in which it was noticed; None: in none of them."""
    played: int
    seconds: float
    """Of the processor's time."""
    violation: str
    """What the oracle said; of a mutant that was not found, what it said of other promises."""
    others: int
    """Schedules that broke other promises than the expected ones."""


def hunt(mutant: Mutant) -> Found:
    """Play schedules with a mutant's bug until the oracle notices it; once in a process."""
    install(mutant)
    began = time.process_time()
    others, said = 0, ""
    for played, seed in enumerate(range(mutant.first, mutant.first + mutant.seeds), start=1):
        violation = violation_of(seed, mutant.profile)
        if _breaks(violation, mutant.oracles):
            seconds = time.process_time() - began
            return Found(
                mutant=mutant, seed=seed, played=played, seconds=seconds, violation=violation, others=others
            )
        if violation:
            others, said = others + 1, said or violation
    seconds = time.process_time() - began
    return Found(
        mutant=mutant, seed=None, played=mutant.seeds, seconds=seconds, violation=said, others=others
    )


def _breaks(violation: str, promises: tuple[str, ...]) -> bool:
    promise = violation.partition(":")[0]
    return any(promise == each or promise.startswith(f"{each} ") for each in promises)


def violation_of(seed: int, profile: Profile) -> str:
    """Play one schedule; gives what the oracle says, or nothing."""
    # Not imported at the top: that would import the engine before the mutant's changes are known.
    outcome = import_module("interlace.testing.simulator.schedule").run_schedule(seed, profile)
    return "" if outcome.violation is None else str(outcome.violation)


def control(played: tuple[int, Profile]) -> str:
    """Play a schedule in which a mutant was found with the engine as it is; it must break nothing."""
    return violation_of(*played)
