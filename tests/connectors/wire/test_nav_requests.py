"""Every kind of request to the page web services of NAV, byte by byte, and its answers as NAV writes them.

NAV calls fields by their captions in the language of the server, has neither batches nor an API v2.0, and signs a
user in by his web service access key. Pages: OData-Web-Services, Using-OData-to-Return-or-Obtain-a-JSON-Document,
use-odata-to-modify-data, Web-Services-Authentication.
"""

from decimal import Decimal

import pytest
from tests.connectors.wire.capture import Wire, documented

from interlace.connectors.business_central.named_pages import NavPagesChannel
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.connectors.sign_in import BasicSignIn
from interlace.domain.side import Side
from interlace.engine.ports import Deletion, Outcome, Precondition, TableView, Write

ROOT = "https://nav.contoso.com:7048/DynamicsNAV110/ODataV4/"
COMPANY = "Company('CRONUS%20%26%20S%C3%B8n''s')"
CARD = f"{ROOT}{COMPANY}/CustomerCard"
SELECT = "$select=Nr,Name,Telefonnr,Kreditlimit_MW,L%C3%A4nder_Regionscode"
ETAG = 'W/"JzIwO0VnQUFBQUo3QlRFQU1BQXdBREFBTUFBQUFBQUE3OzQ5ODA3NTA7Jw=="'
CUSTOMERS = TableView(
    side=Side.ERP,
    table="Customer",
    fields=("Name", "Phone_No", "Credit_Limit_LCY", "Country_Region_Code"),
)
METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="CustomerCard"><Key><PropertyRef Name="Nr"/></Key>
<Property Name="Nr" Type="Edm.String" Nullable="false"/><Property Name="Name" Type="Edm.String"/>
<Property Name="Telefonnr" Type="Edm.String"/><Property Name="Kreditlimit_MW" Type="Edm.Decimal"/>
<Property Name="Länder_Regionscode" Type="Edm.String"/></EntityType>
<EntityContainer Name="NAV"><EntitySet Name="CustomerCard" EntityType="NAV.CustomerCard"/></EntityContainer></Schema>
</edmx:DataServices></edmx:Edmx>"""


def record(number: str, phone: str) -> str:
    """Return a record as NAV writes it: its etag first, amounts as numbers, blanks as empty texts."""
    etag = ETAG.replace('"', '\\"')
    return (
        f'{{"@odata.etag":"{etag}","Nr":"{number}","Name":"Möbel-Meller KG","Telefonnr":"{phone}",'
        '"Kreditlimit_MW":12500.50,"Länder_Regionscode":""}'
    )


def request(line: str, *headers: str, body: str = "") -> str:
    """Return a request as the pages print it, signed in with user and key."""
    named = sorted(("Accept: application/json", "Authorization: Basic VTpL", *headers))
    return "\r\n".join([line, *named, "", body])


def get(address: str, prefer: str = "odata.maxpagesize=1000") -> str:
    """Return a read."""
    return request(
        f"GET {address}", "Data-Access-Intent: ReadWrite", *([f"Prefer: {prefer}"] if prefer else [])
    )


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent; the first answer is the pages' metadata."""
    return Wire().answer(METADATA, content_type="application/xml")


@pytest.fixture
async def service(wire: Wire) -> BusinessCentralService:
    """A service that has learned what the fields of the German pages are called."""
    channel = NavPagesChannel("https://nav.contoso.com:7048", BasicSignIn("U", "K"), transport=wire)
    settings = BusinessCentralSettings(
        company="CRONUS & Søn's",
        odata_root="/DynamicsNAV110/ODataV4/",
        api_root="/DynamicsNAV110/api/v2.0/",
        has_api=False,
    )
    service = BusinessCentralService(channel, settings, virtual_fields=(), derived_fields=())
    assert list(await service.columns("Customer")) == ["No", *CUSTOMERS.fields]
    [asked] = wire.taken()
    assert (
        asked
        == documented(
            f"""
GET {ROOT}$metadata
Accept: application/xml
Authorization: Basic VTpL
Data-Access-Intent: ReadWrite
"""
        )
        + 2 * "\r\n"
    )
    return service


