"""`python -m tools.soak`: kill the synchronization many times, then prove that nothing is lost or there twice.

SOAK_KILLS, SOAK_SEED, SOAK_CUSTOMERS, SOAK_RECOVERY_SECONDS and SOAK_STATE (a directory that is kept) set it up.
"""

import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from tools.soak.canary import Canaries, Flow
from tools.soak.clerk import Clerk
from tools.soak.excuses import EXCUSED_SHARE_MAX, LISTED_SHARE_MAX, POLICY, POLICY_TABLE
from tools.soak.judge import Verdict, judge
from tools.soak.ledger import Ledger
from tools.soak.people import People
from tools.soak.protocol import Outsider
from tools.soak.services import Services, running_services
from tools.soak.synchronization import FULL, FULL_REVIEW, INCREMENTAL, Synchronization

_CANARIES = 6
_FIRST_SHARE = 0.15
"""The share of the kills that fall into the first full synchronization."""
_SETTLE_SECONDS = 600.0
_OUTAGES = 0.1
"""The share of the runs during which a service is killed, too."""
_OUTAGE_SECONDS = (0.1, 2.0)
_DECISIONS_MEANWHILE = 0.1
"""The share of the runs during which somebody decides a conflict."""
_VISITS = 0.15
"""The share of the kills after which somebody looks at what waits."""
_LINES_MAX = 20
_SLOW_FLOWS = 8
"""So many of the slowest flows are told with what struck meanwhile."""
_SYNCH = " ".join(INCREMENTAL)
_HIGH_SHARE = 0.95
_RED, _GREEN = 1, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is done, and from which seed."""

    kills: int
    seed: int
    customers: int
    recovery_seconds_max: float
    """How long after a restart edits may stand still; more on a machine that has other work to do."""


def main() -> int:
    """Soak, report, and return the exit code."""
    plan = Plan(
        kills=int(os.environ.get("SOAK_KILLS", "500")),
        seed=int(os.environ.get("SOAK_SEED", "1")),
        customers=int(os.environ.get("SOAK_CUSTOMERS", "80")),
        recovery_seconds_max=float(os.environ.get("SOAK_RECOVERY_SECONDS", "10")),
    )
    kept = os.environ.get("SOAK_STATE")
    state = Path(kept) if kept else Path(tempfile.mkdtemp(prefix="interlace-soak-"))
    with running_services(state, customers=plan.customers, seed=plan.seed) as services:
        code = Soak(plan, services).run()
    if kept is None and code == _GREEN:
        shutil.rmtree(state)
    else:
        _say(f"Everything that was written is kept in {state}")
    return code


def _randomness(plan: Plan, purpose: str) -> random.Random:
    return random.Random(f"{plan.seed}/{purpose}")  # noqa: S311 - repeatable, no secret


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Soak:
    """One soak from the first kill to the verdict."""

    def __init__(self, plan: Plan, services: Services) -> None:
        self._plan = plan
        self._services = services
        self._ledger = Ledger()
        self._outages = _randomness(plan, "outages")
        self._synchronization = Synchronization(
            services=services, randomness=_randomness(plan, "kills"), looks=_randomness(plan, "looks")
        )
        watching = Outsider(services.ends)
        numbers = sorted(row["No"] for row in watching.erp_rows("CustomerCard") if row["Salesperson_Code"])
        self._canaries = Canaries(
            outsider=watching,
            numbers=numbers[:_CANARIES],
            randomness=_randomness(plan, "canaries"),
            struck=services.struck,
        )
        self._people = People(
            outsider=Outsider(services.ends),
            ledger=self._ledger,
            randomness=_randomness(plan, "people"),
            canaries=frozenset(numbers[:_CANARIES]),
        )
        self._visits = _randomness(plan, "visits")
        self._clerk = Clerk(
            synchronization=self._synchronization,
            outsider=watching,
            ledger=self._ledger,
            people=self._people,
            randomness=_randomness(plan, "clerk"),
        )

    def run(self) -> int:
        """Kill, let it come to rest, judge, and report."""
        self._synchronization.run(("mappings", "set", POLICY_TABLE.mapping, POLICY))
        began = time.monotonic()
        self._services.switch_faults(on=True)
        self._people.begin()
        try:
            self._first_full_synchronization()
            self._every_day()
            self._clerk.wait()
        finally:
            self._people.end()
        working = time.monotonic() - began
        _say(f"{self._killed} kills in {working:.0f} s; now everything comes to rest")
        self._services.switch_faults(on=False)
        while not self._services.wait_for_late_effects():
            time.sleep(0.1)
        self._synchronization.settle(_SETTLE_SECONDS)
        self._clerk.clear_up()
        settled = self._synchronization.settle(_SETTLE_SECONDS)
        before = self._services.writes()
        for command in (INCREMENTAL, FULL):
            self._synchronization.run(command)
        further = self._services.writes() - before
        green = self._synchronization.run(("verify",)) == 0
        verdict = judge(self._services, self._canaries.outsider, self._ledger)
        return self._report(verdict, working=working, settled=settled, further=further, green=green)

    @property
    def _killed(self) -> int:
        return self._synchronization.kills.total()

    def _first_full_synchronization(self) -> None:
        wanted = max(1, int(self._plan.kills * _FIRST_SHARE))
        while self._killed < wanted:
            if not self._synchronization.live(FULL_REVIEW, None):
                break
        self._synchronization.run(FULL_REVIEW)
        _say(f"The first full synchronization is done after {self._killed} kills")

    def _every_day(self) -> None:
        while self._killed < self._plan.kills:
            if self._synchronization.live(
                self._synchronization.choose(), self._canaries, self._interruption()
            ):
                self._clerk.wait()
                if self._visits.random() < _VISITS:
                    self._clerk.look_in()
                self._canaries.release()
                if self._killed % 10 == 0:
                    _say(
                        f"{self._killed} kills, {len(self._ledger.edits)} edits so far{self._slowest_so_far()}"
                    )

    def _slowest_so_far(self) -> str:
        slow = self._slow_flows()
        return f"; the slowest flow took {_told(slow[0])}" if slow else ""

    def _interruption(self) -> Callable[[], None] | None:
        draw = self._outages.random()
        if draw < _OUTAGES:
            return self._outage
        return self._clerk.decide_meanwhile if draw < _OUTAGES + _DECISIONS_MEANWHILE else None

    def _outage(self) -> None:
        """Kill one of the services while the synchronization is at work, and start it again a little later."""
        crm = sum(self._services.kills().values()) % 2 == 0
        with self._people.resting(), self._services.away(crm=crm):
            time.sleep(self._outages.uniform(*_OUTAGE_SECONDS))
        self._canaries.service_restarted()

    def _report(self, verdict: Verdict, *, working: float, settled: bool, further: int, green: bool) -> int:
        kills = self._synchronization.kills
        # A whole comparison takes as long as it takes: what is promised is that changes flow.
        slowest = self._canaries.slowest(_SYNCH)
        longest = self._plan.recovery_seconds_max
        _say(f"Soak of {working / 60:.1f} minutes, seed {self._plan.seed}, {self._plan.customers} customers")
        _table("Kills", kills)
        _table("Services killed", self._services.kills())
        _table("Ends by itself", self._synchronization.endings)
        _table("Edits", self._ledger.count() | {"refused (gone, or too late)": self._ledger.refused})
        _table("Injected faults", self._services.struck())
        _table("Decisions and cures", self._clerk.outcomes)
        _table("On the error list at the end", verdict.listed)
        _table(f"Edits that are excused: {verdict.excused.share:.1%} of all", verdict.excused.counts)
        _say("Verdict")
        checks = {
            "comes to rest": settled,
            "a further run writes nothing": further == 0,
            "interlace verify is green": green,
            "couplings are one to one": not verdict.coupling_problems,
            "the journal holds": verdict.journal_holds,
            f"edits flow again within {longest:g} s of a restart": slowest < longest,
            "every halt had its reason": not self._clerk.unfounded_halts,
            "no duplicates": not verdict.duplicates,
            "nothing lost": not verdict.lost,
            f"at most {EXCUSED_SHARE_MAX:.0%} of the edits are excused, {LISTED_SHARE_MAX:.0%} by the error list": (
                verdict.excused.are_few
            ),
        }
        for caption, holds in checks.items():
            _say(f"  {'yes' if holds else 'NO ':<4} {caption}")
        self._tell_flows()
        _say(f"  {verdict.journal_entries} journal entries")
        found = [*verdict.duplicates, *verdict.lost, *verdict.coupling_problems, *self._clerk.unfounded_halts]
        for text in found[:_LINES_MAX]:
            _say(f"  {text}")
        _say(f"{kills.total()} kills, {len(verdict.duplicates)} duplicates, {len(verdict.lost)} lost")
        return _GREEN if all(checks.values()) else _RED

    def _tell_flows(self) -> None:
        canaries = self._canaries
        for command in sorted({each.command for each in canaries.flows}):
            times = canaries.times(command)
            _say(
                f"  Edits flow again after a restart by `{command}`: p50 {statistics.median(times):.1f} s, p95 "
                f"{_high(times):.1f} s, max {canaries.slowest(command):.1f} s ({len(times)} measured)"
            )
        for flow in self._slow_flows():
            _say(f"    {_told(flow)}")

    def _slow_flows(self) -> list[Flow]:
        flows = (each for each in self._canaries.flows if each.command == _SYNCH)
        return sorted(flows, key=attrgetter("seconds"), reverse=True)[:_SLOW_FLOWS]


def _told(flow: Flow) -> str:
    struck = ", ".join(f"{count} {name}" for name, count in sorted(flow.struck.items()))
    return f"{flow.seconds:.1f} s, meanwhile {struck or 'nothing struck'}"


def _high(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * _HIGH_SHARE))]


def _table(caption: str, counts: "dict[str, int]") -> None:
    _say(caption)
    for name, count in sorted(counts.items()):
        _say(f"  {count:>8,}  {name}")


if __name__ == "__main__":
    sys.exit(main())
