"""Every kind of request to Business Central and NAV as the pages of Microsoft Learn print it, byte by byte.

Pages: OData-Web-Services, use-odata-to-modify-data, use-odata-batch (JSON), odata-client-performance, API v2.0
resources. Names of fields are those that the service makes of captions: `No.` is No, `VAT %` would be VATPercent.
"""

import json
from collections.abc import Mapping

import pytest
from tests.connectors.wire.capture import Bearer, Wire, documented

from interlace.connectors.business_central.published_tables import PublishedTable, StampFeed
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.domain.side import Side
from interlace.engine.ports import Deletion, Precondition, TableView, Write

ROOT = "https://nav.contoso.com:7048/BC/ODataV4/"
API = "https://nav.contoso.com:7048/BC/api/v2.0/"
COMPANY = "Company('CRONUS%20%26%20S%C3%B8n%27%27s')".replace("%27", "'")
COMPANY_ID = "00000000-0000-0000-0000-0000000000c1"
ETAG = 'W/"JzE2O0FBQUFBSnNIQUFBPSc="'
ITEM_UNITS = TableView(side=Side.ERP, table="Item_Unit_of_Measure", fields=("Qty_per_Unit_of_Measure",))
PUBLISHED = PublishedTable(
    name="Item_Unit_of_Measure",
    service="ItemUnitsOfMeasure",
    key=("Item_No", "Code"),
    search_field="Item_No",
    feeds=(StampFeed(api_set="itemUnits", key_fields=("itemNumber", "code")),),
)
METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="ItemUnitsOfMeasure"><Key><PropertyRef Name="Item_No"/><PropertyRef Name="Code"/></Key>
<Property Name="Item_No" Type="Edm.String" Nullable="false"/><Property Name="Code" Type="Edm.String" Nullable="false"/>
<Property Name="Qty_per_Unit_of_Measure" Type="Edm.Decimal"/></EntityType>
<EntityContainer Name="NAV"><EntitySet Name="ItemUnitsOfMeasure" EntityType="NAV.ItemUnitsOfMeasure"/>
</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"""
PART = {"Content-Type": "application/json", "Accept": "application/json"}


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent."""
    return Wire()


@pytest.fixture
async def service(wire: Wire) -> BusinessCentralService:
    """A service that has learned its table; the company's name holds what must be escaped."""
    settings = BusinessCentralSettings(company="CRONUS & Søn's", page_size=1000)
    wire.answer(METADATA, content_type="application/xml")
    service = BusinessCentralService(
        wire.erp(Bearer()), settings, published=(PUBLISHED,), virtual_fields=(), derived_fields=()
    )
    await service.columns("Item_Unit_of_Measure")
    assert wire.taken() == [get(f"{ROOT}$metadata", accept="application/xml")]
    return service


def get(address: str, prefer: str = "", accept: str = "application/json") -> str:
    """Return a read as the pages print it; it asks past the read-only replica."""
    wish = f"Prefer: {prefer}\n" if prefer else ""
    head = (
        f"GET {address}\nAccept: {accept}\nAuthorization: Bearer TOKEN\nData-Access-Intent: ReadWrite\n{wish}"
    )
    return documented(head) + "\r\n\r\n"


def batch(*parts: Mapping[str, object]) -> str:
    """Return a JSON batch; its parts' addresses are relative to the service root."""
    head = f"""
POST {ROOT}$batch
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
Prefer: odata.continue-on-error
"""
    return documented(head) + "\r\n\r\n" + json.dumps({"requests": parts}, separators=(",", ":"))


async def test_pages_are_read_in_the_company(service: BusinessCentralService, wire: Wire) -> None:
    """The company's name is a quoted key: its quote is doubled, blank, ampersand and umlaut are encoded."""
    link = f"{ROOT}{COMPANY}/ItemUnitsOfMeasure?$skiptoken=%27A%2F1%27"
    wire.answer(f'{{"value":[],"@odata.nextLink":"{link}"}}').answer('{"value":[]}')
    page = await service.read_page(ITEM_UNITS, None)
    await service.read_page(ITEM_UNITS, page.next)
    columns = "$select=Item_No,Code,Qty_per_Unit_of_Measure"
    assert wire.taken() == [
        get(f"{ROOT}{COMPANY}/ItemUnitsOfMeasure?{columns}", "odata.maxpagesize=1000"),
        get(link, "odata.maxpagesize=1000"),
    ]


async def test_keys_are_read_by_one_field(service: BusinessCentralService, wire: Wire) -> None:
    """OR is allowed over one field only; texts are quoted, their quotes doubled."""
    wire.answer('{"value":[]}')
    await service.read_keys(ITEM_UNITS, ("A'1\x1fPCS", "B&2\x1fBOX"))
    [sent] = wire.taken()
    assert sent == get(
        f"{ROOT}{COMPANY}/ItemUnitsOfMeasure?$select=Item_No,Code,Qty_per_Unit_of_Measure"
        "&$filter=Item_No%20eq%20'A''1'%20or%20Item_No%20eq%20'B%262'",
        "odata.maxpagesize=1000",
    )


