"""Full synchronization of N customers against the bare pipe: costs of every process, and their ratios."""

import argparse
import json
import random
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.contender import Report, Scenario, run_contender
from benchmarks.flood import measure_flood, print_flood
from benchmarks.idle import measure_idle, print_idle
from benchmarks.limits import REQUESTS, WINDOW_SECONDS, measure_limits, print_limits
from benchmarks.lists import LIMIT_MILLIS, measure_lists, print_lists
from benchmarks.measure import peak_memory_of
from benchmarks.orders import measure_orders, print_orders
from benchmarks.pages import measure_pages, print_pages
from benchmarks.rows_check import Rows, check_rows
from benchmarks.sandbox_alone import measure_sandboxes
from benchmarks.servers import Stage

ENGINE, FLOOR = "engine", "floor"
DUTIES = ("journal", "intents", "write-back")
_FOLLOWING = ("S2", "S3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One contender in one round."""

    name: str
    report: Report
    rows: Rows
    memory: Mapping[str, float]
    """Peak resident size of each process, in MiB."""


@dataclass(slots=True, kw_only=True)
class Figures:
    """Everything measured, by contender and scenario, over all rounds."""

    customers: int
    micros: dict[str, list[float]] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)

    def note_round(self, outcomes: Mapping[str, Outcome]) -> None:
        """Take a round's ratios; contenders of one round met the same neighbours."""
        floor = outcomes[FLOOR].report.named("floor")
        engine = outcomes[ENGINE].report
        first = engine.named("S1")
        self._ratio("S1 engine / floor client", _client(first) / _client(floor))
        self._ratio("S1 whole system / floor's", _whole(first) / _whole(floor))
        self._ratio("S1 wall / sum of processor time", first.cost.wall / _whole(first))
        for name in _FOLLOWING:
            self._ratio(f"{name} engine / S1 engine", _client(engine.named(name)) / _client(first))
        for duty in DUTIES:
            if duty in outcomes:
                lighter = _client(outcomes[duty].report.named("S1"))
                self._ratio(f"S1 without {duty} / S1", lighter / _client(first))

    def _ratio(self, name: str, value: float) -> None:
        self.ratios.setdefault(name, []).append(value)


def _client(scenario: Scenario) -> float:
    return scenario.cost.cpu["client"]


def _whole(scenario: Scenario) -> float:
    return sum(scenario.cost.cpu.values())


def run_one(stage: Stage, name: str, mapping: str) -> Outcome:
    """Let one contender work on fresh services, and check what it did."""
    with stage.ends() as ends:
        if name == FLOOR:
            report = run_contender("benchmarks.floor_copy", ends, {})
        else:
            options = {
                "mapping": mapping,
                "customers": stage.customers,
                "omitted": name if name in DUTIES else "nothing",
                "scenarios": _FOLLOWING if name == ENGINE else (),
            }
            report = run_contender("benchmarks.engine_run", ends, options)
        memory = {side: peak_memory_of(pid) for side, pid in ends.pids.items()}
        # Without the write-back the CRM does not name its partners, so there is nothing to compare rows by.
        rows = Rows(count=0, digest="") if name == "write-back" else check_rows(ends, by_floor=name == FLOOR)
    return Outcome(name=name, report=report, rows=rows, memory={"client": report.peak_memory, **memory})


def commit_id() -> str:
    """Name the commit that is measured, for trends."""
    asked = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    return done.stdout.strip() or "unknown"


def lines_of(outcome: Outcome, facts: Mapping[str, object]) -> list[dict[str, object]]:
    """Return a contender's scenarios as records for trends."""
    return [
        {
            **facts,
            "contender": outcome.name,
            "scenario": each.name,
            "records": each.records,
            "micros_a_record": {
                process: round(each.cost.micros(process, each.records), 2) for process in each.cost.cpu
            },
            "records_a_second": round(each.records / each.cost.wall),
            "requests": dict(each.requests),
            "outcome": {name: count for name, count in each.outcome.items() if count},
            "peak_mib": {process: round(size) for process, size in outcome.memory.items()},
            "rows": outcome.rows.count,
            "digest": outcome.rows.digest,
        }
        for each in outcome.report.scenarios
    ]


