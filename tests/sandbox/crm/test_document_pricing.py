"""How lines get their price in the service, what suppresses that, and what is refused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.sandbox.crm.conftest import Client, refusal
from tests.sandbox.crm.shop import DOCUMENTS, Shop


@pytest.fixture
def shop(client: Client) -> Shop:
    """A shop in a fresh CRM."""
    return Shop(client)


def money(row: Any, *names: str) -> tuple[object, ...]:
    """Columns of a row as decimals."""
    return tuple(Decimal(str(row[name])) for name in names)


def pounds(client: Client, rate: object = 0.8, precision: int = 2, code: str = "GBP") -> str:
    """A second currency."""
    return client.create(
        "transactioncurrencies",
        {
            "currencyname": code,
            "isocurrencycode": code,
            "currencysymbol": code,
            "currencyprecision": precision,
            "exchangerate": rate,
        },
    )


@pytest.mark.parametrize("kind", list(DOCUMENTS))
def test_a_line_is_priced_from_the_list(shop: Shop, kind: str) -> None:
    """Whatever price the caller gives: the list's counts, unless it is overridden."""
    document = shop.document(kind)
    shop.line(document, kind, quantity=1.25, priceperunit=1)
    shop.line(document, kind, quantity=2, priceperunit=1.005, ispriceoverridden=True)
    first, second = shop.lines(kind, document)
    assert money(first, "priceperunit", "baseamount", "extendedamount") == (100, 125, 125)
    assert money(second, "priceperunit", "extendedamount") == (Decimal("1.01"), Decimal("2.02"))
    assert (first["productname"], first["productnumber"], first["lineitemnumber"]) == (
        "Product 1000",
        "1000",
        1,
    )
    assert shop.amounts(kind, document, "totallineitemamount", "totalamount") == (Decimal("127.02"),) * 2
    assert shop.read(kind, document)["pricingerrorcode"] == 0


def test_a_new_price_reaches_a_line_when_it_is_saved(shop: Shop, client: Client) -> None:
    """A saved line keeps its price until it is written again; CalculatePrice writes all."""
    order = shop.document()
    line = shop.line(order, quantity=2)
    item = client.get("productpricelevels")["value"][0]["productpricelevelid"]
    client.patch(f"productpricelevels({item})", {"amount": 110})
    assert shop.amounts("salesorder", order, "totalamount") == (200,)
    shop.call(
        "CalculatePrice", Target={"@odata.type": "Microsoft.Dynamics.CRM.salesorder", "salesorderid": order}
    )
    assert shop.amounts("salesorder", order, "totalamount") == (220,)
    client.patch(f"productpricelevels({item})", {"amount": 120})
    client.patch(f"salesorderdetails({line})", {"quantity": 3})
    assert shop.amounts("salesorder", order, "totalamount") == (360,)
    target = {"salesorderdetailid": line}
    shop.call("CalculatePrice", Target=target, ParentId=order)
    answer = client.send("POST", "CalculatePrice", {"Target": target, "ParentId": shop.account})
    assert refusal(answer) == (400, "0x80040203")


def test_locked_prices_stay(shop: Shop, client: Client) -> None:
    """Locked: neither the list nor the caller changes a price, amounts follow; unlocked: today's prices."""
    order = shop.document()
    line = shop.line(order, quantity=2)
    address = f"salesorders({order})/Microsoft.Dynamics.CRM.LockSalesOrderPricing"
    shop.call(address)
    assert refusal(client.send("POST", address, {})) == (400, "0x80043b1d")
    assert shop.lines("salesorder", order)[0]["salesorderispricelocked"] is True
    item = client.get("productpricelevels")["value"][0]["productpricelevelid"]
    client.patch(f"productpricelevels({item})", {"amount": 110})
    client.patch(f"salesorderdetails({line})", {"quantity": 3, "priceperunit": 5})
    assert shop.amounts("salesorder", order, "totalamount") == (300,)
    shop.call("UnlockSalesOrderPricing", SalesOrderId=order)
    assert shop.amounts("salesorder", order, "totalamount") == (330,)
    answer = client.send("POST", "UnlockSalesOrderPricing", {"SalesOrderId": order})
    assert refusal(answer) == (400, "0x80043b1e")


