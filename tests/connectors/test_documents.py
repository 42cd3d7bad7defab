"""Documents created with their lines over API v2.0, and messages carried out, at the embedded services."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
from tests.connectors.stub_channel import StubChannel
from tests.ready_crm import ready_crm

from interlace.connectors.business_central.api_documents import api_document, header_body, line_bodies
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.dataverse.messages import MessageSender
from interlace.connectors.dataverse.service import DataverseService
from interlace.connectors.dataverse.tables import CrmTable
from interlace.connectors.http import ChannelLimits, HttpChannel
from interlace.connectors.http_message import HttpAnswer
from interlace.connectors.sign_in import BasicSignIn
from interlace.connectors.wire_body import ValueNotWritable
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Outcome, TableView
from interlace.engine.service import ServiceMismatch
from interlace.sandbox.erp.application_server import ErpSandboxOptions, create_erp_sandbox
from interlace.sandbox.exchange import Response
from interlace.sandbox.faults import Fault, FaultMoment

KEY = "the-access-key"
MARK = "CRMABCDEFGHIJKLM"
LIMITS = ChannelLimits(retry_delay_seconds=0.0, retries_max=2)
HEADER = TableView(
    side=Side.ERP,
    table="Sales_Header",
    fields=("External_Document_No", "Status", "Amount", "Created_by_User"),
)
LINES = TableView(
    side=Side.ERP, table="Sales_Line", fields=("Type", "No", "Quantity", "Unit_Price", "Line_Discount_Amount")
)
ORDER = TableView(side=Side.CRM, table="salesorder", fields=("statecode", "statuscode"))
Row = tuple[str, dict[str, object]]


def _rows() -> Iterator[Row]:
    yield "General_Ledger_Setup", {"Primary_Key": "", "LCY_Code": "EUR"}
    yield "Unit_of_Measure", {"Code": "PCS", "Description": "Pieces"}
    yield "Customer", {"No": "HOME", "Name": "Home", "VAT_Bus_Posting_Group": "DOMESTIC"}
    item = {"No": "CHAIR", "Description": "Chair", "Base_Unit_of_Measure": "PCS", "Unit_Price": "10"}
    yield "Item", {**item, "VAT_Prod_Posting_Group": "STANDARD"}
    yield "Item_Unit_of_Measure", {"Item_No": "CHAIR", "Code": "PCS", "Qty_per_Unit_of_Measure": 1}
    stock = {"Entry_Type": "Purchase", "Item_No": "CHAIR", "Quantity": 100, "Remaining_Quantity": 100}
    yield "Item_Ledger_Entry", {"Entry_No": 1, "Posting_Date": "2026-01-02", **stock, "Open": True}


OPTIONS = ErpSandboxOptions(company="Nordlicht", access_key=KEY, seed=_rows)
Serve = Callable[[Any], Awaitable[str]]


class Erp:
    """The embedded ERP with one customer and one item, and a connection to it."""

    def __init__(self, app: Any, service: BusinessCentralService) -> None:
        self.app = app
        self.service = service
        self.values: dict[str, Value] = {"Sell_to_Customer_No": "HOME", "External_Document_No": MARK}
        self.line: Mapping[str, Value] = {
            "Line_Discount_Amount": Decimal("0.50"),
            "Unit_Price": Decimal("12.25"),
            "Quantity": Decimal(3),
            "No": "CHAIR",
            "Type": "Item",
        }
        self.comment: Mapping[str, Value] = {"Type": "", "Description": "As agreed"}

    async def create(self, **more: Value) -> Any:
        """Create an order with an item line and a comment."""
        lines = (self.line, self.comment)
        return await self.service.create_document(HEADER, MARK, {**self.values, **more}, lines)

    async def orders(self) -> list[Any]:
        """Return the orders that carry the mark."""
        return await self.service.find_records(HEADER, "External_Document_No", (MARK,))


@pytest.fixture
async def erp(serve: Serve) -> AsyncIterator[Erp]:
    """Serve the seed company."""
    app = create_erp_sandbox(None, OPTIONS)
    async with HttpChannel(await serve(app), BasicSignIn("INTERLACE", KEY), LIMITS) as channel:
        yield Erp(app, BusinessCentralService(channel, BusinessCentralSettings(company="Nordlicht")))


async def test_header_and_lines_come_in_one_request(erp: Erp) -> None:
    """The result names the order as its page does; lines hold what was sent, whatever order it came in."""
    await erp.service.capabilities(HEADER)
    result = await erp.create()
    assert result.outcome is Outcome.DONE, result.error
    [order] = await erp.orders()
    assert order.key == result.key
    kind, number = result.key.split(KEY_SEPARATOR)
    assert kind == "Order"
    lines = await erp.service.find_records(LINES, "Document_No", (number,))
    assert [line.values() for line in lines] == [
        ("Item", erp.line["No"], Decimal(3), Decimal("12.25"), Decimal("0.5")),
        ("_x0020_", "", Decimal(0), Decimal(0), Decimal(0)),
    ]
    assert len([it for it in erp.app.requests if it.method == "POST"]) == 1


async def test_a_line_that_is_refused_leaves_no_order_behind(erp: Erp) -> None:
    """All or nothing: the service's own words come back."""
    erp.line = {**erp.line, "No": "NO-SUCH-ITEM"}
    result = await erp.create()
    assert result.outcome is Outcome.REJECTED
    assert result.error is not None
    assert "NO-SUCH-ITEM" in result.error.message
    assert await erp.orders() == []


