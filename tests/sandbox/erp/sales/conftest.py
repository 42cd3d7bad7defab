"""A shop with customers in several currencies, VAT groups and price groups, and what a test asks of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from interlace.sandbox import json_codec

RATES = {"USD": "1.1", "GBP": "0.8547", "JPY": "163.27", "KWD": "0.3361"}
PRECISIONS = {"USD": "0.01", "GBP": "0.01", "JPY": "1", "KWD": "0.001"}


def _company() -> Iterator[tuple[str, dict[str, object]]]:
    yield "General_Ledger_Setup", {"Primary_Key": "", "LCY_Code": "EUR"}
    yield "Country_Region", {"Code": "DE", "Name": "Deutschland"}
    for code, rate in RATES.items():
        yield "Currency", {"Code": code, "Amount_Rounding_Precision": PRECISIONS[code]}
        yield (
            "Currency_Exchange_Rate",
            {
                "Currency_Code": code,
                "Starting_Date": "2026-01-01",
                "Exchange_Rate_Amount": rate,
                "Relational_Exch_Rate_Amount": 1,
            },
        )
    for unit in ("PCS", "BOX", "HOUR"):
        yield "Unit_of_Measure", {"Code": unit, "Description": unit}
    for group in ("STANDARD", "REDUCED"):
        yield "Tax_Group", {"Code": group}
    yield "Payment_Terms", {"Code": "30 DAYS", "Due_Date_Calculation": "30D"}
    yield "Customer_Price_Group", {"Code": "RETAIL"}
    for number, more in (
        ("HOME", {"VAT_Bus_Posting_Group": "DOMESTIC", "Payment_Terms_Code": "30 DAYS"}),
        ("RETAILER", {"VAT_Bus_Posting_Group": "DOMESTIC", "Customer_Price_Group": "RETAIL"}),
        ("GROSS", {"VAT_Bus_Posting_Group": "DOMESTIC", "Prices_Including_VAT": True}),
        ("ABROAD", {"VAT_Bus_Posting_Group": "EXPORT", "Currency_Code": "USD"}),
    ):
        yield "Customer", {"No": number, "Name": number.title(), "Allow_Line_Disc": True, **more}
    for number, price, group in (
        ("CHAIR", "19.99", "STANDARD"),
        ("DESK", "100", "STANDARD"),
        ("BOOK", "24.9", "REDUCED"),
    ):
        yield (
            "Item",
            {
                "No": number,
                "Description": number.title(),
                "Base_Unit_of_Measure": "PCS",
                "Unit_Price": price,
                "Unit_Cost": "10",
                "VAT_Prod_Posting_Group": group,
                "Allow_Invoice_Disc": True,
            },
        )
        yield "Item_Unit_of_Measure", {"Item_No": number, "Code": "PCS", "Qty_per_Unit_of_Measure": 1}
    yield "Item_Unit_of_Measure", {"Item_No": "CHAIR", "Code": "BOX", "Qty_per_Unit_of_Measure": 4}
    yield "Resource", {"No": "R1", "Name": "Montage", "Base_Unit_of_Measure": "HOUR", "Unit_Price": 60}
    yield "G_L_Account", {"No": "8720", "Name": "Freight", "Direct_Posting": True}
    yield (
        "Item_Ledger_Entry",
        {
            "Entry_No": 1,
            "Posting_Date": "2026-01-02",
            "Entry_Type": "Purchase",
            "Item_No": "CHAIR",
            "Quantity": 100,
            "Remaining_Quantity": 100,
            "Invoiced_Quantity": 100,
            "Cost_Amount_Actual": 800,
            "Open": True,
            "Positive": True,
            "Completely_Invoiced": True,
        },
    )


@dataclass
class Shop:
    """Sells through the service's own protocol."""

    erp: Any

    def value(self, url: str) -> Any:
        """Read one record, amounts exact."""
        response = self.erp.send("GET", url)
        assert response.status == 200, response.body
        return json_codec.decode_object(response.body)

    def document(
        self, name: str, customer: str, lines: Sequence[Mapping[str, object]], **more: object
    ) -> Any:
        """Create a document with its lines (Item by default) through the API."""
        part = f"{name.removesuffix('s')}Lines"
        body = {"customerNumber": customer, **more, part: [{"lineType": "Item", **line} for line in lines]}
        created = self.erp.post(f"{self.erp.company}/{name}", body)
        return self.value(self.url(name, created))

    def url(self, name: str, document: Mapping[str, object]) -> str:
        """The address of a document in the API."""
        return f"{self.erp.company}/{name}({document['id']})"

    def lines(self, name: str, document: Mapping[str, object]) -> list[Any]:
        """The lines of a document, amounts exact, in their order."""
        part = f"{name.removesuffix('s')}Lines"
        body = self.value(f"{self.url(name, document)}/{part}?$orderby=sequence")["value"]
        assert isinstance(body, list)
        return body

    def page(self, kind: str, number: object) -> str:
        """The address of an open document's page."""
        return f"{self.erp.pages}/{kind}('{number}')"

    def act(self, url: str, action: str, body: object = None) -> str:
        """Call an action that must succeed; return the address of what came of it."""
        response = self.erp.send("POST", f"{url}/Microsoft.NAV.{action}", body)
        assert response.status == 204, response.body
        return str(dict(response.headers).get("Location", ""))

    def refused(self, url: str, action: str, body: object = None) -> tuple[int, str, str]:
        """Call an action that must be refused."""
        refusal: tuple[int, str, str] = self.erp.refused("POST", f"{url}/Microsoft.NAV.{action}", body)
        return refusal

    def rows(self, page: str, **equal: object) -> list[Any]:
        """The rows of a page service with these values, amounts exact."""
        condition = " and ".join(f"{name} eq '{value}'" for name, value in equal.items())
        query = f"?$filter={condition}".replace(" ", "%20") if condition else ""
        rows = self.value(f"{self.erp.pages}/{page}{query}")["value"]
        assert isinstance(rows, list)
        return rows

    def stock(self, item: str) -> Decimal:
        """What the ERP says to be in stock."""
        return Decimal(str(self.value(f"{self.erp.pages}/ItemCard('{item}')")["Inventory"]))


@pytest.fixture
def new_shop(open_erp: Any) -> Callable[..., Shop]:
    """Opens shops, each with books of its own; a directory keeps them."""

    def open_one(directory: Path | None = None) -> Shop:
        return Shop(open_erp(directory, seed=_company))

    return open_one


@pytest.fixture
def shop(new_shop: Callable[..., Shop]) -> Shop:
    """The shop, open."""
    return new_shop()
