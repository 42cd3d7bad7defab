"""Notes on CRM orders over both services: those written later, those changed later, and an ERP without the page."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from tests.golden_orders.comparison import differences
from tests.golden_orders.documents import GoldenOrder, golden_orders
from tests.golden_orders.story import ORDERS, Story
from tests.golden_orders.world import World, beginning
from tests.lead_to_cash.two_way_story import TwoWay

from interlace.domain.side import Side

[ORDER] = [order for order in golden_orders() if order.name == "a note"]
[TEXT] = ORDER.erp_comments


@pytest.fixture
def story() -> Iterator[Story]:
    """Return an order with a note, submitted and not yet looked at."""
    with closing(World("notes", beginning())) as world:
        story = Story(world=world, orders=[ORDER])
        story.set_up()
        story.hand_in()
        yield story


def _publish(world: World, *, without: frozenset[str] = frozenset()) -> None:
    """Restart the ERP, which publishes all pages but these from then on."""
    world.services.unpublished = without
    world.services.restore(Side.ERP, world.services.store(Side.ERP).image())
    # The next run opens its ends anew, as every run does.
    world.worker().process.alive = False


def _comments(story: Story, order: GoldenOrder = ORDER) -> tuple[str, ...]:
    return story.look()[order.name].comments


def test_notes_follow_their_order_and_stay_as_they_were(story: Story) -> None:
    """What is written later is added; what is changed or deleted later stays in the ERP as it went there."""
    story.process()
    assert differences(ORDER, story.look()[ORDER.name]) == []
    story.world.let_pass(3600)
    later = story.desk.note(ORDER, {"subject": "Door", "notetext": "<p>It is <b>blue</b></p>"})
    story.process()
    assert _comments(story) == (TEXT, "Door", "It is blue")
    person = story.world.salesperson
    person.ask("PATCH", f"annotations({later})", {"notetext": "It is red"})
    story.process()
    person.ask("DELETE", f"annotations({later})")
    story.process()
    assert _comments(story) == (TEXT, "Door", "It is blue")
    told = [event.text for event in story.look()[ORDER.name].timeline]
    assert sum("A note went to the ERP order" in text for text in told) == 2


def test_the_posted_documents_show_the_notes(story: Story) -> None:
    """Who packs and who invoices reads them, as shipment and invoice take the comments of their order."""
    story.process()
    story.ship_and_invoice(story.numbers().values())
    rows = story.world.clerk.rows("SalesCommentLines")
    kinds = {row["Document_Type"]: row["Comment"] for row in rows}
    assert kinds == {"Shipment": TEXT, "Posted_x0020_Invoice": TEXT}


def test_an_order_that_is_made_anew_has_its_notes(story: Story) -> None:
    """The ERP order that is taken back takes its comment lines; the new one gets the notes again."""
    story.process()
    desk = story.desk
    for values in ({"statecode": 0}, {"description": "changed"}, {"statecode": 1}):
        story.world.salesperson.ask("PATCH", f"salesorders({desk.entered[ORDER.name]})", values)
    story.process()
    assert _comments(story) == (TEXT,)
    assert len(story.world.clerk.rows("SalesCommentLines")) == 1


def test_an_erp_without_the_page_gets_the_order_and_says_what_is_lacking(story: Story) -> None:
    """The order does not wait; once the page is published, the next look carries the note."""
    _publish(story.world, without=frozenset({"SalesCommentLines"}))
    story.process()
    story.process()
    # The page can only be read where it is published.
    store = story.world.memory.store()
    [tracked] = store.documents_by_key(ORDERS, list(story.desk.entered.values())).values()
    assert (tracked.stage, tracked.problems) == ("Open", ())
    told = [event.text for event in store.timeline(ORDERS, tracked.key)]
    assert (
        sum("publish the page Sales Comment Sheet as web service SalesCommentLines" in text for text in told)
        == 1
    )
    _publish(story.world)
    story.process()
    assert _comments(story) == (TEXT,)


def test_two_way_orders_carry_notes_whichever_side_they_began_on() -> None:
    """An order of the ERP gets what is noted on the CRM order that it became, and stays released all the while."""
    both = TwoWay.begin("two way notes", 1)
    with closing(both.world):
        chairs: dict[str, object] = {"Type": "Item", "No": "CHAIR", "Quantity": 10}
        born_in_erp = both.enter_in_erp(chairs)
        both.process()
        person, clerk = both.world.salesperson, both.world.clerk
        keys = [str(row["salesorderid"]) for row in person.rows("salesorders")]
        assert len(keys) == 2
        for key in keys:
            bind = {"objectid_salesorder@odata.bind": f"/salesorders({key})"}
            person.create("annotations", {"notetext": f"Note on {key}", **bind})
        both.process()
        comments = {row["No"]: row["Comment"] for row in clerk.rows("SalesCommentLines")}
        assert comments == {both.number_of(key): f"Note on {key}" for key in keys}
        assert born_in_erp in comments
        assert {row["Status"] for row in clerk.rows("SalesOrder")} == {"Released"}
        assert [both.problems(key) for key in keys] == [(), ()]
