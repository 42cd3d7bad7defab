"""Sales orders and items: lines, prices, discounts, VAT, stock, and what is read only."""

from decimal import Decimal
from typing import Any

import pytest

from interlace.sandbox.erp import load_rows
from interlace.sandbox.erp.sales_amounts import total_document


@pytest.fixture
def shop(erp: Any) -> Any:
    """A sandbox with a customer, two items and a resource."""
    erp.post(
        f"{erp.pages}/CustomerCard",
        {
            "No": "K1",
            "Name": "A",
            "City": "Köln",
            "VAT_Bus_Posting_Group": "DOMESTIC",
            "Salesperson_Code": "AB",
        },
    )
    for number, price in (("CHAIR", 19.99), ("DESK", 100)):
        erp.post(
            f"{erp.pages}/ItemCard",
            {"No": number, "Description": number.title(), "Base_Unit_of_Measure": "PCS", "Unit_Price": price},
        )
    erp.post(
        f"{erp.pages}/ItemUnitsOfMeasure", {"Item_No": "CHAIR", "Code": "BOX", "Qty_per_Unit_of_Measure": 4}
    )
    erp.post(f"{erp.pages}/ResourceCard", {"No": "R1", "Name": "Montage", "Unit_Price": 60})
    return erp


def test_order_with_lines_in_one_request(shop: Any) -> None:
    """A deep insert creates header and lines; names, prices and totals come from the ERP."""
    order = shop.post(
        f"{shop.company}/salesOrders",
        {
            "customerNumber": "K1",
            "externalDocumentNumber": "crm-1",
            "salesOrderLines": [
                {"lineType": "Item", "lineObjectNumber": "CHAIR", "quantity": 3, "discountPercent": 10},
                {"lineType": "Resource", "lineObjectNumber": "R1", "quantity": 2},
                {"description": "Bitte klingeln"},
            ],
        },
    )
    assert (order["number"], order["status"], order["customerName"]) == ("101001", "Draft", "A")
    assert (order["salesperson"], order["shipToCity"]) == ("AB", "Köln")
    assert order["externalDocumentNumber"] == "CRM-1"
    # 3 x 19.99 = 59.97, less 6.00; 2 x 60; 19 % of 173.97 is 33.05.
    assert order["totalAmountExcludingTax"] == 173.97
    assert order["totalTaxAmount"] == 33.05
    assert order["totalAmountIncludingTax"] == 207.02
    lines = shop.values(f"{shop.company}/salesOrders({order['id']})/salesOrderLines?$orderby=sequence")
    assert [line["sequence"] for line in lines] == [10000, 20000, 30000]
    assert [line["lineType"] for line in lines] == ["Item", "Resource", "Comment"]
    assert (lines[0]["description"], lines[0]["discountAmount"], lines[0]["shipQuantity"]) == ("Chair", 6, 3)
    by_document = shop.values(f"{shop.company}/salesOrderLines?$filter=documentId eq {order['id']}")
    assert len(by_document) == 3
    assert shop.get(f"{shop.company}/salesOrderLines({lines[0]['id']})")["lineObjectNumber"] == "CHAIR"


def test_failed_line_undoes_the_whole_insert(shop: Any) -> None:
    """When a line is refused, the header doesn't stay behind, and its number isn't lost."""
    body = {
        "customerNumber": "K1",
        "salesOrderLines": [{"lineType": "Item", "lineObjectNumber": "NONE", "quantity": 1}],
    }
    assert shop.refused("POST", f"{shop.company}/salesOrders", body)[0] == 400
    assert shop.values(f"{shop.company}/salesOrders") == []
    assert shop.post(f"{shop.company}/salesOrders", {"customerNumber": "K1"})["number"] == "101001"


def test_page_service_creates_lines_through_the_part(shop: Any) -> None:
    """On the page service the header comes first, then each line through its part; totals and tag follow."""
    order = shop.post(f"{shop.pages}/SalesOrder", {"Sell_to_Customer_No": "K1"})
    url = f"{shop.pages}/SalesOrder(Document_Type='Order',No='{order['No']}')"
    line = shop.post(f"{url}/SalesOrderSalesLines", {"Type": "Item", "No": "CHAIR", "Quantity": 2})
    assert (line["Line_No"], line["Unit_Price"], line["Line_Amount"]) == (10000, 19.99, 39.98)
    header = shop.get(url)
    assert (header["Amount"], header["Amount_Including_VAT"]) == (39.98, 47.58)
    assert header["@odata.etag"] != order["@odata.etag"]
    boxes = shop.patch(f"{url}/SalesOrderSalesLines(Line_No=10000)", {"Unit_of_Measure_Code": "BOX"})
    assert (boxes["Unit_Price"], boxes["Line_Amount"]) == (79.96, 159.92)
    line_url = (
        f"{shop.pages}/SalesOrderSalesLines(Document_Type='Order',Document_No='{order['No']}',Line_No=10000)"
    )
    assert shop.get(line_url)["Qty_per_Unit_of_Measure"] == 4
    assert shop.send("DELETE", line_url).status == 204
    assert shop.get(url)["Amount"] == 0
    assert shop.send("DELETE", url).status == 204


def test_manual_invoice_discount_is_spread_over_the_lines(shop: Any) -> None:
    """A discount on the header is distributed by line amount, to the last cent."""
    order = shop.post(
        f"{shop.company}/salesOrders",
        {
            "customerNumber": "K1",
            "salesOrderLines": [
                {"lineType": "Item", "lineObjectNumber": "CHAIR", "quantity": 1},
                {"lineType": "Item", "lineObjectNumber": "DESK", "quantity": 1},
            ],
        },
    )
    url = f"{shop.company}/salesOrders({order['id']})"
    assert shop.patch(url, {"discountAmount": 10})["totalAmountExcludingTax"] == 109.99
    lines = shop.values(f"{url}/salesOrderLines?$orderby=sequence")
    assert [line["invoiceDiscountAllocation"] for line in lines] == [1.67, 8.33]


