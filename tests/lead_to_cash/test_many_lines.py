"""An order of 200 lines against both embedded services: it goes through in one run, whatever each line says."""

from contextlib import closing
from decimal import Decimal

from tests.golden_orders.comparison import differences
from tests.golden_orders.documents import GoldenLine, GoldenOrder
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

LINES = 200


def test_order_with_a_date_for_each_line_goes_through_in_one_run() -> None:
    """200 lines with delivery dates of their own are created, dated and handed over, to the cent."""
    lines = tuple(
        GoldenLine(
            product="DESK",
            quantity=Decimal(number),
            list_price=Decimal(100),
            columns={"requestdeliveryby": f"2026-05-{number % 28 + 1:02}T00:00:00Z"},
        )
        for number in range(1, LINES + 1)
    )
    order = GoldenOrder(name="long", theme="long", why="", customer="HOME", lines=lines)
    with closing(World("many lines", beginning())) as world:
        story = Story(world=world, orders=[order])
        story.set_up()
        story.hand_in()
        story.process()
        seen = story.look()[order.name]
        assert differences(order, seen) == []
        assert [str(line["Requested_Delivery_Date"]) for line in seen.lines if line["No"]] == [
            str(line.columns["requestdeliveryby"])[:10] for line in lines
        ]
        assert "200 lines of ERP order" in " ".join(event.text for event in seen.timeline)
