"""What happens to the golden orders: entered, processed, shipped, invoiced, paid; and what is seen of it then."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from tests.golden_orders import company
from tests.golden_orders.desk import Desk
from tests.golden_orders.documents import GoldenOrder
from tests.golden_orders.world import World

from interlace.domain.saga import Problem
from interlace.engine.saga_memory import DocumentEvent
from interlace.lead_to_cash import mapping_names
from interlace.simulation.process import ProcessDied
from interlace.simulation.wire import REQUEST_LIFE_SECONDS
from interlace.simulation.wire_faults import NO_FAULTS

ORDERS: Final = mapping_names.SALESORDER_ORDER
INVOICES: Final = (mapping_names.POSTEDSALESINV_INV, mapping_names.POSTEDSALESLINE_INV)
_PAYMENTS: Final = "PAYMENT"
_LOOKS_MAX: Final = 8
_SLEEP_SECONDS: Final = (1.0, 30.0, 130.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One order as it stands in both services and in our memory."""

    crm: dict[str, Any]
    stage: str
    finished: bool
    problems: tuple[Problem, ...]
    timeline: tuple[DocumentEvent, ...]
    orders: tuple[dict[str, Any], ...]
    """ERP orders that carry its mark."""
    lines: tuple[dict[str, Any], ...]
    """Lines of the only ERP order."""
    invoices: tuple[dict[str, Any], ...]
    """Posted invoices that carry its mark, oldest first."""
    notes: tuple[str, ...]
    """Texts of the notes on the CRM order."""
    comments: tuple[str, ...] = ()
    """Comment lines of the only ERP order, in their order."""
    crm_invoices: tuple[dict[str, Any], ...] = ()
    crm_invoice_lines: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True, kw_only=True)
