"""Opportunities: made, changed, won, lost, reopened, turned into orders."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.sandbox.crm.conftest import Client, Clock
from tests.sandbox.crm.sales_app.conftest import ANNA, Person
from tests.sandbox.crm.shop import Shop


def test_an_opportunity_is_made_and_belongs_to_its_maker(anna: Person, shop: Shop, client: Client) -> None:
    """From the account's card: the account is filled in, the price list is the account's own."""
    anna.open(anna.open(f"accounts/{shop.account}").link("opportunities/new").removeprefix("/app/"))
    assert anna.page.form("new").fields["account"] == "10000 · Adatum"
    page = anna.send(
        "new",
        name="Office",
        value="12.500,75".replace(".", ""),
        closes="2026-04-30",
        probability="60",
        description="a\r\nb",
    )
    assert page.heading == "Office"
    assert "Created." in page.text
    [deal] = client.get("opportunities")["value"]
    [user] = client.get(f"systemusers?$filter=internalemailaddress eq '{ANNA}'")["value"]
    assert Decimal(str(deal["estimatedvalue"])) == Decimal("12500.75")
    assert (deal["estimatedclosedate"], deal["closeprobability"], deal["description"]) == (
        "2026-04-30",
        60,
        "a\nb",
    )
    assert deal["_ownerid_value"] == deal["_createdby_value"] == user["systemuserid"]
    assert (deal["_customerid_value"], deal["_pricelevelid_value"]) == (shop.account, shop.price_list)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": ""}, "Topic is missing"),
        ({"name": "x" * 301}, "301 characters"),
        ({"account": ""}, "Which account?"),
        ({"account": "Nobody"}, "no active account “Nobody”"),
        ({"value": "much"}, "“much” is no number"),
        ({"value": "-1"}, "0 or more"),
        ({"value": "1e9"}, "is no number"),
        ({"value": "9" * 13}, "or less"),
        ({"probability": "101"}, "100 or less"),
        ({"probability": "1.5"}, "whole number"),
        ({"closes": "2026-02-30"}, "is no date"),
        ({"closes": "1066-10-14"}, "before 1900"),
        ({"price_list": "nonsense"}, "not there any more"),
    ],
)
def test_wrong_input_is_told_at_its_field(
    anna: Person, shop: Shop, client: Client, typed: dict[str, str], message: str
) -> None:
    """Nothing is made, the message stands at the field, and all that was typed is still there."""
    anna.open("opportunities/new")
    values = {"name": "Office", "account": "Adatum", "value": "5", "description": "kept", **typed}
    page = anna.send("new", **values)
    assert page.status == 422
    assert page.text.count(message) == 2, "at the field and in the summary"
    kept = page.form("new").fields
    assert {name: kept[name] for name in values if name != "price_list"} == {
        name: value for name, value in values.items() if name != "price_list"
    }
    [field] = typed
    assert f"#field-{field}" in page.links
    assert client.get("opportunities")["value"] == []


def test_an_opportunity_is_won_and_becomes_an_order(anna: Person, shop: Shop) -> None:
    """The value that was typed is the actual one; the order has the products and prices of the opportunity."""
    deal = shop.document("opportunity", name="Office", estimatedvalue=900)
    shop.line(deal, "opportunity", quantity=3)
    anna.open(f"opportunities/{deal}/win")
    assert anna.page.form("win").fields["revenue"] == "900"
    page = anna.send("win", revenue="1 000.50", description="Good talk", date="2026-02-28")
    assert "Won." in page.text
    row = shop.read("opportunity", deal)
    assert (row["statecode"], row["actualclosedate"]) == (1, "2026-02-28")
    assert Decimal(str(row["actualvalue"])) == Decimal("1000.5")
    page = anna.send("order")
    assert page.address.startswith("/app/orders/")
    assert "Made an order" in page.text
    assert "300.00 EUR" in page.text
    order = page.address.rpartition("/")[2]
    assert shop.read("salesorder", order)["_opportunityid_value"] == deal
    assert f"/app/orders/{order}" in anna.open(f"opportunities/{deal}").links


def test_an_opportunity_is_lost_and_reopened(anna: Person, shop: Shop) -> None:
    """The reason is kept; reopening makes it open again."""
    deal = shop.document("opportunity")
    anna.open(f"opportunities/{deal}/lose")
    assert "Closed as lost" in anna.send("lose", reason="5").text
    row = shop.read("opportunity", deal)
    assert (row["statecode"], row["statuscode"]) == (2, 5)
    assert "Chairs" in anna.open("opportunities?view=lost").text
    anna.open(f"opportunities/{deal}")
    assert "Reopened." in anna.send("reopen").text
    assert shop.read("opportunity", deal)["statecode"] == 0


def test_what_the_service_refuses_is_told(anna: Person, shop: Shop) -> None:
    """An opportunity with a draft quote cannot be won; the form says why and keeps what was typed."""
    deal = shop.document("opportunity")
    shop.call("GenerateQuoteFromOpportunity", OpportunityId=deal, ColumnSet={"AllColumns": True})
    anna.open(f"opportunities/{deal}/win")
    page = anna.send("win", description="typed")
    assert page.status == 422
    assert "it has quotes that are drafts or active" in page.text
    assert page.form("win").fields["description"] == "typed"
    assert shop.read("opportunity", deal)["statecode"] == 0


def test_a_change_in_between_is_not_overwritten(
    anna: Person, shop: Shop, client: Client, clock: Clock
) -> None:
    """Somebody else saved first: the form says so, keeps what was typed, and the other's change stays."""
    deal = shop.document("opportunity", name="Office")
    anna.open(f"opportunities/{deal}/edit")
    client.patch(f"opportunities({deal})", {"name": "Theirs"})
    page = anna.send("edit", name="Mine")
    assert page.status == 422
    assert "Somebody else changed this record" in page.text
    assert page.form("edit").fields["name"] == "Mine"
    assert shop.read("opportunity", deal)["name"] == "Theirs"
