"""Documents created by page services, line by line, at an embedded NAV: resumed, never doubled, never posted half."""

import base64
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.test_documents import HEADER, KEY, LIMITS, LINES, MARK, OPTIONS, Row, Serve

from interlace.connectors.business_central.named_pages import NavPagesChannel
from interlace.connectors.business_central.page_documents import lines_held
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.markers import MappingLacks
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, TableView, WriteResult
from interlace.engine.service import ServiceMismatch
from interlace.sandbox.erp.application_server import create_erp_sandbox
from interlace.sandbox.erp.products import PRODUCTS
from interlace.sandbox.erp.tables import TABLES
from interlace.sandbox.exchange import Response
from interlace.sandbox.faults import Fault, FaultMoment

UNFINISHED = f"UNFINISHED {MARK}"
VALUES: Mapping[str, Value] = {
    "Sell_to_Customer_No": "HOME",
    "External_Document_No": MARK,
    "Currency_Code": "EUR",
    "Invoice_Discount_Amount": Decimal("1.50"),
}
CHAIRS: Mapping[str, Value] = {
    "Line_Discount_Amount": Decimal("0.50"),
    "Unit_Price": Decimal("12.25"),
    "Quantity": Decimal(3),
    "No": "CHAIR",
    "Type": "Item",
}
REMARK: Mapping[str, Value] = {"Type": "", "Description": "As agreed"}
PLANNED = (CHAIRS, REMARK, {**CHAIRS, "Quantity": Decimal(5)})
HELD = (
    ("Item", "CHAIR", Decimal(3), Decimal("12.25"), Decimal("0.5")),
    ("_x0020_", "", Decimal(0), Decimal(0), Decimal(0)),
    ("Item", "CHAIR", Decimal(5), Decimal("12.25"), Decimal("0.5")),
)


def _rows() -> Iterator[Row]:
    """Return the same company with a blocked item, and items that take part in an order's discount."""
    assert OPTIONS.seed is not None
    for table, values in OPTIONS.seed():
        if table in {"Item", "Item_Unit_of_Measure"}:
            key = "No" if table == "Item" else "Item_No"
            of_item = {"Allow_Invoice_Disc": True} if table == "Item" else {}
            yield table, {**values, **of_item}
            yield table, {**values, key: "LAMP", **({"Blocked": True} if of_item else {})}
        else:
            yield table, dict(values)


class Nav:
    """An embedded NAV, and a connection to it for each process."""

    def __init__(self, app: Any, origin: str) -> None:
        self.app = app
        self._origin = origin
        self.opened: list[NavPagesChannel] = []

    def service(self) -> BusinessCentralService:
        """Return the connection of a process that has just begun."""
        channel = NavPagesChannel(self._origin, BasicSignIn("INTERLACE", KEY), LIMITS)
        self.opened.append(channel)
        return BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht", has_api=False))

    async def create(self, lines: tuple[Mapping[str, Value], ...] = PLANNED, **more: Value) -> WriteResult:
        """Create the order, from a process of its own."""
        return await self.service().create_document(HEADER, MARK, {**VALUES, **more}, lines)

    def orders(self) -> list[dict[str, Any]]:
        """Return every order that there is."""
        return [
            dict(each.values) for each in self.app.records.find_equal("Sales_Header", Document_Type="Order")
        ]

    async def lines(self, number: str) -> tuple[tuple[Value, ...], ...]:
        """Return an order's lines."""
        found = await self.service().find_records(LINES, "Document_No", (number,))
        return tuple(line.values() for line in found)

    def cut(self, method: str, moment: FaultMoment, skip: int) -> None:
        """Cut a request to the order's page off, after some of its kind have passed."""
        self.app.faults.faults.append(
            Fault(method=method, path_contains="SalesOrder", moment=moment, skip=skip)
        )

    def writes(self, method: str) -> int:
        """Count the writes of a kind that arrived."""
        return len([each for each in self.app.requests if each.method == method])

    def post(self, number: str) -> Any:
        """Ship and invoice an order as a clerk does."""
        return self._act(number, "Post", b'{"ship":true,"invoice":true}')

    def release(self, number: str) -> Any:
        """Release an order as a clerk does."""
        return self._act(number, "Release", b"{}")

    def _act(self, number: str, action: str, body: bytes) -> Any:
        sign_in = base64.b64encode(f"INTERLACE:{KEY}".encode()).decode()
        headers = {"Authorization": f"Basic {sign_in}", "Content-Type": "application/json"}
        path = f"/BC/ODataV4/Company('Nordlicht')/SalesOrder('{number}')/NAV.{action}"
        return self.app.call("POST", path, headers=headers, body=body)


