"""Totals of documents, computed by hand to the last unit of each currency."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest


@dataclass(frozen=True, kw_only=True)
class Case:
    """A document and what it must come to: without VAT, VAT, with VAT."""

    what: str
    customer: str = "HOME"
    lines: tuple[dict[str, object], ...]
    header: dict[str, object] = field(default_factory=dict)
    totals: tuple[str, str, str]


def _line(item: str, quantity: object, price: object, **more: object) -> dict[str, object]:
    return {"lineObjectNumber": item, "quantity": quantity, "unitPrice": price, **more}


CASES = (
    Case(what="one line", lines=(_line("DESK", 1, 100),), totals=("100", "19", "119")),
    # 10 x 0.03 = 0.30: 19 % of the whole is 0.057, though each line's own VAT would be 0.01.
    Case(what="VAT of the whole", lines=(_line("DESK", 1, "0.03"),) * 10, totals=("0.3", "0.06", "0.36")),
    # 0.5 cents go away from zero: 1 x 0.005.
    Case(what="half a cent", lines=(_line("DESK", 1, "0.005"),), totals=("0.01", "0", "0.01")),
    # 33.33 + 7 % and 33.33 + 19 %: 2.33 and 6.33, each rate rounded for itself.
    Case(
        what="two rates",
        lines=(_line("BOOK", 1, "33.33"), _line("DESK", 1, "33.33")),
        totals=("66.66", "8.66", "75.32"),
    ),
    # 3 x 19.99 = 59.97; 33.333 % of it is 19.9898.
    Case(
        what="odd discount percentage",
        lines=(_line("CHAIR", 3, "19.99", discountPercent="33.333"),),
        totals=("39.98", "7.6", "47.58"),
    ),
    Case(
        what="discount amount",
        lines=(_line("CHAIR", 3, "19.99", discountAmount="0.01"),),
        totals=("59.96", "11.39", "71.35"),
    ),
    # 0.12345 x 7.77777 = 0.96016…
    Case(
        what="five decimals",
        lines=(_line("DESK", "0.12345", "7.77777"),),
        totals=("0.96", "0.18", "1.14"),
    ),
    # 10.00 over 19.99 and 100: 1.67 and 8.33.
    Case(
        what="invoice discount",
        lines=(_line("CHAIR", 1, "19.99"), _line("DESK", 1, 100)),
        header={"discountAmount": 10},
        totals=("109.99", "20.9", "130.89"),
    ),
    # 0.01 over three equal lines: the first two get 0.00, the last one what is left.
    Case(
        what="a cent over three",
        lines=(_line("DESK", 1, 10),) * 3,
        header={"discountAmount": "0.01"},
        totals=("29.99", "5.7", "35.69"),
    ),
    # 2.38 contain 0.38; ten times 0.01 contain 0.02 (0.0159… rounds).
    Case(
        what="prices including VAT",
        customer="GROSS",
        lines=(_line("DESK", 2, "1.19"),),
        totals=("2", "0.38", "2.38"),
    ),
    Case(
        what="many small prices including VAT",
        customer="GROSS",
        lines=(_line("DESK", 1, "0.01"),) * 10,
        totals=("0.08", "0.02", "0.1"),
    ),
    Case(
        what="invoice discount on prices including VAT",
        customer="GROSS",
        lines=(_line("DESK", 1, 119), _line("BOOK", 1, 107)),
        header={"discountAmount": 26},
        # 13.69 and 12.31: (119 - 13.69) / 1.19 = 88.50, (107 - 12.31) / 1.07 = 88.50.
        totals=("177", "23", "200"),
    ),
    Case(
        what="export",
        customer="ABROAD",
        lines=(_line("DESK", 3, "33.333"),),
        totals=("100", "0", "100"),
    ),
    # No sen: 3 x 333.5 = 1000.5 rounds to 1001; 19 % = 190.19.
    Case(
        what="a currency without decimals",
        header={"currencyCode": "JPY"},
        lines=(_line("DESK", 3, "333.5"),),
        totals=("1001", "190", "1191"),
    ),
    # Fils: 7 x 1.2345 = 8.6415 -> 8.642; 10 % less 0.864 = 7.778; 19 % = 1.47782.
    Case(
        what="a currency with three decimals",
        header={"currencyCode": "KWD"},
        lines=(_line("DESK", 7, "1.2345", discountPercent=10),),
        totals=("7.778", "1.478", "9.256"),
    ),
    Case(
        what="a line that takes back",
        lines=(_line("DESK", 2, 100), _line("CHAIR", -1, "19.99")),
        totals=("180.01", "34.2", "214.21"),
    ),
    Case(
        what="freight is not discounted",
        lines=(
            _line("DESK", 1, 100),
            {"lineType": "Account", "lineObjectNumber": "8720", "quantity": 1, "unitPrice": "4.9"},
        ),
        header={"discountAmount": 100},
        totals=("4.9", "0.93", "5.83"),
    ),
    Case(what="free of charge", lines=(_line("DESK", 1, 100, discountPercent=100),), totals=("0", "0", "0")),
    Case(
        what="large",
        lines=(_line("DESK", 999_999, "99999.99"),),
        totals=("99999890000.01", "18999979100", "118999869100.01"),
    ),
)


@pytest.mark.parametrize("case", CASES, ids=[case.what for case in CASES])
def test_totals(shop: Any, case: Case) -> None:
    """The order shows the amounts computed by hand, and its invoice the very same."""
    order = shop.document("salesOrders", case.customer, case.lines, **case.header)
    expected = tuple(map(Decimal, case.totals))
    assert _totals(order) == expected
    lines = shop.lines("salesOrders", order)
    assert sum(line["netAmount"] for line in lines) == expected[0]
    assert sum(line["netAmountIncludingTax"] for line in lines) == expected[2]
    invoice = shop.value(shop.act(shop.url("salesOrders", order), "shipAndInvoice"))
    assert _totals(invoice) == expected


def _totals(document: Any) -> tuple[Decimal, ...]:
    names = ("totalAmountExcludingTax", "totalTaxAmount", "totalAmountIncludingTax")
    return tuple(Decimal(document[name]) for name in names)


def test_an_invoice_discount_by_code_follows_the_lines(shop: Any) -> None:
    """With the setup on, the customer's code gives a percentage from its minimum amount on."""
    setup = f"{shop.erp.pages}/SalesReceivablesSetup('')"
    shop.erp.patch(setup, {"Calc_Inv_Discount": True})
    for minimum, percent in ((0, 0), (100, "2.5")):
        row = {"Code": "VIP", "Minimum_Amount": minimum, "Discount_Percent": percent}
        shop.erp.post(f"{shop.erp.pages}/CustomerInvoiceDiscounts", row)
    shop.erp.patch(f"{shop.erp.pages}/CustomerCard('HOME')", {"Invoice_Disc_Code": "VIP"})
    order = shop.document("salesOrders", "HOME", [_line("CHAIR", 1, "19.99")])
    assert order["discountAmount"] == 0
    lines = f"{shop.url('salesOrders', order)}/salesOrderLines"
    shop.erp.post(lines, {"lineType": "Item", "lineObjectNumber": "DESK", "quantity": 1})
    order = shop.value(shop.url("salesOrders", order))
    # 2.5 % of 119.99 is 2.99975.
    assert (order["discountAmount"], order["totalAmountExcludingTax"]) == (3, Decimal("116.99"))


