"""Payments in foreign currencies: what they settle, what the rate gains or loses, what becomes overdue."""

from decimal import Decimal
from typing import Any

import pytest


@pytest.fixture
def invoice(shop: Any) -> Any:
    """An invoice over 110 dollars, which were 100 euros; from December on they are 88."""
    shop.erp.post(
        f"{shop.erp.pages}/CurrencyExchangeRates",
        {
            "Currency_Code": "USD",
            "Starting_Date": "2026-12-01",
            "Exchange_Rate_Amount": "1.25",
            "Relational_Exch_Rate_Amount": 1,
        },
    )
    order = shop.document("salesOrders", "ABROAD", [{"lineObjectNumber": "DESK", "quantity": 1}])
    return shop.value(shop.act(shop.url("salesOrders", order), "shipAndInvoice"))


def _pay(shop: Any, number: str, amount: str, day: str) -> None:
    journal = shop.value(f"{shop.erp.company}/journals")["value"][0]
    body = {
        "journalId": journal["id"],
        "customerNumber": "ABROAD",
        "appliesToInvoiceNumber": number,
        "amount": amount,
        "postingDate": day,
    }
    payment = shop.erp.post(f"{shop.erp.company}/customerPayments", body)
    assert payment["customerNumber"] == "ABROAD"
    shop.act(f"{shop.erp.company}/journals({journal['id']})", "post")


def _balance(shop: Any) -> Decimal:
    return Decimal(shop.value(f"{shop.erp.pages}/CustomerCard('ABROAD')")["Balance_LCY"])


def test_a_payment_at_another_rate_realizes_the_difference(shop: Any, invoice: Any) -> None:
    """Half is paid in December: 44 euros settle what were 50; the loss stands on the invoice's entry."""
    assert invoice["totalAmountIncludingTax"] == 110
    assert _balance(shop) == 100
    _pay(shop, invoice["number"], "-55", "2026-12-02")
    owed, paid = shop.rows("CustomerLedgerEntries")
    assert (owed["Remaining_Amount"], owed["Remaining_Amt_LCY"]) == (55, 50)
    assert (owed["Original_Amt_LCY"], owed["Amount_LCY"], owed["Open"]) == (100, 94, True)
    assert (paid["Amount"], paid["Amount_LCY"], paid["Open"]) == (-55, -44, False)
    assert paid["Closed_by_Entry_No"] == owed["Entry_No"]
    assert _balance(shop) == 50
    _pay(shop, invoice["number"], "-55", "2026-11-20")
    owed = shop.rows("CustomerLedgerEntries")[0]
    assert (owed["Amount_LCY"], owed["Open"], owed["Closed_at_Date"]) == (94, False, "2026-11-20")
    assert _balance(shop) == 0


def test_what_is_paid_too_much_stays_open(shop: Any, invoice: Any) -> None:
    """An overpaid invoice is closed, and the rest of the payment is the customer's credit."""
    _pay(shop, invoice["number"], "-120", "2026-11-20")
    owed, paid = shop.rows("CustomerLedgerEntries")
    assert (owed["Open"], paid["Open"], paid["Remaining_Amount"]) == (False, True, -10)
    assert _balance(shop) == Decimal("-9.09")
    assert shop.value(shop.url("salesInvoices", invoice))["status"] == "Paid"


def test_an_invoice_becomes_overdue(shop: Any, invoice: Any) -> None:
    """Behind its due date an open invoice counts as overdue; a new year begins with sales of nothing."""
    statistics = f"{shop.erp.pages}/CustomerStatistics('ABROAD')"
    assert shop.value(statistics)["Balance_Due_LCY"] == 0
    shop.erp.clock.advance(days=60)
    later = shop.value(statistics)
    assert (later["Balance_Due_LCY"], later["Sales_LCY"], later["Sales_This_Year_LCY"]) == (100, 100, 0)
    details = shop.value(f"{shop.erp.company}/customerFinancialDetails?$filter=number%20eq%20'ABROAD'")
    assert details["value"][0]["overdueAmount"] == 100
