"""The order form: looked up, corrected, saved, changed, submitted; the service computes, nothing is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.sandbox.crm.conftest import Client
from tests.sandbox.crm.sales_app.conftest import ANNA, Person
from tests.sandbox.crm.shop import Shop

LINE = {"line-0-product": "1000", "line-0-quantity": "2"}


def _stored(client: Client, table: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = client.get(table)["value"]
    return rows


def test_looking_up_shows_prices_and_totals_without_saving(anna: Person, shop: Shop, client: Client) -> None:
    """The service computes the order that would be; no order, line or number remains."""
    before = client.app.records.store.read_state("number:salesorder")
    anna.open(f"orders/new?account={shop.account}")
    assert anna.page.form("new").fields["account"] == "10000 · Adatum"
    page = anna.send(
        "new",
        do="look-up",
        **LINE,
        **{"line-0-discount": "20", "line-1-write_in": "Assembly", "line-1-price": "12,50"},
        discount_percentage="10",
        freight="5",
    )
    # 2 x 100 - 20 and 1 x 12.50; less 10 %, plus 5
    for text in ("180.00 EUR", "12.50 EUR", "192.50 EUR", "178.25 EUR", "100.00 EUR on the list"):
        assert text in page.text
    fields = page.form("new").fields
    assert fields["line-0-product"] == "1000 · Product 1000"
    assert fields["line-0-unit"] == shop.unit
    assert (fields["line-1-price"], fields["line-0-quantity"], fields["line-1-quantity"]) == (
        "12,50",
        "2",
        "1",
    )
    assert (_stored(client, "salesorders"), _stored(client, "salesorderdetails")) == ([], [])
    assert client.app.records.store.read_state("number:salesorder") == before


def test_an_order_is_saved_as_it_was_shown(anna: Person, shop: Shop, client: Client) -> None:
    """Header and lines, by the person who typed them; discounts, freight, a price of one's own."""
    anna.open("orders/new")
    page = anna.send(
        "new",
        do="save",
        account="adat",
        name="",
        delivery="2026-05-04",
        discount_amount="1,234",
        freight="7.5",
        **{"line-0-product": "Product 1000", "line-0-quantity": "50", "line-0-price": "99.5"},
        **{"line-2-write_in": "Assembly", "line-2-quantity": "0,5", "line-2-price": "80"},
    )
    assert "Saved." in page.text
    [order] = _stored(client, "salesorders")
    [user] = client.get(f"systemusers?$filter=internalemailaddress eq '{ANNA}'")["value"]
    assert (order["name"], order["_ownerid_value"], order["_createdby_value"]) == (
        "Adatum",
        *[user["systemuserid"]] * 2,
    )
    assert order["requestdeliveryby"] == "2026-05-04T12:00:00Z"
    assert Decimal(str(order["totalamount"])) == Decimal(4975) + 40 - 1234 + Decimal("7.5")
    first, second = shop.lines("salesorder", str(order["salesorderid"]))
    assert (first["ispriceoverridden"], first["lineitemnumber"], second["productdescription"]) == (
        True,
        1,
        "Assembly",
    )


@pytest.mark.parametrize("place", ["orders", "opportunities"])
def test_a_form_sent_twice_makes_one_record(anna: Person, shop: Shop, client: Client, place: str) -> None:
    """A double click leads to the record that the first one made; the next form makes another."""
    first = anna.open(f"{place}/new")
    typed = {"do": "save", "account": "10000", "name": "Once", **(LINE if place == "orders" else {})}
    address = anna.send("new", **typed).address
    anna.page = first
    assert anna.send("new", **typed).address == address
    table = "salesorders" if place == "orders" else "opportunities"
    assert len(_stored(client, table)) == 1
    anna.open(f"{place}/new")
    anna.send("new", **typed)
    assert len(_stored(client, table)) == 2


