"""A released ERP order tells the CRM order what people changed of it, in the CRM's own terms."""

from contextlib import closing
from decimal import Decimal

from tests.golden_orders.documents import Deed, GoldenLine, GoldenOrder
from tests.golden_orders.judging import judged
from tests.golden_orders.story import Story
from tests.golden_orders.world import World, beginning

ADDRESS = {
    "shipto_line1": "Kai 1",
    "shipto_line2": "Tor 2",
    "shipto_line3": "Halle 3",
    "shipto_city": "Kiel",
    "shipto_country": "DE",
}
ORDER = GoldenOrder(
    name="released",
    theme="released",
    why="",
    customer="HOME",
    columns=ADDRESS,
    lines=(GoldenLine(product="DESK", quantity=Decimal(1), list_price=Decimal(100)),),
)
DHL = 2
"""Number of the choice in the CRM's own list of shipping methods."""


def test_terms_and_addresses_of_a_released_order() -> None:
    """A shipping agent of the ERP becomes the order's choice; three address lines stay three when it is made anew."""
    take_back = Deed(side="crm", address="salesorders({order})", values={"statecode": 0})
    with closing(World("released orders", beginning())) as world:
        story = Story(world=world, orders=[ORDER])
        story.set_up()
        story.hand_in()
        for _ in range(2):
            story.process()
            seen = story.look()[ORDER.name]
            (header,) = seen.orders
            assert header["Ship_to_Address_2"] == "Tor 2, Halle 3"
            number = header["No"]
            world.clerk.page("PATCH", f"SalesOrder('{number}')", {"Shipping_Agent_Code": "DHL"})
            world.clerk.page("POST", f"SalesOrder('{number}')/NAV.Release")
            if not seen.crm["shippingmethodcode"]:
                assert not judged(story).is_green
            story.process()
            crm = story.desk.order(ORDER)
            assert {name: crm[name] for name in ADDRESS} == ADDRESS
            assert crm["shippingmethodcode"] == DHL
            report = judged(story)
            assert report.is_green, report.as_json()
            story.desk.do(take_back, ORDER)
            story.process()
            assert not story.look()[ORDER.name].orders
            story.desk.submit(ORDER)
