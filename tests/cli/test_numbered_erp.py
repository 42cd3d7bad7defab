"""An ERP that numbers its customers itself: accounts become customers exactly once, also when the answer is lost."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.cli.both_ends import NAME, BothEnds, Interlace, served
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.first_start import SalesUser
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.seed_company import seed_company, seed_users
from interlace.sandbox.faults import Fault, FaultMoment

BEFORE = ("SALESPEOPLE", "CURRENCY", "PAYMENT TERMS", "SHIPMENT METHOD", "SHIPPING AGENT")
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


@pytest.fixture
def numbered(interlace: Interlace, tmp_path: Path) -> Iterator[Numbered]:
    """A company whose number series allow no numbers by hand, in step with its organization."""
    options = ErpSandboxOptions(seed=lambda: seed_company(customers=3), manual_numbers=False)
    erp = create_erp_sandbox(None, options)
    users = [SalesUser(full_name=each.name, email=each.email) for each in seed_users()]
    crm = ready_crm(sales_users=users)
    key_file, secret_file = tmp_path / "key.txt", tmp_path / "secret.txt"
    key_file.write_text(erp.access_key, encoding="utf-8")
    secret_file.write_text(crm.options.client_secret, encoding="utf-8")
    with ExitStack() as servers:
        servers.callback(erp.close)
        servers.callback(crm.close)
        ends = BothEnds(
            erp_address=f"{servers.enter_context(served(erp))}/BC",
            crm_address=servers.enter_context(served(crm)),
            crm=crm,
            erp_key_file=key_file,
            crm_secret_file=secret_file,
        )
        for command in (
            ["connection", "add", NAME, *ends.options()],
            ["connection", "enable", NAME],
            ["synch", *BEFORE, "CUSTOMER", "--full"],
        ):
            assert interlace(*command).code in {0, 3}
        yield Numbered(erp=erp, ends=ends, run=interlace)


def test_account_becomes_a_customer_with_the_next_number(numbered: Numbered) -> None:
    """The ERP chooses the number, our mark stands in the search name, and the next run has nothing to do."""
    numbered.add_account()
    numbered.run("synch", "CUSTOMER", "--full")
    [customer] = numbered.customers()
    assert customer["No"].startswith("C0")
    assert customer["Search_Name"].startswith("CRM")
    [shown] = numbered.run("couplings", "show", customer["No"], "--json").objects[:1]
    assert shown["erp_key"] == customer["No"]
    numbered.run("synch", "CUSTOMER", "--full")
    assert len(numbered.customers()) == 1


def test_customer_whose_answer_was_lost_is_found_by_its_mark(numbered: Numbered) -> None:
    """The create is not sent again: the next run finds what it made and couples it."""
    numbered.add_account()
    numbered.erp.faults.faults.append(
        Fault(method="POST", path_contains="CustomerCard", moment=FaultMoment.AFTER)
    )
    numbered.run("synch", "CUSTOMER", "--full")
    numbered.run("synch", "CUSTOMER", "--full")
    [customer] = numbered.customers()
    assert numbered.run("couplings", "show", customer["No"]).code == 0
    sent = [line for line in numbered.erp.requests if line.method == "POST" and "CustomerCard" in line.path]
    assert len(sent) == 1
