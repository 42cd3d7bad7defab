"""Orders in which something is missing: held with a list of all of it, and on their way once it is put right."""

import pytest
from tests.golden_orders.comparison import differences
from tests.golden_orders.documents import GoldenOrder, golden_orders
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

HELD = tuple(order for order in golden_orders() if order.is_held_first)


@pytest.mark.parametrize("order", HELD, ids=[order.name for order in HELD])
def test_it_waits_for_what_is_missing_and_then_goes_through(order: GoldenOrder) -> None:
    """Nothing is created before everything is there; then one ERP order comes of it, equal to the cent."""
    world = World(order.name, beginning())
    try:
        story = Story(world=world, orders=[order])
        story.set_up()
        story.hand_in()
        story.process()
        story.process()
        seen = story.look()[order.name]
        assert sorted(each.code for each in seen.problems) == sorted(order.problems)
        assert all(each.what and each.remedy for each in seen.problems)
        # Told once, and not at every look.
        assert [event.kind for event in seen.timeline].count("held") == 1
        assert (seen.orders, seen.crm["lastbackofficesubmit"]) == ((), None)
        for deed in order.fix:
            story.desk.do(deed, order)
        story.process()
        assert differences(order, story.look()[order.name]) == []
    finally:
        world.close()