@pytest.mark.parametrize(("moment", "orders"), [(FaultMoment.BEFORE, 0), (FaultMoment.AFTER, 1)])
async def test_a_cut_request_is_unknown_and_sent_once(erp: Erp, moment: FaultMoment, orders: int) -> None:
    """Whether it took effect is seen by its mark only."""
    erp.app.faults.faults.append(Fault(method="POST", path_contains="salesOrders", moment=moment))
    result = await erp.create()
    assert result.outcome is Outcome.UNKNOWN
    assert len(await erp.orders()) == orders
    assert len([it for it in erp.app.requests if it.method == "POST"]) <= 1


async def test_an_answer_about_another_document_is_not_believed(erp: Erp) -> None:
    """An answer must hold a number and our mark."""
    for body in (
        b'{"number":"X1","externalDocumentNumber":"OTHER"}',
        b'{"externalDocumentNumber":"A"}',
        b"{}",
    ):
        answer = Response(status=201, body=body)
        erp.app.faults.faults.append(
            Fault(method="POST", path_contains="salesOrders", moment=FaultMoment.BEFORE, answer=answer)
        )
        result = await erp.create()
        assert result.outcome is Outcome.UNKNOWN


async def test_a_field_that_the_api_lacks_is_told_apart(erp: Erp) -> None:
    """Nothing is sent; the text says which field it is."""
    result = await erp.create(Shipping_Agent_Code="DHL")
    assert result.outcome is Outcome.REJECTED
    assert result.error is not None
    assert result.error.field == "Shipping_Agent_Code"
    assert await erp.orders() == []
    with pytest.raises(ServiceMismatch):
        await erp.service.create_document(TableView(side=Side.ERP, table="Customer", fields=()), MARK, {}, ())


async def test_page_actions_release_and_the_api_posts(erp: Erp) -> None:
    """A stale tag is refused; the action of the API finds its record by number."""
    key = (await erp.create()).key
    [order] = await erp.orders()
    stale = await erp.service.perform(HEADER, key, 'W/"1"', "NAV.Release", {})
    assert stale.outcome is Outcome.STALE
    released = await erp.service.perform(HEADER, key, order.tag, "NAV.Release", {})
    assert released.outcome is Outcome.DONE, released.error
    [order] = await erp.orders()
    assert order.values()[1] == "Released"
    posted = await erp.service.perform(HEADER, key, None, "Microsoft.NAV.shipAndInvoice", {})
    assert posted.outcome is Outcome.DONE, posted.error
    assert await erp.orders() == []
    for message in ("Microsoft.NAV.shipAndInvoice", "NAV.Release"):
        assert (await erp.service.perform(HEADER, key, None, message, {})).outcome is Outcome.GONE
    customers = TableView(side=Side.ERP, table="Customer", fields=())
    with pytest.raises(ServiceMismatch):
        await erp.service.perform(customers, "X", None, "Microsoft.NAV.post", {})