def test_a_write_in_line_has_no_product(shop: Shop, client: Client) -> None:
    """It needs its text, is priced by hand, and excludes product and unit."""
    order = shop.document()
    shop.write_in(order, quantity=2, priceperunit=12.345)
    row = shop.lines("salesorder", order)[0]
    assert (row["productname"], row["salesorderdetailname"], row["productnumber"]) == (
        "Assembly",
        "Assembly",
        None,
    )
    assert money(row, "priceperunit", "extendedamount") == (Decimal("12.35"), Decimal("24.70"))
    text = {"isproductoverridden": True, "productdescription": "X"}
    product = shop.line_body("salesorder", order, **{"uomid@odata.bind": None}, **text)
    unit = shop.line_body("salesorder", order, **{"productid@odata.bind": None}, **text)
    for body, code in (
        (product, "0x80043afb"),
        (unit, "0x80043afa"),
        ({**unit, "productdescription": None, "uomid@odata.bind": None}, "0x80043b11"),
    ):
        assert refusal(client.send("POST", "salesorderdetails", body)) == (400, code)


def test_bad_lines_are_refused(shop: Shop, client: Client) -> None:
    """Drafts, foreign units, missing units and too fine quantities have their codes."""
    order = shop.document()
    draft = client.create(
        "products",
        {
            "name": "D",
            "productnumber": "D",
            "quantitydecimal": 0,
            "defaultuomscheduleid@odata.bind": f"/uomschedules({shop.group})",
            "defaultuomid@odata.bind": f"/uoms({shop.unit})",
        },
    )
    group = client.create("uomschedules", {"name": "Hours", "baseuomname": "HOUR"})
    hour = client.get(f"uomschedules({group})/unit_of_measure_schedule_conversions")["value"][0]["uomid"]
    cases: list[tuple[dict[str, object], str]] = [
        ({"productid@odata.bind": f"/products({draft})"}, "0x8004f908"),
        ({"uomid@odata.bind": f"/uoms({hour})"}, "0x80043b14"),
        ({"uomid@odata.bind": None}, "0x80043b0d"),
        ({"quantity": 1.125}, "0x80043b07"),
        ({"productid@odata.bind": None}, "0x80043b11"),
    ]
    for columns, code in cases:
        body = shop.line_body("salesorder", order, **columns)
        assert refusal(client.send("POST", "salesorderdetails", body)) == (400, code)
    assert shop.lines("salesorder", order) == []


def test_a_missing_price_keeps_the_line_and_is_told(shop: Shop, client: Client) -> None:
    """The line has the code of the reason, the document that of an error in a line."""
    plain = shop.add_product("2000")
    half = shop.add_product("3000")
    shop.add_price(half, pricingmethodcode=2)
    order = shop.document()
    shop.line(order, **{"productid@odata.bind": f"/products({plain})"})
    shop.line(order, **{"productid@odata.bind": f"/products({half})"})
    shop.line(order, quantity=None)
    shop.write_in(order)
    assert [line["pricingerrorcode"] for line in shop.lines("salesorder", order)] == [11, 13, 4, 5]
    assert shop.read("salesorder", order)["pricingerrorcode"] == 1
    other = shop.document("salesorder", **{"pricelevelid@odata.bind": None})
    shop.line(other)
    assert shop.lines("salesorder", other)[0]["pricingerrorcode"] == 2
    list_address = f"pricelevels({shop.price_list})"
    client.patch(f"salesorders({other})", {"pricelevelid@odata.bind": f"/{list_address}"})
    assert shop.lines("salesorder", other)[0]["pricingerrorcode"] == 0
    assert shop.amounts("salesorder", other, "totalamount", "pricingerrorcode") == (100, 0)
    client.patch(list_address, {"statecode": 1})
    shop.line(other)
    assert shop.lines("salesorder", other)[1]["pricingerrorcode"] == 3


