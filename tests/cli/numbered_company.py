"""An ERP that gives the numbers of new records itself, connected with an embedded CRM."""

import json
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cli.both_ends import NAME, BothEnds, Interlace, started

from interlace.sandbox.erp.application_server import ErpSandbox

BEFORE_CUSTOMER = ("SALESPEOPLE", "CURRENCY", "PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT")
FIRM = "Ny Møbel AS"


@dataclass(frozen=True, kw_only=True)
class Numbered:
    """Both services, and commands on a state directory with an enabled connection."""

    erp: ErpSandbox
    ends: BothEnds
    run: Interlace

    def add_account(self) -> None:
        """Let a user of the CRM make an account."""
        crm = self.ends.crm
        headers = {"Authorization": f"Bearer {crm.access_token()}", "Content-Type": "application/json"}
        body = json.dumps({"name": FIRM, "customertypecode": 3}).encode()
        assert crm.call("POST", "/api/data/v9.2/accounts", headers=headers, body=body).status == 204

    def customers(self) -> list[dict[str, Any]]:
        """Return the customers of the account's name."""
        sign_in = b64encode(f"INTERLACE:{self.erp.access_key}".encode()).decode()
        url = "/BC/ODataV4/Company('Nordlicht')/CustomerCard?$select=No,Name,Search_Name"
        answer = self.erp.call("GET", url, headers={"Authorization": f"Basic {sign_in}"})
        found: list[dict[str, Any]] = json.loads(answer.body)["value"]
        return [each for each in found if each["Name"] == FIRM]


@contextmanager
def open_numbered(
    interlace: Interlace, directory: Path, mappings: Sequence[str], **options: Any
) -> Iterator[Numbered]:
    """Connect a company that allows no numbers by hand with its organization, and bring mappings in step."""
    with started(directory, customers=3, manual_numbers=False, **options) as ends:
        for command in (
            ["connection", "add", NAME, *ends.options()],
            ["connection", "enable", NAME],
            ["synch", *mappings, "--full"],
        ):
            assert interlace(*command).code in {0, 3}
        yield Numbered(erp=ends.erp, ends=ends, run=interlace)