async def test_a_page_is_read_in_the_names_of_its_captions(
    service: BusinessCentralService, wire: Wire
) -> None:
    """The continuation is NAV's own and passes as it is; records come back in our names."""
    link = f"{CARD}?{SELECT}&$skiptoken='10000'"
    wire.answer(f'{{"value":[{record("10000", "0551 1")}],"@odata.nextLink":"{link}"}}')
    wire.answer(f'{{"value":[{record("20000", "")}]}}')
    page = await service.read_page(CUSTOMERS, None)
    rest = await service.read_page(CUSTOMERS, page.next)
    assert wire.taken() == [get(f"{CARD}?{SELECT}"), get(link)]
    assert [(each.key, each.tag) for each in (*page.records, *rest.records)] == [
        ("10000", ETAG),
        ("20000", ETAG),
    ]
    assert page.records[0].values() == ("Möbel-Meller KG", "0551 1", Decimal("12500.50"), "")


async def test_filters_name_captions_and_leave_texts_alone(
    service: BusinessCentralService, wire: Wire
) -> None:
    """What looks like one of our names within a text is somebody's value."""
    wire.answer('{"value":[]}').answer('{"value":[]}')
    await service.read_keys(CUSTOMERS, ("10000", "A'1"))
    await service.find_records(CUSTOMERS, "Phone_No", ("Phone_No 'x'",), exact=True)
    assert wire.taken() == [
        get(f"{CARD}?{SELECT}&$filter=Nr%20eq%20'10000'%20or%20Nr%20eq%20'A''1'"),
        get(f"{CARD}?{SELECT}&$filter=Telefonnr%20eq%20'Phone_No%20''x'''"),
    ]


async def test_a_create_is_a_post_with_its_key(service: BusinessCentralService, wire: Wire) -> None:
    """NAV has no batches: each write goes alone, and its answer is the record."""
    wire.answer(record("30000", "0551 2"), status=201)
    write = Write(
        key="30000",
        precondition=Precondition.ABSENT,
        values={"Name": "Möbel-Meller KG", "Phone_No": "0551 2", "Country_Region_Code": None},
    )
    [result] = await service.write(CUSTOMERS, (write,))
    assert (result.outcome, result.key, result.tag) == (Outcome.DONE, "30000", ETAG)
    body = '{"Nr":"30000","Name":"Möbel-Meller KG","Telefonnr":"0551 2","Länder_Regionscode":""}'
    assert wire.taken() == [request(f"POST {CARD}", "Content-Type: application/json", body=body)]


async def test_an_update_is_a_patch_under_the_etag(service: BusinessCentralService, wire: Wire) -> None:
    """The key is named by its caption and escaped; only what changes is sent."""
    wire.answer(record("A/1 %", "0551 3"))
    write = Write(
        key="A/1 %",
        precondition=Precondition.UNCHANGED,
        values={"Phone_No": "0551 3", "Credit_Limit_LCY": Decimal("12500.50")},
        tag=ETAG,
    )
    [result] = await service.write(CUSTOMERS, (write,))
    assert (result.outcome, result.tag) == (Outcome.DONE, ETAG)
    assert wire.taken() == [
        request(
            f"PATCH {CARD}(Nr='A%2F1%20%25')",
            "Content-Type: application/json",
            f"If-Match: {ETAG}",
            body='{"Telefonnr":"0551 3","Kreditlimit_MW":12500.50}',
        )
    ]


async def test_a_record_that_another_user_changed_is_told_as_stale(
    service: BusinessCentralService, wire: Wire
) -> None:
    """The etag is of an older version of the record: it is read and decided on anew."""
    said = "Another user has already changed the record."
    wire.answer(f'{{"error":{{"code":"PreconditionFailed","message":"{said}"}}}}', status=412)
    write = Write(key="10000", precondition=Precondition.UNCHANGED, values={"Name": "X"}, tag=ETAG)
    [result] = await service.write(CUSTOMERS, (write,))
    assert result.outcome is Outcome.STALE


async def test_a_deletion_carries_its_etag(service: BusinessCentralService, wire: Wire) -> None:
    """It has no body; its answer is 204."""
    wire.answer()
    [result] = await service.delete(CUSTOMERS, (Deletion(key="A'1", tag=ETAG),))
    assert result.outcome is Outcome.DONE
    assert wire.taken() == [request(f"DELETE {CARD}(Nr='A''1')", f"If-Match: {ETAG}")]


async def test_companies_and_numbers_are_asked_of_the_pages(
    service: BusinessCentralService, wire: Wire
) -> None:
    """Without an API the list of companies is a page service, too; a number of records is a text."""
    wire.answer('{"value":[{"Name":"Other"},{"Name":"CRONUS & Søn\'s"}]}')
    wire.answer("\ufeff3", content_type="text/plain")
    assert await service.company_id()
    assert await service.count(CUSTOMERS) == 3
    assert wire.taken() == [
        get(f"{ROOT}Company", "odata.maxpagesize=100"),
        get(f"{CARD}/$count", ""),
    ]
