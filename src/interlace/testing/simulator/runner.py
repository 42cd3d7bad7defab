"""Plays many schedules, on several processes if asked, and tells what came of them."""

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

from interlace.testing.simulator.coverage import missing
from interlace.testing.simulator.profile import PROFILES, Profile
from interlace.testing.simulator.schedule import run_schedule
from interlace.testing.simulator.shrinker import shrink

_CHUNK = 50
_SHOWN_MAX = 100

Played = tuple[int, dict[str, int], int, float, list[tuple[int, str]]]
"""Schedules, counts of events, steps, seconds of CPU, and (seed, violation)."""


def main(arguments: Sequence[str]) -> int:
    """Run the command; gives its exit code."""
    options = _options(arguments)
    profile = next((each for each in PROFILES if each.name == options.profile), None)
    if options.seed is not None:
        return _play_one(options.seed, profile, trace=options.trace, shorten=options.shrink)
    return _play_many(options, profile)


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m interlace.testing.simulator",
        description="Play schedules of users, faults and engine.",
    )
    parser.add_argument("--seeds", type=int, default=1000, help="how many schedules")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=1, help="how many processes play them")
    parser.add_argument("--profile", choices=[each.name for each in PROFILES], help="one bias for all seeds")
    parser.add_argument("--seed", type=int, help="play only this one")
    parser.add_argument("--trace", action="store_true", help="with --seed: print what happened")
    parser.add_argument(
        "--shrink", action="store_true", help="with --seed: leave out what the violation does not need"
    )
    return parser.parse_args(arguments)


def _play_one(seed: int, profile: Profile | None, *, trace: bool, shorten: bool) -> int:
    outcome = run_schedule(seed, profile)
    if shorten and outcome.violation is not None:
        outcome = shrink(seed, profile, outcome)
    if trace:
        _print(*outcome.events.lines())
    _print(f"digest {outcome.events.digest()}")
    if outcome.violation is not None:
        _print(f"seed {seed}: {outcome.violation}")
        return 1
    _print("1 schedules, 0 violations")
    return 0


def _play_many(options: argparse.Namespace, profile: Profile | None) -> int:
    began = time.perf_counter()
    counts: Counter[str] = Counter()
    violations: list[tuple[int, str]] = []
    schedules = steps = 0
    cpu = 0.0
    for played, seen, taken, used, found in _chunks(options.first, options.seeds, options.processes, profile):
        schedules += played
        steps += taken
        cpu += used
        counts.update(seen)
        violations += found
    seconds = time.perf_counter() - began
    lacking = [] if profile is not None else missing(counts, schedules)
    _print(*(f"{number:>10}  {kind}" for kind, number in sorted(counts.items())))
    _print(
        f"{schedules / seconds:.1f} schedules a second, {schedules / cpu:.1f} a second of CPU, "
        f"{steps / schedules:.0f} steps a schedule"
    )
    _print(*(f"Met too rarely: {line}" for line in lacking))
    suffix = f" --profile '{profile.name}'" if profile is not None else ""
    for seed, text in violations[:_SHOWN_MAX]:
        _print(f"{text}", f"  python -m interlace.testing.simulator --seed {seed} --trace --shrink{suffix}")
    _print(f"{schedules} schedules, {len(violations)} violations")
    return 1 if violations or lacking else 0


def _chunks(first: int, seeds: int, processes: int, profile: Profile | None) -> Iterator[Played]:
    chunks = [
        (start, min(_CHUNK, first + seeds - start), profile) for start in range(first, first + seeds, _CHUNK)
    ]
    if processes < 2:
        yield from map(_play_chunk, chunks)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from pool.imap_unordered(_play_chunk, chunks)


def _play_chunk(chunk: tuple[int, int, Profile | None]) -> Played:
    start, number, profile = chunk
    counts: Counter[str] = Counter()
    steps = 0
    began = time.process_time()
    found = []
    for seed in range(start, start + number):
        outcome = run_schedule(seed, profile)
        counts.update(outcome.events.counts)
        steps += outcome.steps
        if outcome.violation is not None:
            found.append((seed, str(outcome.violation)))
    return number, dict(counts), steps, time.process_time() - began, found


def _print(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
