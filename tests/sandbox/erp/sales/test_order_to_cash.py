"""The whole story through the API: quote, order, release, shipment, invoice, payment, credit memo."""

from decimal import Decimal
from typing import Any


def test_a_quote_becomes_a_paid_invoice(shop: Any) -> None:
    """Each step leaves what the next one needs, and what is owed goes up and down with it."""
    quote = shop.document(
        "salesQuotes",
        "HOME",
        [
            {"lineObjectNumber": "CHAIR", "quantity": 10, "discountPercent": 5},
            {"lineType": "Resource", "lineObjectNumber": "R1", "quantity": 2},
        ],
    )
    assert (quote["number"], quote["status"]) == ("1001", "Draft")
    order_url = shop.act(shop.url("salesQuotes", quote), "makeOrder")
    assert shop.erp.send("GET", shop.url("salesQuotes", quote)).status == 404
    order = shop.value(order_url)
    assert (order["number"], order["status"]) == ("101001", "Draft")
    # 199.90 less 10.00 (9.995 rounds up), and 120: 309.90; 19 % is 58.88.
    assert (order["totalAmountExcludingTax"], order["totalTaxAmount"]) == (Decimal("309.9"), Decimal("58.88"))

    page = shop.page("SalesOrder", order["number"])
    shop.act(page, "Release")
    assert shop.value(order_url)["status"] == "Open"
    assert shop.value(f"{shop.erp.pages}/ItemCard('CHAIR')")["Projected_Available_Balance"] == 90

    invoice_url = shop.act(order_url, "shipAndInvoice")
    assert shop.erp.send("GET", order_url).status == 404
    invoice = shop.value(invoice_url)
    assert (invoice["number"], invoice["orderNumber"], invoice["status"]) == ("103001", "101001", "Open")
    assert (invoice["totalAmountIncludingTax"], invoice["remainingAmount"]) == (Decimal("368.78"),) * 2
    assert invoice["dueDate"] == "2026-12-20"
    shipment = shop.rows("PostedSalesShipments", Order_No="101001")[0]
    assert shipment["No"] == "102001"
    entry = shop.rows("ItemLedgerEntries", Document_No="102001")[0]
    assert (entry["Quantity"], entry["Sales_Amount_Actual"]) == (-10, Decimal("189.9"))
    # First in, first out: ten of a hundred that cost 800.
    assert (entry["Cost_Amount_Actual"], entry["Completely_Invoiced"]) == (-80, True)
    assert shop.stock("CHAIR") == 90
    statistics = shop.value(f"{shop.erp.pages}/CustomerStatistics('HOME')")
    assert (statistics["Balance_LCY"], statistics["Sales_This_Year_LCY"]) == (
        Decimal("368.78"),
        Decimal("309.9"),
    )

    _pay(shop, invoice, "-300")
    assert (shop.value(invoice_url)["status"], shop.value(invoice_url)["remainingAmount"]) == (
        "Open",
        Decimal("68.78"),
    )
    _pay(shop, invoice, "-68.78")
    assert shop.value(invoice_url)["status"] == "Paid"
    assert shop.value(f"{shop.erp.pages}/CustomerCard('HOME')")["Balance_LCY"] == 0


def _pay(shop: Any, invoice: Any, amount: str) -> None:
    journals = shop.value(f"{shop.erp.company}/customerPaymentJournals")["value"]
    shop.erp.post(
        f"{shop.erp.company}/customerPayments",
        {"journalId": journals[0]["id"], "appliesToInvoiceNumber": invoice["number"], "amount": amount},
    )
    shop.act(f"{shop.erp.company}/journals({journals[0]['id']})", "post")


def test_a_credit_memo_takes_goods_and_money_back(shop: Any) -> None:
    """A posted credit memo brings the goods back into stock and lessens what the invoice still claims."""
    lines = [{"lineObjectNumber": "CHAIR", "quantity": 4}]
    order = shop.document("salesOrders", "HOME", lines)
    invoice_url = shop.act(shop.url("salesOrders", order), "shipAndInvoice")
    invoice = shop.value(invoice_url)
    memo = shop.document(
        "salesCreditMemos",
        "HOME",
        [{"lineObjectNumber": "CHAIR", "quantity": 1}],
        invoiceNumber=invoice["number"],
    )
    assert (memo["number"], memo["status"]) == ("1001", "Draft")
    posted_url = shop.act(shop.url("salesCreditMemos", memo), "post")
    posted = shop.value(posted_url)
    assert (posted["id"], posted["number"], posted["status"]) == (memo["id"], "104001", "Paid")
    assert (shop.value(invoice_url)["remainingAmount"], shop.stock("CHAIR")) == (Decimal("71.36"), 97)


def test_a_cancelled_invoice_is_settled_by_a_corrective_memo(shop: Any) -> None:
    """Cancelling posts the same amounts the other way round; neither document claims anything afterwards."""
    order = shop.document(
        "salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 3}], discountAmount=5
    )
    invoice_url = shop.act(shop.url("salesOrders", order), "shipAndInvoice")
    shop.act(invoice_url, "cancel")
    invoice = shop.value(invoice_url)
    assert (invoice["status"], invoice["remainingAmount"]) == ("Canceled", 0)
    memo = shop.value(f"{shop.erp.company}/salesCreditMemos")["value"][0]
    assert (memo["status"], memo["invoiceNumber"]) == ("Corrective", invoice["number"])
    assert memo["totalAmountIncludingTax"] == invoice["totalAmountIncludingTax"]
    assert shop.stock("CHAIR") == 100
    assert "cancelled already" in shop.refused(invoice_url, "makeCorrectiveCreditMemo")[2]


