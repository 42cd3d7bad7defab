"""The golden orders while requests are cut off before or after their effect, and processes die, at random.

A longer run, each seed printed, without pytest: `python -m tests.golden_orders.test_faults --seeds 100 --first 7`;
in `make test` the environment variable GOLDEN_ORDER_SEEDS says how many seeds are tried.
"""

import argparse
import os
import random
import sys

import pytest
from tests.golden_orders.comparison import differences
from tests.golden_orders.documents import golden_orders
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

from interlace.simulation.wire_faults import FaultWeights, WireFault

SEEDS = int(os.environ.get("GOLDEN_ORDER_SEEDS", "2"))
LOOKS = 4
"""How often the orders are looked at while things go wrong."""
CUT_OFF = FaultWeights(
    share=0.15,
    weights={
        WireFault.NOT_SENT: 1.0,
        WireFault.LOST_BEFORE: 2.0,
        WireFault.LOST_AFTER: 3.0,
        WireFault.DELAYED: 2.0,
        WireFault.FAILED_BEFORE: 1.0,
        WireFault.FAILED_AFTER: 2.0,
        WireFault.TOLD_TO_WAIT: 1.0,
        WireFault.SLOW: 1.0,
    },
)


def violations(seed: int) -> list[str]:
    """Place all orders under faults, put right what was missing, and say what came out wrong."""
    dice = random.Random(f"golden {seed}")
    orders = [order for order in golden_orders() if not order.is_held_first]
    dice.shuffle(orders)
    world = World(f"golden {seed}", beginning())
    try:
        story = Story(world=world, orders=orders)
        story.set_up()
        story.hand_in()
        world.wire.weights = CUT_OFF
        story.process_under_faults(LOOKS, dice)
        seen = story.look()
        found = [each for order in orders for each in differences(order, seen[order.name])]
        numbers = [order["No"] for each in seen.values() for order in each.orders]
        posted = len(world.clerk.rows("SalesOrder"))
        if posted != len(orders) or len(set(numbers)) != len(orders):
            found.append(f"{posted} ERP orders came of {len(orders)} orders")
        return found
    finally:
        world.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_each_becomes_exactly_one_erp_order_whatever_is_cut_off(seed: int) -> None:
    """Exactly one ERP order each, with the same amounts as without faults."""
    assert violations(seed) == [], f"seed {seed}: python -m tests.golden_orders.test_faults --first {seed}"


def main() -> int:
    """Try many seeds; print each with what it shows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first", type=int, default=1)
    chosen = parser.parse_args()
    bad = 0
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        found = violations(seed)
        bad += bool(found)
        sys.stdout.write(f"seed {seed}: {'; '.join(found) or 'all equal'}\n")
        sys.stdout.flush()
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
