"""A full synchronization with an ERP that has the extension: prices without their page, creates by our ids."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.cli.both_ends import NAME, Interlace
from tests.cli.numbered_company import Numbered, open_numbered

from interlace.connectors.business_central.identified_creates import id_of
from interlace.sandbox.faults import Fault, FaultMoment

HIDDEN = frozenset({"SalesPrices", "CustomerPriceGroups"})
"""Business Central of today has no page 7002, and nobody has published page 7."""


@pytest.fixture
def extended(interlace: Interlace, tmp_path: Path) -> Iterator[Numbered]:
    """A company with the extension, all of it in step with its organization."""
    with open_numbered(interlace, tmp_path, (), extension=True, unpublished=HIDDEN) as company:
        yield company


def _in_crm(company: Numbered, table: str, kept: str) -> list[dict[str, Any]]:
    crm = company.ends.crm
    url = f"/api/data/v9.2/{table}?$filter={quote(kept)}"
    answer = crm.call("GET", url, headers={"Authorization": f"Bearer {crm.access_token()}"})
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = json.loads(answer.body)["value"]
    return found


def test_full_synchronization_and_a_lost_answer(extended: Numbered) -> None:
    """Groups and prices came though no page shows them; a create whose answer got lost is done in the same run."""
    assert _in_crm(extended, "pricelevels", "ilc_erptable eq 'Customer_Price_Group'")
    assert _in_crm(extended, "productpricelevels", "ilc_erptable eq 'Sales_Price'")
    tested = extended.run("connection", "test", NAME, "--json").objects
    [told] = [each["message"] for each in tested if each["check"] == "ERP extension"]
    assert "Read without a page: CustomerPriceGroups, SalesPrices." in told
    verified = extended.run("verify")
    assert verified.code == 0, verified.out + verified.err
    extended.add_account()
    extended.erp.faults.faults.append(
        Fault(method="POST", path_contains="customers", moment=FaultMoment.AFTER)
    )
    before = len(extended.erp.requests)
    extended.run("synch", "CUSTOMER", "--full")
    [customer] = extended.customers()
    assert extended.run("couplings", "show", customer["No"]).code == 0
    sent = [line.path for line in list(extended.erp.requests)[before:] if line.method == "POST"]
    assert [path.rpartition("/")[2] for path in sent if "ustomer" in path] == ["customers"]
    record = extended.erp.records.by_code("Customer", customer["No"])
    assert record is not None
    assert record.system_id == id_of("Customer", customer["Search_Name"])
    extended.run("synch", "CUSTOMER", "--full")
    assert len(extended.customers()) == 1
