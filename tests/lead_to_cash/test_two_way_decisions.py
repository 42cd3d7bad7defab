"""Two-way orders decide from what both services hold and what both agreed on, over a toy of both."""

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.lead_to_cash.order_world import line, record, with_values
from tests.lead_to_cash.two_way_toy import TwoWayToy, in_step

from interlace.domain.saga import CreateDocument, Hold, Release, Remove, Rest, Step
from interlace.domain.values import Value
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA
from interlace.lead_to_cash.two_way_lines import (
    Line,
    compare_lines,
    crm_line_key,
    erp_line_number,
    remembered_of_lines,
)
from interlace.lead_to_cash.two_way_terms import Changes, compare, same


def codes(step: Step) -> list[str]:
    """Return what an order is held for."""
    assert isinstance(step, Hold), step
    return [each.code for each in step.problems]


def test_a_submitted_order_becomes_a_released_one() -> None:
    """Created, completed and compared as ever; then both are remembered, and the ERP order is released."""
    toy = TwoWayToy()
    assert toy.walk() == Rest(stage="Released")
    assert toy.status == "Released"
    assert "Agree" in toy.kinds()
    assert toy.again() == (Rest(stage="Released"), [])


@pytest.mark.parametrize("base", [Decimal(1), None])
@pytest.mark.parametrize("erp", [Decimal(1), Decimal(2), Decimal(0)])
@pytest.mark.parametrize("crm", [Decimal(1), Decimal(2), Decimal(3)])
def test_only_who_did_not_change_a_term_takes_it_over(
    base: Decimal | None, erp: Decimal, crm: Decimal
) -> None:
    """Equal is nothing to do, a change goes to the other side, two different ones are for people."""
    changes = Changes()
    known = None if base is None else {"term": base}
    compare("term", "The term", known, {"term": erp}, {"term": crm}, changes)
    if erp == crm:
        expected = (0, 0, 0)
    elif erp == base or (base is None and erp == 0):
        expected = (1, 0, 0)
    elif crm == base:
        expected = (0, 1, 0)
    else:
        expected = (0, 0, 1)
    assert (len(changes.to_erp), len(changes.to_crm), len(changes.conflicts)) == expected


@pytest.mark.parametrize(
    ("one", "other"), [(None, ""), ("Am  Wall 1 ", "Am Wall 1"), ("BREMEN", "Bremen"), ("a\r\nb", "a\nb")]
)
def test_spellings_are_no_changes(one: Value, other: Value) -> None:
    """Blanks, letter case and line breaks are the services' own."""
    assert same(one, other)


def test_what_somebody_works_on_is_left_alone() -> None:
    """An Active CRM order and an Open ERP order wait; nothing is written meanwhile."""
    toy = in_step()
    toy.edit(statecode=0, statuscode=1, description="Half a sentence")
    assert toy.again() == (Rest(stage="Being Edited"), [])
    toy.set_erp(Status="Open")
    toy.edit(statecode=1, statuscode=3)
    step, done = toy.again()
    assert step == Rest(stage="Open")
    assert set(done) <= {"Change"}
    assert toy.order is not None
    assert toy.order["Work_Description"] != "Half a sentence"


def test_a_change_of_the_crm_reopens_writes_and_releases() -> None:
    """That the ERP order is open for us is remembered before it is."""
    toy = in_step()
    toy.edit(description="Ring twice")
    _, done = toy.again()
    assert done[:4] == ["Agree", "Perform", "Change", "Agree"]
    assert done[4] == "Perform"
    assert toy.status == "Released"
    assert toy.order is not None
    assert toy.order["Work_Description"] == "Ring twice"


def test_a_change_of_the_erp_is_written_to_the_crm_with_its_amounts() -> None:
    """Quantity, price and amounts of the line, and the totals."""
    toy = in_step()
    toy.erp_line()["Quantity"] = Decimal(12)
    toy.reckon()
    step, _ = toy.again()
    assert step == Rest(stage="Released")
    changed = toy.crm_lines["line-1"].values
    assert (changed["quantity"], changed["extendedamount"]) == (12, 230)
    assert toy.crm["totallineitemamount"] == 230


def test_conflicts_are_listed_and_nothing_is_written() -> None:
    """Every field that both changed, each with both values; the CRM order tells them."""
    toy = in_step()
    toy.set_erp(Requested_Delivery_Date="2026-04-01", Work_Description="Ring once")
    toy.edit(description="Ring twice", requestdeliveryby="2026-04-02T00:00:00Z")
    step, done = toy.again()
    assert codes(step) == ["changed_in_both", "changed_in_both"]
    assert done == ["Change"]
    assert toy.order is not None
    assert toy.order["Work_Description"] == "Ring once"
    assert toy.crm["description"] == "Ring twice"


def test_without_a_memory_a_difference_is_for_people() -> None:
    """A coupling whose agreed values are lost is remembered anew if both are equal, and held if not."""
    toy = in_step()
    toy.seen = replace(toy.seen, agreed=None)
    assert toy.again() == (Rest(stage="Released"), ["Agree"])
    toy.seen = replace(toy.seen, agreed=None)
    toy.erp_line()["Quantity"] = Decimal(12)
    toy.reckon()
    assert codes(toy.again()[0]) == ["changed_in_both"]