def test_partial_shipments_and_invoices_add_up(shop: Any) -> None:
    """An order shipped and invoiced in parts stays until its last part, and counts what is open."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "CHAIR", "quantity": 10}])
    url, page = shop.url("salesOrders", order), shop.page("SalesOrder", order["number"])
    line = shop.lines("salesOrders", order)[0]
    shop.act(page, "Release")
    shop.erp.patch(
        f"{shop.erp.company}/salesOrderLines({line['id']})", {"shipQuantity": 4, "invoiceQuantity": 0}
    )
    shop.act(page, "Post", {"ship": True, "invoice": False})
    line = shop.lines("salesOrders", order)[0]
    assert (line["shippedQuantity"], line["invoicedQuantity"], line["shipQuantity"]) == (4, 0, 6)
    statistics = shop.value(f"{shop.erp.pages}/CustomerStatistics('HOME')")
    # 199.90 with VAT is 237.88: four tenths shipped, six tenths outstanding.
    assert (statistics["Shipped_Not_Invoiced_LCY"], statistics["Outstanding_Orders_LCY"]) == (
        Decimal("95.15"),
        Decimal("142.73"),
    )
    assert (shop.stock("CHAIR"), statistics["Total_LCY"]) == (96, Decimal("237.88"))
    assert not shop.value(url)["fullyShipped"]
    shop.erp.patch(
        f"{shop.erp.company}/salesOrderLines({line['id']})", {"shipQuantity": 0, "invoiceQuantity": 4}
    )
    first = shop.act(page, "Post", {"ship": False, "invoice": True})
    last = shop.act(page, "Post", {"ship": True, "invoice": True})
    assert shop.erp.send("GET", url).status == 404
    invoices = shop.rows("PostedSalesInvoice", Order_No=order["number"])
    assert [invoice["Amount"] for invoice in invoices] == [Decimal("79.96"), Decimal("119.94")]
    assert first != last
    entries = shop.rows("ItemLedgerEntries", Order_No=order["number"])
    assert [(entry["Quantity"], entry["Completely_Invoiced"]) for entry in entries] == [
        (-4, True),
        (-6, True),
    ]
    assert sum(entry["Sales_Amount_Actual"] for entry in entries) == Decimal("199.9")


def test_a_draft_invoice_keeps_its_id_when_it_is_posted(shop: Any) -> None:
    """Drafts and posted invoices are one set: the id stays, the number becomes the posted one."""
    draft = shop.document("salesInvoices", "HOME", [{"lineObjectNumber": "BOOK", "quantity": 2}])
    assert (draft["status"], draft["number"], draft["remainingAmount"]) == (
        "Draft",
        "102001",
        Decimal("53.29"),
    )
    shop.document("salesInvoices", "ABROAD", [{"lineObjectNumber": "BOOK", "quantity": 1}])
    url = shop.url("salesInvoices", draft)
    assert shop.act(url, "post").endswith(f"/salesInvoices({draft['id']})")
    posted = shop.value(url)
    assert (posted["status"], posted["number"]) == ("Open", "103001")
    listed = shop.value(f"{shop.erp.company}/salesInvoices?$orderby=number%20desc&$count=true")
    assert [invoice["number"] for invoice in listed["value"]] == ["103001", "102002"]
    assert listed["@odata.count"] == 2
    found = shop.value(f"{shop.erp.company}/salesInvoices?$filter=status%20eq%20'Draft'&$select=number")
    assert [invoice["number"] for invoice in found["value"]] == ["102002"]
    assert shop.stock("BOOK") == -2
    assert "posted already" in shop.refused(url, "post")[2]


def test_a_counted_inventory_becomes_an_adjustment(shop: Any) -> None:
    """Stock is set by an entry for the difference; counting what is there makes none."""
    item = shop.value(f"{shop.erp.company}/items?$filter=number%20eq%20'CHAIR'")["value"][0]
    url = f"{shop.erp.company}/items({item['id']})"
    for counted, quantity, kind in (
        (120, 20, "Positive_x0020_Adjmt_x002E_"),
        (30, -90, "Negative_x0020_Adjmt_x002E_"),
    ):
        assert shop.erp.patch(url, {"inventory": counted})["inventory"] == counted
        entry = shop.rows("ItemLedgerEntries", Item_No="CHAIR")[-1]
        assert (entry["Quantity"], entry["Entry_Type"]) == (quantity, kind)
    # 90 of the first hundred, which cost 800.
    assert entry["Cost_Amount_Actual"] == -720
    shop.erp.patch(url, {"inventory": 30, "displayName": "Stuhl"})
    entries = shop.rows("ItemLedgerEntries", Item_No="CHAIR")
    assert [each["Remaining_Quantity"] for each in entries] == [10, 20, 0]
    shop.erp.patch(f"{shop.erp.pages}/ItemCard('DESK')", {"Type": "Service"})
    desk = shop.value(f"{shop.erp.company}/items?$filter=number%20eq%20'DESK'")["value"][0]
    refusal = shop.erp.refused(
        "PATCH", f"{shop.erp.company}/items({desk['id']})", {"inventory": 1}, {"If-Match": "*"}
    )
    assert "has no inventory" in refusal[2]