class Story:
    """The orders of one world on their way."""

    world: World
    orders: Sequence[GoldenOrder]
    desk: Desk = field(init=False)
    deaths: int = 0

    def __post_init__(self) -> None:
        self.desk = Desk(self.world)

    # --- people

    def hand_in(self) -> None:
        """Enter and submit every order."""
        for order in self.orders:
            self.desk.enter(order)
            for deed in order.before:
                self.desk.do(deed, order)
            self.desk.submit(order)

    def set_up(self) -> None:
        """Set up what orders need besides master records."""
        company.set_up(self.world.clerk, self.world.settings)

    def numbers(self) -> dict[str, str]:
        """Return the number of each order's ERP order, as the CRM shows it."""
        numbers = {}
        for order in self.orders:
            key = self.desk.order(order)["ilc_erpkey"]
            if key:
                numbers[order.name] = str(key).rpartition("\x1f")[2]
        return numbers

    def ship_and_invoice(self, numbers: Iterable[str]) -> None:
        """Ship and invoice orders with what is left of them."""
        for number in numbers:
            self.world.clerk.page("POST", f"SalesOrder('{number}')/NAV.Post", {"ship": True, "invoice": True})

    def ship_and_invoice_some(self, numbers: Iterable[str]) -> None:
        """Ship and invoice the first part of orders (`first_part` of each line)."""
        clerk = self.world.clerk
        for number in numbers:
            for line in clerk.rows("SalesOrderSalesLines", f"Document_No eq '{number}'"):
                if not line["No"]:
                    continue
                clerk.page(
                    "PATCH",
                    f"SalesOrder('{number}')/SalesOrderSalesLines(Line_No={line['Line_No']})",
                    {"Qty_to_Ship": first_part(Decimal(line["Quantity"]))},
                )
            clerk.page("POST", f"SalesOrder('{number}')/NAV.Post", {"ship": True, "invoice": True})

    def pay(self, invoices: Iterable[tuple[str, Decimal]]) -> None:
        """Post payments of invoices: number and amount."""
        clerk = self.world.clerk
        paid = False
        for number, amount in invoices:
            if amount:
                line = {"Journal_Batch_Name": _PAYMENTS, "Applies_to_Doc_No": number, "Amount": -amount}
                clerk.page("POST", "CashReceiptJournal", line)
                paid = True
        if paid:
            clerk.page("POST", f"CashReceiptJournalBatches('{_PAYMENTS}')/NAV.Post")

    # --- Interlace

    def process(self) -> None:
        """Look at the orders once; nothing may go wrong."""
        run = self.world.process_orders()
        assert run.finished, run.reason

    def process_under_faults(self, looks: int, dice: random.Random) -> None:
        """Look at the orders some times while requests are cut off and processes die, then until all is quiet."""
        world = self.world
        for _ in range(looks):
            if dice.random() < 0.5:
                world.wire.dies_at_request = dice.randrange(120)
            elif dice.random() < 0.5:
                world.worker()
                world.memory.gate.dies_at_write = dice.randrange(120)
                world.memory.gate.dies_after_commit = dice.random() < 0.5
            try:
                world.process_orders()
            except ProcessDied:
                self.deaths += 1
            world.let_pass(dice.choice(_SLEEP_SECONDS))
        world.wire.weights, world.wire.dies_at_request = NO_FAULTS, None
        world.memory.gate.dies_at_write = None
        self.come_to_rest()

    def come_to_rest(self) -> None:
        """Look until there is nothing left to do: what is under way first comes to its end."""
        for _ in range(_LOOKS_MAX):
            self.world.let_pass(REQUEST_LIFE_SECONDS * 2)
            before = self.events()
            self.process()
            if self.events() == before and not self._is_awaiting():
                return
        raise AssertionError(f"{_LOOKS_MAX} looks, and still something to do")

    def _is_awaiting(self) -> bool:
        """Whether an announced write is still waited for: a new process waits for it once more, and says nothing."""
        self.world.memory.gate.process = None
        return bool(self.world.memory.store().open_intents(ORDERS))

    def events(self) -> int:
        """Count the lines of all timelines."""
        self.world.memory.gate.process = None
        store = self.world.memory.store()
        return sum(len(store.timeline(ORDERS, key)) for key in self.desk.entered.values())

    # --- what is seen

    def look(self, *, invoices: bool = False) -> dict[str, Seen]:
        """Read everything about every order, by its name."""
        clerk, person = self.world.clerk, self.world.salesperson
        self.world.memory.gate.process = None
        store = self.world.memory.store()
        tracked = store.documents_by_key(ORDERS, list(self.desk.entered.values()))
        headers = _by(clerk.rows("SalesOrder"), "External_Document_No")
        lines = _by(clerk.rows("SalesOrderSalesLines"), "Document_No")
        comments = _by(clerk.rows("SalesCommentLines", "Document_Type eq 'Order'"), "No")
        posted = _by(clerk.rows("PostedSalesInvoice"), "External_Document_No")
        notes = _by(person.rows("annotations"), "_objectid_value")
        crm_orders = _by(person.rows("salesorders"), "salesorderid")
        crm_invoices = _by(person.rows("invoices") if invoices else (), "_salesorderid_value")
        crm_lines = _by(person.rows("invoicedetails") if invoices else (), "_invoiceid_value")
        seen = {}
        for name, key in self.desk.entered.items():
            document = tracked.get(key)
            mark = self.world.mark_of(key)
            own = headers[mark]
            of_crm = crm_invoices[key]
            seen[name] = Seen(
                crm=crm_orders[key][0],
                stage="" if document is None else document.stage,
                finished=document is not None and document.finished,
                problems=() if document is None else document.problems,
                timeline=tuple(store.timeline(ORDERS, key)),
                orders=tuple(own),
                lines=tuple(lines[own[0]["No"]]) if own else (),
                invoices=tuple(posted[mark]),
                notes=tuple(str(note["notetext"]) for note in notes[key]),
                comments=tuple(str(line["Comment"]) for line in comments[own[0]["No"]]) if own else (),
                crm_invoices=tuple(sorted(of_crm, key=lambda row: str(row["invoicenumber"]))),
                crm_invoice_lines=tuple(line for row in of_crm for line in crm_lines[row["invoiceid"]]),
            )
        return seen


def first_part(quantity: Decimal) -> Decimal:
    """Return how much of a line is shipped first: a third of it; what can't be divided goes at once."""
    if quantity == quantity.to_integral_value():
        return quantity if quantity < 2 else Decimal(int(quantity) // 3 or 1)
    return (quantity / 3).quantize(Decimal("0.00001")) or quantity


def _by(rows: Iterable[dict[str, Any]], name: str) -> defaultdict[Any, list[dict[str, Any]]]:
    grouped: defaultdict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        grouped[row[name]].append(row)
    return grouped
