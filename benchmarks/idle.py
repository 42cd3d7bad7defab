"""What a run costs that finds nothing new, against a client that asks the services the same and keeps nothing.

Nothing may be written: the services themselves are asked how many writes they carried out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from benchmarks.contender import Report, Scenario, run_contender
from benchmarks.engine_run import IDLE_RUNS
from benchmarks.measure import peak_memory_of
from benchmarks.servers import Stage

AFTER_LOAD, IDLE, IDLE_FULL = "after load", "idle", "idle full"
MEASURED = (AFTER_LOAD, IDLE, IDLE_FULL)


class WroteWhenIdle(Exception):
    """A run without news wrote something, or found news: its cost means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleOutcome:
    """What the engine and the floor measured on the same services."""

    engine: Report
    floor: Report
    memory: Mapping[str, float]
    """Peak resident size of each process, in MiB; the client's is that of the whole first synchronization."""

    def ratios(self) -> dict[str, float]:
        """Compare the costs of the client and of the whole system with the floor's, run by run."""
        found: dict[str, float] = {}
        for name in (IDLE, IDLE_FULL):
            ours, least = self.engine.named(name), self.floor.named(name)
            found[f"{name} engine / floor client"] = _of_a_run(ours, "client") / _of_a_run(least, "client")
            found[f"{name} whole system / floor's"] = _whole(ours) / _whole(least)
        return found

    def lines(self, facts: Mapping[str, object]) -> list[dict[str, object]]:
        """Return the scenarios as records for trends."""
        shown = [("engine", self.engine.named(name)) for name in MEASURED]
        shown += [("floor", each) for each in self.floor.scenarios]
        return [_line(contender, each, self.memory, facts) for contender, each in shown]


def measure_idle(stage: Stage, mapping: str) -> IdleOutcome:
    """Synchronize everything once, then run with nothing to do; raises WroteWhenIdle."""
    with stage.ends() as ends:
        options = {
            "mapping": mapping,
            "customers": stage.customers,
            "omitted": "nothing",
            "scenarios": ("idle",),
        }
        engine = run_contender("benchmarks.engine_run", ends, options)
        floor = run_contender(
            "benchmarks.floor_idle", ends, {"customers": stage.customers, "runs": IDLE_RUNS}
        )
        memory = {side: peak_memory_of(pid) for side, pid in ends.pids.items()}
    for each in [*(engine.named(name) for name in MEASURED), *floor.scenarios]:
        news = {key: count for key, count in each.outcome.items() if count and key != "unchanged"}
        if any(each.writes.values()) or news:
            raise WroteWhenIdle(
                f"{each.name}: the services carried out {dict(each.writes)}, news were {news}."
            )
    return IdleOutcome(
        engine=replace(engine, scenarios=tuple(engine.named(name) for name in MEASURED)),
        floor=floor,
        memory={"client": engine.peak_memory, **memory},
    )


def print_idle(outcome: IdleOutcome) -> None:
    """Print the scenarios for people."""
    print("Nothing changed, a run")
    print("  contender  run          client      erp      crm      wall    to erp   crm  writes")
    for line in outcome.lines({}):
        millis, requests, writes = line["millis_a_run"], line["requests_a_run"], line["writes"]
        assert isinstance(millis, dict)
        assert isinstance(requests, dict)
        assert isinstance(writes, dict)
        print(
            f"  {line['contender']!s:<11}{line['scenario']!s:<11}"
            f"{millis['client']:>8.1f}{millis['erp']:>9.1f}{millis['crm']:>9.1f}{millis['wall']:>10.1f} ms"
            f"{requests['erp']:>7.1f}{requests['crm']:>6.1f}{sum(writes.values()):>8}"
        )
    print(
        "  peak memory: " + ", ".join(f"{name} {size:.0f} MiB" for name, size in outcome.memory.items()),
        flush=True,
    )


def _line(
    contender: str, each: Scenario, memory: Mapping[str, float], facts: Mapping[str, object]
) -> dict[str, object]:
    millis = {name: round(_of_a_run(each, name) * 1e3, 2) for name in each.cost.cpu}
    return {
        **facts,
        "contender": contender,
        "scenario": each.name,
        "records": each.records,
        "runs": each.runs,
        "millis_a_run": {**millis, "wall": round(each.cost.wall * 1e3 / each.runs, 1)},
        "requests_a_run": {side: count / each.runs for side, count in each.requests.items()},
        "writes": dict(each.writes),
        "outcome": {name: count for name, count in each.outcome.items() if count},
        "peak_mib": {process: round(size) for process, size in memory.items()},
    }


def _of_a_run(each: Scenario, process: str) -> float:
    return each.cost.cpu[process] / each.runs


def _whole(each: Scenario) -> float:
    return sum(each.cost.cpu.values()) / each.runs