def print_lines(lines: Sequence[Mapping[str, object]]) -> None:
    """Print a contender's scenarios for people."""
    for line in lines:
        micros, peak, requests = line["micros_a_record"], line["peak_mib"], line["requests"]
        assert isinstance(micros, dict)
        assert isinstance(peak, dict)
        assert isinstance(requests, dict)
        print(
            f"  {line['contender']!s:<11}{line['scenario']!s:<6}"
            f"{micros['client']:>9.1f}{micros['erp']:>8.1f}{micros['crm']:>8.1f}"
            f"{line['records_a_second']:>10,}/s"
            f"{peak['client']:>7}{peak['erp']:>6}{peak['crm']:>6} MiB"
            f"{requests['erp']:>7}{requests['crm']:>6}   {line['outcome']}",
            flush=True,
        )


_HEAD = (
    "  contender  run      client     erp     crm    records      client   erp   crm"
    "     to erp   crm   outcome\n"
    "                      (microseconds of processor a record)   (peak memory)"
    "        (requests)"
)


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--customers", type=int, default=20_000)
    parser.add_argument("--couplings", type=int, default=100_000, help="how many the idle runs have")
    parser.add_argument("--orders", type=int, default=10_000, help="how many are submitted")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--looks", type=int, default=9, help="how often each list and page is asked for")
    parser.add_argument("--mapping", default="CUSTOMER")
    parser.add_argument(
        "--only",
        choices=(ENGINE, FLOOR, "flood", "idle", "limits", "lists", "orders", "pages", "sandboxes"),
        help="run nothing else",
    )
    parser.add_argument(
        "--listed",
        type=int,
        default=100_000,
        help="how many couplings lists and pages have (a million: 1000000)",
    )
    parser.add_argument(
        "--limits",
        default=f"{REQUESTS}/{WINDOW_SECONDS:g}",
        metavar="REQUESTS/SECONDS",
        help="what the services of the run at their limits allow",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON record a line")
    parser.add_argument("--seed", type=int, default=1, help="order of the contenders")
    return parser.parse_args(words)


def main(words: Sequence[str]) -> int:
    """Run the benchmark; every number is measured in this run."""
    chosen = _arguments(words)
    facts: dict[str, object] = {"commit": commit_id(), "customers": chosen.customers}
    figures = Figures(customers=chosen.customers)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="interlace-bench-")))
        if chosen.only not in ("flood", "idle", "limits", "lists", "orders", "pages"):
            stage = _made_stage(directory, chosen.customers, chosen)
            if chosen.only != "sandboxes":
                _run_rounds(stage, chosen, facts, figures)
            if chosen.only in (None, "sandboxes"):
                figures.ratios.update(measure_sandboxes(stage, rounds=chosen.rounds))
        if chosen.only in (None, "idle"):
            _run_idle(_made_stage(directory, chosen.couplings, chosen), chosen, facts, figures)
        if chosen.only in (None, "orders"):
            _run_orders(directory, chosen, facts, figures)
        if chosen.only in (None, "limits"):
            _run_limits(directory, chosen, facts, figures)
        if chosen.only in (None, "lists"):
            _run_lists(directory, chosen, facts, figures)
        if chosen.only in (None, "pages"):
            _run_pages(directory, chosen, facts, figures)
        if chosen.only in (None, "flood"):
            _run_flood(directory, chosen, facts, figures)
    _print_ratios(figures, facts, as_json=chosen.json)
    return 0


def _made_stage(directory: Path, customers: int, chosen: argparse.Namespace) -> Stage:
    if not chosen.json:
        print(f"Making a company of {customers:,} customers", flush=True)
    stage = Stage(directory, customers)
    stage.prepare()
    return stage


def _run_idle(
    stage: Stage, chosen: argparse.Namespace, facts: Mapping[str, object], figures: Figures
) -> None:
    outcome = measure_idle(stage, chosen.mapping)
    figures.ratios.update({name: [value] for name, value in outcome.ratios().items()})
    if chosen.json:
        print("\n".join(json.dumps(line) for line in outcome.lines(facts)), flush=True)
    else:
        print_idle(outcome)


