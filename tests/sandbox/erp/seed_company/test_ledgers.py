"""The demo company's ledgers add up: documents, stock and customers' balances."""

from collections import defaultdict
from decimal import Decimal

import pytest

from interlace.sandbox.erp.sales_amounts import price_line, total_document
from interlace.sandbox.erp.seed_company.calendar import WORK_DATE

Company = dict[str, list[dict[str, object]]]
Record = dict[str, object]

CENT = Decimal("0.01")


def _decimal(row: Record, field: str) -> Decimal:
    value = row.get(field, 0)
    assert isinstance(value, int | Decimal)
    return Decimal(value)


def _by(rows: list[Record], field: str) -> dict[object, list[Record]]:
    groups: dict[object, list[Record]] = defaultdict(list)
    for row in rows:
        groups[row[field]].append(row)
    return groups


def test_invoices_are_the_sum_of_their_lines(company: Company) -> None:
    """Amount, amount with VAT and invoice discount of every header are those of its lines."""
    lines = _by(company["Sales_Invoice_Line"], "Document_No")
    assert len(lines) == len(company["Sales_Invoice_Header"])
    for header in company["Sales_Invoice_Header"]:
        own = lines[header["No"]]
        assert _decimal(header, "Amount") == sum(_decimal(line, "Amount") for line in own)
        assert _decimal(header, "Amount_Including_VAT") == sum(
            _decimal(line, "Amount_Including_VAT") for line in own
        )
        discount = sum(_decimal(line, "Inv_Discount_Amount") for line in own)
        assert _decimal(header, "Invoice_Discount_Amount") == discount


@pytest.mark.parametrize("kind", ["Sales_Invoice", "Sales"])
def test_documents_have_the_amounts_that_the_erp_computes(company: Company, kind: str) -> None:
    """The ERP's own arithmetic gives the same line and document amounts."""
    lines = _by(company[f"{kind}_Line"], "Document_No")
    for header in company[f"{kind}_Header"]:
        computed = [dict(line) for line in lines[header["No"]]]
        for line in computed:
            price_line(line, CENT, by_amount=False)  # type: ignore[arg-type]
        totals = total_document(
            computed,  # type: ignore[arg-type]
            discount=_decimal(header, "Invoice_Discount_Amount"),
            prices_including_vat=False,
            precision=CENT,
        )
        assert totals == (header["Amount"], header["Amount_Including_VAT"])
        assert computed == lines[header["No"]]


def test_vat_is_charged_at_home_only(company: Company) -> None:
    """Germans pay 19 percent of the document's amount, all others nothing."""
    for header in company["Sales_Invoice_Header"]:
        vat = _decimal(header, "Amount_Including_VAT") - _decimal(header, "Amount")
        percent = Decimal("0.19") if header["Sell_to_Country_Region_Code"] == "DE" else Decimal(0)
        assert abs(vat - _decimal(header, "Amount") * percent) <= Decimal("0.005")


def test_customer_entries_are_the_invoices_and_their_payments(company: Company) -> None:
    """An entry's amount is the invoice with VAT; what remains is that minus the payments."""
    entries = company["Cust_Ledger_Entry"]
    invoices = {row["Document_No"]: row for row in entries if row["Document_Type"] == "Invoice"}
    payments = _by([row for row in entries if row["Document_Type"] == "Payment"], "Applies_to_Doc_No")
    assert set(payments) <= set(invoices)
    for header in company["Sales_Invoice_Header"]:
        entry = invoices.pop(header["No"])
        own = payments[header["No"]]
        assert entry["Entry_No"] == header["Cust_Ledger_Entry_No"]
        assert (entry["Customer_No"], entry["Currency_Code"], entry["Due_Date"]) == (
            header["Bill_to_Customer_No"],
            header["Currency_Code"],
            header["Due_Date"],
        )
        assert entry["Amount"] == header["Amount_Including_VAT"]
        paid = -sum((_decimal(payment, "Amount") for payment in own), Decimal(0))
        assert _decimal(entry, "Remaining_Amount") == _decimal(entry, "Amount") - paid
        assert entry["Open"] == (entry["Remaining_Amount"] != 0)
        assert all(payment["Customer_No"] == entry["Customer_No"] for payment in own)
        if own and not entry["Open"]:
            assert entry["Closed_by_Entry_No"] == own[-1]["Entry_No"]
    assert not invoices


def test_balances_agree_in_local_currency(company: Company) -> None:
    """For every customer the entries' amounts in local currency sum up to what remains open in it."""
    for number, entries in _by(company["Cust_Ledger_Entry"], "Customer_No").items():
        balance = sum(_decimal(entry, "Amount_LCY") for entry in entries)
        assert balance == sum(_decimal(entry, "Remaining_Amt_LCY") for entry in entries), number
        assert all(
            entry["Amount_LCY"] == entry["Amount"] for entry in entries if entry["Currency_Code"] == ""
        ), number


