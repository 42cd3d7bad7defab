"""The demo company in the sandbox: it loads whole, its references hold, every set reads, edits work on it."""

from decimal import Decimal
from typing import Any

import pytest

from interlace.sandbox import json_codec
from interlace.sandbox.erp import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.erp.api_sets import API_SETS
from interlace.sandbox.erp.option_members import to_wire_name
from interlace.sandbox.erp.page_services import PAGE_SERVICES
from interlace.sandbox.erp.rules.sales_totals import lines_of, rounding_precision
from interlace.sandbox.erp.sales_amounts import total_document
from interlace.sandbox.erp.seed_company import seed_company
from interlace.sandbox.erp.set_declaration import PublishedSet
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.stored_table import SqlClause

_LINE_SETS = {name for name in API_SETS if name.startswith("sales") and name.endswith("Lines")}


@pytest.fixture(scope="module")
def company() -> Any:
    """The demo company with a hundred customers."""
    app = create_erp_sandbox(
        None, ErpSandboxOptions(access_key="k", seed=lambda: seed_company(customers=100))
    )
    yield app
    app.close()


def _get(app: Any, url: str) -> dict[str, Any]:
    headers = {"Authorization": "Basic SU5URVJMQUNFOms="}
    response = app.call("GET", url, headers=headers)
    assert response.status == 200, response.body
    return json_codec.decode_object(response.body)


def test_every_reference_names_a_record(company: Any) -> None:
    """Every code in a field with a relation is the key of a record in the related table."""
    broken = []
    for table in TABLES.values():
        layout = company.records.layouts[table.name]
        rows = [layout.from_stored(row) for row in company.records.store.page(table.name, limit=1_000_000)]
        for field in table.relations:
            codes = {row.text(field.name) for row in rows} - {""}
            missing = [code for code in codes if not company.records.exists(field.relation, code)]
            if missing:
                broken.append((table.name, field.name, sorted(missing)[:3]))
    assert broken == []


def test_every_set_reads_whole_and_counts_the_table(company: Any) -> None:
    """Each page service answers as many records as its table holds; each API set reads, too."""
    for name, published in PAGE_SERVICES.items():
        page = _get(company, f"/BC/ODataV4/{name}?$count=true")
        total = _count(company, published)
        assert (len(page["value"]), page["@odata.count"]) == (min(total, 20_000), total), name
    for name, published in API_SETS.items():
        if name not in _LINE_SETS:
            page = _get(company, f"/BC/api/v2.0/{name}?$count=true")
            assert page["@odata.count"] == _count(company, published), name


def _count(company: Any, published: PublishedSet) -> int:
    """Count the records that a set shows of its table."""
    kind = published.fixed.get("Document_Type")
    where = None if kind is None else SqlClause('"Document_Type" = ?', (to_wire_name(str(kind)),))
    return int(company.records.store.count(published.table.name, where))


def test_order_totals_of_the_seed_are_those_of_the_erp(company: Any) -> None:
    """The totals that the demo company brings are those that the ERP itself would compute."""
    headers = company.records.find_equal("Sales_Header", Document_Type="Order")
    for header in headers[:20]:
        lines = [dict(line.values) for line in lines_of(company.erp, header)]
        amounts = total_document(
            lines,
            discount=header.amount("Invoice_Discount_Amount"),
            prices_including_vat=bool(header.values["Prices_Including_VAT"]),
            precision=rounding_precision(company.erp, header.text("Currency_Code")),
        )
        assert amounts == (header.amount("Amount"), header.amount("Amount_Including_VAT")), header.key_text
    assert headers


def test_stock_and_balance_are_sums_of_the_entries(company: Any) -> None:
    """What items and customers show is what their entries add up to."""
    stock: dict[str, Decimal] = {}
    for entry in _get(company, "/BC/ODataV4/ItemLedgerEntries?$select=Item_No,Quantity")["value"]:
        stock[entry["Item_No"]] = stock.get(entry["Item_No"], Decimal(0)) + Decimal(entry["Quantity"])
    for item in _get(company, "/BC/ODataV4/ItemCard?$select=Inventory")["value"]:
        assert Decimal(item["Inventory"]) == stock.get(item["No"], Decimal(0))
    balance: dict[str, Decimal] = {}
    for entry in _get(company, "/BC/ODataV4/CustomerLedgerEntries")["value"]:
        amount = Decimal(entry["Remaining_Amt_LCY"])
        balance[entry["Customer_No"]] = balance.get(entry["Customer_No"], Decimal(0)) + amount
    for customer in _get(company, "/BC/ODataV4/CustomerCard?$select=Balance_LCY")["value"]:
        assert Decimal(customer["Balance_LCY"]) == balance.get(customer["No"], Decimal(0))
