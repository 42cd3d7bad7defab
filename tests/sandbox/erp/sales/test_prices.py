"""Which price and discount a line gets: customer, price group, quantity, dates, currency, unit and variant."""

from decimal import Decimal
from typing import Any

import pytest

PRICES: tuple[tuple[str, dict[str, object]], ...] = (
    ("all", {"Sales_Type": "All Customers", "Unit_Price": 18}),
    ("group", {"Sales_Type": "Customer Price Group", "Sales_Code": "RETAIL", "Unit_Price": 15}),
    (
        "group ten",
        {
            "Sales_Type": "Customer Price Group",
            "Sales_Code": "RETAIL",
            "Unit_Price": 12,
            "Minimum_Quantity": 10,
        },
    ),
    ("own", {"Sales_Type": "Customer", "Sales_Code": "HOME", "Unit_Price": 17}),
    (
        "past",
        {
            "Sales_Type": "All Customers",
            "Unit_Price": 5,
            "Ending_Date": "2026-11-19",
            "Starting_Date": "2026-01-01",
        },
    ),
    ("future", {"Sales_Type": "All Customers", "Unit_Price": 6, "Starting_Date": "2026-11-21"}),
    ("dollars", {"Sales_Type": "All Customers", "Unit_Price": 25, "Currency_Code": "USD"}),
    ("box", {"Sales_Type": "All Customers", "Unit_Price": 60, "Unit_of_Measure_Code": "BOX"}),
    (
        "gross",
        {
            "Sales_Type": "Customer",
            "Sales_Code": "RETAILER",
            "Unit_Price": "11.9",
            "Price_Includes_VAT": True,
            "VAT_Bus_Posting_Gr_Price": "DOMESTIC",
        },
    ),
)

CASES: tuple[tuple[str, str, str, dict[str, object], str], ...] = (
    # what, customer, prices that exist, the line, the unit price
    ("without agreement the card's price", "HOME", "", {}, "19.99"),
    ("the card's price in the document's currency", "ABROAD", "", {}, "21.989"),
    ("a price for all", "HOME", "all", {}, "18"),
    ("an agreed price goes before the card's, even a higher one", "HOME", "dollars", {}, "19.99"),
    ("the customer's own is the best of two", "HOME", "all,own", {}, "17"),
    ("the price group's price", "RETAILER", "all,group", {}, "15"),
    ("a group's price is not for others", "HOME", "group", {}, "19.99"),
    ("below the minimum quantity", "RETAILER", "group,group ten", {"quantity": 9.99999}, "15"),
    ("from the minimum quantity on", "RETAILER", "group,group ten", {"quantity": 10}, "12"),
    (
        "boxes count their pieces",
        "RETAILER",
        "group,group ten",
        {"quantity": 3, "unitOfMeasureCode": "BOX"},
        "48",
    ),
    ("a price of yesterday", "HOME", "past", {}, "19.99"),
    ("a price of tomorrow", "HOME", "future", {}, "19.99"),
    ("the document's currency goes first, though it costs more", "ABROAD", "all,dollars", {}, "25"),
    ("a local price is converted", "ABROAD", "all", {}, "19.8"),
    ("a box has its own price", "HOME", "all,box", {"unitOfMeasureCode": "BOX"}, "60"),
    ("a price by piece is multiplied", "HOME", "all", {"unitOfMeasureCode": "BOX"}, "72"),
    ("VAT is taken out of a price that includes it", "RETAILER", "gross", {}, "10"),
    ("VAT is added where the document shows it", "GROSS", "all", {}, "21.42"),
    ("a price by hand wins", "HOME", "all", {"unitPrice": "1.23456"}, "1.23456"),
)


