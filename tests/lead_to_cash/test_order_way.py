"""An order's way in a toy of both services: every step's end is recognized, and every turn of the way is taken."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.lead_to_cash.order_toy import (
    LOCKED,
    ORGANIZATIONS,
    PLAIN,
    Toy,
    changed_price,
    codes,
    handed_over,
)
from tests.lead_to_cash.order_world import (
    AT,
    COMPANY,
    ERP_KEY,
    MARK,
    amount,
    document,
    line,
    record,
    with_found,
    with_settings,
    with_values,
)

from interlace.domain.saga import (
    Change,
    Creation,
    Finish,
    FoundRecord,
    Hold,
    Observation,
    Remove,
    Rest,
)
from interlace.lead_to_cash import mapping_names
from interlace.lead_to_cash.order_terms import TERM_OF_COLUMN
from interlace.lead_to_cash.order_to_sales_order import ORDER_SAGA, check_switches


def test_submitted_order_is_created_noted_and_marked() -> None:
    """One create, its page, a note in words and one write of the mark: nothing else, and then rest."""
    toy = handed_over()
    assert toy.kinds() == ["CreateDocument", "Change", "Insert", "Change"]
    assert {name: toy.crm[name] for name in toy.crm if name.startswith("ilc_")} == {
        "ilc_companyid": COMPANY,
        "ilc_erptable": "Sales_Header",
        "ilc_erpkey": ERP_KEY,
        "ilc_orderstatus": "Open",
        "ilc_orderdigest": toy.crm["ilc_orderdigest"],
    }
    assert toy.crm["ilc_orderdigest"]
    assert toy.crm["lastbackofficesubmit"] == AT.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert toy.crm["statecode"] == 1
    [note] = toy.notes.values()
    assert note.values["subject"] == "ERP order 101001 created"
    assert "are equal" in str(note.values["notetext"])
    assert "The ERP adds 36.10 tax (19 %) and comes to 226.10" in str(note.values["notetext"])


@ORGANIZATIONS
def test_whole_way_to_payment(seen: Observation) -> None:
    """Open, released, shipped in two parts, invoiced, paid: the CRM order shows each, and ends Invoiced."""
    toy = handed_over(seen)
    stages = ["Open"]
    acts: list[Callable[[], None]] = [
        lambda: toy.set_erp(Status="Released"),
        lambda: toy.ship("0.5"),
        toy.ship,
        lambda: toy.invoice("0.5"),
        toy.invoice,
        toy.pay,
    ]
    for act in acts:
        act()
        step = toy.walk()
        assert isinstance(step, Rest | Finish)
        stages.append(step.stage)
        if seen is PLAIN:
            assert toy.crm["ilc_orderstatus"] == step.stage
    assert stages == [
        "Open",
        "Released",
        "Partially Shipped",
        "Shipped",
        "Partially Invoiced",
        "Invoiced",
        "Paid",
    ]
    assert (toy.crm["statecode"], toy.crm["statuscode"]) == (4, 100003)
    assert toy.crm["datefulfilled"] == "2026-03-05T00:00:00Z"
    assert "Perform" in toy.kinds()
    subjects = [str(each.values["subject"]) for each in toy.notes.values()]
    assert subjects == [
        "ERP order 101001 created",
        "ERP order 101001 released",
        "Shipment S-1 posted",
        "Shipment S-2 posted",
        "Invoice I-1 posted",
        "Invoice I-2 posted",
        "Invoice I-1 paid",
        "Invoice I-2 paid",
    ]
    assert toy.seen.partner == ERP_KEY


@ORGANIZATIONS
def test_shipped_order_is_fulfilled_by_its_message(seen: Observation) -> None:
    """What is shipped whole is fulfilled once, and stays under way until it is invoiced."""
    toy = handed_over(seen)
    toy.ship()
    assert toy.walk() == Rest(stage="Shipped")
    assert toy.crm["statecode"] == 3
    assert toy.kinds().count("Perform") == 1


def test_released_order_tells_its_header() -> None:
    """A released order's number, owner, address, dates and totals with tax go to the CRM."""
    seen = with_found(PLAIN, "owner", record("user-2", fullname="Linda"))
    partners = {**seen.partners, mapping_names.SALESPEOPLE: {"user-1": "JR", "LM": "user-2"}}
    toy = handed_over(replace(seen, partners=partners))
    toy.set_erp(
        Status="Released",
        Salesperson_Code="LM",
        Ship_to_City="Bonn",
        Requested_Delivery_Date="2026-04-01",
    )
    assert toy.walk() == Rest(stage="Released")
    shown = {
        name: toy.crm[name]
        for name in ("ordernumber", "ownerid", "shipto_city", "requestdeliveryby", "totaltax", "totalamount")
    }
    assert shown == {
        "ordernumber": "101001",
        "ownerid": "user-2",
        "shipto_city": "Bonn",
        "requestdeliveryby": "2026-04-01T00:00:00Z",
        "totaltax": Decimal("36.10"),
        "totalamount": Decimal("226.10"),
    }