def _run_orders(
    directory: Path, chosen: argparse.Namespace, facts: Mapping[str, object], figures: Figures
) -> None:
    if not chosen.json:
        print(f"Submitting {chosen.orders:,} orders", flush=True)
    outcome = measure_orders(directory, chosen.orders)
    figures.ratios.update({name: [value] for name, value in outcome.ratios().items()})
    if chosen.json:
        print("\n".join(json.dumps(line) for line in outcome.lines(facts)), flush=True)
    else:
        print_orders(outcome)


def _run_limits(
    directory: Path, chosen: argparse.Namespace, facts: Mapping[str, object], figures: Figures
) -> None:
    requests, _, seconds = chosen.limits.partition("/")
    run = measure_limits(directory, requests=int(requests), window_seconds=float(seconds))
    figures.ratios["limits: requests sent / allowed"] = [run.ratio]
    if chosen.json:
        print(json.dumps(run.line(facts)), flush=True)
    else:
        print_limits(run)


def _run_lists(
    directory: Path, chosen: argparse.Namespace, facts: Mapping[str, object], figures: Figures
) -> None:
    if not chosen.json:
        print(f"Storing and listing {chosen.listed:,} couplings", flush=True)
    times = measure_lists(directory, chosen.listed, chosen.looks)
    figures.ratios["lists: slowest page, ms / 300"] = [times.worst.median_millis / LIMIT_MILLIS]
    if chosen.json:
        print("\n".join(json.dumps(line) for line in times.lines(facts)), flush=True)
    else:
        print_lists(times)


def _run_pages(
    directory: Path, chosen: argparse.Namespace, facts: Mapping[str, object], figures: Figures
) -> None:
    if not chosen.json:
        print(f"Storing and listing {chosen.listed:,} couplings for the pages of the web client", flush=True)
    times = measure_pages(directory, chosen.listed, chosen.looks)
    figures.ratios.update({name: [value] for name, value in times.ratios().items()})
    if chosen.json:
        print("\n".join(json.dumps(line) for line in times.lines(facts)), flush=True)
    else:
        print_pages(times)


def _run_flood(
    directory: Path, chosen: argparse.Namespace, facts: Mapping[str, object], figures: Figures
) -> None:
    times = measure_flood(directory)
    figures.ratios.update({name: [value] for name, value in times.ratios().items()})
    if chosen.json:
        print("\n".join(json.dumps(line) for line in times.lines(facts)), flush=True)
    else:
        print_flood(times)


def _run_rounds(
    stage: Stage, chosen: argparse.Namespace, facts: Mapping[str, object], figures: Figures
) -> None:
    order = random.Random(chosen.seed)  # noqa: S311 - variety, not secrets
    names = [ENGINE, FLOOR, *DUTIES] if chosen.only is None else [chosen.only]
    for number in range(1, chosen.rounds + 1):
        order.shuffle(names)
        if not chosen.json:
            print(f"Round {number} of {chosen.rounds}\n{_HEAD}", flush=True)
        outcomes: dict[str, Outcome] = {}
        for name in names:
            outcomes[name] = run_one(stage, name, chosen.mapping)
            lines = lines_of(outcomes[name], {**facts, "round": number})
            if chosen.json:
                print("\n".join(json.dumps(line) for line in lines), flush=True)
            else:
                print_lines(lines)
        if chosen.only is None:
            figures.note_round(outcomes)


def _print_ratios(figures: Figures, facts: Mapping[str, object], *, as_json: bool) -> None:
    if as_json:
        for name, values in figures.ratios.items():
            line = {**facts, "ratio": name, "median": round(median(values), 3), "min": round(min(values), 3)}
            print(json.dumps(line))
        return
    print("Ratios within a round        median     min")
    for name, values in figures.ratios.items():
        print(f"  {name:<42}{median(values):>8.2f}{min(values):>8.2f}")
