"""Orders as NAV's page services take them, byte by byte: the header, each line in a request of its own, and the end.

Fields are called by the German captions of the pages. Pages: OData-Web-Services, use-odata-to-modify-data; lines are
inserted below their order, as clients of NAV's part pages do.
"""

from decimal import Decimal

import pytest
from tests.connectors.wire.capture import Wire
from tests.connectors.wire.test_nav_requests import ETAG, ROOT, get, request

from interlace.connectors.business_central.named_pages import NavPagesChannel
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.privilege import Access
from interlace.domain.side import Side
from interlace.domain.values import Value
from interlace.engine.ports import Deletion, Outcome, TableView

COMPANY = f"{ROOT}Company('CRONUS')"
ORDERS = f"{COMPANY}/SalesOrder"
ORDER = f"{ORDERS}(Belegart='Order',Nr='AU1009')"
LINES = f"{COMPANY}/SalesOrderSalesLines"
INVOICES = f"{COMPANY}/PostedSalesInvoice"
MARK = "CRMABCDEFGHIJKLM"
UNFINISHED = f"UNFINISHED%20{MARK}"
NOTE = "Interlace fe1eff9579731d1e505a089d"
VIEW = TableView(side=Side.ERP, table="Sales_Header", fields=("External_Document_No",))
VALUES: dict[str, Value] = {
    "External_Document_No": MARK,
    "Invoice_Discount_Amount": Decimal("2.50"),
    "Currency_Code": "EUR",
    "Requested_Delivery_Date": "2018-03-20",
    "Sell_to_Customer_No": "D10000",
}
ITEM: dict[str, Value] = {
    "Line_Discount_Amount": Decimal("0.05"),
    "Unit_Price": Decimal("1000.80"),
    "Quantity": Decimal("3.0"),
    "No": "1896-S",
    "Type": "Item",
}
REMARK: dict[str, Value] = {"Type": "", "Description": 'Wie besprochen: "größer"'}


def _properties(text: str) -> str:
    return "".join(
        f'<Property Name="{name}" Type="Edm.{kind or "String"}"/>'
        for name, _, kind in (each.partition(":") for each in text.split())
    )


def metadata(*services: str) -> str:
    """Return what NAV tells of its published pages."""
    types = {
        "SalesOrder": (
            "Belegart Nr",
            """Verk_an_Deb_Nr Externe_Belegnummer Ihre_Referenz Währungscode Belegdatum:Date Auftragsdatum:Date
            Buchungsdatum:Date Gewünschtes_Lieferdatum:Date Rechnungsrabattbetrag:Decimal""",
        ),
        "SalesOrderSalesLines": (
            "Belegart Belegnr Zeilennr",
            "Art Nr Beschreibung Menge:Decimal VK_Preis:Decimal Zeilenrabattbetrag:Decimal",
        ),
        "PostedSalesInvoice": ("Nr", "Externe_Belegnummer Auftragsnr Restbetrag:Decimal Geschlossen:Boolean"),
        "CustomerStatistics": ("Nr", "Saldo_MW:Decimal Total_LCY:Decimal"),
        "ItemCard": ("Nr", "Lagerbestand:Decimal"),
        "GeneralLedgerSetup": ("Primary_Key", "MW_Code"),
    }
    declared = "".join(
        f'<EntityType Name="{name}"><Key>'
        + "".join(f'<PropertyRef Name="{key}"/>' for key in types[name][0].split())
        + f"</Key>{_properties(types[name][0].replace('Zeilennr', 'Zeilennr:Int32'))}{_properties(types[name][1])}"
        + "</EntityType>"
        for name in services
    )
    sets = "".join(f'<EntitySet Name="{name}" EntityType="NAV.{name}"/>' for name in services)
    return (
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
        f'<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">{declared}'
        f'<EntityContainer Name="NAV">{sets}</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>'
    )


EVERY_PAGE = ("SalesOrder", "SalesOrderSalesLines", "PostedSalesInvoice", "GeneralLedgerSetup")


def order(mark: str, note: str = NOTE) -> str:
    """Return the order as NAV shows it."""
    etag = ETAG.replace('"', '\\"')
    return (
        f'{{"@odata.etag":"{etag}","Belegart":"Order","Nr":"AU1009","Externe_Belegnummer":"{mark}",'
        f'"Ihre_Referenz":"{note}","Auftragsdatum":"2018-03-01","Buchungsdatum":"2018-03-02"}}'
    )


def line(number: int) -> str:
    """Return a line as NAV shows it."""
    return f'{{"Belegart":"Order","Belegnr":"AU1009","Zeilennr":{number},"Art":"Item","Nr":"1896-S"}}'


