"""Edits of both sides, made through the services' own protocols by an outsider, arrive on the other side."""

import json
import urllib.parse
import urllib.request
from base64 import b64encode
from typing import Any

from tests.acceptance.conftest import Installation, json_lines


class Outsider:
    """A plain HTTP client of both services; shares no code with the product."""

    def __init__(self, installation: Installation) -> None:
        self._erp, self._crm = installation.ends.erp, installation.ends.crm
        form = {
            "grant_type": "client_credentials",
            "client_id": self._crm["crm_client_id"],
            "client_secret": self._crm["crm_client_secret"],
            "scope": self._crm["crm_address"] + "/.default",
        }
        answer = urllib.request.urlopen(
            self._crm["crm_token_url"], urllib.parse.urlencode(form).encode(), timeout=30
        )
        self._bearer = "Bearer " + json.load(answer)["access_token"]
        pair = f"{self._erp['erp_user']}:{self._erp['erp_access_key']}"
        self._basic = "Basic " + b64encode(pair.encode()).decode()

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


def test_edits_on_either_side_arrive_on_the_other_and_disjoint_ones_both_survive(
    installation: Installation,
) -> None:
    """After a full synchronization, three records are edited: one here, one there, one on both sides."""
    assert installation.interlace("full-synch", "start").returncode == 3
    outsider = Outsider(installation)
    outsider.change_customer("C00010", Name="Renamed in the ERP Ærø")
    outsider.change_account("C00020", name="Renamed in the CRM Ёлка")
    outsider.change_customer("C00040", Phone_No="+49 1")
    outsider.change_account("C00040", emailaddress1="new@kunde.example")
    rows = json_lines(installation.interlace("synch", "CUSTOMER", "--json").stdout)
    assert {row["direction"]: row["modified"] for row in rows} == {
        "ToIntegrationTable": 2,
        "FromIntegrationTable": 2,
    }
    assert outsider.account_of("C00010")["name"] == "Renamed in the ERP Ærø"
    assert outsider.customer("C00020")["Name"] == "Renamed in the CRM Ёлка"
    customer, account = outsider.customer("C00040"), outsider.account_of("C00040")
    assert (customer["Phone_No"], customer["E_Mail"]) == ("+49 1", "new@kunde.example")
    assert (account["telephone1"], account["emailaddress1"]) == ("+49 1", "new@kunde.example")
    assert installation.interlace("verify").returncode == 0
    before = outsider.writes()
    installation.interlace("synch")
    installation.interlace("synch", "--full")
    assert outsider.writes() == before