def test_changes_reach_change_tracking(anna: Person, shop: Shop, client: Client) -> None:
    """What is typed in the app is what a synchronization is told of."""
    tracked = client.get("salesorders?$select=name", Prefer="odata.track-changes")
    anna.open("orders/new")
    anna.send("new", do="save", account="10000", name="Tracked", **LINE)
    changes = client.get(tracked["@odata.deltaLink"])["value"]
    assert [change["name"] for change in changes] == ["Tracked"]


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"account": ""}, "account", "Which account?"),
        ({"account": "zzz"}, "account", "no active account"),
        ({"delivery": "soon"}, "delivery", "is no date"),
        ({"discount_percentage": "101"}, "discount_percentage", "100 or less"),
        ({"discount_amount": "-5"}, "discount_amount", "0 or more"),
        ({"freight": "a lot"}, "freight", "is no number"),
        ({"line-0-product": "nothing like it"}, "line-0-product", "no active product"),
        (
            {"line-0-product": "product"},
            "line-0-product",
            "Several match: 1000 · Product 1000; 2000 · Product 2000",
        ),
        ({"line-0-quantity": "many"}, "line-0-quantity", "is no number"),
        ({"line-0-quantity": "0"}, "line-0-quantity", "more than 0"),
        ({"line-0-quantity": "-3"}, "line-0-quantity", "more than 0"),
        ({"line-0-quantity": "1.234"}, "line-0-quantity", "takes 2"),
        ({"line-0-quantity": "1.1234567"}, "line-0-quantity", "five decimals"),
        ({"line-0-quantity": "1" * 60}, "line-0-quantity", "is no number"),
        ({"line-0-price": "-1"}, "line-0-price", "0 or more"),
        ({"line-0-discount": "NaN"}, "line-0-discount", "is no number"),
        ({"line-0-write_in": "Too much"}, "line-0-write_in", "either a product or a text"),
        ({"line-1-write_in": "Assembly"}, "line-1-price", "type its price"),
        ({"line-1-write_in": "x" * 501, "line-1-price": "1"}, "line-1-write_in", "501 characters"),
    ],
)
def test_wrong_input_is_told_at_its_field_and_kept(
    anna: Person, shop: Shop, client: Client, typed: dict[str, str], field: str, message: str
) -> None:
    """Nothing is saved; the message stands at the field and in the summary; every typed value is still there."""
    shop.add_product("2000", 5)
    anna.open("orders/new")
    values = {"account": "10000 · Adatum", "name": "Kept", "description": "Kept too", **LINE, **typed}
    page = anna.send("new", do="save", **values)
    assert page.status == 422
    assert message in page.text
    assert f"#field-{field}" in page.links
    kept = page.form("new").fields
    kept["line-0-product"] = kept["line-0-product"].partition(" ·")[0]
    assert {name: kept[name] for name in values} == values
    assert _stored(client, "salesorders") == []


def test_price_list_and_currency_have_to_agree(anna: Person, shop: Shop, client: Client) -> None:
    """A currency that is not the price list's is told before the service is asked."""
    code = {"isocurrencycode": "NOK", "currencyname": "Krone", "currencysymbol": "kr", "currencyprecision": 2}
    krone = client.create("transactioncurrencies", {**code, "exchangerate": 11})
    anna.open("orders/new")
    page = anna.send("new", do="save", account="10000", currency=krone, price_list=shop.price_list, **LINE)
    assert page.status == 422
    assert "The price list Retail is in Euro" in page.text


def test_without_any_price_list_one_has_to_be_chosen(anna: Person, shop: Shop, client: Client) -> None:
    """The account has none of its own; a price that was typed needs none."""
    client.patch(f"accounts({shop.account})", {"defaultpricelevelid@odata.bind": None})
    anna.open("orders/new")
    page = anna.send("new", do="look-up", account="10000", **LINE)
    assert "Adatum has no price list of its own: choose one." in page.text
    assert "#field-price_list" in page.links
    assert "16.00 EUR" in anna.send("new", do="look-up", **{"line-0-price": "8"}).text
    page = anna.send("new", do="look-up", price_list=shop.price_list, **{"line-0-price": ""})
    assert "200.00 EUR" in page.text


def test_a_line_without_a_price_can_be_saved_but_not_submitted(
    anna: Person, shop: Shop, client: Client
) -> None:
    """The reason stands at the line; a price of one's own helps."""
    shop.add_product("3000")
    anna.open("orders/new")
    typed = {"account": "10000", "line-0-product": "3000", "line-0-quantity": "1"}
    page = anna.send("new", do="submit", **typed)
    assert page.status == 422
    assert "There is no price for it in PCS on the price list Retail" in page.text
    assert _stored(client, "salesorders") == []
    page = anna.send("new", do="save")
    assert "Lines without a price" in page.text
    assert "Not submitted" in anna.send("submit").text
    anna.open(anna.page.address.removeprefix("/app/").removesuffix("/submit") + "/edit")
    assert "Submitted." in anna.send("/edit", do="submit", **{"line-0-price": "8"}).text
    [order] = _stored(client, "salesorders")
    assert order["statecode"] == 1
    assert Decimal(str(order["totalamount"])) == 8


