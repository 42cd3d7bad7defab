"""The demo company's customer ledger: invoices, and the payments that close them, in order of time.

Amounts in local currency follow the rate of each day; the difference between invoice and payment is a
realized gain or loss on the invoice's entry, so that what remains adds up in both currencies.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Record, Row, money
from interlace.sandbox.erp.seed_company.calendar import WORK_DATE
from interlace.sandbox.erp.seed_company.code_tables import DISCOUNT
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.exchange_rates import ExchangeRates
from interlace.sandbox.erp.seed_company.sales_documents import Document

_SATURDAY: Final = 5


@dataclass(slots=True, kw_only=True)
class _OpenInvoice:
    """An invoice's entry until its last payment; amounts in cents."""

    entry: int
    document: Document
    amount: int
    amount_local: int
    profit_local: int
    remaining: int
    realized: int = 0


class CustomerLedger:
    """Posts customer ledger entries; an invoice's entry leaves once its last payment is known."""

    def __init__(self, seed: int, rates: ExchangeRates) -> None:
        self._seed = seed
        self._rates = rates
        self._last_entry = 0
        self._last_payment = 0
        self._open: dict[int, _OpenInvoice] = {}
        # (day, sequence, entry of the invoice, amount in cents)
        self._payments: list[tuple[date, int, int, int]] = []

    def _next_entry(self) -> int:
        self._last_entry += 1
        return self._last_entry

    def post_invoice(self, document: Document, cost_local: int) -> int:
        """Post an invoice, plan its payments and return the number of its entry."""
        amount = document.amount_including_vat
        currency = document.customer.currency
        entry = self._next_entry()
        sales_local = self._rates.to_local(document.amount, currency, document.day)
        self._open[entry] = _OpenInvoice(
            entry=entry,
            document=document,
            amount=amount,
            amount_local=self._rates.to_local(amount, currency, document.day),
            profit_local=sales_local - cost_local,
            remaining=amount,
        )
        for number, (day, part) in enumerate(_plan_payments(self._seed, document, amount)):
            if day <= WORK_DATE:
                heapq.heappush(self._payments, (day, entry * 2 + number, entry, part))
        return entry

    def pay_until(self, day: date) -> Iterator[Row]:
        """Yield the payments up to a day, and the invoices that they close."""
        while self._payments and self._payments[0][0] <= day:
            paid_on, _, entry, part = heapq.heappop(self._payments)
            yield from self._pay(self._open[entry], part, paid_on)

    def _pay(self, invoice: _OpenInvoice, part: int, day: date) -> Iterator[Row]:
        entry = self._next_entry()
        self._last_payment += 1
        customer = invoice.document.customer
        local = self._rates.to_local(part, customer.currency, day)
        before = self._remaining_local(invoice)
        invoice.remaining -= part
        # What the payment settles at the invoice's rate, against what it is worth today.
        invoice.realized += local - (before - self._remaining_local(invoice))
        yield (
            "Cust_Ledger_Entry",
            {
                **_entry_record(invoice.document, entry, day),
                "Document_Type": "Payment",
                "Document_No": f"ZE{self._last_payment:06d}",
                "Description": f"Zahlung Rechnung {invoice.document.invoice}",
                "Original_Amount": money(-part),
                "Original_Amt_LCY": money(-local),
                "Amount": money(-part),
                "Amount_LCY": money(-local),
                "Credit_Amount": money(part),
                "Credit_Amount_LCY": money(local),
                "Due_Date": day.isoformat(),
                "Payment_Method_Code": "",
                "Open": False,
                "Positive": False,
                "Closed_at_Date": day.isoformat(),
                "Closed_by_Entry_No": invoice.entry,
                "Closed_by_Amount": money(-part),
                "Applies_to_Doc_Type": "Invoice",
                "Applies_to_Doc_No": invoice.document.invoice,
            },
        )
        if not invoice.remaining:
            del self._open[invoice.entry]
            yield self._invoice_row(
                invoice,
                {
                    "Closed_at_Date": day.isoformat(),
                    "Closed_by_Entry_No": entry,
                    "Closed_by_Amount": money(part),
                },
            )

    def _remaining_local(self, invoice: _OpenInvoice) -> int:
        document = invoice.document
        return self._rates.to_local(invoice.remaining, document.customer.currency, document.day)

    def _invoice_row(self, invoice: _OpenInvoice, closing: Record) -> Row:
        document = invoice.document
        local = invoice.amount_local + invoice.realized
        discount_days, percent = DISCOUNT.get(document.customer.payment_terms, (0, 0))
        return "Cust_Ledger_Entry", {
            **_entry_record(document, invoice.entry, document.day),
            "Document_Type": "Invoice",
            "Document_No": document.invoice,
            "Description": f"Auftrag {document.order}",
            "Original_Amount": money(invoice.amount),
            "Original_Amt_LCY": money(invoice.amount_local),
            "Amount": money(invoice.amount),
            "Amount_LCY": money(local),
            "Debit_Amount": money(invoice.amount),
            "Debit_Amount_LCY": money(local),
            "Remaining_Amount": money(invoice.remaining),
            "Remaining_Amt_LCY": money(self._remaining_local(invoice)),
            "Sales_LCY": money(
                self._rates.to_local(document.amount, document.customer.currency, document.day)
            ),
            "Profit_LCY": money(invoice.profit_local),
            "Inv_Discount_LCY": money(
                self._rates.to_local(document.invoice_discount, document.customer.currency, document.day)
            ),
            "Due_Date": document.due_day.isoformat(),
            "Pmt_Discount_Date": (document.day + timedelta(days=discount_days)).isoformat(),
            "Original_Pmt_Disc_Possible": money(invoice.amount * percent // 100),
            "Remaining_Pmt_Disc_Possible": money(invoice.remaining * percent // 100),
            "Open": invoice.remaining > 0,
            "Positive": True,
            **closing,
        }

    def close(self) -> Iterator[Row]:
        """Yield the remaining payments up to the work date and the invoices that are still open."""
        yield from self.pay_until(WORK_DATE)
        for invoice in self._open.values():
            yield self._invoice_row(invoice, {})


def _entry_record(document: Document, entry: int, day: date) -> Record:
    customer = document.customer
    return {
        "Entry_No": entry,
        "Transaction_No": entry,
        "Posting_Date": day.isoformat(),
        "Document_Date": day.isoformat(),
        "Customer_No": customer.number,
        "Customer_Name": customer.name,
        "Sell_to_Customer_No": customer.number,
        "Customer_Posting_Group": customer.pack.vat_group,
        "Salesperson_Code": customer.salesperson,
        "Currency_Code": customer.currency,
    }


def _plan_payments(seed: int, document: Document, amount: int) -> Iterator[tuple[date, int]]:
    """Yield when how much is paid: most in one go about the due day, some in two parts, a few never."""
    if not amount:
        return
    dice = Dice(seed, "payments", document.position)
    habit = dice.below(100)
    if habit < 3:
        return
    day = max(document.due_day + timedelta(days=dice.between(-6, 21)), document.day + timedelta(days=1))
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    if habit < 8 and amount > 1:
        first = max(amount * dice.between(30, 70) // 100, 1)
        yield day, first
        # The second part stays unpaid now and then.
        if dice.chance(75):
            yield day + timedelta(days=28), amount - first
        return
    yield day, amount
