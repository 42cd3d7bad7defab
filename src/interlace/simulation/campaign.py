"""Many schedules in a row, over several processes: counts, violations, and what to run to see one again."""

import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from interlace.simulation.schedule import Outcome, run_schedule

_PART = 25
"""Schedules that a process takes up at a time."""


@dataclass(slots=True, kw_only=True)
class Campaign:
    """What a number of schedules came to."""

    schedules: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0

    def take(self, outcome: Outcome) -> None:
        """Take one schedule in."""
        self.schedules += 1
        self.counts.update(outcome.counts)
        self.violations += [(outcome.seed, each) for each in outcome.violations]


def run_campaign(
    seeds: Sequence[int],
    *,
    processes: int = 1,
    restores: bool = False,
    told: Callable[[Campaign], None] = lambda _: None,
) -> Campaign:
    """Run the schedules of these seeds; `told` hears of the progress."""
    campaign = Campaign()
    begun = time.monotonic()
    parts = [(seeds[start : start + _PART], restores) for start in range(0, len(seeds), _PART)]
    for outcomes in _outcomes(parts, processes):
        for outcome in outcomes:
            campaign.take(outcome)
        campaign.seconds = time.monotonic() - begun
        told(campaign)
    return campaign


def _outcomes(parts: list[tuple[Sequence[int], bool]], processes: int) -> Iterator[list[Outcome]]:
    if processes == 1:
        yield from map(_run_part, parts)
        return
    # Fresh interpreters: nothing of this one may leak into what must depend on the seed alone.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(_run_part, parts)


def _run_part(part: tuple[Sequence[int], bool]) -> list[Outcome]:
    seeds, restores = part
    # Connectors warn of every busy service; here they are busy on purpose.
    logging.getLogger("interlace").setLevel(logging.ERROR)
    return [run_schedule(seed, restores=restores) for seed in seeds]