async def test_writes_go_in_json_batches(service: BusinessCentralService, wire: Wire) -> None:
    """A create is a POST with its key, an update a PATCH of the escaped key under the etag that was read."""
    wire.answer('{"responses":[]}')
    await service.write(
        ITEM_UNITS,
        (
            Write(key="A'1\x1fPCS", precondition=Precondition.ABSENT, values={"Qty_per_Unit_of_Measure": 12}),
            Write(
                key="A/1 %\x1fPCS",
                precondition=Precondition.UNCHANGED,
                values={"Qty_per_Unit_of_Measure": 6},
                tag=ETAG,
            ),
        ),
    )
    create = {
        "id": "1",
        "method": "POST",
        "url": f"{COMPANY}/ItemUnitsOfMeasure",
        "headers": PART,
        "body": {"Item_No": "A'1", "Code": "PCS", "Qty_per_Unit_of_Measure": 12},
    }
    update = {
        "id": "2",
        "method": "PATCH",
        "url": f"{COMPANY}/ItemUnitsOfMeasure(Item_No='A%2F1%20%25',Code='PCS')",
        "headers": {**PART, "If-Match": ETAG},
        "body": {"Qty_per_Unit_of_Measure": 6},
    }
    assert wire.taken() == [batch(create, update)]


async def test_deletions_carry_their_etag(service: BusinessCentralService, wire: Wire) -> None:
    """A deletion is conditional, too; without a tag any version will do."""
    wire.answer('{"responses":[]}')
    await service.delete(ITEM_UNITS, (Deletion(key="A\x1fPCS", tag=ETAG), Deletion(key="B\x1fPCS")))
    where = f"{COMPANY}/ItemUnitsOfMeasure(Item_No='{{0}}',Code='PCS')"
    parts = [
        {"id": place, "method": "DELETE", "url": where.format(item), "headers": {"If-Match": tag}}
        for place, item, tag in (("1", "A", ETAG), ("2", "B", "*"))
    ]
    assert wire.taken() == [batch(*parts)]


async def test_stamps_are_read_in_the_api(service: BusinessCentralService, wire: Wire) -> None:
    """The API addresses the company by its id; the newest stamp is asked for first."""
    companies = f'{{"value":[{{"id":"{COMPANY_ID}","name":"CRONUS & Søn\'s"}}]}}'
    row = '{"itemNumber":"A","code":"PCS","lastModifiedDateTime":"2026-03-01T12:00:00Z"}'
    wire.answer(companies).answer(f'{{"value":[{row}]}}').answer(f'{{"value":[{row}]}}')
    await service.read_changes(ITEM_UNITS, None)
    sent = wire.taken()
    stamps = f"{API}companies({COMPANY_ID})/itemUnits?$select="
    assert sent[-2:] == [
        get(
            f"{stamps}lastModifiedDateTime&$orderby=lastModifiedDateTime%20desc&$top=1", "odata.maxpagesize=1"
        ),
        get(
            f"{stamps}itemNumber,code,lastModifiedDateTime"
            "&$filter=lastModifiedDateTime%20ge%202026-03-01T11:45:00.000Z",
            "odata.maxpagesize=20000",
        ),
    ]


async def test_actions_are_bound_to_the_record_of_the_page(
    service: BusinessCentralService, wire: Wire
) -> None:
    """An action of a page is a POST below its record, in the namespace NAV."""
    wire.answer()
    await service.perform(ITEM_UNITS, "A\x1fPCS", ETAG, "NAV.Recalculate", {})
    assert wire.taken() == [
        documented(
            f"""
POST {ROOT}{COMPANY}/ItemUnitsOfMeasure(Item_No='A',Code='PCS')/NAV.Recalculate
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
If-Match: {ETAG}

{{}}
"""
        )
    ]


async def test_web_service_access_keys_go_as_basic(wire: Wire) -> None:
    """On premises user and key are Basic; a company that is given by its id is addressed by it."""
    settings = BusinessCentralSettings(company=f"{{{COMPANY_ID.upper()}}}")
    service = BusinessCentralService(
        wire.erp(), settings, published=(PUBLISHED,), virtual_fields=(), derived_fields=()
    )
    wire.answer(METADATA, content_type="application/xml").answer('{"value":[]}')
    await service.read_page(ITEM_UNITS, None)
    line, *headers = wire.taken()[1].split("\r\n")
    assert line.startswith(f"GET {ROOT}Company(Id={COMPANY_ID})/ItemUnitsOfMeasure?")
    assert "Authorization: Basic VTpL" in headers
