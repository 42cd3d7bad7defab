"""What the Business Central connector asks besides records, and its bound actions; byte by byte.

Pages: OData-Web-Services, use-odata-to-modify-data (actions of pages), api-filter and resources of API v2.0.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.connectors.wire.capture import Bearer, Wire, documented
from tests.connectors.wire.test_business_central_requests import (
    API,
    COMPANY,
    COMPANY_ID,
    ETAG,
    PART,
    batch,
    get,
)

from interlace.connectors.business_central.feed_token import issue_feed_token
from interlace.connectors.business_central.service import BusinessCentralService, BusinessCentralSettings
from interlace.domain.keys import KEY_SEPARATOR
from interlace.domain.privilege import Access
from interlace.domain.side import Side
from interlace.engine.ports import LastChange, Marker, Outcome, Precondition, TableView, Write

PLACE = f"https://nav.contoso.com:7048/BC/ODataV4/{COMPANY}/"
SETS = f"{API}companies({COMPANY_ID})/"
NAME = "6f0c6d0e-5a3c-4f0b-9a51-2d4b0f7c9e11"
COMPANIES = f'{{"value":[{{"id":"{COMPANY_ID}","name":"CRONUS & Søn\'s"}}]}}'
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGES = {
    "CurrencyExchangeRates": (
        "Currency_Code Starting_Date:Date",
        "Relational_Currency_Code Exchange_Rate_Amount:Decimal Relational_Exch_Rate_Amount:Decimal",
    ),
    "Currencies": ("Code", ""),
    "CustomerCard": ("No", "Name Search_Name"),
    "EffectivePermissions": ("Object_ID:Int32", "Table_Name Read_Permission:Boolean"),
    "EpochMarkers": ("Code", "Counter:Int32 Name"),
    "GeneralLedgerSetup": ("Primary_Key", "LCY_Code"),
    "ItemCard": ("No", "Inventory:Decimal SystemModifiedAt:DateTimeOffset SystemModifiedBy"),
    "NoSeries": ("Code", "Manual_Nos:Boolean"),
    "SalesOrder": ("Document_Type No", "External_Document_No"),
    "SalesReceivablesSetup": ("Primary_Key", "Customer_Nos"),
}
"""Keys and other properties of the published pages; what names no type is a text."""


def _declared(name: str, key: str, others: str) -> str:
    fields = [each.partition(":") for each in f"{key} {others}".split()]
    refs = "".join(f'<PropertyRef Name="{each.partition(":")[0]}"/>' for each in key.split())
    properties = "".join(
        f'<Property Name="{each}" Type="Edm.{kind or "String"}"/>' for each, _, kind in fields
    )
    return f'<EntityType Name="{name}"><Key>{refs}</Key>{properties}</EntityType>'


METADATA = (
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>'
    '<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">'
    + "".join(_declared(name, *declared) for name, declared in PAGES.items())
    + '<EntityContainer Name="NAV">'
    + "".join(f'<EntitySet Name="{name}" EntityType="NAV.{name}"/>' for name in PAGES)
    + "</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"
)


def view(table: str, *fields: str) -> TableView:
    """Return a view of an ERP table."""
    return TableView(side=Side.ERP, table=table, fields=fields)


def one(address: str) -> str:
    """Return a read of a single record of a page."""
    return get(f"{PLACE}{address}", "odata.maxpagesize=1")


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent; the first answer is the pages' metadata."""
    return Wire().answer(METADATA, content_type="application/xml")


@pytest.fixture
async def service(wire: Wire) -> BusinessCentralService:
    """A service that has learned the pages."""
    settings = BusinessCentralSettings(company="CRONUS & Søn's", page_size=1000)
    service = BusinessCentralService(wire.erp(Bearer()), settings, today=lambda: date(2026, 3, 1))
    await service.columns("Customer")
    wire.taken()
    return service


async def test_company_and_local_currency_are_asked(service: BusinessCentralService, wire: Wire) -> None:
    """The API lists the companies; the one record of the ledger's setup tells the currency that pages leave blank."""
    wire.answer(COMPANIES).answer('{"value":[{"LCY_Code":"EUR"}]}')
    facts = await service.facts()
    assert (facts.company_id, facts.lcy_code) == (COMPANY_ID, "EUR")
    assert wire.taken() == [
        get(f"{API}companies", "odata.maxpagesize=100"),
        one("GeneralLedgerSetup?$select=LCY_Code"),
    ]


