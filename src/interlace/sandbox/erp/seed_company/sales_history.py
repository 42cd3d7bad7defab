"""Three years of the demo company's sales, day by day: orders shipped and invoiced, stock and payments
moving along.

Small companies sell about three times to each customer; from two thousand customers on, the number of
documents stays the same, so that a big company is big in customers and contacts and not in history.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from interlace.sandbox.erp.seed_company.amounts import Record, Row, divide, money, quantity
from interlace.sandbox.erp.seed_company.calendar import BUSINESS_DAYS, FIRST_DATE, WORK_DATE
from interlace.sandbox.erp.seed_company.customer_ledger import CustomerLedger
from interlace.sandbox.erp.seed_company.customers import CustomerBook
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.exchange_rates import ExchangeRates
from interlace.sandbox.erp.seed_company.items import Item
from interlace.sandbox.erp.seed_company.sales_documents import Document, header_record
from interlace.sandbox.erp.seed_company.sales_lines import (
    Assortment,
    Line,
    amount_fields,
    line_record,
    price_lines,
)
from interlace.sandbox.erp.seed_company.stock import Issue, Stock

_INVOICES_PER_CUSTOMER: Final = 3
_INVOICES_MAX: Final = 6_000
_CUSTOMERS_PER_OPEN_ORDER: Final = 10
_OPEN_ORDERS_MAX: Final = 400


class SalesHistory:
    """Produces all documents and ledger entries of a company with so many customers."""

    def __init__(
        self, seed: int, customers: int, book: CustomerBook, assortment: Assortment, rates: ExchangeRates
    ) -> None:
        self._seed = seed
        self._customers = customers
        self._book = book
        self._assortment = assortment
        self._rates = rates
        self._ledger = CustomerLedger(seed, rates)
        self._stock = Stock(seed)

    def rows(self, items: list[Item]) -> Iterator[Row]:
        """Yield posted documents with their entries in order of time, then the open orders."""
        self._stock.open_with(items, FIRST_DATE)
        invoices = min(self._customers * _INVOICES_PER_CUSTOMER, _INVOICES_MAX)
        for position in range(invoices):
            place = position * len(BUSINESS_DAYS) // invoices
            document = self._draw(position, place)
            yield from self._ledger.pay_until(document.day)
            yield from self._post(document)
        yield from self._stock.close()
        yield from self._ledger.close()
        for number in range(min(self._customers // _CUSTOMERS_PER_OPEN_ORDER, _OPEN_ORDERS_MAX)):
            yield from self._open_order(self._draw(invoices + number, len(BUSINESS_DAYS) - 1))

    def _draw(self, position: int, place: int) -> Document:
        """Return a document; some customers buy more often than others."""
        dice = Dice(self._seed, "order", position)
        index = (
            dice.below(self._customers) if dice.chance(60) else dice.below(dice.below(self._customers) + 1)
        )
        customer = self._book.customer(index)
        day = BUSINESS_DAYS[place]
        lines = self._assortment.draw_lines(dice, customer, day)
        return Document(
            position=position,
            customer=customer,
            order_day=BUSINESS_DAYS[max(place - dice.between(2, 18), 0)],
            day=day,
            lines=price_lines(lines, invoice_discount_percent=2 if dice.chance(6) else 0),
        )

    def _post(self, document: Document) -> Iterator[Row]:
        header = header_record(document, self._rates)
        cost = sum(divide(line.base_quantity * line.product.unit_cost, 100) for line in document.lines)
        entry = self._ledger.post_invoice(document, cost)
        yield "Sales_Shipment_Header", {"No": document.shipment, "Order_No": document.order, **header}
        yield (
            "Sales_Invoice_Header",
            {
                "No": document.invoice,
                "Order_No": document.order,
                **header,
                "Invoice_Discount_Amount": money(document.invoice_discount),
                "Amount": money(document.amount),
                "Amount_Including_VAT": money(document.amount_including_vat),
                "Cust_Ledger_Entry_No": entry,
            },
        )
        for line in document.lines:
            yield from self._post_line(document, line)

    def _post_line(self, document: Document, line: Line) -> Iterator[Row]:
        shared = line_record(line, document.customer, document.day)
        order: Record = {"Order_No": document.order, "Order_Line_No": line.number}
        yield (
            "Sales_Invoice_Line",
            {
                "Document_No": document.invoice,
                **shared,
                **order,
                **amount_fields(line),
                "Shipment_No": document.shipment,
                "Shipment_Line_No": line.number,
                "VAT_Base_Amount": money(line.amount),
            },
        )
        shipped: Record = {
            "Document_No": document.shipment,
            **shared,
            **order,
            "Quantity_Invoiced": quantity(line.quantity),
        }
        if isinstance(line.product, Item) and line.product.is_stocked:
            for table, entry in self._stock.issue(self._issue(document, line, line.product)):
                shipped["Item_Shpt_Entry_No"] = entry["Entry_No"]
                yield table, entry
        yield "Sales_Shipment_Line", shipped

    def _issue(self, document: Document, line: Line, item: Item) -> Issue:
        return Issue(
            item=item,
            variant=line.variant,
            quantity=line.base_quantity,
            unit=line.unit,
            pieces=line.pieces,
            document=document.shipment,
            line=line.number,
            order=document.order,
            customer=document.customer.number,
            sales_amount=self._rates.to_local(line.amount, document.customer.currency, document.day),
            day=document.day,
        )

    def _local(self, document: Document, cents: int) -> int:
        return self._rates.to_local(cents, document.customer.currency, document.day)

    def _open_order(self, document: Document) -> Iterator[Row]:
        dice = Dice(self._seed, "open order", document.position)
        wanted = date.fromordinal(WORK_DATE.toordinal() + dice.between(5, 60)).isoformat()
        yield (
            "Sales_Header",
            {
                "Document_Type": "Order",
                "No": document.order,
                **header_record(document, self._rates),
                "Requested_Delivery_Date": wanted,
                "Status": "Released" if dice.chance(70) else "Open",
                "Shipping_Advice": "Complete" if dice.chance(20) else "Partial",
                "Invoice_Discount_Calculation": "Amount" if document.invoice_discount else "None",
                "Invoice_Discount_Amount": money(document.invoice_discount),
                "Amount": money(document.amount),
                "Amount_Including_VAT": money(document.amount_including_vat),
            },
        )
        for line in document.lines:
            record = line_record(line, document.customer, document.day)
            del record["Sell_to_Customer_No"]
            yield (
                "Sales_Line",
                {
                    "Document_Type": "Order",
                    "Document_No": document.order,
                    **record,
                    **amount_fields(line),
                    "Outstanding_Quantity": quantity(line.quantity),
                    "Outstanding_Qty_Base": quantity(line.base_quantity),
                    "Outstanding_Amount_LCY": money(self._local(document, line.amount_including_vat)),
                    "Bill_to_Customer_No": document.customer.number,
                    "Qty_to_Ship": quantity(line.quantity),
                    "Qty_to_Invoice": quantity(line.quantity),
                    "Requested_Delivery_Date": wanted,
                },
            )
