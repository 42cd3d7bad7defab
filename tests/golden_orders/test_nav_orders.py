"""Orders between the CRM and a NAV that has page services alone: from submission to payment, whatever comes between."""

import random
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from typing import Final

from tests.golden_orders.comparison import differences, posting_differences, statistics_differences
from tests.golden_orders.documents import GoldenOrder, golden_orders
from tests.golden_orders.judging import judged
from tests.golden_orders.nav_world import NavWorld
from tests.golden_orders.story import INVOICES, Story
from tests.golden_orders.test_faults import CUT_OFF
from tests.golden_orders.world import beginning
from yarl import URL

from interlace.connectors.http_message import HttpAnswer
from interlace.domain.side import Side
from interlace.lead_to_cash import mapping_names

GOOD: Final = [
    order for order in golden_orders() if not order.is_held_first and order.theme != "large_orders"
]
SOME: Final = tuple({order.theme: order for order in GOOD}.values())
"""One of each kind: discounts, freight, comments, write-ins, currencies, taxes."""
POSTED: Final = SOME[::2]
RELEASED: Final = POSTED[0]
LOOKS: Final = 2
FAULTS_LEAST: Final = 20


def _story(world: NavWorld, *orders: GoldenOrder) -> Story:
    story = Story(world=world, orders=orders)
    story.set_up()
    story.hand_in()
    return story


def _pay_everything(story: Story) -> None:
    invoices = [invoice for seen in story.look().values() for invoice in seen.invoices]
    story.pay((str(each["No"]), Decimal(each["Amount_Including_VAT"])) for each in invoices)


def test_orders_go_from_submission_to_payment() -> None:
    """Equal to the cent at every stage: created, released, shipped and invoiced, paid, and in what customers owe."""
    with closing(NavWorld("nav", beginning())) as world:
        story = _story(world, *POSTED)
        story.process()
        created = story.look()
        assert [each for order in POSTED for each in differences(order, created[order.name])] == []
        numbers = story.numbers()
        assert len(numbers) == len(world.clerk.rows("SalesOrder")) == len(POSTED)
        world.clerk.page("POST", f"SalesOrder('{numbers[RELEASED.name]}')/NAV.Release")
        story.process()
        assert story.look()[RELEASED.name].crm["ilc_orderstatus"] == "Released"
        story.ship_and_invoice(numbers.values())
        story.process()
        world.synchronize(INVOICES)
        _pay_everything(story)
        story.process()
        world.synchronize((*INVOICES, mapping_names.STATISTICS))
        seen = story.look(invoices=True)
        # A released order tells its CRM order the ERP's tax, which the comparison does not reckon with.
        compared = [order for order in POSTED if order is not RELEASED]
        found = [posting_differences(it, seen[it.name], in_parts=False, stage="Paid") for it in compared]
        assert [each for differing in found for each in differing] == []
        assert seen[RELEASED.name].stage == "Paid"
        assert statistics_differences(world) == []
        report = judged(story)
        assert report.is_green, report.as_json()


def test_each_becomes_exactly_one_order_whatever_is_cut_off() -> None:
    """Requests are lost before and after their effect, come late or twice, and processes die: one order each."""
    with closing(NavWorld("nav under faults", beginning())) as world:
        story = _story(world, *SOME)
        world.wire.weights = CUT_OFF
        story.process_under_faults(LOOKS, random.Random("nav"))
        assert sum(world.wire.counts.values()) + story.deaths >= FAULTS_LEAST
        seen = story.look()
        assert [each for order in SOME for each in differences(order, seen[order.name])] == []
        headers = world.clerk.rows("SalesOrder")
        assert len(headers) == len(SOME)
        assert not [each for each in headers if each["External_Document_No"].startswith("UNFINISHED")]


def test_an_unfinished_order_that_somebody_deletes_is_created_anew() -> None:
    """It goes under our hands between two of its lines: the next line is refused, and a later run begins anew."""
    with closing(NavWorld("nav deleted", beginning())) as world:
        order = max((each for each in SOME if each.currency == "EUR"), key=lambda each: len(each.lines))
        story = _story(world, order)
        _delete_under_our_hands(world)
        story.process()
        (problem,) = story.look()[order.name].problems
        assert "does not exist" in problem.what
        assert world.clerk.rows("SalesOrder") == []
        story.process()
        assert differences(order, story.look()[order.name]) == []
        assert len(world.clerk.rows("SalesOrder")) == 1


def _delete_under_our_hands(world: NavWorld) -> None:
    """Let a clerk delete the unfinished order just before its second line arrives."""
    carry, lines = world.services.carry, []

    def interrupted(
        side: Side,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes | None,
        *,
        by_engine: bool,
    ) -> HttpAnswer:
        if by_engine and method == "POST" and url.path.endswith("/SalesOrderSalesLines"):
            lines.append(url)
            if len(lines) == 2:
                [unfinished] = world.clerk.rows("SalesOrder")
                world.clerk.page("DELETE", f"SalesOrder('{unfinished['No']}')")
        return carry(side, method, url, headers, body, by_engine=by_engine)

    world.services.carry = interrupted  # type: ignore[method-assign]
