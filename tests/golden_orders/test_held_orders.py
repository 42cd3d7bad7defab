"""Orders in which something is missing: held with a list of all of it, and on their way once it is put right."""

import pytest
from tests.golden_orders.comparison import differences
from tests.golden_orders.documents import GoldenOrder, golden_orders
from tests.golden_orders.judging import judged
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

from interlace.lead_to_cash import mapping_names
from interlace.verify import RecordState

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
        assert_listed(story, seen.problems[0].code)
        for deed in order.fix:
            story.desk.do(deed, order)
        story.process()
        assert differences(order, story.look()[order.name]) == []
        let_accounts_name_their_customers(world, order)
        report = judged(story)
        assert report.is_green, report.as_json()
    finally:
        world.close()


def assert_listed(story: Story, code: str) -> None:
    """The judge lists the order with what holds it, and finds nothing else."""
    report = judged(story)
    orders, lines = report.verdicts
    assert report.is_green, report.as_json()
    assert orders.crm.reasons_of(RecordState.FAILED) == {code: 1}
    assert lines.crm.states[RecordState.FAILED] == lines.crm.total
    assert code in orders.findings[0].reason


def let_accounts_name_their_customers(world: World, order: GoldenOrder) -> None:
    """After coupling by hand: the judge goes by what accounts say, and one says it as soon as no other does."""
    uncoupled = [
        str(deed.values["erp"]) for deed in order.fix if deed.side == "uncouple" and "erp" in deed.values
    ]
    for number in uncoupled:
        for account in world.salesperson.rows("accounts", f"ilc_erpkey eq '{number}'"):
            world.salesperson.ask("PATCH", f"accounts({account['accountid']})", {"ilc_erpkey": None})
    world.synchronize([mapping_names.CUSTOMER], full=True)
