"""What the organization, a document or a line decides about its prices."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.sandbox.crm.conftest import Client, Clock, open_sandbox, refusal
from tests.sandbox.crm.shop import Shop


@pytest.fixture
def shop(client: Client) -> Shop:
    """A shop in a fresh CRM."""
    return Shop(client)


def money(row: Any, *names: str) -> tuple[object, ...]:
    """Columns of a row as decimals."""
    return tuple(Decimal(str(row[name])) for name in names)


def test_manual_discounts_count_per_line_or_per_unit(shop: Shop) -> None:
    """The organization's discount calculation method decides."""
    order = shop.document()
    shop.line(order, quantity=3, manualdiscountamount=10)
    assert shop.amounts("salesorder", order, "totalamount", "totallineitemdiscountamount") == (290, 10)
    shop.settle(discountcalculationmethod=1)
    other = shop.document()
    shop.line(other, quantity=3, manualdiscountamount=10)
    assert shop.amounts("salesorder", other, "totalamount", "totallineitemdiscountamount") == (270, 30)


def test_prices_keep_the_digits_that_the_organization_gives_them(shop: Shop) -> None:
    """Unit prices have digits of their own; amounts those of the currency."""
    shop.settle(pricingdecimalprecision=4)
    order = shop.document()
    shop.line(order, quantity=3, priceperunit=0.1235, ispriceoverridden=True)
    row = shop.lines("salesorder", order)[0]
    assert money(row, "priceperunit", "extendedamount") == (Decimal("0.1235"), Decimal("0.37"))


def test_an_organization_without_price_calculation_keeps_what_is_written(shop: Shop) -> None:
    """Lines and totals are the caller's."""
    shop.settle(oobpricecalculationenabled=False)
    order = shop.document(totalamount=77)
    shop.line(order, quantity=3, priceperunit=5, extendedamount=14.99)
    assert money(shop.lines("salesorder", order)[0], "priceperunit", "extendedamount") == (
        5,
        Decimal("14.99"),
    )
    assert shop.amounts("salesorder", order, "totalamount") == (77,)


def test_a_document_may_skip_price_calculation(shop: Shop) -> None:
    """`skippricecalculation` keeps the amounts that are written."""
    invoice = shop.document("invoice", skippricecalculation=1, totalamount=5)
    shop.line(invoice, "invoice", priceperunit=3, extendedamount=4)
    assert shop.amounts("invoice", invoice, "totalamount") == (5,)


def test_with_order_processing_integration_the_erp_keeps_orders(shop: Shop, client: Client) -> None:
    """The integration user's amounts stand, and it may write submitted orders; people may not."""
    shop.settle(issopintegrationenabled=True)
    order = shop.document(totalamount=9)
    line = shop.line(order, priceperunit=1, extendedamount=8)
    assert shop.amounts("salesorder", order, "totalamount") == (9,)
    quote = shop.document("quote")
    shop.line(quote, "quote")
    assert shop.amounts("quote", quote, "totalamount") == (100,)
    client.patch(f"salesorders({order})", {"statecode": 1})
    sent = {"lastbackofficesubmit": "2026-03-01T00:00:00Z"}
    assert client.patch(f"salesorders({order})", sent).status == 204
    assert client.patch(f"salesorderdetails({line})", {"quantityshipped": 1}).status == 204
    person = client.get("systemusers?$filter=islicensed eq true")["value"][0]["systemuserid"]
    answer = client.patch(f"salesorders({order})", {"name": "No"}, MSCRMCallerID=person)
    assert refusal(answer) == (400, "0x80043b09")
    mine = client.send(
        "POST", "salesorderdetails", shop.line_body("salesorder", order), {"MSCRMCallerID": person}
    )
    assert refusal(mine) == (400, "0x80043b09")


def test_the_base_amount_may_be_told_before_the_volume_discount(clock: Clock) -> None:
    """The sources disagree; an option chooses, and the extended amount is the same either way."""
    app = open_sandbox(None, clock, base_amount_before_volume_discount=True)
    shop = Shop(Client(app, clock))
    discounts = shop.client.create("discounttypes", {"name": "Volume", "isamounttype": True})
    bind = {"discounttypeid@odata.bind": f"/discounttypes({discounts})"}
    shop.client.create("discounts", {"lowquantity": 1, "highquantity": 99, "amount": 2.5, **bind})
    item = shop.client.get("productpricelevels")["value"][0]["productpricelevelid"]
    shop.client.patch(f"productpricelevels({item})", bind)
    order = shop.document()
    shop.line(order, quantity=10)
    row = shop.lines("salesorder", order)[0]
    app.close()
    assert money(row, "volumediscountamount", "baseamount", "extendedamount") == (Decimal("2.5"), 1000, 975)


def test_a_line_may_skip_price_calculation(shop: Shop) -> None:
    """Its amounts are the caller's; the document adds them up like others."""
    order = shop.document()
    shop.line(order, skippricecalculation=1, priceperunit=7, extendedamount=6.5)
    shop.line(order)
    assert money(shop.lines("salesorder", order)[0], "priceperunit", "extendedamount") == (7, Decimal("6.5"))
    assert shop.amounts("salesorder", order, "totalamount") == (Decimal("106.5"),)


def test_a_price_of_five_digits_is_rounded_away_from_zero(shop: Shop) -> None:
    """What a column can't hold is rounded when it is written, halves as in every other amount of a document."""
    shop.settle(pricingdecimalprecision=4)
    order = shop.document()
    shop.line(order, quantity=10_000, priceperunit=Decimal("0.12345"), ispriceoverridden=True)
    line = shop.lines("salesorder", order)[0]
    assert (line["priceperunit"], line["baseamount"]) == (Decimal("0.1235"), Decimal(1235))
