"""Orders in which nothing is missing: equal to the cent in both services, from submission to payment."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from tests.golden_orders.comparison import differences, expected
from tests.golden_orders.documents import golden_orders
from tests.golden_orders.story import Seen, Story
from tests.golden_orders.world import World, beginning

GOOD = tuple(order for order in golden_orders() if not order.is_held_first)


def test_there_are_enough() -> None:
    """At least sixty orders, and every figure that a file states is what the rules give."""
    assert len(GOOD) >= 60
    for order in GOOD:
        wanted = expected(order)
        assert order.erp == wanted.total, order.name
        assert order.erp_lines in {(), wanted.lines}, order.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was seen of all orders of a run."""

    created: dict[str, Seen]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """All orders in one world, from submission to payment."""
    world = World("good", beginning())
    try:
        story = Story(world=world, orders=GOOD)
        story.set_up()
        story.hand_in()
        story.process()
        yield Run(created=story.look())
    finally:
        world.close()


def test_each_becomes_an_equal_erp_order(run: Run) -> None:
    """Net, tax and gross of document and lines are the same in the ERP and by the rules, net also in the CRM."""
    assert [each for order in GOOD for each in differences(order, run.created[order.name])] == []
