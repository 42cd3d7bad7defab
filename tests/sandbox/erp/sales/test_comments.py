"""Comments on sales documents: entered on a page of their own, they go where their document goes."""

from typing import Any

import pytest


@pytest.fixture
def order(shop: Any) -> Any:
    """An order of two chairs."""
    return shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 2}])


def _write(shop: Any, order: Any, text: str, **more: Any) -> Any:
    body = {"Document_Type": "Order", "No": order["number"], "Comment": text, **more}
    return shop.erp.post(f"{shop.erp.pages}/SalesCommentLines", body)


def _comments(shop: Any, kind: str, number: str) -> list[str]:
    wanted = kind.replace(" ", "_x0020_")
    rows = shop.rows("SalesCommentLines", No=number)
    return [row["Comment"] for row in rows if row["Document_Type"] == wanted]


def test_a_line_gets_the_next_number_and_the_day(shop: Any, order: Any) -> None:
    """Who types a comment gives its text; number and date follow, and each can be given instead."""
    first, second = _write(shop, order, "Call first"), _write(shop, order, "Then deliver")
    own = _write(shop, order, "From elsewhere", Line_No=100_000_064, Date="2026-01-02", Code="n1")
    assert [each["Line_No"] for each in (first, second, own)] == [10_000, 20_000, 100_000_064]
    assert first["Date"] != "0001-01-01"
    assert (own["Date"], own["Code"]) == ("2026-01-02", "N1")
    address = f"{shop.erp.pages}/SalesCommentLines(Document_Type='Order',No='{order['number']}',"
    found = shop.value(f"{address}Document_Line_No=0,Line_No=20000)")
    assert found["Comment"] == "Then deliver"


def test_a_number_is_taken_once_and_a_text_has_eighty_characters(shop: Any, order: Any) -> None:
    """A second line under the same key is refused, and so is one that is too long."""
    url = f"{shop.erp.pages}/SalesCommentLines"
    body = {"Document_Type": "Order", "No": order["number"], "Line_No": 5, "Comment": "x" * 80}
    shop.erp.post(url, body)
    assert shop.erp.send("POST", url, body).status == 400
    assert shop.erp.send("POST", url, {**body, "Line_No": 6, "Comment": "x" * 81}).status == 400


def test_posting_copies_comments_and_the_last_posting_takes_them(shop: Any, order: Any) -> None:
    """Shipment and invoice get the comments that the order has then; with the order its own are gone."""
    number, page = order["number"], shop.page("SalesOrder", order["number"])
    _write(shop, order, "Handle with care")
    shop.act(page, "Post", {"ship": True, "invoice": False})
    _write(shop, order, "Shipped on a Friday")
    shop.act(page, "Post", {"ship": False, "invoice": True})
    shipment = shop.rows("PostedSalesShipments", Order_No=number)[0]["No"]
    invoice = shop.rows("PostedSalesInvoice", Order_No=number)[0]["No"]
    assert _comments(shop, "Shipment", shipment) == ["Handle with care"]
    assert _comments(shop, "Posted Invoice", invoice) == ["Handle with care", "Shipped on a Friday"]
    assert _comments(shop, "Order", number) == []


def test_deleted_documents_and_lines_take_their_comments(shop: Any, order: Any) -> None:
    """A line takes those on itself, the order all that are left; those of other orders stay."""
    other = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "DESK", "quantity": 1}])
    line = shop.rows("SalesOrderSalesLines", Document_No=order["number"])[0]["Line_No"]
    _write(shop, order, "On the line", Document_Line_No=line)
    _write(shop, order, "On the order")
    _write(shop, other, "On another order")
    page = shop.page("SalesOrder", order["number"])
    assert shop.erp.send("DELETE", f"{page}/SalesOrderSalesLines(Line_No={line})").status == 204
    assert _comments(shop, "Order", order["number"]) == ["On the order"]
    assert shop.erp.send("DELETE", page).status == 204
    assert _comments(shop, "Order", order["number"]) == []
    assert _comments(shop, "Order", other["number"]) == ["On another order"]


def test_an_order_takes_the_comments_of_its_quote(shop: Any) -> None:
    """What was said of a quote is said of the order that it becomes."""
    quote = shop.document("salesQuotes", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    _write(shop, quote, "As discussed", Document_Type="Quote")
    order = shop.value(shop.act(shop.url("salesQuotes", quote), "makeOrder"))
    assert _comments(shop, "Order", order["number"]) == ["As discussed"]
    assert _comments(shop, "Quote", quote["number"]) == []