def post(address: str, body: str) -> str:
    """Return a create."""
    return request(f"POST {address}", "Content-Type: application/json", body=body)


LOOK = get(
    f"{ORDERS}?$select=Belegart,Nr,Externe_Belegnummer,Ihre_Referenz,Auftragsdatum,Buchungsdatum"
    f"&$filter=Externe_Belegnummer%20eq%20'{UNFINISHED}'"
)
LOOK_AT_INVOICES = get(
    f"{INVOICES}?$select=Nr,Externe_Belegnummer&$filter=Externe_Belegnummer%20eq%20'{UNFINISHED}'"
)
HEADER = post(
    ORDERS,
    f'{{"Verk_an_Deb_Nr":"D10000","Externe_Belegnummer":"UNFINISHED {MARK}","Währungscode":"",'
    f'"Gewünschtes_Lieferdatum":"2018-03-20","Belegdatum":"0001-01-01","Ihre_Referenz":"{NOTE}"}}',
)
FIRST_LINE = post(
    f"{ORDER}/SalesOrderSalesLines",
    '{"Zeilennr":100000,"Art":"Item","Nr":"1896-S","Menge":3,"VK_Preis":1000.80,"Zeilenrabattbetrag":0.05}',
)
SECOND_LINE = post(
    f"{ORDER}/SalesOrderSalesLines",
    '{"Zeilennr":200000,"Art":"","Beschreibung":"Wie besprochen: \\"größer\\""}',
)
END = request(
    f"PATCH {ORDER}",
    "Content-Type: application/json",
    f"If-Match: {ETAG}",
    body='{"Belegdatum":"2018-03-01","Rechnungsrabattbetrag":2.50,"Ihre_Referenz":"",'
    f'"Externe_Belegnummer":"{MARK}"}}',
)


def _service(wire: Wire) -> BusinessCentralService:
    channel = NavPagesChannel("https://nav.contoso.com:7048", BasicSignIn("U", "K"), transport=wire)
    settings = BusinessCentralSettings(
        company="CRONUS", odata_root="/DynamicsNAV110/ODataV4/", has_api=False, max_request_life_seconds=1
    )
    return BusinessCentralService(channel, settings, virtual_fields=(), derived_fields=())


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent; the first answer is the pages' metadata."""
    return Wire().answer(metadata(*EVERY_PAGE), content_type="application/xml")


@pytest.fixture
def service(wire: Wire) -> BusinessCentralService:
    """A service that knows nothing yet."""
    return _service(wire)


async def _known(service: BusinessCentralService, wire: Wire) -> None:
    """Let the service learn the pages."""
    await service.columns("Sales_Header")
    wire.answer('{"value":[{"MW_Code":"EUR"}]}')
    wire.taken()


async def test_an_order_goes_line_by_line(service: BusinessCentralService, wire: Wire) -> None:
    """Looked for, begun without date and mark, filled, and given both in the end under the order's own etag."""
    await _known(service, wire)
    wire.answer('{"value":[]}').answer('{"value":[]}')
    wire.answer(order(f"UNFINISHED {MARK}"), status=201)
    wire.answer(line(100_000), status=201).answer(line(200_000), status=201)
    wire.answer(f'{{"value":[{order(f"UNFINISHED {MARK}")}]}}').answer(order(MARK))
    result = await service.create_document(VIEW, MARK, VALUES, (ITEM, REMARK))
    assert (result.outcome, result.key) == (Outcome.DONE, f"Order{KEY_SEPARATOR}AU1009"), result.error
    _, *sent = wire.taken()
    assert sent == [LOOK, LOOK_AT_INVOICES, HEADER, FIRST_LINE, SECOND_LINE, LOOK, END]


async def test_what_was_begun_is_gone_on_with(service: BusinessCentralService, wire: Wire) -> None:
    """The order with the same digest gets what it lacks: its lines are counted, and those that are there stay."""
    await _known(service, wire)
    found = f'{{"value":[{order(f"UNFINISHED {MARK}")}]}}'
    wire.answer(found).answer(f'{{"value":[{line(100_000)}]}}')
    wire.answer(line(200_000), status=201).answer(found).answer(order(MARK))
    result = await service.create_document(VIEW, MARK, VALUES, (ITEM, REMARK))
    assert result.outcome is Outcome.DONE, result.error
    _, *sent = wire.taken()
    lines = get(
        f"{LINES}?$select=Belegart,Belegnr,Zeilennr,Art&$filter=Belegart%20eq%20'Order'%20and%20Belegnr%20eq%20'AU1009'"
    )
    assert sent == [LOOK, lines, SECOND_LINE, LOOK, END]


