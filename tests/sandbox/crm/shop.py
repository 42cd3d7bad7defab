"""A small shop in the CRM: a customer, a published product with units, a price list, documents made of them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.sandbox.crm.conftest import Client

from interlace.sandbox.exchange import Response

TYPE = "Microsoft.Dynamics.CRM."
DOCUMENTS = {
    "opportunity": ("opportunities", "opportunityproducts"),
    "quote": ("quotes", "quotedetails"),
    "salesorder": ("salesorders", "salesorderdetails"),
    "invoice": ("invoices", "invoicedetails"),
}


class Shop:
    """Makes records by the public protocol and reads them back."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.account = client.create("accounts", {"name": "Adatum"})
        self.group = client.create("uomschedules", {"name": "Pieces", "baseuomname": "PCS"})
        units = client.get(f"uomschedules({self.group})/unit_of_measure_schedule_conversions")
        self.unit: str = units["value"][0]["uomid"]
        self.price_list = client.create("pricelevels", {"name": "Retail"})
        self.product = self.add_product("1000", 100)
        self.organization: str = client.get("organizations")["value"][0]["organizationid"]

    def add_product(self, number: str, amount: object = None, **columns: object) -> str:
        """A published product; with a price on the list where an amount is given."""
        body = {
            "name": f"Product {number}",
            "productnumber": number,
            "quantitydecimal": 2,
            "defaultuomscheduleid@odata.bind": f"/uomschedules({self.group})",
            "defaultuomid@odata.bind": f"/uoms({self.unit})",
            **columns,
        }
        product = self.client.create("products", body)
        if amount is not None:
            self.add_price(product, amount=amount)
        assert self.client.patch(f"products({product})", {"statecode": 0}).status == 204
        return product

    def add_price(self, product: str, **columns: object) -> str:
        """A price list item."""
        body = {
            "pricelevelid@odata.bind": f"/pricelevels({self.price_list})",
            "productid@odata.bind": f"/products({product})",
            "uomid@odata.bind": f"/uoms({self.unit})",
            **columns,
        }
        return self.client.create("productpricelevels", body)

    def settle(self, **columns: object) -> None:
        """Changes settings of the organization."""
        assert self.client.patch(f"organizations({self.organization})", columns).status == 204

    def document(self, kind: str = "salesorder", **columns: object) -> str:
        """A document of the customer with the price list."""
        body: dict[str, object] = {
            "name": "Chairs",
            "customerid_account@odata.bind": f"/accounts({self.account})",
            "pricelevelid@odata.bind": f"/pricelevels({self.price_list})",
            **columns,
        }
        return self.client.create(DOCUMENTS[kind][0], body)

    def line_body(self, kind: str, document: str, **columns: object) -> dict[str, object]:
        """The body of a line with the shop's product."""
        body: dict[str, object] = {
            "quantity": 1,
            "productid@odata.bind": f"/products({self.product})",
            "uomid@odata.bind": f"/uoms({self.unit})",
            f"{kind}id@odata.bind": f"/{DOCUMENTS[kind][0]}({document})",
            **columns,
        }
        return {name: value for name, value in body.items() if value is not None}

    def line(self, document: str, kind: str = "salesorder", **columns: object) -> str:
        """A line of a document; a None takes a member of the usual body away."""
        return self.client.create(DOCUMENTS[kind][1], self.line_body(kind, document, **columns))

    def write_in(self, document: str, kind: str = "salesorder", **columns: object) -> str:
        """A line without a product of the catalogue."""
        body = {
            "isproductoverridden": True,
            "productdescription": "Assembly",
            "productid@odata.bind": None,
            "uomid@odata.bind": None,
            **columns,
        }
        return self.line(document, kind, **body)

    def read(self, kind: str, document: str) -> Any:
        """A document."""
        return self.client.get(f"{DOCUMENTS[kind][0]}({document})")

    def lines(self, kind: str, document: str) -> list[Any]:
        """The lines of a document by their number."""
        address = f"{DOCUMENTS[kind][1]}?$filter=_{kind}id_value eq {document}&$orderby=lineitemnumber"
        return list(self.client.get(address)["value"])

    def close(self, message: str, document: str, status: int = -1, **columns: object) -> Response:
        """A closing message about a document."""
        parameter, kind = {
            "WinOpportunity": ("OpportunityClose", "opportunity"),
            "LoseOpportunity": ("OpportunityClose", "opportunity"),
            "WinQuote": ("QuoteClose", "quote"),
            "CloseQuote": ("QuoteClose", "quote"),
            "FulfillSalesOrder": ("OrderClose", "salesorder"),
            "CancelSalesOrder": ("OrderClose", "salesorder"),
        }[message]
        activity = {
            "@odata.type": f"{TYPE}{parameter.lower()}",
            f"{kind}id@odata.bind": f"/{DOCUMENTS[kind][0]}({document})",
            **columns,
        }
        return self.client.send("POST", message, {parameter: activity, "Status": status})

    def call(self, message: str, **body: object) -> Any:
        """The answer of a message that must succeed."""
        response = self.client.send("POST", message, body)
        assert response.status in (200, 204), response.body
        return json.loads(response.body, parse_float=Decimal) if response.body else None

    def amounts(self, kind: str, document: str, *names: str) -> tuple[object, ...]:
        """Columns of a document as decimals."""
        row = self.read(kind, document)
        return tuple(Decimal(str(row[name])) for name in names)
