"""`python -m interlace.testing.mutants`: plays every seeded bug; ends with `N of N seeded bugs found` or fails."""

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from multiprocessing.pool import Pool

from interlace.testing.mutants.catalogue import HARMLESS, MUTANTS
from interlace.testing.mutants.mutant import Mutant
from interlace.testing.mutants.play import Found, control, hunt


def main(arguments: Sequence[str]) -> int:
    """Run the command; gives its exit code."""
    options = _options(arguments)
    chosen = (
        [each for each in (*MUTANTS, *HARMLESS) if each.name in options.only] if options.only else MUTANTS
    )
    unknown = set(options.only or ()) - {each.name for each in chosen}
    if unknown:
        _print(f"There is no mutant {', '.join(sorted(unknown))}; --list names them all.")
        return 2
    if options.list:
        _print(*(f"{each.name:<44} {each.origin:<20} {each.broken}" for each in (*chosen, *HARMLESS)))
        return 0
    began = time.perf_counter()
    # A process imports the engine once, so every mutant and every control gets one of its own.
    with multiprocessing.get_context("spawn").Pool(options.processes, maxtasksperchild=1) as pool:
        found = []
        for each in _hunted(pool, chosen):
            _print(_line(each))
            found.append(each)
        noticed = [each for each in found if each.seed is not None]
        unfit = _failing_without(pool, noticed)
    _print(*(f"{each.name:<44} not played: {each.harmless}" for each in HARMLESS if not options.only))
    _print(
        *(
            f"{each.mutant.name}: the engine fails in seed {each.seed} by itself: {text}"
            for each, text in unfit
        )
    )
    _print(f"{time.perf_counter() - began:.0f} seconds")
    _print(f"{len(noticed) - len(unfit)} of {len(chosen)} seeded bugs found")
    return 0 if len(noticed) - len(unfit) == len(chosen) else 1


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m interlace.testing.mutants",
        description="Put known mistakes into the engine, one at a time, and see that the simulator notices.",
    )
    parser.add_argument("--only", action="append", metavar="NAME", help="play this one; may be repeated")
    parser.add_argument("--processes", type=int, default=1, help="how many are played at a time")
    parser.add_argument("--list", action="store_true", help="list them, play nothing")
    return parser.parse_args(arguments)


def _hunted(pool: Pool, chosen: Sequence[Mutant]) -> Iterator[Found]:
    yield from pool.imap_unordered(hunt, chosen)


def _failing_without(pool: Pool, noticed: Sequence[Found]) -> list[tuple[Found, str]]:
    """Return the finds that prove nothing: the schedule breaks a promise without the bug, too."""
    played = [(each.seed, each.mutant.profile) for each in noticed if each.seed is not None]
    said = pool.map(control, played, chunksize=max(1, len(played)))
    return [(each, text) for each, text in zip(noticed, said, strict=True) if text]


def _line(found: Found) -> str:
    name, seconds = found.mutant.name, f"{found.seconds:7.2f} s"
    if found.seed is not None:
        return f"{name:<44} {found.played:>5} {seconds}  {found.violation[:160]}"
    others = f"; {found.others} broke other promises, first {found.violation[:160]}" if found.others else ""
    return f"{name:<44} {found.played:>5} {seconds}  NOT FOUND{others}"


def _print(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
