"""What it costs to take submitted orders to the ERP, against the bare deep inserts of the same orders.

Each order must arrive once and be worth the same, and a run without news must write nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contender import Report, Scenario, run_contender
from benchmarks.floor_orders import BARE_INSERTS
from benchmarks.measure import peak_memory_of
from benchmarks.order_company import OrderStage
from benchmarks.orders_run import FIRST, NOTHING_NEW, ORDERS


class WroteWithoutNews(Exception):
    """A run over orders to which nothing had happened wrote something: its cost means nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrdersOutcome:
    """What the engine and the floor measured."""

    engine: Report
    floor: Report
    memory: Mapping[str, float]
    """Peak resident size of each process, in MiB."""

    def ratios(self) -> dict[str, float]:
        """Compare the costs of one order with those of the floor, and of the last ones with those of the first."""
        orders, first = self.engine.named(ORDERS), self.engine.named(FIRST)
        idle, floor = self.engine.named(NOTHING_NEW), self.floor.named(BARE_INSERTS)
        return {
            "orders engine / floor client": _of_one(orders, "client") / _of_one(floor, "client"),
            "orders whole system / floor's": _whole(orders) / _whole(floor),
            "orders later / first tenth": _whole(orders) / _whole(first),
            "orders nothing new / floor's system": _whole(idle) / _whole(floor),
        }

    def lines(self, facts: Mapping[str, object]) -> list[dict[str, object]]:
        """Return the scenarios as records for trends."""
        shown = [("engine", each) for each in self.engine.scenarios] + [
            ("floor", self.floor.named(BARE_INSERTS))
        ]
        return [_line(contender, each, self.memory, facts) for contender, each in shown]


def measure_orders(directory: Path, orders: int) -> OrdersOutcome:
    """Take orders over, look at them once more, and post the same to a fresh ERP; raises WroteWithoutNews."""
    stage = OrderStage(directory)
    stage.prepare()
    options = {"orders": orders}
    with stage.ends() as ends:
        engine = run_contender("benchmarks.orders_run", ends, options)
        memory = {side: peak_memory_of(pid) for side, pid in ends.pids.items()}
    with stage.ends() as ends:
        floor = run_contender("benchmarks.floor_orders", ends, options)
    idle = engine.named(NOTHING_NEW)
    if any(idle.writes.values()) or idle.outcome["unchanged"] != orders:
        raise WroteWithoutNews(f"The services carried out {dict(idle.writes)}: {dict(idle.outcome)}.")
    return OrdersOutcome(engine=engine, floor=floor, memory={"client": engine.peak_memory, **memory})


def print_orders(outcome: OrdersOutcome) -> None:
    """Print the scenarios for people."""
    print("Orders, processor milliseconds of one")
    print("  contender  run            orders   client      erp      crm  orders/s    to erp      crm")
    for line in outcome.lines({}):
        millis, requests = line["millis_an_order"], line["requests"]
        assert isinstance(millis, dict)
        assert isinstance(requests, dict)
        print(
            f"  {line['contender']!s:<11}{line['scenario']!s:<12}{line['orders']:>9,}"
            f"{millis['client']:>9.2f}{millis['erp']:>9.2f}{millis['crm']:>9.2f}"
            f"{line['orders_a_second']:>10.1f}{requests['erp']:>10,}{requests['crm']:>9,}"
        )
    print(
        "  peak memory: " + ", ".join(f"{name} {size:.0f} MiB" for name, size in outcome.memory.items()),
        flush=True,
    )


def _line(
    contender: str, each: Scenario, memory: Mapping[str, float], facts: Mapping[str, object]
) -> dict[str, object]:
    return {
        **facts,
        "contender": contender,
        "scenario": each.name,
        "orders": each.records,
        "millis_an_order": {name: round(_of_one(each, name) * 1e3, 3) for name in each.cost.cpu},
        "orders_a_second": round(each.records / each.cost.wall, 1),
        "requests": dict(each.requests),
        "outcome": {name: count for name, count in each.outcome.items() if count},
        "writes": dict(each.writes),
        "peak_mib": {process: round(size) for process, size in memory.items()},
    }


def _of_one(each: Scenario, process: str) -> float:
    return each.cost.cpu[process] / each.records


def _whole(each: Scenario) -> float:
    return sum(each.cost.cpu.values()) / each.records