def test_volume_discounts_come_from_the_discount_list(shop: Shop, client: Client) -> None:
    """Ranges of quantities, per unit; overlapping or contradictory ranges are refused."""
    discounts = client.create("discounttypes", {"name": "Volume"})
    bind = {"discounttypeid@odata.bind": f"/discounttypes({discounts})"}
    client.create("discounts", {"lowquantity": 10, "highquantity": 99, "percentage": 2.5, **bind})
    for body, code in (
        ({"lowquantity": 50, "highquantity": 120, "percentage": 5}, "0x80043b02"),
        ({"lowquantity": 200, "highquantity": 120, "percentage": 5}, "0x80043b01"),
        ({"lowquantity": 100, "highquantity": 120, "percentage": 5, "amount": 1}, "0x80043b1f"),
        ({"lowquantity": 100, "highquantity": 120, "amount": 1}, "0x80040203"),
    ):
        assert refusal(client.send("POST", "discounts", {**body, **bind})) == (400, code)
    item = client.get("productpricelevels")["value"][0]["productpricelevelid"]
    assert client.patch(f"productpricelevels({item})", bind).status == 204
    order = shop.document()
    line = shop.line(order, quantity=9)
    assert shop.amounts("salesorder", order, "totalamount") == (900,)
    client.patch(f"salesorderdetails({line})", {"quantity": 10})
    row = shop.lines("salesorder", order)[0]
    assert money(row, "volumediscountamount", "baseamount") == (Decimal("2.5"), 975)
    assert shop.amounts("salesorder", order, "totalamount", "totallineitemdiscountamount") == (975, 0)
    client.patch(f"discounttypes({discounts})", {"statecode": 1})
    client.patch(f"salesorderdetails({line})", {"quantity": 11})
    assert shop.lines("salesorder", order)[0]["pricingerrorcode"] == 33


def test_the_header_adds_discount_freight_and_tax(shop: Shop, client: Client) -> None:
    """Written totals are overwritten; each change of the header counts at once."""
    quote = shop.document("quote", totalamount=1)
    shop.line(quote, "quote", quantity=2, tax=38, manualdiscountamount=0.5)
    client.patch(f"quotes({quote})", {"discountpercentage": 2.5, "discountamount": 3, "freightamount": 9.95})
    names = (
        "totallineitemamount",
        "totallineitemdiscountamount",
        "totaldiscountamount",
        "totalamountlessfreight",
        "totaltax",
        "totalamount",
    )
    # 199.50 x 2.5 % = 4.9875; with 3.00 that is 7.9875, rounded 7.99
    expected = tuple(map(Decimal, ("199.5", "0.5", "8.49", "191.51", "38", "239.46")))
    assert shop.amounts("quote", quote, *names) == expected
    client.patch(f"quotes({quote})", {"totalamount": 1, "totaltax": 7})
    assert shop.amounts("quote", quote, *names) == expected
    assert shop.amounts("quote", quote, *(f"{name}_base" for name in names)) == expected


def test_amounts_are_in_the_currency_of_the_document(shop: Shop, client: Client) -> None:
    """Its precision rounds, its rate gives the base amounts, and it must be that of the price list."""
    yen = pounds(client, rate=160.5, precision=0, code="JPY")
    bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({yen})"}
    assert refusal(
        client.send("POST", "quotes", {"pricelevelid@odata.bind": f"/pricelevels({shop.price_list})", **bind})
    ) == (400, "0x80048cee")
    own = client.create("pricelevels", {"name": "Japan", **bind})
    price = {"pricelevelid@odata.bind": f"/pricelevels({own})"}
    shop.add_price(shop.product, amount=999, **price)
    order = shop.document(**bind, **price, discountpercentage=0.5, freightamount=10.5)
    shop.line(order, quantity=1.5)
    row = shop.lines("salesorder", order)[0]
    assert money(row, "extendedamount", "extendedamount_base") == (1499, Decimal("9.3396"))
    assert shop.amounts("salesorder", order, "freightamount", "totalamount") == (11, 1503)
    assert refusal(
        client.patch(
            f"salesorders({order})",
            {
                "transactioncurrencyid@odata.bind": None,
                "pricelevelid@odata.bind": f"/pricelevels({shop.price_list})",
            },
        )
    ) == (400, "0x80048479")
    wrong = {"pricelevelid@odata.bind": f"/pricelevels({shop.price_list})"}
    assert refusal(client.patch(f"salesorders({order})", wrong)) == (400, "0x80048cee")


