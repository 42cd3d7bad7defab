"""Messages of documents: what they refuse, and how `$metadata` declares them."""

from __future__ import annotations

import pytest
from tests.sandbox.crm.conftest import Client, refusal
from tests.sandbox.crm.shop import Shop

from interlace.odata.metadata_reader import parse_metadata

NOBODY = "00000000-0000-0000-0000-000000000009"
ARGUMENT, MISSING, STATE = "0x80040203", "0x80040217", "0x80048408"


@pytest.fixture
def shop(client: Client) -> Shop:
    """A shop in a fresh CRM."""
    return Shop(client)


BAD_BODIES: list[tuple[str, object, int, str]] = [
    ("WinQuote", {}, 400, ARGUMENT),
    ("WinQuote", {"QuoteClose": {}, "Status": 4}, 400, ARGUMENT),
    ("CloseQuote", {"QuoteClose": {"quoteid@odata.bind": f"/quotes({NOBODY})"}, "Status": 5}, 404, MISSING),
    ("CancelSalesOrder", {"OrderClose": {"salesorderid@odata.bind": f"/quotes({NOBODY})"}}, 404, MISSING),
    ("ReviseQuote", {"QuoteId": "x"}, 400, ARGUMENT),
    ("ReviseQuote", {"QuoteId": NOBODY}, 404, MISSING),
    ("ConvertQuoteToSalesOrder", {}, 400, ARGUMENT),
    ("ConvertSalesOrderToInvoice", {"SalesOrderId": NOBODY}, 404, MISSING),
    ("GenerateQuoteFromOpportunity", {"OpportunityId": NOBODY}, 404, MISSING),
    ("UnlockInvoicePricing", {"InvoiceId": NOBODY}, 404, MISSING),
    ("CalculatePrice", {"Target": {"accountid": NOBODY}}, 400, ARGUMENT),
    ("CalculatePrice", {"Target": {"@odata.id": f"accounts({NOBODY})"}}, 404, MISSING),
    ("RevertProduct", {"Target": "x"}, 400, ARGUMENT),
]


@pytest.mark.parametrize(("message", "body", "status", "code"), BAD_BODIES)
def test_bad_arguments_are_refused(
    client: Client, message: str, body: object, status: int, code: str
) -> None:
    """Missing, malformed and unknown arguments have their codes."""
    assert refusal(client.send("POST", message, body)) == (status, code)


def test_a_status_is_asked_for(shop: Shop, client: Client) -> None:
    """Closing messages take their status reason from the caller."""
    order = shop.document()
    body = {"OrderClose": {"salesorderid@odata.bind": f"/salesorders({order})"}}
    assert refusal(client.send("POST", "CancelSalesOrder", body)) == (400, ARGUMENT)


def test_messages_are_posted_and_functions_are_read(shop: Shop, client: Client) -> None:
    """The other method is refused with 405."""
    order = shop.document()
    assert client.send("GET", "WinQuote").status == 405
    assert (
        client.send("GET", f"salesorders({order})/Microsoft.Dynamics.CRM.LockSalesOrderPricing").status == 405
    )
    deal = shop.document("opportunity")
    address = f"opportunities({deal})/Microsoft.Dynamics.CRM.CalculateActualValueOpportunity"
    assert client.send("POST", address, {}).status == 405
    assert refusal(client.send("GET", address)) == (400, "0x80040516")
    assert client.send("POST", f"salesorders({order})/Microsoft.Dynamics.CRM.Nothing", {}).status == 404


def test_only_the_right_states_are_converted(shop: Shop, client: Client) -> None:
    """Drafts become no order and are not revised; closed orders become no invoice."""
    quote = shop.document("quote")
    assert refusal(client.send("POST", "ConvertQuoteToSalesOrder", {"QuoteId": quote})) == (400, STATE)
    assert refusal(client.send("POST", "ReviseQuote", {"QuoteId": quote})) == (400, STATE)
    order = shop.document()
    shop.close("CancelSalesOrder", order)
    assert refusal(client.send("POST", "ConvertSalesOrderToInvoice", {"SalesOrderId": order})) == (400, STATE)


def test_an_active_quote_is_won_by_its_conversion(shop: Shop, client: Client) -> None:
    """The conversion closes the quote with what the caller says about it."""
    quote = shop.document("quote")
    client.patch(f"quotes({quote})", {"statecode": 1})
    body = {"QuoteId": quote, "QuoteCloseSubject": "Signed", "QuoteCloseDate": "2026-02-27T09:00:00Z"}
    shop.call("ConvertQuoteToSalesOrder", **body)
    row = shop.read("quote", quote)
    assert (row["statecode"], row["closedon"]) == (2, "2026-02-27")
    assert client.get("quotecloses")["value"][0]["subject"] == "Signed"
    answer = client.send(
        "POST", "ConvertQuoteToSalesOrder", {"QuoteId": quote, "ColumnSet": {"Columns": ["no"]}}
    )
    assert refusal(answer) == (400, "0x80041103")
    assert len(client.get("salesorders")["value"]) == 1


def test_metadata_declares_the_messages(client: Client) -> None:
    """Each action with its parameters; those without binding are imported at the root."""
    model = parse_metadata(client.send("GET", "$metadata").body)
    declared = {name.rpartition(".")[2]: found[0] for name, found in model.operations.items()}
    convert = declared["ConvertQuoteToSalesOrder"]
    assert [each.name for each in convert.parameters][:3] == ["QuoteId", "ColumnSet", "QuoteCloseDate"]
    assert convert.return_type is not None
    assert convert.return_type.endswith(".salesorder")
    assert (declared["FulfillSalesOrder"].bound, declared["CancelSalesOrder"].bound) == (True, False)
    assert declared["FulfillSalesOrder"].parameters[0].type.startswith("Collection(")
    assert declared["GetQuantityDecimal"].is_function
    assert len(model.operations["Microsoft.Dynamics.CRM.GetQuantityDecimal"]) == 4
    assert {"WinQuote", "ReviseQuote", "CalculatePrice", "RevertProduct"} <= set(model.imports)
    for table in ("opportunityproduct", "orderclose", "quoteclose", "opportunityclose", "discount"):
        assert model.entity_type(f"Microsoft.Dynamics.CRM.{table}") is not None
