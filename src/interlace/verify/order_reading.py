"""Reads orders of both ends once and finds out, by claims and by marks, which belong together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from interlace.domain.keys import (
    KEY_SEPARATOR,
    CrmKey,
    MappingName,
    erp_number_of,
    is_number_of_ours,
    key_namespace,
)
from interlace.verify.book_sources import claimed_key
from interlace.verify.comparable import as_text
from interlace.verify.order_books import ORDER_BOOK_SOURCES, ORDER_BOOKS
from interlace.verify.order_case import OrderCase, as_shown
from interlace.verify.order_rows import (
    CRM_LINE_COLUMNS,
    CRM_ORDER_COLUMNS,
    ERP_LINE_COLUMNS,
    ERP_ORDER_COLUMNS,
    INVOICE_COLUMNS,
    INVOICE_LINE_COLUMNS,
    SHIPMENT_COLUMNS,
    OrderRows,
)
from interlace.verify.plain_reader import End, PlainReader, Row
from interlace.verify.reference_book import ReferenceBooks, VerifyFacts, load_books

ORDERS: Final = "SALESORDER-ORDER"
_PREFIX: Final = f"Order{KEY_SEPARATOR}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outsider:
    """An ERP order that belongs to no CRM order."""

    number: str
    mark: str
    customer: str
    is_released: bool


@dataclass(slots=True, kw_only=True)
class OrderBook:
    """All orders that were read, and what belongs to what."""

    books: ReferenceBooks
    namespace: UUID
    rows: OrderRows = field(default_factory=OrderRows)
    crm_ids: list[str] = field(default_factory=list)
    claims: dict[str, str] = field(default_factory=dict)
    """Number of the ERP order that a CRM order names, by its id."""
    claimed: dict[str, list[str]] = field(default_factory=dict)
    """Ids of the CRM orders that name an ERP order, by its number."""
    marks: dict[str, str] = field(default_factory=dict)
    """Id of the CRM order by its mark."""
    order_numbers: dict[str, str] = field(default_factory=dict)
    """Id of the last CRM order of a number."""
    outsiders: dict[str, Outsider] = field(default_factory=dict)
    erp_total: int = 0
    erp_owners: dict[str, str] = field(default_factory=dict)
    """Id of the CRM order that an ERP order belongs to, by its number."""
    erp_lines_total: int = 0
    crm_lines_total: int = 0
    outside_lines: dict[str, int] = field(default_factory=dict)
    """Lines of ERP orders that belong to none, by their number."""

    def mark_of(self, key: str) -> str:
        """Return what the ERP order of a CRM order carries."""
        return erp_number_of(self.namespace, CrmKey(key))

    # --- one order

    def erp_rows(self, key: str) -> list[Row]:
        """Return the ERP orders that belong to a CRM order: the one that it names first."""
        claim = self.claims.get(key)
        rows = self.rows.erp_orders.look(key)
        return sorted(rows, key=lambda row: (as_text(row.get("No")) != claim, as_text(row.get("No"))))

    def invoices_of(self, key: str, number: str) -> list[Row]:
        """Return the posted invoices of a CRM order's ERP order, each once."""
        marked = [
            row
            for row in self.rows.marked_invoices.look(self.mark_of(key))
            if as_text(row.get("Order_No")) in ("", number)
        ]
        found = {as_text(row.get("No")): row for row in (*self.rows.invoices.look(number), *marked)}
        return [found[name] for name in sorted(found)]

    def invoices_of_others(self, key: str, number: str) -> list[Row]:
        """Return valid invoices that carry a CRM order's mark and are of another ERP order."""
        return [
            row
            for row in self.rows.marked_invoices.look(self.mark_of(key))
            if as_text(row.get("Order_No")) not in ("", number) and row.get("Cancelled") is not True
        ]

    def lines_of(self, key: str) -> tuple[Row, ...]:
        """Return a CRM order's lines as its form shows them."""
        return tuple(sorted(self.rows.crm_lines.look(key), key=as_shown))

    def case(self, key: str, crm: Row, erp: Row | None) -> OrderCase:
        """Lay one pair out."""
        number = self.claims.get(key, "") if erp is None else as_text(erp.get("No"))
        invoices = self.invoices_of(key, number)
        # What was posted in part is judged by the order that is still there.
        lines = [] if erp is not None else invoices
        same_number = self.order_numbers.get(number, key)
        return OrderCase(
            crm=crm,
            crm_lines=self.lines_of(key),
            erp=erp,
            erp_lines=tuple(sorted(self.rows.erp_lines.look(number), key=_line_number)) if erp else (),
            invoices=tuple(invoices),
            invoice_lines=tuple(
                line for each in lines for line in self.rows.invoice_lines.look(as_text(each.get("No")))
            ),
            last_shipment=self.rows.last_shipments.get(number, ""),
            erp_number=number,
            mark=self.mark_of(key),
            number_is_taken=same_number != key,
            books=self.books,
        )


