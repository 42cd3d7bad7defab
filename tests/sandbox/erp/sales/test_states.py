"""The states of sales documents as a table: what each state lets one do, and what it refuses."""

from typing import Any

import pytest

DIALOG = (400, "Application_DialogException")

# What is done, in which state it is allowed, as a call on the order.
ACTIONS: dict[str, tuple[str, dict[str, object]]] = {
    "change the currency": ("header", {"currencyCode": "USD"}),
    "change the invoice discount": ("header", {"discountAmount": 1}),
    "change the delivery date": ("header", {"requestedDeliveryDate": "2026-12-24"}),
    "change the posting date": ("header", {"postingDate": "2026-11-21"}),
    "change the reference": ("header", {"externalDocumentNumber": "PO-9"}),
    "change the ship-to city": ("header", {"shipToCity": "Kiel"}),
    "change a quantity": ("line", {"quantity": 3}),
    "change a price": ("line", {"unitPrice": 1}),
    "change a discount": ("line", {"discountPercent": 1}),
    "say what to ship": ("line", {"shipQuantity": 1, "invoiceQuantity": 1}),
    "add a line": ("new line", {"lineType": "Item", "lineObjectNumber": "DESK", "quantity": 1}),
    "delete a line": ("delete line", {}),
    "delete the order": ("delete", {}),
}
ALWAYS = {"change the reference", "change the ship-to city", "say what to ship", "delete the order"}


@pytest.mark.parametrize("released", [False, True], ids=["open", "released"])
@pytest.mark.parametrize("action", ACTIONS)
def test_what_a_state_allows(shop: Any, action: str, released: bool) -> None:  # noqa: FBT001 - a table
    """An open order takes every edit; a released one only what does not touch what was agreed."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 2}])
    url, line = shop.url("salesOrders", order), shop.lines("salesOrders", order)[0]
    page = shop.page("SalesOrder", order["number"])
    if released:
        shop.act(page, "Release")
    kind, body = ACTIONS[action]
    line_url = f"{shop.erp.company}/salesOrderLines({line['id']})"
    method, target = {
        "header": ("PATCH", url),
        "line": ("PATCH", line_url),
        "new line": ("POST", f"{url}/salesOrderLines"),
        "delete line": ("DELETE", line_url),
        "delete": ("DELETE", url),
    }[kind]
    tag = {"If-Match": "*"} if method == "PATCH" else {}
    if not released or action in ALWAYS:
        assert shop.erp.send(method, target, body or None, tag).status in {200, 201, 204}
        return
    refusal = shop.erp.refused(method, target, body or None, tag)
    assert refusal[:2] == DIALOG
    assert "Reopen the document" in refusal[2]
    shop.act(page, "Reopen")
    assert shop.erp.send(method, target, body or None, tag).status in {200, 201, 204}


def test_release_and_reopen_repeat_without_harm(shop: Any) -> None:
    """Releasing twice and reopening twice change nothing the second time, not even the tag."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 2}])
    url, page = shop.url("salesOrders", order), shop.page("SalesOrder", order["number"])
    for action, status in (("Release", "Open"), ("Reopen", "Draft")):
        shop.act(page, action)
        first = shop.value(url)
        shop.act(page, action)
        assert shop.value(url) == first
        assert first["status"] == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, "Draft"),
        ({"sentDate": "2026-11-19T10:00:00Z"}, "Sent"),
        ({"sentDate": "2026-11-19T10:00:00Z", "acceptedDate": "2026-11-19"}, "Accepted"),
        ({"validUntilDate": "2026-11-19"}, "Expired_x0020_"),
        ({"validUntilDate": "2026-11-20"}, "Draft"),
    ],
)
def test_status_of_a_quote(shop: Any, body: dict[str, object], status: str) -> None:
    """A quote's status follows from its dates."""
    lines = [{"lineObjectNumber": "CHAIR", "quantity": 1}]
    assert shop.document("salesQuotes", "HOME", lines, **body)["status"] == status


# The customer's blocking, and which documents it leaves possible: quote, order, invoice, credit memo.
BLOCKINGS = {
    " ": (True, True, True, True),
    "Ship": (False, False, True, True),
    "Invoice": (False, False, False, True),
    "All": (False, False, False, False),
}
SETS = ("salesQuotes", "salesOrders", "salesInvoices", "salesCreditMemos")


@pytest.mark.parametrize("blocked", BLOCKINGS)
def test_documents_for_a_blocked_customer(shop: Any, blocked: str) -> None:
    """Each kind of blocking forbids its kinds of documents."""
    shop.erp.patch(f"{shop.erp.pages}/CustomerCard('HOME')", {"Blocked": blocked})
    for name, allowed in zip(SETS, BLOCKINGS[blocked], strict=True):
        response = shop.erp.send("POST", f"{shop.erp.company}/{name}", {"customerNumber": "HOME"})
        assert (response.status == 201) is allowed, name


def test_a_won_quote_wins_its_opportunity(shop: Any) -> None:
    """The order made of a quote closes the opportunity that the quote belongs to."""
    opportunity = shop.erp.post(f"{shop.erp.pages}/OpportunityCard", {"Description": "Chairs"})
    quote = shop.erp.post(
        f"{shop.erp.pages}/SalesQuote",
        {"Sell_to_Customer_No": "HOME", "Opportunity_No": opportunity["No"]},
    )
    url = shop.page("SalesQuote", quote["No"])
    shop.erp.post(f"{url}/SalesQuoteSalesLines", {"Type": "Item", "No": "CHAIR", "Quantity": 1})
    assert shop.act(url, "MakeOrder").endswith("/SalesOrder(Document_Type='Order',No='101001')")
    won = shop.value(f"{shop.erp.pages}/OpportunityCard('{opportunity['No']}')")
    assert (won["Status"], won["Closed"], won["Date_Closed"]) == ("Won", True, "2026-11-20")


def test_subscribers_hear_of_their_own_kind_only(shop: Any) -> None:
    """Quotes and orders lie in one table; who listens to orders does not hear of quotes."""
    subscriptions = shop.erp.app.delivery.subscriptions
    for name in ("salesOrders", "salesQuotes", "salesInvoices"):
        subscriptions.add(
            notification_url="http://127.0.0.1/hook",
            resource=f"/api/v2.0/companies(1)/{name}",
            client_state="",
            set_name=name,
        )

    def heard() -> list[tuple[str, str]]:
        notices = [each for due in subscriptions.due().values() for each in due]
        subscriptions.delivered(notices, 200)
        return sorted((each.subscription.set_name, each.change_type) for each in notices)

    quote = shop.document("salesQuotes", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    assert heard() == [("salesQuotes", "created")]
    order_url = shop.act(shop.url("salesQuotes", quote), "makeOrder")
    assert heard() == [("salesOrders", "created"), ("salesQuotes", "deleted")]
    shop.act(order_url, "shipAndInvoice")
    assert heard() == [("salesInvoices", "created"), ("salesOrders", "deleted")]
