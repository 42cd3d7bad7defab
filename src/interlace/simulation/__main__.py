"""`python -m interlace.simulation`: runs schedules and says what they met and what was violated."""

import argparse
import sys
from collections import defaultdict

from interlace.simulation.campaign import Campaign, run_campaign
from interlace.simulation.coverage import shortfalls, table
from interlace.simulation.schedule import run_schedule

_SHOWN_OF_A_KIND = 3


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; 1 when something was violated or too little was met."""
    parser = argparse.ArgumentParser(
        prog="python -m interlace.simulation",
        description="Simulates the synchronization of both embedded services, with faults and crashes.",
    )
    parser.add_argument("--seeds", type=int, default=200, help="how many schedules to run")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--processes", type=int, default=1, help="how many processes share them")
    parser.add_argument("--seed", type=int, help="run this one schedule")
    parser.add_argument("--trace", action="store_true", help="with --seed: tell all that happens")
    parser.add_argument("--no-restores", action="store_true", help="leave out restored backups")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        return _show_one(chosen.seed, traced=chosen.trace, restores=not chosen.no_restores)
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    campaign = run_campaign(
        seeds, processes=chosen.processes, restores=not chosen.no_restores, told=_tell_progress
    )
    return _conclude(campaign, restores=not chosen.no_restores)


def _show_one(seed: int, *, traced: bool, restores: bool) -> int:
    outcome = run_schedule(seed, traced=traced, restores=restores)
    _say(*outcome.trace, *outcome.violations, f"digest {outcome.digest}")
    _say(f"1 schedules, {len(outcome.violations)} violations")
    return 1 if outcome.violations else 0


def _tell_progress(campaign: Campaign) -> None:
    rate = campaign.schedules / campaign.seconds
    print(  # noqa: T201 - a command's progress
        f"{campaign.schedules:,} schedules, {len(campaign.violations)} violations, {rate:.1f} a second",
        file=sys.stderr,
    )


def _conclude(campaign: Campaign, *, restores: bool) -> int:
    _say("What the schedules met:", *table(campaign.counts))
    missing = list(shortfalls(campaign.counts, campaign.schedules, restores=restores))
    _say(*(f"Too little: {each}" for each in missing))
    kinds: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for seed, violation in campaign.violations:
        kinds[violation.partition(":")[0]].append((seed, violation))
    option = "" if restores else " --no-restores"
    for kind, found in sorted(kinds.items()):
        _say(f"{kind}: {len(found)} times")
        for seed, violation in found[:_SHOWN_OF_A_KIND]:
            _say(f"  {violation}", f"    python -m interlace.simulation --seed {seed} --trace{option}")
    rate = campaign.schedules / campaign.seconds
    _say(f"{campaign.seconds:,.0f} seconds, {rate:.1f} schedules a second")
    _say(f"{campaign.schedules:,} schedules, {len(campaign.violations)} violations")
    return 1 if campaign.violations or missing else 0


def _say(*lines: str) -> None:
    for line in lines:
        print(line)  # noqa: T201 - a command's output


if __name__ == "__main__":
    sys.exit(main())
