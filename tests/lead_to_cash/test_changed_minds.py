"""People change their minds about orders under way, against both embedded services: no order is doubled or stale."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from tests.golden_orders.documents import golden_orders
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

ORDERS = tuple(each for each in golden_orders() if not each.is_held_first)[:4]
DELETED, CANCELLED, TAKEN_BACK, KEPT = (each.name for each in ORDERS)
SUBMITTED: dict[str, object] = {"statecode": 1, "statuscode": 3}


@pytest.fixture
def story() -> Iterator[Story]:
    """Four orders that were created, compared and marked."""
    world = World("changed minds", beginning())
    try:
        story = Story(world=world, orders=ORDERS)
        story.set_up()
        story.hand_in()
        story.process()
        yield story
    finally:
        world.close()


def crm_order(story: Story, name: str) -> dict[str, Any]:
    """Return a CRM order by its golden name."""
    return story.desk.order(next(each for each in ORDERS if each.name == name))


def edit(story: Story, name: str, values: dict[str, object]) -> None:
    """Change a CRM order, as its user does."""
    story.world.salesperson.ask("PATCH", f"salesorders({story.desk.entered[name]})", values)


def cancel(story: Story, name: str) -> None:
    """Cancel a CRM order, as its user does."""
    close = {
        "@odata.type": "Microsoft.Dynamics.CRM.orderclose",
        "subject": "No longer wanted",
        "salesorderid@odata.bind": f"/salesorders({story.desk.entered[name]})",
    }
    story.world.salesperson.ask("POST", "CancelSalesOrder", {"OrderClose": close, "Status": 4})


def state(story: Story, name: str) -> tuple[object, ...]:
    """Return where a CRM order stands, and whether it names an ERP order."""
    row = crm_order(story, name)
    is_marked = bool(row["ilc_erpkey"] and row["lastbackofficesubmit"])
    return row["statecode"], row["ilc_orderstatus"], is_marked


def test_each_change_of_mind_reaches_the_other_side(story: Story) -> None:
    """Deleted in the ERP, cancelled or taken back in the CRM, released: both sides agree at the next run."""
    numbers, clerk = story.numbers(), story.world.clerk
    clerk.page("DELETE", f"SalesOrder('{numbers[DELETED]}')")
    cancel(story, CANCELLED)
    edit(story, TAKEN_BACK, {"statecode": 0, "statuscode": 1})
    clerk.page("POST", f"SalesOrder('{numbers[KEPT]}')/NAV.Release")
    story.process()
    assert state(story, DELETED) == (0, "Deleted", False)
    assert state(story, CANCELLED) == (2, "Cancelled", False)
    assert state(story, TAKEN_BACK) == (0, "Deleted", False)
    assert state(story, KEPT) == (1, "Released", True)
    assert crm_order(story, KEPT)["ordernumber"] == numbers[KEPT]
    assert [row["No"] for row in clerk.rows("SalesOrder")] == [numbers[KEPT]]

    # The same content submitted once more is created once more, without anybody retrying.
    for name in (DELETED, TAKEN_BACK):
        edit(story, name, SUBMITTED)
    story.process()
    assert state(story, DELETED) == state(story, TAKEN_BACK) == (1, "Open", True)
    assert len(story.world.clerk.rows("SalesOrder")) == 3


def test_orders_that_only_submitting_unlocks_are_followed_too(story: Story) -> None:
    """Without the organization's switch each write opens the order first; the CRM ends where it must all the same."""
    world, numbers = story.world, story.numbers()
    organization = world.services.crm.options.organization_id
    world.salesperson.ask("PATCH", f"organizations({organization})", {"issopintegrationenabled": False})
    story.ship_and_invoice([numbers[KEPT]])
    world.clerk.page("DELETE", f"SalesOrder('{numbers[TAKEN_BACK]}')")
    world.clerk.page("POST", f"SalesOrder('{numbers[DELETED]}')/NAV.Post", {"ship": True, "invoice": False})
    story.process()
    assert state(story, KEPT) == (4, "Invoiced", True)
    assert state(story, TAKEN_BACK) == (0, "Deleted", False)
    assert state(story, DELETED) == (3, "Shipped", True)


CHANGE: dict[str, object] = {"shipto_line1": "Ring 1", "shipto_city": "Bonn", "shipto_postalcode": "53111"}


def change(story: Story, name: str) -> None:
    """Take a CRM order back, send it elsewhere, and submit it again, as its user does."""
    edit(story, name, {"statecode": 0, "statuscode": 1})
    edit(story, name, CHANGE)
    edit(story, name, SUBMITTED)


def lines_of(story: Story, number: str) -> list[dict[str, Any]]:
    """Return the lines of an ERP order that are no comments."""
    rows = story.world.clerk.rows("SalesOrderSalesLines", f"Document_No eq '{number}'")
    return [row for row in rows if row["No"]]


def test_changes_after_the_handover_are_never_silent(story: Story) -> None:
    """In the CRM: made anew while open, held when released. In the ERP: said on the CRM order, with the amounts."""
    numbers, clerk = story.numbers(), story.world.clerk
    first, second, third, _ = (each.name for each in ORDERS)
    clerk.page("POST", f"SalesOrder('{numbers[first]}')/NAV.Release")
    story.process()
    line = lines_of(story, numbers[second])[0]
    clerk.page(
        "PATCH",
        f"SalesOrder('{numbers[second]}')/SalesOrderSalesLines(Line_No={line['Line_No']})",
        {"Quantity": Decimal(str(line["Quantity"])) + 1},
    )
    change(story, first)
    change(story, third)
    story.process()
    seen, now = story.look(), story.numbers()
    assert [each.code for each in seen[first].problems] == ["order_changed_too_late"]
    assert crm_order(story, first)["ilc_orderstatus"] == "On Hold"
    assert crm_order(story, first)["shipto_city"] == "Bonn"
    assert now[first] == numbers[first]
    text = " ".join(seen[second].notes)
    assert f"The ERP order {numbers[second]} is not what the CRM order says any more" in text
    assert "in the ERP and" in str(crm_order(story, second)["submitstatusdescription"])
    assert seen[second].problems == ()
    assert seen[third].problems == ()
    assert now[third] != numbers[third]
    assert clerk.rows("SalesOrder", f"No eq '{now[third]}'")[0]["Ship_to_City"] == "Bonn"
    assert len(clerk.rows("SalesOrder")) == len(ORDERS)

    # The header's amounts become the ERP's; that the CRM's lines say something else stands beside them.
    number, clerk = story.numbers()[ORDERS[1].name], story.world.clerk
    clerk.page("POST", f"SalesOrder('{number}')/NAV.Release")
    story.process()
    crm, erp = crm_order(story, ORDERS[1].name), clerk.rows("SalesOrder", f"No eq '{number}'")[0]
    assert Decimal(str(crm["totalamount"])) == Decimal(str(erp["Amount_Including_VAT"]))
    assert "the quantity is" in str(crm["submitstatusdescription"])
    for _ in range(2):
        events = len(story.look()[ORDERS[1].name].timeline)
        story.process()
        assert len(story.look()[ORDERS[1].name].timeline) == events
