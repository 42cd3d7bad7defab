"""Requests to the ERP extension's API, as Microsoft Learn prints requests to APIs of a publisher, byte by byte.

Pages: devenv-develop-custom-api (address, ids), use-odata-batch (JSON); names of fields are those of extension/al.
"""

import json

import pytest
from tests.connectors.wire.capture import Bearer, Wire, documented

from interlace.connectors.business_central.identified_creates import id_of
from interlace.connectors.business_central.published_tables import PublishedTable
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.domain.side import Side
from interlace.engine.ports import Outcome, Precondition, TableView, Write

ORIGIN = "https://nav.contoso.com:7048/BC"
PAGES = f"{ORIGIN}/ODataV4/"
API = f"{ORIGIN}/api/interlace/sync/v1.0/"
COMPANY_ID = "00000000-0000-0000-0000-0000000000c1"
RESOURCES = f"{API}companies({COMPANY_ID})/resources"
VIEW = TableView(side=Side.ERP, table="Resource", fields=("Name", "Search_Name"))
PUBLISHED = PublishedTable(name="Resource", service="ResourceCard", key=("No",), search_field="No")
MARK = "CRM47"
ID = id_of("Resource", MARK)
ETAG = 'W/"JzE2O0FBQUFBSnNIQUFBPSc="'
ASKED = "Accept: application/json\nAuthorization: Bearer TOKEN"
SENT = f"{ASKED}\nContent-Type: application/json"
_EDMX = (
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="{0}" xmlns="http://docs.oasis-open.org/odata/ns/edm">{1}</Schema>'
    "</edmx:DataServices></edmx:Edmx>"
)


def metadata(namespace: str, entity: str, entity_set: str, key: str, *texts: str) -> str:
    """Return the metadata of a root with one set whose other properties are texts."""
    kind = "Edm.Guid" if key == "id" else "Edm.String"
    properties = "".join(f'<Property Name="{name}" Type="Edm.String"/>' for name in texts)
    return _EDMX.format(
        namespace,
        f'<EntityType Name="{entity}"><Key><PropertyRef Name="{key}"/></Key>'
        f'<Property Name="{key}" Type="{kind}" Nullable="false"/>{properties}</EntityType>'
        f'<EntityContainer Name="NAV"><EntitySet Name="{entity_set}" EntityType="{namespace}.{entity}"/>'
        "</EntityContainer>",
    )


def request(head: str, body: object = None) -> str:
    """Return a request as the pages print it."""
    text = "" if body is None else json.dumps(body, separators=(",", ":"))
    return f"{documented(head)}\r\n\r\n{text}"


@pytest.fixture
async def wire() -> Wire:
    """A wire on which nothing has been sent."""
    return Wire()


@pytest.fixture
async def service(wire: Wire) -> BusinessCentralService:
    """A service that has seen the announcement, the extension's metadata, and where the company is."""
    settings = BusinessCentralSettings(company="CRONUS")
    announced = metadata("NAV", "InterlaceExtension", "InterlaceExtension", "Primary_Key")
    own = metadata("Microsoft.NAV", "resource", "resources", "id", "no", "name", "searchName")
    wire.answer(announced, content_type="application/xml").answer(own, content_type="application/xml")
    service = BusinessCentralService(
        wire.erp(Bearer()), settings, published=(PUBLISHED,), virtual_fields=(), derived_fields=()
    )
    await service.columns("Resource")
    head = "GET {0}$metadata\nAccept: application/xml\nAuthorization: Bearer TOKEN\nData-Access-Intent: ReadWrite"
    assert wire.taken() == [request(head.format(PAGES)), request(head.format(API))]
    wire.answer(f'{{"value":[{{"id":"{COMPANY_ID}","name":"CRONUS"}}]}}').answer('{"value":[]}')
    await service.read_keys(VIEW, ("R0",))
    wire.taken()
    return service


def read(query: str, size: int) -> str:
    """Return a read of resources."""
    prefer = f"Data-Access-Intent: ReadWrite\nPrefer: odata.maxpagesize={size}"
    return request(f"GET {RESOURCES}?{query}\n{ASKED}\n{prefer}")


async def test_create_brings_its_id(service: BusinessCentralService, wire: Wire) -> None:
    """One POST with the id and our mark; a refusal by the id is followed by a look under it."""
    held = f'{{"id":"{ID}","no":"R9","searchName":"{MARK}"}}'
    refusal = '{"error":{"code":"Internal_EntityWithSameKeyExists","message":"It exists."}}'
    wire.answer(refusal, 400).answer(f'{{"value":[{held}]}}')
    write = Write(key=MARK, precondition=Precondition.MARKED, values={"Name": "Montage"})
    [result] = await service.write(VIEW, (write,))
    assert (result.outcome, result.key) == (Outcome.DONE, "R9")
    body = {"id": ID, "name": "Montage", "searchName": MARK}
    look = read(f"$select=no,searchName&$filter=id%20eq%20{ID}", 1)
    assert wire.taken() == [request(f"POST {RESOURCES}\n{SENT}", body), look]


async def test_table_without_a_page_is_read_in_the_extensions_names(
    service: BusinessCentralService, wire: Wire
) -> None:
    """Selection and filter are renamed, literals are not; continuations are followed as they were given."""
    link = f"{RESOURCES}?$skiptoken=%27{ID}%27"
    row = f'{{"@odata.etag":"","no":"No","name":"A","searchName":"{MARK}"}}'
    wire.answer(f'{{"value":[{row}],"@odata.nextLink":"{link}"}}').answer('{"value":[]}')
    page = await service.read_page(VIEW, None)
    await service.read_page(VIEW, page.next)
    wire.answer('{"value":[]}')
    await service.find_records(VIEW, "Search_Name", ("No",), exact=True)
    names = "$select=no,name,searchName"
    assert [(each.key, each.values()) for each in page.records] == [("No", ("A", MARK))]
    assert wire.taken() == [
        read(names, 1000),
        read(link.partition("?")[2], 1000),
        read(f"{names}&$filter=searchName%20eq%20'No'", 1000),
    ]


async def test_writes_of_such_a_table_name_its_ids(service: BusinessCentralService, wire: Wire) -> None:
    """The id is asked for by the number; a batch goes to the extension's own root."""
    wire.answer(f'{{"value":[{{"id":"{ID}","no":"R9"}}]}}').answer('{"responses":[]}')
    change = Write(key="R9", precondition=Precondition.UNCHANGED, values={"Name": "B"}, tag=ETAG)
    create = Write(key="R10", precondition=Precondition.ABSENT, values={"Name": "C"})
    await service.write(VIEW, (change, create))
    part = {"Content-Type": "application/json", "Accept": "application/json"}
    where = f"companies({COMPANY_ID})/resources"
    parts = [
        {
            "id": "1",
            "method": "PATCH",
            "url": f"{where}({ID})",
            "headers": {**part, "If-Match": ETAG},
            "body": {"name": "B"},
        },
        {"id": "2", "method": "POST", "url": where, "headers": part, "body": {"no": "R10", "name": "C"}},
    ]
    assert wire.taken() == [
        read("$select=id,no&$filter=no%20eq%20'R9'", 100),
        request(f"POST {API}$batch\n{SENT}\nPrefer: odata.continue-on-error", {"requests": parts}),
    ]