def test_percentage_prices_need_the_currency_of_the_product(shop: Shop, client: Client) -> None:
    """A percentage of a price in another currency is refused, also when the product's currency changes."""
    foreign = pounds(client)
    bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({foreign})"}
    product = shop.add_product("4000", price=200)
    london = client.create("pricelevels", {"name": "London", **bind})
    body = {
        "pricelevelid@odata.bind": f"/pricelevels({london})",
        "productid@odata.bind": f"/products({product})",
        "uomid@odata.bind": f"/uoms({shop.unit})",
        "pricingmethodcode": 2,
        "percentage": 50,
    }
    assert refusal(client.send("POST", "productpricelevels", body)) == (400, "0x80048cf9")
    here = {**body, "pricelevelid@odata.bind": f"/pricelevels({shop.price_list})"}
    assert refusal(client.send("POST", "productpricelevels", {**here, "percentage": 100000})) == (
        400,
        "0x80043b0c",
    )
    client.create("productpricelevels", here)
    assert refusal(client.patch(f"products({product})", bind)) == (400, "0x80048cfa")
    order = shop.document()
    shop.line(order, **{"productid@odata.bind": f"/products({product})"})
    assert shop.amounts("salesorder", order, "totalamount") == (100,)


def test_lines_in_the_body_of_a_document_are_added_up_once(shop: Shop, client: Client) -> None:
    """A deep insert of many lines numbers them and stores one further version of the document."""
    lines = [
        {
            "quantity": 1,
            "productid@odata.bind": f"/products({shop.product})",
            "uomid@odata.bind": f"/uoms({shop.unit})",
        }
    ] * 20
    order = shop.document(order_details=lines)
    assert shop.amounts("salesorder", order, "totalamount") == (2000,)
    assert [line["lineitemnumber"] for line in shop.lines("salesorder", order)] == list(range(1, 21))
    last = max(line["versionnumber"] for line in shop.lines("salesorder", order))
    assert shop.read("salesorder", order)["versionnumber"] == last + 1


def test_bulk_messages_price_their_lines(shop: Shop, client: Client) -> None:
    """CreateMultiple and UpdateMultiple of order lines end in right totals."""
    order = shop.document()
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.salesorderdetail"}
    targets = [{**shop.line_body("salesorder", order, quantity=number), **kind} for number in (1, 2, 3)]
    made = shop.call("salesorderdetails/Microsoft.Dynamics.CRM.CreateMultiple", Targets=targets)
    assert shop.amounts("salesorder", order, "totalamount") == (600,)
    assert [line["lineitemnumber"] for line in shop.lines("salesorder", order)] == [1, 2, 3]
    changes = [{**kind, "salesorderdetailid": each, "quantity": 5} for each in made["Ids"]]
    shop.call("salesorderdetails/Microsoft.Dynamics.CRM.UpdateMultiple", Targets=changes)
    assert shop.amounts("salesorder", order, "totalamount") == (1500,)


def test_change_tracking_shows_the_recalculated_document(shop: Shop, client: Client) -> None:
    """A change of a line is also one of its document, by the same author at the same time."""
    order = shop.document()
    line = shop.line(order)
    first = client.send("GET", "salesorders", headers={"Prefer": "odata.track-changes"})
    link = json.loads(first.body)["@odata.deltaLink"]
    client.clock.forward(minutes=5)
    client.patch(f"salesorderdetails({line})", {"quantity": 4})
    changed = client.get(link)["value"]
    assert [(row["salesorderid"], row["totalamount"]) for row in changed] == [(order, 400)]
    assert changed[0]["modifiedon"] == "2026-03-01T12:05:00Z"


