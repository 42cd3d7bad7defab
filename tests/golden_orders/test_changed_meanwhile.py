"""A CRM order that its salesperson takes back, changes and submits again while it is being processed."""

from contextlib import closing
from decimal import Decimal

import pytest
from tests.golden_orders.comparison import differences
from tests.golden_orders.documents import Deed, GoldenLine, GoldenOrder
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

_REQUESTS = range(0, 90, 9)
"""Before which request of the run the salesperson acts: all of these come before the CRM order is marked."""


def _order(quantity: int) -> GoldenOrder:
    desks = GoldenLine(product="DESK", quantity=Decimal(quantity), list_price=Decimal(100))
    chair = GoldenLine(product="CHAIR", quantity=Decimal(3), list_price=Decimal("19.99"))
    return GoldenOrder(
        name="changed",
        theme="changed",
        why="",
        customer="HOME",
        discount=Decimal("1.11"),
        lines=(desks, chair),
    )


BEFORE, AFTER = _order(1), _order(4)
CHANGE = (
    Deed(side="crm", address="salesorders({order})", values={"statecode": 0}),
    Deed(side="crm", address="salesorderdetails({line:1})", values={"quantity": 4}),
    Deed(side="crm", address="salesorders({order})", values={"statecode": 1}),
)


@pytest.mark.parametrize("request_number", _REQUESTS)
def test_what_was_submitted_last_is_what_the_erp_gets(request_number: int) -> None:
    """Whenever the change comes: in the end there is one ERP order, and it is the changed one, to the cent."""
    with closing(World(f"changed {request_number}", beginning())) as world:
        story = Story(world=world, orders=[BEFORE])
        story.set_up()
        story.hand_in()

        def change() -> None:
            for deed in CHANGE:
                story.desk.do(deed, BEFORE)

        world.before_request(request_number, change)
        for _ in range(4):
            story.process()
            world.let_pass(120)
        seen = story.look()[BEFORE.name]
        assert world.interrupted
        assert differences(AFTER, seen) == []
        assert len(world.clerk.rows("SalesOrder")) == 1


def test_a_change_between_two_looks_is_made_anew() -> None:
    """Changed and submitted again when nobody looks: the ERP order is taken back and made as it is now."""
    with closing(World("changed afterwards", beginning())) as world:
        story = Story(world=world, orders=[BEFORE])
        story.set_up()
        story.hand_in()
        story.process()
        for deed in CHANGE:
            story.desk.do(deed, BEFORE)
        story.process()
        seen = story.look()[BEFORE.name]
        assert differences(AFTER, seen) == []
        assert len(world.clerk.rows("SalesOrder")) == 1
        assert any("order_changed" in event.text for event in seen.timeline)