async def test_another_user_creates_the_documents(serve: Serve) -> None:
    """Reads go over the connection's user, creates over the sales order user's credential."""
    app = create_erp_sandbox(None, OPTIONS)
    app.users.add("CLERK")
    origin = await serve(app)
    key = app.users.set_key("CLERK")
    async with (
        HttpChannel(origin, BasicSignIn("INTERLACE", KEY), LIMITS) as channel,
        HttpChannel(origin, BasicSignIn("CLERK", key), LIMITS) as creator,
    ):
        settings = BusinessCentralSettings(company="Nordlicht")
        service = BusinessCentralService(channel, settings, document_channel=creator)
        values: dict[str, Value] = {"Sell_to_Customer_No": "HOME", "External_Document_No": MARK}
        result = await service.create_document(HEADER, MARK, values, ())
        assert result.outcome is Outcome.DONE
        [order] = await service.read_keys(HEADER, (result.key,))
        assert order is not None
        assert order.values()[3] == "CLERK"


def test_bodies_are_in_the_order_of_the_declaration() -> None:
    """The service validates one property after the other, so a price must come after the item."""
    document = api_document("Sales_Header")
    assert document is not None
    [line] = line_bodies(document, [{"Unit_Price": 1, "Quantity": 2, "No": "A", "Type": "G_x002F_L_Account"}])
    assert list(line.items()) == [
        ("lineType", "Account"),
        ("lineObjectNumber", "A"),
        ("quantity", 2),
        ("unitPrice", 1),
    ]
    with pytest.raises(ValueNotWritable, match="Location_Code"):
        header_body(document, {"Location_Code": "X"})
    with pytest.raises(ValueNotWritable, match="no such option"):
        line_bodies(document, [{"Type": "Magic"}])


@pytest.fixture
async def crm(serve: Serve) -> AsyncIterator[tuple[Any, DataverseService]]:
    """Serve an empty organization."""
    app = ready_crm()

    class Token:
        """Signs in with a token that the sandbox gave."""

        async def authorization(self, post_form: object, refused: str | None) -> str | None:
            """Return the header."""
            return f"Bearer {app.access_token()}"

    async with HttpChannel(await serve(app), Token(), LIMITS) as channel:
        yield app, DataverseService(channel)


async def test_crm_messages_name_the_record(crm: tuple[Any, DataverseService]) -> None:
    """An order that is not there, or in the wrong state, is refused in the service's words."""
    _, service = crm
    missing = "00000000-0000-0000-0000-00000000abcd"
    for message in ("FulfillSalesOrder", "CancelSalesOrder", "ConvertSalesOrderToInvoice"):
        result = await service.perform(ORDER, missing, None, message, {"Status": 100001})
        assert result.outcome in (Outcome.GONE, Outcome.REJECTED), (message, result)
    with pytest.raises(ServiceMismatch, match="BlessSalesOrder"):
        await service.perform(ORDER, missing, None, "BlessSalesOrder", {})
    with pytest.raises(ServiceMismatch):
        await service.create_document(ORDER, MARK, {}, ())


async def test_an_activity_is_bound_to_its_record() -> None:
    """Parameters of a part go into its object, beside the bind."""
    channel = StubChannel(HttpAnswer(status=204, headers={}, body=b""))
    table = CrmTable(name="salesorder", set_name="salesorders", key="salesorderid", columns={})
    sender = MessageSender(channel, "/api/")
    result = await sender.perform(
        table, "k", 'W/"7"', "FulfillSalesOrder", {"Status": 100001, "OrderClose.subject": "Shipped"}
    )
    assert result.outcome is Outcome.DONE
    [request] = channel.sent
    assert request.url == "/api/salesorders/Microsoft.Dynamics.CRM.FulfillSalesOrder"
    assert request.headers["If-Match"] == 'W/"7"'
    assert request.body == (
        b'{"Status":100001,"OrderClose":{"@odata.type":"Microsoft.Dynamics.CRM.orderclose","subject":"Shipped",'
        b'"salesorderid@odata.bind":"/salesorders(k)"}}'
    )
