"""The demo company's stock: receipts, and what sales take from them, first in first out; costs add up to the
cent.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from interlace.sandbox.erp.seed_company.amounts import Record, Row, divide, money, quantity
from interlace.sandbox.erp.seed_company.dice import Dice
from interlace.sandbox.erp.seed_company.items import Item


@dataclass(slots=True, kw_only=True)
class _Receipt:
    """A receipt and what is left of it; quantities in hundredths, costs in cents."""

    record: Record
    left: int
    cost_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Goods that leave the stock for a shipment line; quantity in hundredths, amount in cents."""

    item: Item
    variant: str
    quantity: int
    unit: str
    pieces: int
    document: str
    line: int
    order: str
    customer: str
    sales_amount: int
    day: date


class Stock:
    """Posts item ledger entries in order of time; buys before it would have to sell what is not there."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._dice = Dice(seed, "purchases")
        self._receipts: dict[tuple[int, str], deque[_Receipt]] = {}
        self._last_entry = 0
        self._last_receipt = 0

    def _next_entry(self) -> int:
        self._last_entry += 1
        return self._last_entry

    def open_with(self, items: list[Item], day: date) -> None:
        """Take in the first stock of every item and variant."""
        for item in items:
            if item.is_stocked and item.unit:
                for variant in [code for code, _ in item.kind.variants] or [""]:
                    self._receive(item, variant, self._dice.between(4, 60) * 100, day, "Positive Adjmt.")

    def _receive(self, item: Item, variant: str, hundredths: int, day: date, entry_type: str) -> None:
        cost = divide(hundredths * item.unit_cost * self._dice.between(94, 106), 10_000)
        bought = entry_type == "Purchase"
        self._last_receipt += bought
        record: Record = {
            "Entry_No": self._next_entry(),
            "Posting_Date": day.isoformat(),
            "Document_Date": day.isoformat(),
            "Entry_Type": entry_type,
            "Document_Type": "Purchase Receipt" if bought else " ",
            "Document_No": f"WE{self._last_receipt:06d}" if bought else "INVENTUR",
            "Document_Line_No": 10000 if bought else 0,
            "Item_No": item.number,
            "Variant_Code": variant,
            "Description": item.description,
            "Quantity": quantity(hundredths),
            "Invoiced_Quantity": quantity(hundredths),
            "Qty_per_Unit_of_Measure": 1,
            "Unit_of_Measure_Code": item.unit,
            "Cost_Amount_Actual": money(cost),
            "Purchase_Amount_Actual": money(cost if bought else 0),
            "Completely_Invoiced": True,
            "Positive": True,
            "Source_Type": "Vendor" if bought else " ",
        }
        receipts = self._receipts.setdefault((item.index, variant), deque())
        receipts.append(_Receipt(record=record, left=hundredths, cost_left=cost))

    def issue(self, issue: Issue) -> Iterator[Row]:
        """Take goods from the stock; yield the entry of the sale and those of used up receipts."""
        receipts = self._receipts.setdefault((issue.item.index, issue.variant), deque())
        missing = issue.quantity - sum(receipt.left for receipt in receipts)
        if missing > 0:
            lot = missing + issue.quantity * self._dice.between(1, 4)
            # Goods come in whole pieces.
            self._receive(issue.item, issue.variant, (lot + 99) // 100 * 100, issue.day, "Purchase")
        left, cost = issue.quantity, 0
        while left:
            receipt = receipts[0]
            taken = min(left, receipt.left)
            share = divide(receipt.cost_left * taken, receipt.left)
            receipt.left -= taken
            receipt.cost_left -= share
            left -= taken
            cost += share
            if not receipt.left:
                yield _entry(receipts.popleft())
        yield (
            "Item_Ledger_Entry",
            {
                "Entry_No": self._next_entry(),
                "Posting_Date": issue.day.isoformat(),
                "Document_Date": issue.day.isoformat(),
                "Entry_Type": "Sale",
                "Document_Type": "Sales Shipment",
                "Document_No": issue.document,
                "Document_Line_No": issue.line,
                "Item_No": issue.item.number,
                "Variant_Code": issue.variant,
                "Description": issue.item.description,
                "Quantity": quantity(-issue.quantity),
                "Invoiced_Quantity": quantity(-issue.quantity),
                "Qty_per_Unit_of_Measure": issue.pieces,
                "Unit_of_Measure_Code": issue.unit,
                "Sales_Amount_Actual": money(issue.sales_amount),
                "Cost_Amount_Actual": money(-cost),
                "Completely_Invoiced": True,
                "Order_No": issue.order,
                "Order_Line_No": issue.line,
                "Source_Type": "Customer",
                "Source_No": issue.customer,
            },
        )

    def close(self) -> Iterator[Row]:
        """Yield the entries of the receipts of which something is left."""
        for receipts in self._receipts.values():
            for receipt in receipts:
                yield _entry(receipt)


def _entry(receipt: _Receipt) -> Row:
    receipt.record["Remaining_Quantity"] = quantity(receipt.left)
    receipt.record["Open"] = receipt.left > 0
    return "Item_Ledger_Entry", receipt.record