def test_released_order_tells_its_terms() -> None:
    """Codes that changed in the ERP become the order's own choices of the coupled label; those of people stay else."""
    seen = with_found(PLAIN, TERM_OF_COLUMN["paymenttermscode"].order_choices, record("8", label="net 30"))
    seen = replace(seen, document=document(shippingmethodcode=2))
    toy = handed_over(seen)
    toy.set_erp(Status="Released", Payment_Terms_Code="30 DAYS", Shipping_Agent_Code="")
    toy.walk()
    # DHL is coupled with no code, so that a blank one of the ERP does not contradict it.
    assert (toy.crm["paymenttermscode"], toy.crm["shippingmethodcode"]) == (8, 2)
    toy.set_erp(Shipping_Agent_Code="FEDEX")
    toy.walk()
    assert (toy.crm["paymenttermscode"], toy.crm["shippingmethodcode"]) == (8, 3)
    toy.set_erp(Payment_Terms_Code="", Shipping_Agent_Code="NEW")
    assert toy.walk() == Rest(stage="Released")
    assert (toy.crm["paymenttermscode"], toy.crm["shippingmethodcode"]) == (None, 3)


def test_three_address_lines_stay_three() -> None:
    """What the ERP joins is not written back joined: neither on release, nor when the order is made anew."""
    lines = {
        "shipto_line1": "Kai 1",
        "shipto_line2": "Gate 2",
        "shipto_line3": "Bell 3",
        "shipto_city": "Bonn",
    }
    toy = handed_over(replace(PLAIN, document=document(**lines)))
    for _ in range(2):
        assert toy.order is not None
        assert toy.order["Ship_to_Address_2"] == "Gate 2, Bell 3"
        toy.set_erp(Status="Released")
        toy.walk()
        assert {name: toy.crm[name] for name in lines} == lines
        toy.edit(statecode=0, statuscode=1)
        toy.walk()
        assert not toy.lines
        toy.edit(statecode=1, statuscode=3, lastbackofficesubmit=None)
        toy.walk()
    toy.set_erp(Status="Released", Ship_to_Address_2="Gate 4")
    toy.walk()
    assert (toy.crm["shipto_line2"], toy.crm["shipto_line3"]) == ("Gate 4", None)


def test_choice_is_told_by_its_label() -> None:
    """Numbers of the order's own choices mean nothing for those of accounts: the wrong agent would carry the goods."""
    choices = TERM_OF_COLUMN["shippingmethodcode"].order_choices
    seen = with_found(PLAIN, choices, record("2", label="FedEx"), record("3", label="DHL"))
    toy = handed_over(replace(seen, document=document(shippingmethodcode=3)))
    assert toy.order is not None
    assert toy.order["Shipping_Agent_Code"] is None
    other = handed_over(replace(seen, document=document(shippingmethodcode=2)))
    assert other.order is not None
    assert other.order["Shipping_Agent_Code"] == "FEDEX"


def test_number_of_another_order_is_left_alone() -> None:
    """Two CRM orders can't have one number: an order keeps its own when another one has the ERP's."""
    toy = handed_over(with_found(PLAIN, "same number", record("order-2", ordernumber="101001")))
    toy.set_erp(Status="Released")
    assert toy.walk() == Rest(stage="Released")
    assert toy.crm["ordernumber"] == "ORD-01000-A1B2C3"


def test_page_takes_what_the_creation_cannot() -> None:
    """References, terms and texts are written to the page before the order is marked, and once."""
    toy = handed_over(
        replace(
            PLAIN,
            document=document(
                paymenttermscode=1,
                freighttermscode=2,
                shippingmethodcode=3,
                discountpercentage=amount("2"),
                description="First floor",
                billto_line1="Ring 1",
            ),
        )
    )
    assert toy.order is not None
    assert {name: toy.order[name] for name in ("Payment_Terms_Code", "Shipment_Method_Code")} == {
        "Payment_Terms_Code": "30 DAYS",
        "Shipment_Method_Code": "FREE",
    }
    assert toy.order["Shipping_Agent_Code"] == "FEDEX"
    assert toy.order["Payment_Discount_Percent"] is None
    assert toy.order["Work_Description"] == "Chairs for the hall\nFirst floor"
    assert toy.order["Bill_to_Address"] == "Ring 1"
    assert toy.kinds() == ["CreateDocument", "Change", "Insert", "Change"]