@asynccontextmanager
async def _nav(serve: Serve, language: str = "en") -> AsyncIterator[Nav]:
    app = create_erp_sandbox(
        None, replace(OPTIONS, product=PRODUCTS["nav2018"], language=language, seed=_rows)
    )
    nav = Nav(app, await serve(app))
    try:
        yield nav
    finally:
        for channel in nav.opened:
            await channel.close()
        app.close()


@pytest.fixture
async def nav(serve: Serve) -> AsyncIterator[Nav]:
    """Serve the seed company as a NAV 2018 with English pages."""
    async with _nav(serve) as served:
        yield served


@pytest.mark.parametrize("language", ["en", "de"])
async def test_an_order_is_created_line_by_line(serve: Serve, language: str) -> None:
    """It ends as if it had come in one request: with its mark, its date, its discount, and nothing of the way there."""
    async with _nav(serve, language) as nav:
        result = await nav.create()
        assert result.outcome is Outcome.DONE, result.error
        [order] = nav.orders()
        assert result.key == f"Order{KEY_SEPARATOR}{order['No']}"
        assert (order["External_Document_No"], order["Your_Reference"]) == (MARK, "")
        assert order["Document_Date"] == order["Posting_Date"] == nav.app.records.today
        assert (order["Currency_Code"], order["Amount"]) == ("", Decimal("95.5"))
        assert await nav.lines(str(order["No"])) == HELD
        assert (nav.writes("POST"), nav.writes("PATCH")) == (4, 1)
        assert nav.post(str(order["No"])).status in {200, 201, 204}


CUTS = [(method, skip) for method, count in (("POST", 4), ("PATCH", 1)) for skip in range(count)]


@pytest.mark.parametrize("moment", FaultMoment)
@pytest.mark.parametrize(("method", "skip"), CUTS)
async def test_a_lost_answer_doubles_nothing(nav: Nav, method: str, skip: int, moment: FaultMoment) -> None:
    """Whatever request is cut off, before or after its effect: one order in the end, with each line once.

    Who lost an answer looks for the mark first, as the saga does.
    """
    nav.cut(method, moment, skip)
    lost = await nav.create()
    assert lost.outcome is Outcome.UNKNOWN, lost.error
    marked = await nav.service().find_records(HEADER, "External_Document_No", (MARK,))
    has_come = (method, moment) == ("PATCH", FaultMoment.AFTER)
    assert len(marked) == has_come
    if not marked:
        assert (await nav.create()).outcome is Outcome.DONE
    [order] = nav.orders()
    assert order["External_Document_No"] == MARK
    assert await nav.lines(str(order["No"])) == HELD
    assert nav.writes("DELETE") == 0


async def test_half_an_order_can_neither_be_posted_nor_taken_for_the_order(nav: Nav) -> None:
    """Until its last request it has no document date and another mark; released by somebody, it takes no more lines."""
    nav.cut("POST", FaultMoment.BEFORE, 2)
    assert (await nav.create()).outcome is Outcome.UNKNOWN
    [half] = nav.orders()
    assert half["External_Document_No"] == UNFINISHED
    refused = nav.post(str(half["No"]))
    assert refused.status == 400
    assert b"Document" in refused.body
    assert nav.release(str(half["No"])).status == 204
    stopped = await nav.create()
    assert stopped.outcome is Outcome.REJECTED
    assert stopped.error is not None
    assert "Reopen the document" in stopped.error.message
    assert f"{half['No']} stays unfinished meanwhile, with 1 of 3 lines" in stopped.error.message
    assert len(nav.orders()) == 1


async def test_a_refused_line_waits_for_its_cure(nav: Nav) -> None:
    """The ERP's own words come back; tried again, neither a number nor a line is used up, and the cure completes it."""
    lines = (CHAIRS, {**CHAIRS, "No": "LAMP"})
    for _ in range(2):
        refused = await nav.create(lines)
        assert refused.outcome is Outcome.REJECTED
        assert refused.error is not None
        assert "LAMP" in refused.error.message
        assert len(nav.orders()) == 1
    [half] = nav.orders()
    lamp = nav.app.records.by_code("Item", "LAMP")
    nav.app.erp.change(lamp, {"Blocked": False})
    assert (await nav.create(lines)).outcome is Outcome.DONE
    [order] = nav.orders()
    assert order["No"] == half["No"]
    assert len(await nav.lines(str(order["No"]))) == 2