def test_some_invoices_are_open_and_some_in_part(company: Company) -> None:
    """There are open, partly paid and overdue invoices; nothing is posted in the future."""
    invoices = [row for row in company["Cust_Ledger_Entry"] if row["Document_Type"] == "Invoice"]
    still_open = [row for row in invoices if row["Open"]]
    assert 100 < len(still_open) < len(invoices) // 4
    assert any(0 < _decimal(row, "Remaining_Amount") < _decimal(row, "Amount") for row in still_open)
    assert any(str(row["Due_Date"]) < WORK_DATE.isoformat() for row in still_open)
    assert max(str(row["Posting_Date"]) for row in company["Cust_Ledger_Entry"]) <= WORK_DATE.isoformat()


def test_stock_entries_of_sales_are_the_shipped_quantities(company: Company) -> None:
    """Shipment lines of stocked items, and only those, have an entry with the quantity in base units."""
    stocked = {row["No"] for row in company["Item"] if row["Type"] == "Inventory"}
    sales = {
        (row["Document_No"], row["Document_Line_No"]): row
        for row in company["Item_Ledger_Entry"]
        if row["Entry_Type"] == "Sale"
    }
    for line in company["Sales_Shipment_Line"]:
        if line["Type"] == "Item" and line["No"] in stocked:
            entry = sales.pop((line["Document_No"], line["Line_No"]))
            assert (entry["Item_No"], entry["Variant_Code"]) == (line["No"], line["Variant_Code"])
            assert _decimal(entry, "Quantity") == -_decimal(line, "Quantity") * _decimal(
                line, "Qty_per_Unit_of_Measure"
            )
            assert line["Item_Shpt_Entry_No"] == entry["Entry_No"]
    assert not sales


def test_shipments_are_the_invoiced_lines(company: Company) -> None:
    """Every shipment line is invoiced with the same product and quantity."""
    invoiced = {(row["Shipment_No"], row["Shipment_Line_No"]): row for row in company["Sales_Invoice_Line"]}
    for line in company["Sales_Shipment_Line"]:
        other = invoiced.pop((line["Document_No"], line["Line_No"]))
        assert (line["No"], line["Quantity"]) == (other["No"], other["Quantity"])
        assert line["Quantity"] == line["Quantity_Invoiced"]
    assert not invoiced


def test_stock_is_never_negative_and_what_remains_is_the_stock(company: Company) -> None:
    """Entry by entry no item or variant falls below zero; open receipts hold what is there."""
    stock: dict[tuple[object, object], Decimal] = defaultdict(Decimal)
    entries = sorted(company["Item_Ledger_Entry"], key=lambda row: _decimal(row, "Entry_No"))
    for entry in entries:
        key = (entry["Item_No"], entry["Variant_Code"])
        stock[key] += _decimal(entry, "Quantity")
        assert stock[key] >= 0, entry
    remaining: dict[tuple[object, object], Decimal] = defaultdict(Decimal)
    for entry in entries:
        remaining[entry["Item_No"], entry["Variant_Code"]] += _decimal(entry, "Remaining_Quantity")
        assert entry.get("Open", False) == (_decimal(entry, "Remaining_Quantity") > 0)
    assert remaining == stock
    assert [row["Entry_No"] for row in entries] == list(range(1, len(entries) + 1))
    assert [row["Posting_Date"] for row in entries] == sorted(str(row["Posting_Date"]) for row in entries)


def test_costs_of_sold_goods_are_never_more_than_what_came_in(company: Company) -> None:
    """The costs of an item's entries sum up to the value of its stock: zero when nothing is left."""
    for item, entries in _by(company["Item_Ledger_Entry"], "Item_No").items():
        value = sum(_decimal(entry, "Cost_Amount_Actual") for entry in entries)
        left = sum(_decimal(entry, "Quantity") for entry in entries)
        assert (value > 0) == (left > 0), item


def test_open_orders_are_still_to_be_shipped(company: Company) -> None:
    """Orders that stand open have lines, their sum, and all of their quantity outstanding."""
    lines = _by(company["Sales_Line"], "Document_No")
    assert len(company["Sales_Header"]) == 100
    for header in company["Sales_Header"]:
        own = lines[header["No"]]
        assert _decimal(header, "Amount") == sum(_decimal(line, "Amount") for line in own)
        assert all(line["Outstanding_Quantity"] == line["Quantity"] for line in own)