def test_discount_becomes_a_payment_discount_only_where_the_settings_say_so() -> None:
    """The order's amounts hold the discount already: a payment discount gives it to early payers once more."""
    seen = replace(PLAIN, document=document(discountpercentage=amount("2")))
    toy = handed_over(with_settings(seen, payment_discount_from_order=True))
    assert toy.order is not None
    assert toy.order["Payment_Discount_Percent"] == 2


def test_lines_get_their_own_delivery_dates() -> None:
    """A line that is wanted on another day than the order says so on its page."""
    seen = with_found(PLAIN, "lines", line(requestdeliveryby="2026-05-01T00:00:00Z"))
    toy = handed_over(seen)
    assert toy.lines[0]["Requested_Delivery_Date"] == "2026-05-01"


def test_lines_get_their_delivery_dates_in_one_step() -> None:
    """An order of 200 lines with a date each goes through in one run."""
    each = [
        line(f"line-{n}", lineitemnumber=n, requestdeliveryby=f"2026-05-{n % 28 + 1:02}")
        for n in range(1, 201)
    ]
    whole = dict.fromkeys(("totallineitemamount", "totalamountlessfreight", "totalamount"), amount("38000"))
    toy = handed_over(with_found(replace(PLAIN, document=document(**whole)), "lines", *each))
    assert [str(row["Requested_Delivery_Date"]) for row in toy.lines] == [
        str(row.values["requestdeliveryby"]) for row in each
    ]
    assert toy.kinds() == ["CreateDocument", "Change", "Changes", "Insert", "Change"]


# --- what goes another way


def test_lost_answer_waits_and_then_adopts() -> None:
    """While a create may still take effect nothing is done; the order that appears by its mark is taken over."""
    toy = Toy(seen=replace(PLAIN, creation=Creation.UNDER_WAY))
    assert toy.walk() == Rest(stage="Being Created")
    toy.apply(ORDER_SAGA.decide(PLAIN))
    toy.seen = replace(toy.seen, partner=None, creation=Creation.UNDER_WAY)
    assert toy.walk() == Rest(stage="Open")
    assert toy.kinds()[0] == "Adopt"


def test_lost_memory_finds_the_order_again() -> None:
    """An order whose coupling was lost is found by the CRM order's own mark, even when the ERP's was cleared."""
    toy = handed_over()
    toy.set_erp(External_Document_No="PO 4711")
    toy.seen = replace(toy.seen, partner=None)
    assert toy.walk() == Rest(stage="Open")
    assert toy.seen.partner == ERP_KEY


def test_order_posted_before_it_was_coupled_is_found_by_its_invoice() -> None:
    """An ERP order that is gone already is known by the mark of its posted invoice, and followed to its end."""
    toy = Toy()
    toy.apply(ORDER_SAGA.decide(PLAIN))
    toy.seen = replace(toy.seen, partner=None)
    toy.ship()
    toy.invoice()
    assert toy.walk() == Rest(stage="Invoiced")
    assert toy.seen.partner == ERP_KEY
    assert toy.crm["ilc_erpkey"] == ERP_KEY
    assert toy.crm["statecode"] == 4


def test_copies_of_an_order_are_a_question_before_it_is_coupled() -> None:
    """Two ERP orders with one mark hold an order that is not coupled."""
    toy = Toy()
    toy.copies = [record("Order\x1f7", No="7"), record("Order\x1f8", No="8")]
    assert codes(toy.walk()) == ["two_erp_orders"]


def test_order_that_cannot_be_any_more_is_taken_back() -> None:
    """When the CRM order has a problem by the time it is compared, the ERP order goes and the problem is named."""
    toy = Toy()
    toy.apply(ORDER_SAGA.decide(PLAIN))
    toy.seen = with_values(toy.seen, "product", "product-1", statecode=1)
    assert codes(toy.walk()) == ["product_not_active"]
    assert toy.order is None


