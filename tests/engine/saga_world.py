"""A tiny saga between two fake services: an order becomes an ERP document, is marked, shipped, and paid."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.engine.conftest import SetClock

from interlace.connectors.runner import run
from interlace.domain.keys import MappingName
from interlace.domain.saga import (
    DOCUMENT,
    Adopt,
    Change,
    CreateDocument,
    Creation,
    Finish,
    Hold,
    Insert,
    Look,
    Observation,
    Perform,
    Problem,
    Release,
    Remove,
    Rest,
    Saga,
    Step,
)
from interlace.domain.side import Side
from interlace.domain.table_filter import Comparison, Condition, TableFilter
from interlace.domain.values import Value
from interlace.engine.saga import DocumentsStep, process_documents
from interlace.engine.saga_memory import TrackedDocument
from interlace.engine.saga_setup import SagaSetup
from interlace.store.connection_store import ConnectionStore
from interlace.testing.fake_documents import DocumentTable, FakeDocumentService

ORDERS, FIRMS = MappingName("ORDERS"), MappingName("FIRMS")
NO_CUSTOMER = Problem(code="customer_missing", what="The customer is not coupled.", remedy="Couple it.")
WRONG_TOTAL = Problem(code="totals_differ", what="The totals differ.", remedy="Correct the price.")


def _decide(seen: Observation) -> Step:
    order = seen.document
    if order is None:
        return Finish(stage="Gone") if seen.partner is None else Release(tells="The order was deleted.")
    marked, invoices = seen.records("marked"), seen.records("invoices")
    header = seen.record("header", seen.partner)
    if seen.partner is None:
        if marked:
            return Adopt(key=marked[0].key, tells=f"Found {marked[0].key}.")
        if seen.creation is Creation.UNDER_WAY:
            return Rest(stage="Sent")
        return _first(seen)
    if header is None and not invoices:
        return Release(tells="The ERP order was deleted.")
    if header is not None and header.values["Total"] != order.values["total"]:
        return Remove(
            side=Side.ERP,
            table="Header",
            key=header.key,
            tag=header.tag,
            problems=(WRONG_TOTAL,),
            tells="The ERP order was removed again.",
        )
    if order.values["submitted"] is None:
        values = {"submitted": str(seen.at), "partner": seen.partner}
        return _change(order, values, "The CRM order names its partner.")
    if f"note {order.key}" not in seen.found["notes"]:
        return Insert(
            side=Side.CRM,
            table="note",
            key=f"note {order.key}",
            values={"order": order.key, "text": seen.partner},
            tells="A note was written.",
        )
    return _following(seen)


def _first(seen: Observation) -> Step:
    order = seen.document
    assert order is not None
    customers = seen.records("customers")
    if not customers:
        return Hold(problems=(NO_CUSTOMER,))
    bodies = tuple({"No": line.values["product"]} for line in seen.records("lines"))
    return CreateDocument(
        side=Side.ERP,
        table="Header",
        values={"Mark": seen.mark, "Customer": customers[0].key, "Total": order.values["total"]},
        lines=bodies,
        tells="The ERP order was created.",
    )


def _following(seen: Observation) -> Step:
    order, header = seen.document, seen.record("header", seen.partner)
    assert order is not None
    if seen.records("invoices"):
        return Finish(stage="Invoiced")
    if header is not None and header.values["Shipped"] and order.values["state"] == "submitted":
        return Perform(
            side=Side.CRM,
            table="order",
            key=order.key,
            tag=order.tag,
            message="Fulfill",
            tells="The CRM order is fulfilled.",
        )
    return Rest(stage="Shipped" if order.values["state"] == "fulfilled" else "Open")


def _change(order: Any, values: dict[str, Any], tells: str) -> Change:
    return Change(side=Side.CRM, table="order", key=order.key, tag=order.tag, values=values, tells=tells)


def _look(name: str, side: Side, table: str, fields: str, **options: Any) -> Look:
    return Look(name=name, side=side, table=table, fields=tuple(fields.split()), **options)


SAGA = Saga(
    name=ORDERS,
    caption="Orders",
    side=Side.CRM,
    table="order",
    fields=("number", "state", "customer", "total", "submitted"),
    title_field="number",
    owner_field="customer",
    new_documents=TableFilter(
        conditions=(
            Condition(field="state", comparison=Comparison.EQUAL, value="submitted", reason="open"),
            Condition(field="submitted", comparison=Comparison.BLANK, reason="done"),
        )
    ),
    partner_table="Header",
    looks=(
        _look("header", Side.ERP, "Header", "Total Shipped", partner_of=ORDERS),
        _look("marked", Side.ERP, "Header", "Mark", field="Mark", mark=True),
        _look("invoices", Side.ERP, "Invoice", "Mark", field="Mark", mark=True),
        _look("lines", Side.CRM, "line", "product", start=DOCUMENT, field="order"),
        _look("notes", Side.CRM, "note", "text", field="order"),
        _look(
            "customers", Side.ERP, "Customer", "Name", start_field="customer", partner_of=FIRMS, steady=True
        ),
        _look("setup", Side.ERP, "Setup", "Value", whole_table=True),
    ),
    decide=_decide,
)


@dataclass(kw_only=True)
class SagaWorld:
    """Both services and what Interlace remembers."""

    store: ConnectionStore
    erp: FakeDocumentService = field(
        default_factory=lambda: FakeDocumentService(
            DocumentTable(table="Header", line_table="Line", mark_field="Mark", header_field="Document_No")
        )
    )
    crm: FakeDocumentService = field(default_factory=FakeDocumentService)
    clock: SetClock = field(default_factory=SetClock)
    runs: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.erp.put("Customer", "C1", {"Name": "Adatum"})
        self.crm.messages["Fulfill"] = lambda key, _: self.crm.put("order", key, {"state": "fulfilled"})

    def submit(self, key: str, *products: str, total: int = 10) -> None:
        """Submit a CRM order."""
        order: dict[str, Value] = {
            "number": f"ORD-{key}",
            "state": "submitted",
            "customer": "a1",
            "total": total,
        }
        self.crm.put("order", key, {**order, "submitted": None})
        for number, product in enumerate(products or ("P1",)):
            self.crm.put("line", f"{key}/{number}", {"order": key, "product": product})

    def ship(self, number: str) -> None:
        """Ship an ERP order."""
        self.erp.put("Header", number, {"Shipped": True})

    def invoice(self, number: str) -> None:
        """Post an ERP order completely: it goes, and an invoice comes."""
        header = self.erp.get("Header", number)
        assert header is not None
        self.erp.remove("Header", number)
        self.erp.put("Invoice", f"I-{number}", {"Mark": header["Mark"]})

    def setup(self, **options: Any) -> SagaSetup:
        """Lay out a run."""
        chosen: dict[str, Any] = {"run_id": f"run-{next(self.runs)}", "process": "p1", **options}
        return SagaSetup(
            saga=SAGA,
            erp_company_id="company",
            crm_organization_id="organization",
            store=chosen.pop("store", self.store),
            **chosen,
        )

    async def process(self, *, seconds: float = 1000.0, **options: Any) -> DocumentsStep:
        """Run the saga once."""
        work = process_documents(self.setup(**options), seconds=seconds)
        return await run(work, self.erp, self.crm, self.clock)

    def tracked(self, key: str) -> TrackedDocument:
        """Return what is remembered of an order."""
        return self.store.documents_by_key(ORDERS, [key])[key]

    def told(self, key: str) -> list[str]:
        """Return the kinds of an order's timeline."""
        return [each.kind for each in self.store.timeline(ORDERS, key)]

    def mark(self, key: str) -> str:
        """Return the mark of an order."""
        return self.setup().mark_of(key)