def test_an_invoice_discount_may_not_exceed_the_lines(shop: Any) -> None:
    """More discount than there is to discount is refused; the order stays as it was."""
    order = shop.document("salesOrders", "HOME", [_line("DESK", 1, 100)])
    url = shop.url("salesOrders", order)
    for amount in ("100.01", "-1"):
        refusal = shop.erp.refused("PATCH", url, {"discountAmount": amount}, {"If-Match": "*"})
        assert refusal[:2] == (400, "Application_FieldValidationException")
    assert shop.value(url) == order


def test_an_invoice_discount_goes_over_the_vat_identifiers_first(shop: Any) -> None:
    """Half a cent for each rate goes to the first identifier; what rounding leaves on a line goes on to the next."""
    lines = [
        {"lineObjectNumber": item, "quantity": 1, "unitPrice": 100}
        for item in ("BOOK", "CHAIR", "CHAIR", "BOOK")
    ]
    order = shop.document("salesOrders", "HOME", lines, discountAmount="0.05")
    allocated = [line["invoiceDiscountAllocation"] for line in shop.lines("salesOrders", order)]
    # By hand: 0.025 for each rate, of which VAT19 takes 0.03 and VAT7 0.02; their first lines take 0.015 and 0.01.
    assert allocated == [Decimal("0.01"), Decimal("0.02"), Decimal("0.01"), Decimal("0.01")]
    # 199.97 x 19 % = 37.99, 199.98 x 7 % = 14.00.
    assert (order["totalAmountExcludingTax"], order["totalTaxAmount"]) == (
        Decimal("399.95"),
        Decimal("51.99"),
    )