def test_an_order_without_lines_is_not_submitted(anna: Person, shop: Shop, client: Client) -> None:
    """Neither from the form nor from its card."""
    anna.open("orders/new")
    assert "An order without lines" in anna.send("new", do="submit", account="10000").text
    order = shop.document()
    anna.open(f"orders/{order}")
    page = anna.send("submit")
    assert (page.status, "It has no lines yet" in page.text) == (409, True)
    assert shop.read("salesorder", order)["statecode"] == 0


def test_changing_an_order_writes_only_what_changed(anna: Person, shop: Shop, client: Client) -> None:
    """Lines that stay keep their version and price, though the price list changed; others are made and removed."""
    order = shop.document()
    kept, gone, other = (shop.line(order, quantity=n) for n in (1, 2, 3))
    [price] = client.get(f"productpricelevels?$filter=_productid_value eq {shop.product}")["value"]
    client.patch(f"productpricelevels({price['productpricelevelid']})", {"amount": 130})
    version = shop.lines("salesorder", order)[0]["versionnumber"]
    anna.open(f"orders/{order}/edit")
    page = anna.send(
        "/edit", do="save", **{"line-1-remove": "1", "line-2-quantity": "4", "line-3-product": "1000"}
    )
    assert "Saved." in page.text
    lines = shop.lines("salesorder", order)
    assert [line["salesorderdetailid"] for line in lines][:2] == [kept, other]
    assert gone not in {line["salesorderdetailid"] for line in lines}
    assert lines[0]["versionnumber"] == version
    assert [(line["quantity"], line["priceperunit"]) for line in lines] == [(1, 100), (4, 130), (1, 130)]


def test_a_line_may_become_another_product_or_a_text(anna: Person, shop: Shop) -> None:
    """It keeps its place."""
    other = shop.add_product("2000", 5)
    order = shop.document()
    shop.line(order)
    shop.line(order)
    anna.open(f"orders/{order}/edit")
    written = {"line-1-product": "", "line-1-write_in": "Assembly", "line-1-price": "9"}
    anna.send("/edit", do="save", **{"line-0-product": "2000"}, **written)
    first, second = shop.lines("salesorder", order)
    assert (first["_productid_value"], first["priceperunit"], first["lineitemnumber"]) == (other, 5, 1)
    assert (second["productdescription"], second["priceperunit"], second["lineitemnumber"]) == (
        "Assembly",
        9,
        2,
    )


def test_a_line_takes_another_unit(anna: Person, shop: Shop, client: Client) -> None:
    """The units of the product are there to choose from; the price follows."""
    body = {"name": "BOX", "quantity": 10, "baseuom@odata.bind": f"/uoms({shop.unit})"}
    box = client.create("uoms", {**body, "uomscheduleid@odata.bind": f"/uomschedules({shop.group})"})
    shop.add_price(shop.product, amount=900, **{"uomid@odata.bind": f"/uoms({box})"})
    anna.open("orders/new")
    anna.send("new", do="look-up", account="10000", **LINE)
    page = anna.send("new", do="look-up", **{"line-0-unit": box})
    assert "1,800.00 EUR" in page.text
    assert page.form("new").fields["line-0-unit"] == box


def test_a_change_in_between_is_not_overwritten(anna: Person, shop: Shop, client: Client) -> None:
    """Somebody else saved first: nothing is written, all that was typed is still there."""
    order = shop.document()
    shop.line(order)
    anna.open(f"orders/{order}/edit")
    client.patch(f"salesorders({order})", {"description": "theirs"})
    page = anna.send("/edit", do="save", name="Mine", **{"line-1-product": "1000"})
    assert (page.status, "Somebody else changed this record" in page.text) == (422, True)
    assert page.form("/edit").fields["name"] == "Mine"
    assert page.form("/edit").fields["line-1-product"] == "1000 · Product 1000"
    assert len(shop.lines("salesorder", order)) == 1


