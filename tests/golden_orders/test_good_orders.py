"""Orders in which nothing is missing: equal to the cent in both services, from submission to payment."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

import pytest
from tests.golden_orders.comparison import (
    differences,
    expected,
    posting_differences,
    statistics_differences,
)
from tests.golden_orders.documents import GoldenOrder, golden_orders
from tests.golden_orders.judging import judged
from tests.golden_orders.story import INVOICES, Seen, Story
from tests.golden_orders.world import World, beginning

from interlace.lead_to_cash import mapping_names
from interlace.verify import RecordState, VerifyReport
from interlace.verify.order_judge import INVOICED_IN_PARTS

GOOD = tuple(order for order in golden_orders() if not order.is_held_first)


def test_there_are_enough() -> None:
    """At least sixty orders, and every figure that a file states is what the rules give."""
    assert len(GOOD) >= 60
    for order in GOOD:
        wanted = expected(order)
        assert order.erp == wanted.total, order.name
        assert order.erp_lines in {(), wanted.lines}, order.name


IN_PARTS = frozenset(order.name for order in GOOD[1::2] if order.theme != "large_orders")
"""Shipped and invoiced in two parts."""
PAID = frozenset(order.name for order in GOOD[::3])
PAID_HALF = frozenset(order.name for order in GOOD[1::3])


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was seen of all orders of a run."""

    created: dict[str, Seen]
    begun: dict[str, Seen]
    """After the first part of some, and the whole of the others, was posted."""
    posted: dict[str, Seen]
    statistics: list[str]
    """What was wrong with them."""
    events: int
    """Lines that all timelines gained while nothing happened any more."""
    judged: dict[str, VerifyReport]
    """What the independent judge found, by what was done last."""


@cache
def run() -> Run:
    """Place all orders in one world and take them from submission to payment."""
    world = World("good", beginning())
    try:
        story = Story(world=world, orders=GOOD)
        story.set_up()
        story.hand_in()
        story.process()
        created = story.look()
        verdicts = {"created": judged(story)}
        numbers = story.numbers()
        story.ship_and_invoice_some(number for name, number in numbers.items() if name in IN_PARTS)
        story.ship_and_invoice(number for name, number in numbers.items() if name not in IN_PARTS)
        story.process()
        begun = story.look()
        verdicts["begun"] = judged(story)
        story.ship_and_invoice(
            str(order["No"]) for name in IN_PARTS if name in begun for order in begun[name].orders
        )
        world.synchronize(INVOICES)
        story.pay(_payments(story))
        story.process()
        world.synchronize((*INVOICES, mapping_names.STATISTICS))
        posted = story.look(invoices=True)
        before = story.events()
        story.process()
        verdicts["posted"] = judged(story)
        return Run(
            created=created,
            begun=begun,
            posted=posted,
            statistics=statistics_differences(world),
            events=story.events() - before,
            judged=verdicts,
        )
    finally:
        world.close()


def _payments(story: Story) -> list[tuple[str, Decimal]]:
    """The whole of some invoices, half of others, nothing of the rest."""
    payments = []
    for name, seen in story.look().items():
        for invoice in seen.invoices:
            amount = Decimal(invoice["Amount_Including_VAT"])
            if name in PAID:
                payments.append((str(invoice["No"]), amount))
            elif name in PAID_HALF:
                payments.append((str(invoice["No"]), (amount / 2).to_integral_value()))
    return payments


def test_each_becomes_an_equal_erp_order() -> None:
    """Net, tax and gross of document and lines are the same in the ERP and by the rules, net also in the CRM."""
    assert [each for order in GOOD for each in differences(order, run().created[order.name])] == []


def test_each_is_followed_while_it_is_shipped_and_invoiced() -> None:
    """The CRM order shows how far the ERP order is; its amounts stay what they were."""
    for order in GOOD:
        seen = run().begun[order.name]
        stage = "Partially Invoiced" if seen.orders else "Paid" if is_free(order) else "Invoiced"
        assert (seen.stage, seen.crm["ilc_orderstatus"], seen.problems) == (stage, stage, ()), order.name


def test_each_comes_back_as_an_equal_invoice() -> None:
    """Invoices, whole or in parts, paid or not, are the same in both services; the order ends as it should."""
    found = []
    for order in GOOD:
        stage = "Paid" if order.name in PAID or is_free(order) else "Invoiced"
        seen = run().posted[order.name]
        found += posting_differences(order, seen, in_parts=order.name in IN_PARTS, stage=stage)
    assert found == []


def is_free(order: GoldenOrder) -> bool:
    """Whether nothing is to be paid for an order."""
    return expected(order).total.gross == 0


def test_the_accounts_show_what_is_owed() -> None:
    """Balance and sales of every account are what its invoices come to in local currency."""
    assert run().statistics == []


def test_a_look_at_orders_that_rest_changes_nothing() -> None:
    """Once all was seen, another look adds nothing to any timeline."""
    assert run().events == 0


@pytest.mark.parametrize("what", ["created", "begun", "posted"])
def test_the_judge_finds_every_order_equal(what: str) -> None:
    """The judge, who has rules of his own, agrees at each stage: green, and every order is counted."""
    report = run().judged[what]
    assert report.is_green, report.as_json()
    orders, lines = report.verdicts
    assert orders.crm.total == len(GOOD)
    assert not orders.creation_fields
    assert not lines.creation_fields
    equal, told = (orders.crm.states[state] for state in (RecordState.EQUAL, RecordState.FAILED))
    # Some posted in parts come to another cent, and their CRM order says so.
    assert equal + told == len(GOOD)
    assert told == sum(bool(seen.crm["submitstatusdescription"]) for seen in _seen(what).values())
    assert orders.crm.reasons_of(RecordState.FAILED) == ({INVOICED_IN_PARTS: told} if told else {})
    notes = [note for seen in _seen(what).values() for note in seen.notes]
    assert sum("each part was rounded for itself" in note for note in notes) == told
    assert not any("was changed in the ERP" in note for note in notes)


def _seen(what: str) -> dict[str, Seen]:
    return {"created": run().created, "begun": run().begun, "posted": run().posted}[what]


def test_the_judge_finds_released_orders_equal() -> None:
    """What a released ERP order says is what the CRM order shows; before Interlace has looked, the judge says so."""
    world = World("released", beginning())
    try:
        story = Story(world=world, orders=GOOD[:12])
        story.set_up()
        story.hand_in()
        assert not judged(story).is_green
        story.process()
        for number in story.numbers().values():
            world.clerk.page("POST", f"SalesOrder('{number}')/NAV.Release")
        (orders, _) = judged(story).verdicts
        assert orders.drifted_fields["Standing>ilc_orderstatus"] == 12
        story.process()
        report = judged(story)
        assert report.is_green, report.as_json()
    finally:
        world.close()
