"""The whole way of a sale in the CRM, and what each document takes over from the one before."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.sandbox.crm.conftest import Client
from tests.sandbox.crm.shop import Shop


@pytest.fixture
def shop(client: Client) -> Shop:
    """A shop in a fresh CRM."""
    return Shop(client)


def test_an_opportunity_becomes_quote_order_and_invoice(shop: Shop, client: Client) -> None:
    """Each document keeps prices, discounts and tax of the one it is made of; states follow the messages."""
    deal = shop.document("opportunity", isrevenuesystemcalculated=True, freightamount=10)
    shop.line(deal, "opportunity", quantity=3, manualdiscountamount=20, tax=53.2)
    shop.write_in(deal, "opportunity", quantity=2, priceperunit=12.5)
    # 3 x 100 - 20 + 53.20 and 2 x 12.50; 280 + 25 + 10 freight + 53.20 tax
    assert shop.amounts("opportunity", deal, "totalamount", "estimatedvalue") == (Decimal("368.2"),) * 2

    quote = shop.call("GenerateQuoteFromOpportunity", OpportunityId=deal, ColumnSet={"AllColumns": True})
    assert (quote["_opportunityid_value"], quote["_customerid_value"]) == (deal, shop.account)
    assert Decimal(str(quote["totalamount"])) == Decimal("368.2")
    assert client.patch(f"quotes({quote['quoteid']})", {"statecode": 1, "statuscode": 2}).status == 204
    assert shop.close("WinQuote", quote["quoteid"]).status == 204

    order = shop.call(
        "ConvertQuoteToSalesOrder",
        QuoteId=quote["quoteid"],
        ColumnSet={"AllColumns": False, "Columns": ["name", "totalamount", "quoteid", "opportunityid"]},
    )
    assert set(order) >= {"salesorderid", "name", "totalamount", "_quoteid_value"}
    assert "statecode" not in order
    order_id = order["salesorderid"]
    lines = shop.lines("salesorder", order_id)
    assert [line["_quotedetailid_value"] for line in lines] == [
        line["quotedetailid"] for line in shop.lines("quote", quote["quoteid"])
    ]
    assert [Decimal(str(line["extendedamount"])) for line in lines] == [Decimal("333.2"), Decimal(25)]
    assert shop.read("salesorder", order_id)["ispricelocked"] is True
    assert client.patch(f"salesorders({order_id})", {"statecode": 1, "statuscode": 3}).status == 204
    assert shop.read("salesorder", order_id)["submitdate"] == "2026-03-01T12:00:00Z"
    assert {line["salesorderstatecode"] for line in shop.lines("salesorder", order_id)} == {1}

    assert shop.close("FulfillSalesOrder", order_id, 100002).status == 204
    invoice = shop.call("ConvertSalesOrderToInvoice", SalesOrderId=order_id)
    assert Decimal(str(invoice["totalamount"])) == Decimal("368.2")
    assert invoice["lastbackofficesubmit"] is None
    assert [line["_salesorderdetailid_value"] for line in shop.lines("invoice", invoice["invoiceid"])] == [
        line["salesorderdetailid"] for line in lines
    ]
    order_row = shop.read("salesorder", order_id)
    assert (order_row["statecode"], order_row["statuscode"]) == (4, 100003)
    assert shop.close("WinOpportunity", deal, 3, actualrevenue=368.2).status == 204
    paid = {"statecode": 2, "statuscode": 100001}
    assert client.patch(f"invoices({invoice['invoiceid']})", paid).status == 204
    assert [
        len(client.get(name)["value"]) for name in ("ordercloses", "quotecloses", "opportunitycloses")
    ] == [
        1,
        1,
        1,
    ]
    value = client.get(f"opportunities({deal})/Microsoft.Dynamics.CRM.CalculateActualValueOpportunity()")
    assert Decimal(str(value["Value"])) == Decimal("368.2")


def test_a_revised_quote_is_a_new_draft_with_the_same_number(shop: Shop, client: Client) -> None:
    """The old one is closed as revised; a second draft of the number is refused."""
    quote = shop.document("quote")
    shop.line(quote, "quote", quantity=2, priceperunit=80, ispriceoverridden=True)
    client.patch(f"quotes({quote})", {"statecode": 1, "statuscode": 2})
    revised = shop.call("ReviseQuote", QuoteId=quote, ColumnSet={"AllColumns": True})
    old = shop.read("quote", quote)
    assert (old["statecode"], old["statuscode"], old["revisionnumber"]) == (3, 7, 0)
    assert (revised["statecode"], revised["quotenumber"], revised["revisionnumber"]) == (
        0,
        old["quotenumber"],
        1,
    )
    assert Decimal(str(revised["totalamount"])) == 160
    answer = client.send("POST", "ReviseQuote", {"QuoteId": quote})
    assert answer.status == 400
    assert b"0x80048d00" in answer.body


def test_a_document_takes_the_products_of_an_opportunity(shop: Shop, client: Client) -> None:
    """`GetQuoteProductsFromOpportunity` and its kin add the lines with their prices."""
    deal = shop.document("opportunity")
    shop.line(deal, "opportunity", quantity=2)
    for kind, name in (("quote", "Quote"), ("salesorder", "SalesOrder"), ("invoice", "Invoice")):
        document = shop.document(kind)
        set_name = {"quote": "quotes", "salesorder": "salesorders", "invoice": "invoices"}[kind]
        message = f"{set_name}({document})/Microsoft.Dynamics.CRM.Get{name}ProductsFromOpportunity"
        shop.call(message, Opportunity={"opportunityid": deal})
        assert shop.amounts(kind, document, "totalamount") == (Decimal(200),)


@pytest.mark.parametrize(("kind", "name"), [("salesorder", "SalesOrder"), ("invoice", "Invoice")])
def test_orders_and_invoices_come_out_of_an_opportunity(shop: Shop, kind: str, name: str) -> None:
    """The generated document belongs to the opportunity and has its lines."""
    deal = shop.document("opportunity")
    shop.line(deal, "opportunity", quantity=1.5)
    made = shop.call(f"Generate{name}FromOpportunity", OpportunityId=deal)
    assert made["_opportunityid_value"] == deal
    assert Decimal(str(made["totalamount"])) == 150