def test_lines_are_added_and_deleted_on_the_other_side() -> None:
    """A line of the CRM gets a number that follows from its key, so it is never made twice."""
    toy = in_step()
    toy.put_line(line("line-2", quantity=Decimal(1), priceperunit=Decimal(5), extendedamount=Decimal(5)))
    toy.edit(totallineitemamount=Decimal(195), totalamountlessfreight=Decimal(195), totalamount=Decimal(195))
    assert toy.again()[0] == Rest(stage="Released")
    assert [each["Line_No"] for each in toy.lines] == [
        10_000,
        int(erp_line_number("line-2", "Item 1000 PCS")),
    ]
    del toy.lines[0]
    toy.reckon()
    assert toy.again()[0] == Rest(stage="Released")
    assert list(toy.crm_lines) == ["line-2"]


def test_a_change_after_the_first_shipment_is_held() -> None:
    """The ERP order is not reopened any more."""
    toy = in_step()
    toy.ship("0.5")
    toy.edit(description="Ring twice")
    assert codes(toy.again()[0]) == ["changed_after_shipment"]
    assert toy.status == "Released"


def test_what_can_not_be_carried_is_held() -> None:
    """Another customer, freight of the CRM, and submitted orders that nobody may write."""
    toy = in_step()
    toy.set_erp(Sell_to_Customer_No="30000")
    assert codes(toy.again()[0]) == ["only_the_erp_can_change_this"]
    toy.set_erp(Sell_to_Customer_No="10000")
    toy.edit(freightamount=Decimal(5))
    assert codes(toy.again()[0]) == ["only_the_erp_can_change_this"]
    toy.edit(freightamount=None)
    toy.seen = with_values(toy.seen, "organization", "org", issopintegrationenabled=False)
    assert codes(toy.again()[0]) == ["needs_order_processing_integration"]


def test_switched_off_an_order_is_only_followed() -> None:
    """What is cancelled, taken back or changed after two-way orders were switched off deletes nothing."""
    one_way = {**in_step().seen.settings, "bidirectional_orders": False, "order_integration": True}
    for state, reason in ((0, 1), (1, 3), (2, 4)):
        toy = in_step()
        toy.seen = replace(toy.seen, settings=one_way)
        toy.edit(statecode=state, statuscode=reason, description="Something else")
        step = ORDER_SAGA.decide(toy.observe())
        assert not isinstance(step, Remove | CreateDocument | Release)


def test_switched_off_what_the_erp_made_is_left_alone() -> None:
    """A CRM order that names an ERP order without our mark is neither completed nor created."""
    toy = in_step()
    assert toy.order is not None
    toy.order["External_Document_No"] = "theirs"
    toy.edit(lastbackofficesubmit=None)
    one_way = {**toy.seen.settings, "bidirectional_orders": False, "order_integration": True}
    toy.seen = replace(toy.seen, settings=one_way, partner=None, agreed=None)
    assert codes(ORDER_SAGA.decide(toy.observe())) == ["made_by_the_erp"]


def test_what_the_erp_adds_to_prices_while_we_write_gives_way() -> None:
    """A discount that the ERP reckons anew at our write is nobody's wish; one of people's is a change."""
    erp = _line("20", "10000", Unit_Price=Decimal(9))
    crm = _line("20", "line-1")
    base = compare_lines("o", None, [_line("20", "10000")], [crm])
    agreed = remembered_of_lines(base)
    assert compare_lines("o", agreed, [erp], [crm]).pairs[0].changes.to_crm == {"Unit_Price": 9}
    written = compare_lines("o", agreed, [erp], [crm], crm_prices=True)
    assert written.pairs[0].changes.to_erp == {"Unit_Price": 10}


def test_other_goods_are_another_line() -> None:
    """A line whose item was exchanged in the ERP is deleted in the CRM, and the new one added."""
    base = compare_lines("o", None, [_line("20", "10000")], [_line("20", "line-1")])
    compared = compare_lines(
        "o", remembered_of_lines(base), [_line("20", "10000", goods="Item 2000 PCS")], [_line("20", "line-1")]
    )
    assert [each.key for each in compared.gone_in_erp] == ["line-1"]
    assert [each.goods for each in compared.new_in_erp] == ["Item 2000 PCS"]


def test_lines_that_were_taken_over_are_known_by_their_keys() -> None:
    """Also when the answer to their creation was lost, and nothing of them is remembered."""
    key = crm_line_key("o", "20000", "Item 1000 PCS")
    number = erp_line_number("line-1", "Item 1000 PCS")
    compared = compare_lines(
        "o", {}, [_line("20", "20000"), _line("20", number)], [_line("20", "line-1"), _line("20", key)]
    )
    assert {(pair.erp.key, pair.crm.key) for pair in compared.pairs} == {("20000", key), (number, "line-1")}
    assert not compared.new_in_crm
    assert not compared.new_in_erp


def _line(quantity: str, key: str, *, goods: str = "Item 1000 PCS", **terms: Decimal) -> Line:
    values: dict[str, Value] = {
        "Quantity": Decimal(quantity),
        "Unit_Price": Decimal(10),
        "Line_Discount_Amount": Decimal(0),
    }
    return Line(key=key, goods=goods, caption=key, record=record(key), terms={**values, **terms})