def test_other_amounts_take_the_order_back() -> None:
    """An ERP that reckons otherwise for no known reason keeps no order of it."""
    toy = Toy(skews=Decimal("0.01"))
    step = toy.walk()
    assert codes(step) == ["amounts_differ"]
    assert isinstance(step, Hold)
    assert "190.01 in the ERP and 190.00 by the CRM order" in step.problems[0].what
    assert toy.order is None


def test_lost_discount_is_written_again() -> None:
    """An invoice discount that did not survive the creation of the lines is written to the page."""
    total = amount("180")
    toy = Toy(seen=replace(PLAIN, document=document(totalamountlessfreight=total, totalamount=total)))
    toy.apply(ORDER_SAGA.decide(toy.seen))
    toy.set_erp(Invoice_Discount_Amount=amount("0"))
    toy.reckon()
    assert toy.walk() == Rest(stage="Open")
    assert toy.order is not None
    assert toy.order["Amount"] == total


def test_released_too_soon_waits_for_reopening() -> None:
    """A released order takes no terms: its clerk is asked to reopen it, and then all goes on by itself."""
    toy = Toy()
    toy.apply(ORDER_SAGA.decide(PLAIN))
    toy.set_erp(Status="Released")
    assert codes(toy.walk()) == ["released_too_soon"]
    toy.set_erp(Status="Open")
    assert toy.walk() == Rest(stage="Open")


def test_order_shipped_before_it_was_marked_keeps_its_differences_in_words() -> None:
    """What is shipped can't be taken back: the CRM order is marked, and the note says what differs."""
    toy = Toy()
    toy.apply(ORDER_SAGA.decide(PLAIN))
    toy.ship()
    changed_price(toy)
    assert toy.walk() == Rest(stage="Shipped")
    texts = " ".join(str(each.values["notetext"]) for each in toy.notes.values())
    assert "The discount is 10.00 in the ERP and 20.00 by the CRM order" in texts


@ORGANIZATIONS
def test_deleted_erp_order_opens_the_crm_order(seen: Observation) -> None:
    """An ERP order deleted unshipped: the pair ends, the CRM order is open and unmarked, and new when submitted."""
    toy = handed_over(seen)
    toy.delete_order()
    assert toy.walk() == Finish(stage="Deleted")
    assert toy.seen.partner is None
    assert (toy.crm["statecode"], toy.crm["statuscode"]) == (0, 2)
    assert toy.crm["lastbackofficesubmit"] is None
    assert toy.crm["ilc_erpkey"] is None
    assert [each.values["subject"] for each in toy.notes.values()][-1] == "ERP order 101001 deleted"
    toy.edit(statecode=1, statuscode=3)
    assert toy.walk() == Rest(stage="Open")
    assert toy.order is not None


@ORGANIZATIONS
def test_deleted_order_whose_coupling_is_lost_is_opened_too(seen: Observation) -> None:
    """A mark that names no existing order is taken off."""
    toy = handed_over(seen)
    toy.delete_order()
    toy.seen = replace(toy.seen, partner=None)
    assert toy.walk() == Finish(stage="Deleted")
    assert toy.crm["ilc_erpkey"] is None


def test_cancelled_order_takes_its_erp_order_along() -> None:
    """Cancelled in the CRM before anything was shipped: the ERP order is deleted."""
    toy = handed_over()
    toy.set_erp(Status="Released")
    toy.edit(statecode=2, statuscode=4)
    assert toy.walk() == Finish(stage="Cancelled")
    assert toy.order is None
    assert toy.crm["ilc_orderstatus"] == "Cancelled"
    assert isinstance(next(step for step in toy.steps if isinstance(step, Remove)), Remove)


def test_cancelled_after_shipping_is_held() -> None:
    """What the ERP has begun to ship is not deleted: people are asked; once all is invoiced the way ends."""
    toy = handed_over()
    toy.ship("0.5")
    toy.edit(statecode=2, statuscode=4)
    assert codes(toy.walk()) == ["cancelled_too_late"]
    toy.ship()
    toy.invoice()
    end = toy.walk()
    assert isinstance(end, Finish)
    assert end.stage == "Invoiced"


def test_cancelled_before_creation_ends() -> None:
    """An order that is cancelled before anything was created has come to its end."""
    assert Toy(seen=replace(PLAIN, document=document(statecode=2, statuscode=4))).walk() == Finish(
        stage="Cancelled"
    )


