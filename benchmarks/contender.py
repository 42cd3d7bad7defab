"""Runs one client of the benchmark as a process of its own and reads what it measured."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from benchmarks.measure import Cost
from benchmarks.servers import Ends


class ContenderFailed(Exception):
    """A client of the benchmark ended badly; its words stand on standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One measured stretch of a client."""

    name: str
    records: int
    cost: Cost
    requests: Mapping[str, int]
    outcome: Mapping[str, int]
    runs: int = 1
    """How many runs the cost and the requests are of."""
    writes: Mapping[str, int] = field(default_factory=dict)
    """Writes that each service says it carried out, where it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a client measured, and its memory at the peak."""

    scenarios: tuple[Scenario, ...]
    peak_memory: float

    def named(self, name: str) -> Scenario:
        """Return a scenario by its name."""
        return next(each for each in self.scenarios if each.name == name)

    def dump(self) -> str:
        """Write the report as one line."""
        return json.dumps(asdict(self))


def run_contender(module: str, ends: Ends, options: Mapping[str, object]) -> Report:
    """Start `python -m module`, hand it the services and options as JSON, and read its report."""
    task = {
        "erp": dict(ends.erp.facts),
        "crm": dict(ends.crm.facts),
        "pids": ends.pids,
        "directory": str(ends.directory),
        **options,
    }
    done = subprocess.run(  # noqa: S603 - our own program, arguments are a list
        [sys.executable, "-m", module], input=json.dumps(task), stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise ContenderFailed(f"{module} ended with {done.returncode}.")
    held = json.loads(done.stdout.splitlines()[-1])
    scenarios = tuple(Scenario(**{**each, "cost": Cost(**each["cost"])}) for each in held["scenarios"])
    return Report(scenarios=scenarios, peak_memory=held["peak_memory"])


def read_task() -> dict[str, object]:
    """Read what `run_contender` handed over."""
    task: dict[str, object] = json.loads(sys.stdin.read())
    return task
