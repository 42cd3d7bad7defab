"""The demo company behind the ERP's protocol: every row loads, computed fields agree with the ledgers."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from interlace.sandbox.erp.seed_company import seed_company

CUSTOMERS = 30


def test_the_erp_serves_what_the_ledgers_say(open_erp: Any) -> None:
    """Stock of items, balances of customers and what remains of invoices are the sums of their entries."""
    stock: dict[object, Decimal] = defaultdict(Decimal)
    balance: dict[object, Decimal] = defaultdict(Decimal)
    open_invoices = 0
    for table, row in seed_company(CUSTOMERS):
        if table == "Item_Ledger_Entry":
            stock[row["Item_No"]] += Decimal(str(row["Quantity"]))
        if table == "Cust_Ledger_Entry":
            balance[row["Customer_No"]] += Decimal(str(row["Amount_LCY"]))
            open_invoices += bool(row["Open"])
    erp = open_erp(seed=lambda: seed_company(CUSTOMERS))
    items = erp.values(f"{erp.pages}/ItemCard?$select=No,Inventory")
    assert {row["No"]: Decimal(str(row["Inventory"])) for row in items if row["Inventory"]} == {
        item: left for item, left in stock.items() if left
    }
    customers = erp.values(f"{erp.pages}/CustomerCard?$select=No,Balance_LCY")
    assert len(customers) == CUSTOMERS
    for row in customers:
        assert Decimal(str(row["Balance_LCY"])) == balance[row["No"]]
    invoices = erp.values(f"{erp.pages}/PostedSalesInvoice?$select=No,Remaining_Amount")
    assert sum(row["Remaining_Amount"] != 0 for row in invoices) == open_invoices


def test_new_records_are_numbered_behind_the_loaded_ones(open_erp: Any) -> None:
    """The number series go on after the demo company's last numbers."""
    erp = open_erp(seed=lambda: seed_company(CUSTOMERS))
    created = erp.post(f"{erp.company}/customers", {"displayName": "Möbel Neu"})
    assert created["number"] == f"C{(CUSTOMERS + 1) * 10:05d}"