async def test_pages_are_learned_once(wire: Wire) -> None:
    """All that is asked about pages is in the one metadata document; the company is told by the API."""
    wire.answer(COMPANIES)
    service = BusinessCentralService(wire.erp(Bearer()), BusinessCentralSettings(company="CRONUS & Søn's"))
    assert list(await service.columns("Currency")) == ["Code", "Exchange_Rate"]
    assert (await service.fields("Customer"))["No"].is_key
    assert not await service.gaps(view("Customer", "Name"), (Access.READ,))
    assert not (await service.extension()).identified()
    assert await service.company_id() == COMPANY_ID
    assert wire.taken() == [
        get("https://nav.contoso.com:7048/BC/ODataV4/$metadata", accept="application/xml"),
        get(f"{API}companies", "odata.maxpagesize=100"),
    ]


async def test_permissions_are_a_page_of_their_own(service: BusinessCentralService, wire: Wire) -> None:
    """All rows, as the page shows them; a table is tried by asking for the key of its first record."""
    wire.answer('{"value":[{"Object_ID":18,"Table_Name":"Customer","Read_Permission":true}]}')
    wire.answer('{"value":[]}')
    told = await service.permissions()
    assert told is not None
    assert told["Customer"] == frozenset({Access.READ})
    await service.require_readable("Customer")
    assert wire.taken() == [
        get(f"{PLACE}EffectivePermissions", "odata.maxpagesize=1000"),
        one("CustomerCard?$top=1&$select=No"),
    ]


async def test_number_series_are_asked_by_the_setup(service: BusinessCentralService, wire: Wire) -> None:
    """The setup names the series, whose code is a quoted text; then a create comes without a number, alone."""
    wire.answer('{"value":[{"Customer_Nos":"K\'UND"}]}').answer('{"value":[{"Manual_Nos":false}]}')
    can = await service.capabilities(view("Customer", "Name"))
    assert (can.insert_with_key, can.mark_field) == (False, "Search_Name")
    wire.answer('{"No":"K00010","Name":"Größer & Co","Search_Name":"CRM47"}', status=201)
    write = Write(key="CRM47", precondition=Precondition.MARKED, values={"Name": "Größer & Co"})
    [result] = await service.write(view("Customer", "Name"), (write,))
    assert (result.outcome, result.key) == (Outcome.DONE, "K00010")
    post = f"""
POST {PLACE}CustomerCard
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json

{{"Name":"Größer & Co","Search_Name":"CRM47"}}
"""
    assert wire.taken() == [
        one("SalesReceivablesSetup?$select=Customer_Nos"),
        one("NoSeries?$select=Manual_Nos&$filter=Code%20eq%20'K''UND'"),
        documented(post),
    ]


async def test_a_page_is_counted(service: BusinessCentralService, wire: Wire) -> None:
    """The number is a text with a mark before it."""
    wire.answer("\ufeff68", content_type="text/plain")
    assert await service.count(view("Customer")) == 68
    assert wire.taken() == [get(f"{PLACE}CustomerCard/$count")]


async def test_texts_are_found_in_any_case(service: BusinessCentralService, wire: Wire) -> None:
    """Both sides are folded; OR stays on the one field."""
    wire.answer('{"value":[]}')
    await service.find_records(view("Customer", "Name"), "Name", ("ÖL & Co", "O'Hara"))
    folded = "tolower(Name)%20eq%20'%C3%B6l%20%26%20co'%20or%20tolower(Name)%20eq%20'o''hara'"
    assert wire.taken() == [
        get(f"{PLACE}CustomerCard?$select=No,Name&$filter={folded}", "odata.maxpagesize=1000")
    ]


