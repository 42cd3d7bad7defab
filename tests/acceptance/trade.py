"""People who sell, ship and put things right: plain HTTP clients of both services, signed in as themselves."""

import urllib.parse
from typing import Any

from tests.acceptance.conftest import Installation
from tests.acceptance.outsider import Outsider

SUBMITTED = 1


class Trade(Outsider):
    """A salesperson and an administrator in the CRM, and a clerk in the ERP."""

    def __init__(self, installation: Installation) -> None:
        super().__init__(installation)
        self._caller: dict[str, str] = {}
        person = self.find("systemusers", "domainname ne null and accessmode eq 0 and applicationid eq null")[
            0
        ]
        # The integration user's own documents are not calculated.
        self._caller = {"MSCRMCallerID": person["systemuserid"]}
        self.price_list = self.find("pricelevels", "name eq 'Interlace Default Price List'")[0][
            "pricelevelid"
        ]
        self.euro = self.find("transactioncurrencies", "isocurrencycode eq 'EUR'")[0]["transactioncurrencyid"]

    def crm(self, method: str, path: str, values: dict[str, object] | None = None) -> Any:
        """Ask the CRM as the salesperson; a new record is answered as it is."""
        return self._ask_crm(method, path, self._bearer, values, self._caller)

    def catalogue(self, method: str, path: str, values: dict[str, object]) -> Any:
        """Keep products, units and prices, which salespeople may only read, as the CRM's administrator."""
        administrator = self._signed_in(
            self._crm["crm_administrator_client_id"], self._crm["crm_administrator_client_secret"]
        )
        return self._ask_crm(method, path, administrator, values, {})

    def _ask_crm(
        self,
        method: str,
        path: str,
        authorization: str,
        values: dict[str, object] | None,
        caller: dict[str, str],
    ) -> Any:
        headers = {**caller, "Prefer": "return=representation"}
        if method == "PATCH":
            headers["If-Match"] = "*"
        return self._send(method, self._crm_address(path), authorization, values, headers)

    def erp(self, method: str, page: str, values: dict[str, object] | None = None) -> Any:
        """Ask a page of the ERP as the clerk."""
        company = urllib.parse.quote(self._erp["erp_company"])
        address = f"{self._erp['erp_address']}/ODataV4/Company('{company}')/{page}"
        headers = {"If-Match": "*"} if method in {"PATCH", "DELETE"} else {}
        return self._send(method, address, self._basic, values, headers)

    def erp_rows(self, page: str, condition: str) -> list[dict[str, Any]]:
        """Read rows of a page."""
        found: list[dict[str, Any]] = self.erp("GET", f"{page}?$filter={urllib.parse.quote(condition)}")[
            "value"
        ]
        return found

    def metadata_of_erp(self) -> bytes:
        """Read what the pages of the ERP declare."""
        return self._document(f"{self._erp['erp_address']}/ODataV4/$metadata", self._basic)

    def metadata_of_crm(self) -> bytes:
        """Read what the tables of the CRM declare."""
        return self._document(self._crm_address("$metadata"), self._bearer)

    def product(self, number: str) -> dict[str, Any]:
        """Read a product by its number."""
        return self.find("products", f"productnumber eq '{number}'")[0]

    def order(self, account: str, *products: str, quantity: float = 2, price_list: str = "") -> str:
        """Enter an order of the account for products by number; gives its id."""
        body: dict[str, object] = {
            "name": "From outside",
            "customerid_account@odata.bind": f"/accounts({account})",
            "pricelevelid@odata.bind": f"/pricelevels({price_list or self.price_list})",
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({self.euro})",
        }
        order = str(self.crm("POST", "salesorders", body)["salesorderid"])
        for number in products:
            product = self.product(number)
            self.line(order, product, str(product["_defaultuomid_value"]), quantity=quantity)
        return order

    def line(self, order: str, product: dict[str, Any], unit: str, **columns: object) -> None:
        """Add a line to an order."""
        body: dict[str, object] = {
            "salesorderid@odata.bind": f"/salesorders({order})",
            "productid@odata.bind": f"/products({product['productid']})",
            "uomid@odata.bind": f"/uoms({unit})",
            **columns,
        }
        self.crm("POST", "salesorderdetails", body)

    def submit(self, order: str) -> None:
        """Hand an order to the back office."""
        self.crm("PATCH", f"salesorders({order})", {"statecode": SUBMITTED, "statuscode": 3})

    def read(self, order: str) -> dict[str, Any]:
        """Read an order in the CRM."""
        found: dict[str, Any] = self.crm("GET", f"salesorders({order})")
        return found

    def orders_of_interlace(self) -> list[dict[str, Any]]:
        """Read the ERP orders that carry a mark."""
        return self.erp_rows("SalesOrder", "startswith(External_Document_No,'CRM')")
