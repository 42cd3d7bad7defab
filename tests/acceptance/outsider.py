"""A plain HTTP client of both services, as any third party would write it; shares no code with the product."""

import json
import time
import urllib.parse
import urllib.request
from base64 import b64encode
from typing import Any

from tests.acceptance.conftest import Installation

_TOKEN_SECONDS = 600.0


class Outsider:
    """Signed in at both services."""

    def __init__(self, installation: Installation) -> None:
        self._erp, self._crm = installation.ends.erp, installation.ends.crm
        self._held, self._held_since = "", float("-inf")
        pair = f"{self._erp['erp_user']}:{self._erp['erp_access_key']}"
        self._basic = "Basic " + b64encode(pair.encode()).decode()

    @property
    def _bearer(self) -> str:
        """The CRM's token; a new one in good time, for a client may be needed longer than one lasts."""
        if time.monotonic() - self._held_since >= _TOKEN_SECONDS:
            self._held = self._signed_in(self._crm["crm_client_id"], self._crm["crm_client_secret"])
            self._held_since = time.monotonic()
        return self._held

    def _signed_in(self, client_id: str, client_secret: str) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": self._crm["crm_address"] + "/.default",
        }
        address, body = self._crm["crm_token_url"], urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(address, body, timeout=30) as answer:
            return "Bearer " + str(json.load(answer)["access_token"])

    def customer(self, number: str) -> dict[str, Any]:
        """Read a customer."""
        found: dict[str, Any] = self._send("GET", self._customer_address(number), self._basic)
        return found

    def change_customer(self, number: str, **fields: object) -> None:
        """Change fields of a customer."""
        tag = self.customer(number)["@odata.etag"]
        self._send("PATCH", self._customer_address(number), self._basic, fields, {"If-Match": tag})

    def account_of(self, number: str) -> dict[str, Any]:
        """Read the account that names a customer as its partner."""
        condition = urllib.parse.quote(f"ilc_erpkey eq '{number}'")
        found = self._send("GET", self._crm_address(f"accounts?$filter={condition}"), self._bearer)["value"]
        assert len(found) == 1
        account: dict[str, Any] = found[0]
        return account

    def change_account(self, number: str, **columns: object) -> None:
        """Change columns of a customer's account."""
        address = self._crm_address(f"accounts({self.account_of(number)['accountid']})")
        self._send("PATCH", address, self._bearer, columns)

    def writes(self) -> int:
        """Count the requests so far that could change a record and were carried out."""
        addresses = (self._erp["erp_address"].removesuffix("/BC"), self._crm["crm_address"])
        return sum(self._send("GET", f"{each}/sandbox/requests", None)["writes"] for each in addresses)

    def _customer_address(self, number: str) -> str:
        company = urllib.parse.quote(self._erp["erp_company"])
        return f"{self._erp['erp_address']}/ODataV4/Company('{company}')/CustomerCard('{number}')"

    def _crm_address(self, path: str) -> str:
        return f"{self._crm['crm_address']}/api/data/v9.2/{path}"

    def _send(
        self,
        method: str,
        address: str,
        authorization: str | None,
        body: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
        if authorization is not None:
            sent["Authorization"] = authorization
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, content, sent, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def _document(self, address: str, authorization: str) -> bytes:
        request = urllib.request.Request(address, headers={"Authorization": authorization})
        with urllib.request.urlopen(request, timeout=30) as answer:
            content: bytes = answer.read()
        return content

    def create(self, set_name: str, **columns: object) -> None:
        """Create a CRM record."""
        self._send("POST", self._crm_address(set_name), self._bearer, columns)

    def find(self, set_name: str, condition: str) -> list[dict[str, Any]]:
        """Find CRM records."""
        address = self._crm_address(f"{set_name}?$filter={urllib.parse.quote(condition)}")
        found: list[dict[str, Any]] = self._send("GET", address, self._bearer)["value"]
        return found

    def delete_account_of(self, number: str) -> None:
        """Delete a customer's account, after the invoices that forbid it."""
        account = self.account_of(number)["accountid"]
        for invoice in self.find("invoices", f"_customerid_value eq {account}"):
            self._send("DELETE", self._crm_address(f"invoices({invoice['invoiceid']})"), self._bearer)
        self._send("DELETE", self._crm_address(f"accounts({account})"), self._bearer)

    def contact(self, number: str) -> dict[str, Any]:
        """Read an ERP contact."""
        company = urllib.parse.quote(self._erp["erp_company"])
        address = f"{self._erp['erp_address']}/ODataV4/Company('{company}')/ContactCard('{number}')"
        found: dict[str, Any] = self._send("GET", address, self._basic)
        return found