def test_document_vat_is_rounded_as_a_whole() -> None:
    """The VAT of the lines adds up to the VAT of the document, whatever rounding does to each line."""
    lines: list[dict[str, Any]] = [
        {
            "Line_Amount": Decimal("0.03"),
            "Allow_Invoice_Disc": True,
            "VAT_Percent": Decimal(19),
            "Inv_Discount_Amount": Decimal(0),
        }
        for _ in range(10)
    ]
    total, including = total_document(
        lines, discount=Decimal(0), prices_including_vat=False, precision=Decimal("0.01")
    )
    assert (total, including) == (Decimal("0.3"), Decimal("0.36"))
    assert sum(line["Amount_Including_VAT"] for line in lines) == Decimal("0.36")


def test_foreign_currency_takes_the_rate_of_the_posting_date(shop: Any) -> None:
    """Prices of an order in a foreign currency are converted by the exchange rate."""
    order = shop.post(
        f"{shop.company}/salesOrders",
        {
            "customerNumber": "K1",
            "currencyCode": "USD",
            "salesOrderLines": [{"lineType": "Item", "lineObjectNumber": "DESK", "quantity": 1}],
        },
    )
    assert (order["currencyCode"], order["totalAmountExcludingTax"]) == ("USD", 110)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "customerId or customerNumber"),
        ({"customerNumber": "NONE"}, "NONE"),
        ({"customerNumber": "BLOCKED"}, "blocked"),
    ],
)
def test_order_needs_a_customer_that_may_buy(shop: Any, body: dict[str, object], reason: str) -> None:
    """An order without customer, for an unknown one or for a blocked one is refused with the reason."""
    shop.post(f"{shop.pages}/CustomerCard", {"No": "BLOCKED", "Name": "B", "Blocked": "All"})
    status, _, message = shop.refused("POST", f"{shop.company}/salesOrders", body)
    assert status == 400
    assert reason in message


def test_customer_id_and_number_must_agree(shop: Any) -> None:
    """An id and a number that mean different customers are refused."""
    other = shop.post(f"{shop.company}/customers", {"displayName": "Other"})
    body = {"customerNumber": "K1", "customerId": other["id"]}
    assert shop.refused("POST", f"{shop.company}/salesOrders", body)[0] == 400


def test_item_gets_its_base_unit_and_stock(shop: Any) -> None:
    """An item's base unit becomes one of its units; stock is the sum of its entries and moves no tag."""
    before = shop.get(f"{shop.pages}/ItemCard('DESK')")
    assert shop.values(f"{shop.pages}/ItemUnitsOfMeasure?$filter=Item_No eq 'DESK'")[0]["Code"] == "PCS"
    entries = [
        ("Item_Ledger_Entry", {"Entry_No": n, "Item_No": "DESK", "Quantity": q})
        for n, q in ((1, 10), (2, "-2.5"))
    ]
    load_rows(shop.app.records, entries)
    after = shop.get(f"{shop.pages}/ItemCard('DESK')")
    assert after == {**before, "Inventory": 7.5, "Projected_Available_Balance": 7.5}
    item = shop.values(f"{shop.company}/items?$filter=number eq 'DESK'&$select=inventory")[0]
    assert item["inventory"] == 7.5
    for path in (f"{shop.pages}/ItemLedgerEntries", f"{shop.company}/itemLedgerEntries"):
        assert len(shop.values(path)) == 2
        assert shop.refused("POST", path, {})[0] == 405
    assert shop.refused("DELETE", f"{shop.pages}/ItemCard('DESK')")[1] == "Application_DialogException"


def test_price_must_name_an_existing_group(shop: Any) -> None:
    """A sales price belongs to a customer price group, a customer or everybody, as its type says."""
    shop.post(f"{shop.pages}/CustomerPriceGroups", {"Code": "RETAIL", "Description": "Handel"})
    price = {
        "Item_No": "DESK",
        "Sales_Type": "Customer Price Group",
        "Sales_Code": "RETAIL",
        "Unit_Price": 90,
    }
    created = shop.post(f"{shop.pages}/SalesPrices", price)
    assert created["Sales_Type"] == "Customer_x0020_Price_x0020_Group"
    wrong = {**price, "Sales_Code": "NONE", "Minimum_Quantity": 5}
    assert shop.refused("POST", f"{shop.pages}/SalesPrices", wrong)[1] == "Internal_InvalidTableRelation"
    found = shop.values(
        f"{shop.pages}/SalesPrices?$filter=Sales_Type eq 'Customer Price Group' and Sales_Code eq 'RETAIL'"
    )
    assert len(found) == 1
    key = (
        "Item_No='DESK',Sales_Type='Customer%20Price%20Group',Sales_Code='RETAIL',Starting_Date=0001-01-01,"
        "Currency_Code='',Variant_Code='',Unit_of_Measure_Code='',Minimum_Quantity=0"
    )
    assert shop.patch(f"{shop.pages}/SalesPrices({key})", {"Unit_Price": 85})["Unit_Price"] == 85
    assert shop.send("DELETE", f"{shop.pages}/CustomerPriceGroups('RETAIL')").status == 204
    assert shop.values(f"{shop.pages}/SalesPrices") == []