@pytest.mark.parametrize(
    ("found", "held"),
    [
        ([], 0),
        ([(100_000, True), (200_000, False)], 2),
        ([(200_000, True), (100_000, True), (110_000, False), (120_000, False)], 2),
        ([(100_000, True), (110_000, True)], None),
        ([(10_000, True), (20_000, True)], None),
        ([(100_000, True), (300_000, True)], None),
        ([(100_000, True), (200_000, True), (300_000, True), (400_000, True)], None),
    ],
    ids=["none", "first ones", "extended texts", "somebody's", "numbers of the page", "a gap", "too many"],
)
def test_lines_are_gone_on_with_where_it_is_certain_which_they_are(
    found: list[tuple[int, bool]], held: int | None
) -> None:
    """Ours have numbers of our choosing; the ERP's own texts stand between, and anything else leaves doubt."""
    assert lines_held(found, 3) == held


async def test_what_is_to_become_something_else_is_begun_anew(nav: Nav) -> None:
    """The CRM order was changed meanwhile: the unfinished one goes, with its lines."""
    nav.cut("POST", FaultMoment.AFTER, 2)
    assert (await nav.create()).outcome is Outcome.UNKNOWN
    [half] = nav.orders()
    assert (await nav.create(PLANNED[:1])).outcome is Outcome.DONE
    [order] = nav.orders()
    assert order["No"] != half["No"]
    assert await nav.lines(str(order["No"])) == HELD[:1]


async def test_lines_that_are_not_certainly_ours_are_not_built_on(nav: Nav) -> None:
    """Somebody's own line in an unfinished order: it is begun anew rather than completed to nobody knows what."""
    nav.cut("POST", FaultMoment.BEFORE, 2)
    assert (await nav.create()).outcome is Outcome.UNKNOWN
    [half] = nav.orders()
    own = {"Document_Type": "Order", "Document_No": half["No"], "Type": "Item", "No": "CHAIR"}
    nav.app.erp.create(TABLES["Sales_Line"], {**own, "Line_No": 110_000})
    assert (await nav.create()).outcome is Outcome.DONE
    [order] = nav.orders()
    assert order["No"] != half["No"]
    assert await nav.lines(str(order["No"])) == HELD


async def test_an_unfinished_order_that_was_posted_by_hand_is_left_to_a_person(nav: Nav) -> None:
    """Who gives it a date and posts it gets no second one: the invoice is named, with what to do."""
    nav.cut("POST", FaultMoment.BEFORE, 2)
    assert (await nav.create()).outcome is Outcome.UNKNOWN
    [half] = nav.app.records.find_equal("Sales_Header", Document_Type="Order")
    nav.app.erp.change(half, {"Document_Date": nav.app.records.today})
    assert nav.post(half.text("No")).status in {200, 201, 204}
    stopped = await nav.create()
    assert stopped.outcome is Outcome.REJECTED
    assert stopped.error is not None
    [invoice] = nav.app.records.find_equal("Sales_Invoice_Header", Order_No=half.text("No"))
    assert f"was posted by somebody as {invoice.text('No')}" in stopped.error.message
    assert nav.orders() == []


async def test_pages_that_insist_on_a_document_date_are_served(nav: Nav) -> None:
    """Where a page refuses a document without a date, only its mark shows that it is unfinished."""
    answer = Response(status=400, body=b'{"error":{"code":"BadRequest","message":"Belegdatum fehlt"}}')
    nav.app.faults.faults.append(Fault(method="POST", path_contains="SalesOrder", answer=answer))
    assert (await nav.create()).outcome is Outcome.DONE
    [order] = nav.orders()
    assert order["Document_Date"] == nav.app.records.today
    assert nav.app.faults.faults[0].times == 0


async def test_what_the_pages_lack_is_told_before_anything_is_sent(nav: Nav) -> None:
    """A field that no page shows, and a document that nobody can create."""
    refused = await nav.create(No_Such_Field="X")
    assert refused.outcome is Outcome.REJECTED
    assert refused.error is not None
    assert refused.error.field == "No_Such_Field"
    assert nav.writes("POST") == 0
    with pytest.raises(ServiceMismatch):
        await nav.service().create_document(
            TableView(side=Side.ERP, table="Customer", fields=()), MARK, {}, ()
        )
    with pytest.raises(MappingLacks):
        await nav.service().perform(HEADER, f"Order{KEY_SEPARATOR}1", None, "NAV.Release", {})