def _line_number(line: Row) -> int:
    return int(str(line.get("Line_No") or 0))


async def read_orders(reader: PlainReader, facts: VerifyFacts) -> OrderBook:
    """Read everything that orders are judged by, the CRM first."""
    books = await load_books(reader, facts, ORDER_BOOKS, ORDER_BOOK_SOURCES)
    namespace = key_namespace(facts.erp_company_id, facts.crm_organization_id, MappingName(ORDERS))
    book = OrderBook(books=books, namespace=namespace)
    async for row in reader.rows(End.CRM, "salesorders", CRM_ORDER_COLUMNS):
        _take_crm_order(book, row, facts)
    async for row in reader.rows(End.CRM, "salesorderdetails", CRM_LINE_COLUMNS):
        book.crm_lines_total += 1
        book.rows.crm_lines.put(as_text(row.get("_salesorderid_value")), row)
    async for row in reader.rows(End.ERP, "SalesOrder", ERP_ORDER_COLUMNS):
        _take_erp_order(book, row)
    async for row in reader.rows(End.ERP, "SalesOrderSalesLines", ERP_LINE_COLUMNS):
        _take_erp_line(book, row)
    await _read_posted(reader, book)
    return book


def _take_crm_order(book: OrderBook, row: Row, facts: VerifyFacts) -> None:
    key = as_text(row.get("salesorderid"))
    book.crm_ids.append(key)
    book.rows.crm_orders.put(key, row)
    book.marks[book.mark_of(key)] = key
    book.order_numbers[as_text(row.get("ordernumber"))] = key
    claim = claimed_key(row, facts, "Sales_Header")
    if claim is not None and claim.startswith(_PREFIX):
        number = claim.removeprefix(_PREFIX)
        book.claims[key] = number
        book.claimed.setdefault(number, []).append(key)


def _take_erp_order(book: OrderBook, row: Row) -> None:
    book.erp_total += 1
    number, mark = as_text(row.get("No")), as_text(row.get("External_Document_No"))
    claimants = book.claimed.get(number, ())
    owner = claimants[0] if claimants else book.marks.get(mark)
    if owner is None:
        is_released = as_text(row.get("Status")) != "Open"
        ours = mark if is_number_of_ours(mark) else ""
        customer = as_text(row.get("Sell_to_Customer_No"))
        book.outsiders[number] = Outsider(
            number=number, mark=ours, customer=customer, is_released=is_released
        )
    else:
        book.erp_owners[number] = owner
        book.rows.erp_orders.put(owner, row)


def _take_erp_line(book: OrderBook, row: Row) -> None:
    book.erp_lines_total += 1
    number = as_text(row.get("Document_No"))
    if number in book.erp_owners:
        book.rows.erp_lines.put(number, row)
    else:
        book.outside_lines[number] = book.outside_lines.get(number, 0) + 1


async def _read_posted(reader: PlainReader, book: OrderBook) -> None:
    """Read what was posted of orders that CRM orders name, and whatever carries a mark."""
    wanted: set[str] = set()
    async for row in reader.rows(End.ERP, "PostedSalesInvoice", INVOICE_COLUMNS):
        number, mark = as_text(row.get("Order_No")), as_text(row.get("External_Document_No"))
        if number in book.claimed:
            book.rows.invoices.put(number, row)
        if mark in book.marks:
            book.rows.marked_invoices.put(mark, row)
        if number in book.claimed or mark in book.marks:
            wanted.add(as_text(row.get("No")))
    async for row in reader.rows(End.ERP, "PostedSalesInvoiceSalesInvLines", INVOICE_LINE_COLUMNS):
        if as_text(row.get("Document_No")) in wanted:
            book.rows.invoice_lines.put(as_text(row.get("Document_No")), row)
    async for row in reader.rows(End.ERP, "PostedSalesShipments", SHIPMENT_COLUMNS):
        if as_text(row.get("Order_No")) in book.claimed:
            book.rows.note_shipment(row)


def numbers_of(rows: Iterable[Row]) -> str:
    """Name documents for people."""
    return ", ".join(as_text(row.get("No")) for row in rows)