def test_a_submitted_order_is_read_only_until_taken_back(anna: Person, shop: Shop) -> None:
    """Editing leads back to the card; a form that was open is refused; taken back it can be changed again."""
    order = shop.document()
    shop.line(order)
    open_form = Person(anna.app)
    open_form.sign_in()
    open_form.open(f"orders/{order}/edit")
    anna.open(f"orders/{order}")
    assert "Submitted." in anna.send("submit").text
    assert anna.open(f"orders/{order}/edit").address == f"/app/orders/{order}"
    refused = open_form.send("/edit", do="save", name="Late")
    assert refused.status == 422
    assert "Late" in refused.form("/edit").fields["name"]
    anna.open(f"orders/{order}")
    assert "Taken back." in anna.send("take-back").text
    assert shop.read("salesorder", order)["statecode"] == 0
    assert anna.open(f"orders/{order}/edit").heading.startswith("Edit")


def test_what_the_erp_has_is_not_taken_back(anna: Person, shop: Shop, client: Client) -> None:
    """A button that was still on the screen is too late."""
    order = shop.document()
    shop.line(order)
    anna.open(f"orders/{order}")
    anna.send("submit")
    shop.settle(issopintegrationenabled=True)
    client.patch(f"salesorders({order})", {"lastbackofficesubmit": "2026-03-01T12:00:00Z"})
    page = anna.send("take-back")
    assert (page.status, "Not taken back" in page.text) == (409, True)
    assert shop.read("salesorder", order)["statecode"] == 1


def test_an_order_is_canceled_after_asking(anna: Person, shop: Shop, client: Client) -> None:
    """The reason is kept with the activity that closes the order."""
    order = shop.document()
    shop.line(order)
    anna.open(anna.open(f"orders/{order}").link("/cancel").removeprefix("/app/"))
    assert shop.read("salesorder", order)["statecode"] == 0
    assert "Canceled." in anna.send("cancel", description="Changed their mind").text
    assert shop.read("salesorder", order)["statecode"] == 2
    assert [row["description"] for row in _stored(client, "ordercloses")] == ["Changed their mind"]
    again = anna.open(f"orders/{order}/cancel")
    assert anna.send("cancel").status == 400
    assert again.status == 200


def test_locked_prices_stay_until_todays_are_wanted(anna: Person, shop: Shop, client: Client) -> None:
    """An order made of an opportunity keeps its prices; one button takes today's."""
    deal = shop.document("opportunity")
    shop.line(deal, "opportunity", quantity=1)
    anna.open(f"opportunities/{deal}")
    order = anna.send("order").address.rpartition("/")[2]
    [price] = client.get(f"productpricelevels?$filter=_productid_value eq {shop.product}")["value"]
    client.patch(f"productpricelevels({price['productpricelevelid']})", {"amount": 130})
    anna.open(f"orders/{order}/edit")
    assert "The prices of this order are locked." in anna.page.text
    anna.send("/edit", do="save", **{"line-0-quantity": "2"})
    assert shop.amounts("salesorder", order, "totalamount") == (Decimal(200),)
    assert "today's price list" in anna.send("unlock").text
    assert shop.amounts("salesorder", order, "totalamount") == (Decimal(260),)


def test_two_hundred_lines_fit(anna: Person, shop: Shop) -> None:
    """More lines adds rows and keeps what was typed; a long order is saved as a whole."""
    anna.open("orders/new")
    page = anna.send("new", do="more-lines", account="10000", **LINE)
    fields = page.form("new").fields
    assert (fields["lines"], fields["line-0-product"]) == ("11", "1000 · Product 1000")
    typed = {f"line-{n}-product": "1000" for n in range(200)}
    page = anna.send("new", do="save", lines="200", **typed)
    lines = shop.lines("salesorder", page.address.rpartition("/")[2])
    assert [line["lineitemnumber"] for line in lines] == list(range(1, 201))
    assert "20,100.00 EUR" in page.text


def test_notes_become_part_of_the_timeline(anna: Person, shop: Shop) -> None:
    """Text, author and line breaks; an empty note is none."""
    order = shop.document()
    anna.open(f"orders/{order}")
    page = anna.send("notes", note="Call them\nbefore delivery")
    assert "before delivery" in page.text
    assert "Anna Berg" in page.text
    anna.send("notes", note="   ")
    notes = shop.client.get("annotations")["value"]
    assert [(note["subject"], note["notetext"]) for note in notes] == [(None, "Call them\nbefore delivery")]


def test_attachments_are_named_in_the_timeline(anna: Person, shop: Shop) -> None:
    """Another client attached a file: the order shows what it is called."""
    order = shop.document()
    bind = {"objectid_salesorder@odata.bind": f"/salesorders({order})"}
    shop.client.create("annotations", {"isdocument": True, "filename": "plan.pdf", **bind})
    assert "Attached: plan.pdf" in anna.open(f"orders/{order}").text