async def test_records_are_searched_by_number_and_by_words(
    service: BusinessCentralService, wire: Wire
) -> None:
    """One request for the number, and one for the name, which has every word; each as people may have spelled it."""
    wire.answer('{"value":[]}').answer('{"value":[]}')
    assert await service.search_records(view("Customer", "Name"), "o'b & Co", ("Name",), count=5) == []
    spelled = ("o''b%20%26%20Co", "o''b%20%26%20co", "O''B%20%26%20CO", "O''B%20%26%20Co")
    number = "%20or%20".join(f"startswith(No,'{each}')" for each in spelled)
    words = [
        "%20or%20".join(f"contains(Name,'{each}')" for each in forms)
        for forms in (("o''b", "O''B"), ("%26",), ("Co", "co", "CO"))
    ]
    name = "%20and%20".join(f"({each})" for each in words)
    asked = f"{PLACE}CustomerCard?$select=No,Name&$filter="
    assert wire.taken() == [get(f"{asked}{each}&$top=5", "odata.maxpagesize=5") for each in (number, name)]


async def test_fields_of_other_pages_are_read_whole(service: BusinessCentralService, wire: Wire) -> None:
    """A currency's rate follows from the list of rates, in pages as large as the service allows."""
    wire.answer(
        '{"value":[{"Currency_Code":"USD","Starting_Date":"2026-01-01","Relational_Currency_Code":"",'
        '"Exchange_Rate_Amount":100,"Relational_Exch_Rate_Amount":80}]}'
    )
    wire.answer('{"value":[{"Code":"USD"}]}')
    page = await service.read_page(view("Currency", "Exchange_Rate"), None)
    assert [each.values() for each in page.records] == [(Decimal("1.25"),)]
    wire.answer('{"value":[]}')
    await service.refresh_virtual_fields(view("Currency", "Exchange_Rate"))
    rates = (
        "$select=Currency_Code,Starting_Date,Relational_Currency_Code,Exchange_Rate_Amount,"
        "Relational_Exch_Rate_Amount"
    )
    assert wire.taken() == [
        get(f"{PLACE}CurrencyExchangeRates?{rates}", "odata.maxpagesize=20000"),
        get(f"{PLACE}Currencies?$select=Code", "odata.maxpagesize=1000"),
        get(f"{PLACE}CurrencyExchangeRates?{rates}", "odata.maxpagesize=20000"),
    ]


async def test_stock_is_followed_by_ledger_entries(service: BusinessCentralService, wire: Wire) -> None:
    """Stock moves no stamp: the entries' rising numbers are read, some way back, beside the items' stamps."""
    item = '{"value":[{"number":"1896-S","lastModifiedDateTime":"2026-03-01T12:00:00Z"}]}'
    entry = '{"value":[{"itemNumber":"1896-S","entryNumber":4711}]}'
    wire.answer(COMPANIES).answer(item).answer(entry).answer(item).answer(entry)
    wire.answer(item).answer('{"value":[{"itemNumber":"1900-S","entryNumber":4712}]}')
    stocked = view("Item", "Inventory")
    cursor = (await service.read_changes(stocked, None)).cursor
    newest = wire.taken()[1:3]
    assert (await service.read_changes(stocked, cursor)).keys == ("1900-S",)
    assert newest == [
        get(
            f"{SETS}items?$select=lastModifiedDateTime&$orderby=lastModifiedDateTime%20desc&$top=1",
            "odata.maxpagesize=1",
        ),
        get(
            f"{SETS}itemLedgerEntries?$select=entryNumber&$orderby=entryNumber%20desc&$top=1",
            "odata.maxpagesize=1",
        ),
    ]
    assert wire.taken() == [
        get(
            f"{SETS}items?$select=number,lastModifiedDateTime"
            "&$filter=lastModifiedDateTime%20ge%202026-03-01T11:45:00.000Z",
            "odata.maxpagesize=20000",
        ),
        get(
            f"{SETS}itemLedgerEntries?$select=itemNumber,entryNumber&$filter=entryNumber%20ge%203711",
            "odata.maxpagesize=20000",
        ),
    ]