async def test_what_is_to_become_something_else_is_deleted(
    service: BusinessCentralService, wire: Wire
) -> None:
    """An order with another digest goes under its etag, before the new one is begun."""
    await _known(service, wire)
    wire.answer(f'{{"value":[{order(f"UNFINISHED {MARK}", "Interlace 0")}]}}').answer()
    wire.answer('{"value":[]}')
    said = "You cannot create this type of document when Customer D10000 is blocked with type All."
    refusal = f'{{"error":{{"code":"Application_DialogException","message":"{said}"}}}}'
    wire.answer(refusal, status=400).answer(refusal, status=400)
    result = await service.create_document(VIEW, MARK, VALUES, (ITEM, REMARK))
    assert result.outcome is Outcome.REJECTED
    assert result.error is not None
    assert "blocked with type All" in result.error.message
    _, *sent = wire.taken()
    without_date = HEADER.replace('"Belegdatum":"0001-01-01",', "")
    deletion = request(f"DELETE {ORDER}", f"If-Match: {ETAG}")
    assert sent[1:] == [deletion, LOOK_AT_INVOICES, HEADER, without_date]


async def test_what_became_of_an_order_is_asked_of_its_pages() -> None:
    """Order and invoices are found by mark and number; what a customer owes and an item's stock by their own pages."""
    wire = Wire().answer(
        metadata(*EVERY_PAGE, "CustomerStatistics", "ItemCard"), content_type="application/xml"
    )
    service = _service(wire)
    wire.answer(f'{{"value":[{order(MARK)}]}}')
    [found] = await service.find_records(VIEW, "External_Document_No", (MARK,), exact=True)
    wire.answer('{"value":[{"Nr":"RG1","Auftragsnr":"AU1009","Restbetrag":0,"Geschlossen":true}]}')
    invoices = TableView(
        side=Side.ERP, table="Sales_Invoice_Header", fields=("Order_No", "Remaining_Amount", "Closed")
    )
    [invoice] = await service.find_records(invoices, "Order_No", ("AU1009",), exact=True)
    wire.answer('{"value":[{"Nr":"D10000","Saldo_MW":12.50,"Total_LCY":99.5}]}')
    statistics = TableView(side=Side.ERP, table="Customer_Statistics", fields=("Balance_LCY", "Total_LCY"))
    [owed] = (await service.read_page(statistics, None)).records
    wire.answer('{"value":[{"Nr":"1896-S","Lagerbestand":7}]}')
    [stock] = await service.read_keys(
        TableView(side=Side.ERP, table="Item", fields=("Inventory",)), ("1896-S",)
    )
    assert (found.key, invoice.values()) == (f"Order{KEY_SEPARATOR}AU1009", ("AU1009", Decimal(0), True))
    assert stock is not None
    assert (owed.values(), stock.values()) == ((Decimal("12.50"), Decimal("99.5")), (Decimal(7),))
    _, *sent = wire.taken()
    assert sent == [
        get(f"{ORDERS}?$select=Belegart,Nr,Externe_Belegnummer&$filter=Externe_Belegnummer%20eq%20'{MARK}'"),
        get(f"{INVOICES}?$select=Nr,Auftragsnr,Restbetrag,Geschlossen&$filter=Auftragsnr%20eq%20'AU1009'"),
        get(f"{COMPANY}/CustomerStatistics?$select=Nr,Saldo_MW,Total_LCY"),
        get(f"{COMPANY}/ItemCard?$select=Nr,Lagerbestand&$filter=Nr%20eq%20'1896-S'"),
    ]


async def test_an_order_is_taken_back_under_its_etag(service: BusinessCentralService, wire: Wire) -> None:
    """What is not what the CRM order says is deleted by both parts of its key."""
    await service.columns("Sales_Header")
    wire.taken()
    wire.answer()
    [result] = await service.delete(VIEW, (Deletion(key=f"Order{KEY_SEPARATOR}AU1009", tag=ETAG),))
    assert result.outcome is Outcome.DONE
    assert wire.taken() == [request(f"DELETE {ORDER}", f"If-Match: {ETAG}")]


async def test_a_missing_page_is_named_with_what_to_publish() -> None:
    """Who is to create orders needs their lines, and the posted invoices, too."""
    wire = Wire().answer(metadata("SalesOrder", "GeneralLedgerSetup"), content_type="application/xml")
    orders = TableView(side=Side.ERP, table="Sales_Header", fields=())
    gaps = await _service(wire).gaps(orders, (Access.CREATE,))
    assert [gap.service for gap in gaps] == ["SalesOrderSalesLines", "PostedSalesInvoice"]
    assert all(f"publish Page {number}" in gap.text for number, gap in zip((42, 132), gaps, strict=True))