def test_cancelled_order_whose_erp_order_is_gone_is_let_go() -> None:
    """Both sides ended it: the pair is dissolved."""
    toy = handed_over()
    toy.delete_order()
    toy.edit(statecode=2, statuscode=4)
    assert toy.walk() == Finish(stage="Cancelled")
    assert toy.seen.partner is None


def test_order_taken_back_by_its_user_takes_its_erp_order_along() -> None:
    """Active again by its user's will: the ERP order goes, and what is submitted later is a new one."""
    toy = handed_over()
    toy.edit(statecode=0, statuscode=1)
    assert toy.walk() == Finish(stage="Deleted")
    assert toy.order is None
    assert toy.crm["lastbackofficesubmit"] is None
    toy.edit(statecode=1, statuscode=3)
    assert toy.walk() == Rest(stage="Open")


def test_order_taken_back_before_creation_ends() -> None:
    """Taken back in time: nothing is created, nothing is left."""
    assert Toy(seen=replace(PLAIN, document=document(statecode=0, statuscode=1))).walk() == Finish(
        stage="Taken Back"
    )


def test_order_taken_back_after_shipping_is_held() -> None:
    """Goods are on their way: the user is told to submit the order again."""
    toy = handed_over()
    toy.ship("0.5")
    toy.edit(statecode=0, statuscode=1)
    assert codes(toy.walk()) == ["order_taken_back"]
    toy.edit(statecode=1, statuscode=3)
    assert toy.walk() == Rest(stage="Partially Shipped")


def test_crm_order_that_is_gone_is_held_until_the_erp_order_is() -> None:
    """A deleted CRM order leaves its ERP order to people."""
    toy = handed_over()
    toy.seen = replace(toy.seen, document=None)
    assert codes(toy.walk()) == ["crm_order_gone"]
    toy.delete_order()
    assert isinstance(toy.walk(), Finish)


def test_crm_order_that_is_gone_while_a_create_is_under_way_waits() -> None:
    """What may still appear is waited for."""
    toy = Toy(seen=replace(PLAIN, document=None, creation=Creation.UNDER_WAY))
    assert toy.walk() == Rest(stage="Being Created")


def test_order_closed_before_it_was_marked_is_held_where_orders_are_locked() -> None:
    """Without the integration flag a fulfilled CRM order can't be marked any more."""
    toy = Toy(seen=LOCKED)
    toy.apply(ORDER_SAGA.decide(toy.seen))
    toy.edit(statecode=3, statuscode=100001)
    assert codes(toy.walk()) == ["closed_before_marked"]


def test_cancelled_invoice_ends_the_way() -> None:
    """An order whose only invoice was cancelled is not waited for."""
    toy = handed_over()
    toy.ship()
    toy.invoice()
    toy.settle(Cancelled=True, Remaining_Amount=Decimal(0))
    assert toy.walk() == Finish(stage="Cancelled")
    assert "Invoice I-1 cancelled" in [each.values["subject"] for each in toy.notes.values()]


def test_shipments_invoiced_with_other_orders_end_the_way() -> None:
    """An order that is gone with its shipments posted, whose invoice names no order, counts as invoiced."""
    toy = handed_over()
    toy.ship()
    toy.delete_order()
    assert toy.walk() == Finish(stage="Invoiced")
    assert toy.crm["statecode"] == 4


@pytest.mark.parametrize(
    "crm",
    [
        document(lastbackofficesubmit="2026-01-01T00:00:00Z"),
        document(statecode=3, statuscode=100001),
        document(statecode=4, statuscode=100003),
    ],
)
def test_orders_of_others_are_left_alone(crm: FoundRecord) -> None:
    """What another system took, or nobody submitted, is not ours."""
    assert Toy(seen=replace(PLAIN, document=crm)).walk() == Finish(stage="Not Ours")


def test_the_two_ways_exclude_each_other() -> None:
    """With both switches on no order moves, and the message says which to turn off."""
    assert codes(Toy(seen=with_settings(PLAIN, bidirectional_orders=True)).walk()) == [
        "settings_exclude_each_other"
    ]
    assert check_switches({"order_integration": False, "bidirectional_orders": True}) is None


def test_locked_orders_are_written_while_active() -> None:
    """Without the integration flag each write opens the order, writes it and submits it again."""
    toy = handed_over(LOCKED)
    changes = [
        dict(step.values) for step in toy.steps if isinstance(step, Change) and step.table == "salesorder"
    ]
    assert [each.get("statecode") for each in changes] == [0, None, 1]
    assert toy.seen.mark == MARK