async def test_who_changed_a_record_is_asked_of_its_page_or_set(
    service: BusinessCentralService, wire: Wire
) -> None:
    """Columns of the page where it shows them; else the stamp of the API's set, which is searched by the number."""
    wire.answer('{"value":[{"SystemModifiedBy":"ANN","SystemModifiedAt":"2026-03-01T12:00:00Z"}]}')
    wire.answer(COMPANIES).answer('{"value":[{"lastModifiedDateTime":"2026-03-01T12:00:00Z"}]}')
    by_page = await service.read_last_change(view("Item"), "1896-S")
    by_set = await service.read_last_change(view("Customer"), "K'1")
    assert (by_page, by_set) == (LastChange(by="ANN", at=MOMENT), LastChange(by=None, at=MOMENT))
    asked, _, stamped = wire.taken()
    assert asked == one("ItemCard?$select=SystemModifiedBy,SystemModifiedAt&$filter=No%20eq%20'1896-S'")
    assert stamped == get(
        f"{SETS}customers?$select=lastModifiedDateTime&$filter=number%20eq%20'K''1'", "odata.maxpagesize=1"
    )


async def test_ids_of_records_are_asked_of_their_set(service: BusinessCentralService, wire: Wire) -> None:
    """Where an API set shows the table; pages show no ids."""
    wire.answer(COMPANIES).answer(
        '{"value":[{"id":"0A1B2C3D-0000-4000-8000-00000000000A","number":"10000"}]}'
    )
    assert await service.record_ids("Customer") == {"0a1b2c3d-0000-4000-8000-00000000000a": "10000"}
    assert await service.record_ids("Sales_Header") is None
    asked = get(f"{SETS}customers?$select=id,number", "odata.maxpagesize=20000")
    assert wire.taken()[1:] == [asked]


async def test_markers_are_rows_of_our_own_page(service: BusinessCentralService, wire: Wire) -> None:
    """A code holds twenty characters of the name; the row is made with its key, then set under its etag."""
    code = NAME.replace("-", "").upper()[:20]
    etag = ETAG.replace('"', '\\"')
    wire.answer(f'{{"value":[{{"@odata.etag":"{etag}","Code":"{code}","Counter":1,"Name":"{NAME}"}}]}}')
    wire.answer('{"responses":[]}').answer('{"responses":[]}')
    assert await service.read_marker(NAME) == Marker(value=1, tag=ETAG)
    for tag in (None, ETAG):
        await service.advance_marker(NAME, 2, tag)
    made = {
        "id": "1",
        "method": "POST",
        "url": f"{COMPANY}/EpochMarkers",
        "headers": PART,
        "body": {"Code": code, "Counter": 2, "Name": NAME},
    }
    advanced = {
        "id": "1",
        "method": "PATCH",
        "url": f"{COMPANY}/EpochMarkers(Code='{code}')",
        "headers": {**PART, "If-Match": ETAG},
        "body": {"Counter": 2},
    }
    assert wire.taken() == [
        get(
            f"{PLACE}EpochMarkers?$select=Code,Counter,Name&$filter=Code%20eq%20'{code}'",
            "odata.maxpagesize=1000",
        ),
        batch(made),
        batch(advanced),
    ]


@pytest.mark.parametrize("action", ["NAV.Release", "NAV.Reopen"])
async def test_orders_are_released_and_reopened_by_their_page(
    service: BusinessCentralService, wire: Wire, action: str
) -> None:
    """An action of the page, bound to the order by both parts of its key, under the etag that was read."""
    wire.answer()
    key = f"Order{KEY_SEPARATOR}S-ORD101009"
    result = await service.perform(view("Sales_Header"), key, ETAG, action, {})
    assert result.outcome is Outcome.DONE
    sent = f"""
POST {PLACE}SalesOrder(Document_Type='Order',No='S-ORD101009')/{action}
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
If-Match: {ETAG}

{{}}
"""
    assert wire.taken() == [documented(sent)]


async def test_a_feed_token_is_issued_by_the_users_page() -> None:
    """Bound to the user, whose name is a quoted key; the moment is in UTC."""
    wire = Wire().answer('{"@odata.context":"x","value":"TOKEN OF THE FEED"}')
    place = f"/BC/ODataV4/{COMPANY}/"
    assert await issue_feed_token(wire.erp(Bearer()), place, "O'HARA & Ø", MOMENT) == "TOKEN OF THE FEED"
    sent = f"""
POST {PLACE}Users('O''HARA%20%26%20%C3%98')/NAV.IssueFeedToken
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json

{{"expiry": "2026-03-01T12:00:00Z"}}
"""
    assert wire.taken() == [documented(sent)]