@pytest.mark.parametrize(
    ("customer", "prices", "line", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_unit_price(shop: Any, customer: str, prices: str, line: dict[str, object], expected: str) -> None:
    """The price of a line is the one that the table says."""
    chosen = dict(PRICES)
    for name in filter(None, prices.split(",")):
        shop.erp.post(f"{shop.erp.pages}/SalesPrices", {"Item_No": "CHAIR", **chosen[name]})
    order = shop.document("salesOrders", customer, [{"lineObjectNumber": "CHAIR", "quantity": 1, **line}])
    assert shop.lines("salesOrders", order)[0]["unitPrice"] == Decimal(expected)


def test_a_new_quantity_is_priced_anew(shop: Any) -> None:
    """With agreements another quantity has another price; without them a price by hand stays."""
    chosen = dict(PRICES)
    for name in ("group", "group ten"):
        shop.erp.post(f"{shop.erp.pages}/SalesPrices", {"Item_No": "CHAIR", **chosen[name]})
    order = shop.document("salesOrders", "RETAILER", [{"lineObjectNumber": "CHAIR", "quantity": 1}])
    url = f"{shop.erp.company}/salesOrderLines({shop.lines('salesOrders', order)[0]['id']})"
    assert shop.erp.patch(url, {"quantity": 20})["unitPrice"] == 12
    assert shop.erp.patch(url, {"quantity": 5})["unitPrice"] == 15
    by_hand = [{"lineObjectNumber": "DESK", "quantity": 1, "unitPrice": 7}]
    order = shop.document("salesOrders", "HOME", by_hand)
    url = f"{shop.erp.company}/salesOrderLines({shop.lines('salesOrders', order)[0]['id']})"
    assert shop.erp.patch(url, {"quantity": 20})["unitPrice"] == 7


def test_the_highest_line_discount_counts(shop: Any) -> None:
    """Of the discounts that hold, the highest is taken, unless the price forbids one."""
    for more in (
        {"Sales_Type": "All Customers", "Line_Discount_Percent": 5},
        {"Sales_Type": "Customer", "Sales_Code": "HOME", "Line_Discount_Percent": 10, "Minimum_Quantity": 10},
        {"Sales_Type": "Customer", "Sales_Code": "GROSS", "Line_Discount_Percent": 50},
    ):
        shop.erp.post(f"{shop.erp.pages}/SalesLineDiscounts", {"Type": "Item", "Code": "CHAIR", **more})
    lines = [{"lineObjectNumber": "CHAIR", "quantity": quantity} for quantity in (1, 10)]
    order = shop.document("salesOrders", "HOME", lines)
    assert [line["discountPercent"] for line in shop.lines("salesOrders", order)] == [5, 10]
    price = {"Item_No": "CHAIR", "Sales_Type": "All Customers", "Unit_Price": 18, "Allow_Line_Disc": False}
    shop.erp.post(f"{shop.erp.pages}/SalesPrices", price)
    order = shop.document("salesOrders", "HOME", lines)
    assert [line["discountPercent"] for line in shop.lines("salesOrders", order)] == [0, 0]


def test_another_currency_prices_the_lines_anew(shop: Any) -> None:
    """An open order whose currency changes gets the prices of that currency."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "DESK", "quantity": 2}])
    url = shop.url("salesOrders", order)
    assert shop.erp.patch(url, {"currencyCode": "GBP"})["totalAmountExcludingTax"] == 170.94
    assert shop.erp.patch(url, {"currencyCode": "JPY"})["totalAmountIncludingTax"] == 38858
    assert shop.erp.patch(url, {"currencyCode": "EUR"})["totalAmountExcludingTax"] == 200


def test_prices_including_vat_turn_with_the_header(shop: Any) -> None:
    """A document that begins to show prices including VAT shows the same goods for more."""
    order = shop.document("salesOrders", "HOME", [{"lineObjectNumber": "DESK", "quantity": 2}])
    url = shop.url("salesOrders", order)
    changed = shop.erp.patch(url, {"pricesIncludeTax": True})
    assert (changed["totalAmountExcludingTax"], changed["totalAmountIncludingTax"]) == (200, 238)
    assert shop.lines("salesOrders", order)[0]["unitPrice"] == 119