def test_the_quantity_decimals_of_a_product_can_be_asked_for(shop: Shop, client: Client) -> None:
    """`GetQuantityDecimal` is bound to documents."""
    order = shop.document()
    call = f"salesorders({order})/Microsoft.Dynamics.CRM.GetQuantityDecimal(Product=@p,UoM=@u)"
    arguments = f"@p={{'@odata.id':'products({shop.product})'}}&@u={{'@odata.id':'uoms({shop.unit})'}}"
    found = client.get(f"{call}?{arguments}".replace("'", "%22"))
    assert found["Quantity"] == 2


def test_a_line_needs_its_document(shop: Shop, client: Client) -> None:
    """Without one it is refused, and it cannot move to another one."""
    order, other = shop.document(), shop.document()
    body = shop.line_body("salesorder", order, **{"salesorderid@odata.bind": None})
    assert refusal(client.send("POST", "salesorderdetails", body)) == (400, "0x80040200")
    line = shop.line(order)
    move = {"salesorderid@odata.bind": f"/salesorders({other})"}
    assert client.patch(f"salesorderdetails({line})", move).status == 204
    assert len(shop.lines("salesorder", order)) == 1
    assert shop.amounts("salesorder", other, "totalamount") == (0,)


def test_discount_amounts_are_in_the_currency_of_the_price_list(shop: Shop, client: Client) -> None:
    """A discount list of amounts in another currency is refused; percentages have none."""
    foreign = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({pounds(client)})"}
    item = client.get("productpricelevels")["value"][0]["productpricelevelid"]
    for is_amount, status in ((True, 400), (False, 204)):
        listed = client.create("discounttypes", {"name": "Volume", "isamounttype": is_amount, **foreign})
        bind = {"discounttypeid@odata.bind": f"/discounttypes({listed})"}
        assert client.patch(f"productpricelevels({item})", bind).status == status
    step = {"lowquantity": 1, "highquantity": 5, "percentage": 5}
    made = client.create("discounts", {**step, **bind})
    assert client.patch(f"discounts({made})", {"highquantity": 10}).status == 204
    assert refusal(client.patch(f"discounts({made})", {"highquantity": 1})) == (400, "0x80043b01")
    assert refusal(client.send("POST", "discounts", step)) == (400, "0x80040200")


def test_the_expected_revenue_of_a_deal_may_be_its_total(shop: Shop, client: Client) -> None:
    """It follows the lines from the moment it is system calculated, and the caller's no more."""
    deal = shop.document("opportunity", estimatedvalue=5)
    shop.line(deal, "opportunity")
    assert shop.amounts("opportunity", deal, "estimatedvalue") == (5,)
    client.patch(f"opportunities({deal})", {"isrevenuesystemcalculated": True})
    assert shop.amounts("opportunity", deal, "estimatedvalue") == (100,)
    client.patch(f"opportunities({deal})", {"estimatedvalue": 7})
    assert shop.amounts("opportunity", deal, "estimatedvalue") == (100,)


def test_a_product_in_a_further_unit_has_a_price_of_its_own(shop: Shop, client: Client) -> None:
    """The list is asked for product and unit together; a unit without a price is told."""
    box = client.create(
        "uoms",
        {
            "name": "BOX",
            "quantity": 12,
            "baseuom@odata.bind": f"/uoms({shop.unit})",
            "uomscheduleid@odata.bind": f"/uomschedules({shop.group})",
        },
    )
    unit = {"uomid@odata.bind": f"/uoms({box})"}
    order = shop.document()
    line = shop.line(order, **unit)
    assert shop.lines("salesorder", order)[0]["pricingerrorcode"] == 11
    shop.add_price(shop.product, amount=1080.5, **unit)
    client.patch(f"salesorderdetails({line})", {"quantity": 2})
    assert shop.amounts("salesorder", order, "totalamount", "pricingerrorcode") == (2161, 0)
    client.patch(f"salesorderdetails({line})", {"uomid@odata.bind": f"/uoms({shop.unit})"})
    assert shop.amounts("salesorder", order, "totalamount") == (200,)
