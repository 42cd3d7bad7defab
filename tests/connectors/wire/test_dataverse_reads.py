"""What the Dataverse connector asks besides records: functions, counts, metadata, markers; byte by byte.

Pages: use-web-api-functions (WhoAmI, RetrieveVersion, RetrieveUserPrivileges, RetrieveTotalRecordCount),
query/count-rows, query-metadata-web-api, query/select-columns (formatted values).
"""

from datetime import UTC, datetime

import pytest
from tests.connectors.wire.capture import Wire, documented
from tests.connectors.wire.test_dataverse_requests import ACCOUNTS, FIRST, LEARNED, ROOT, SECOND, batch, learn

from interlace.connectors.dataverse.api_version import answering_version
from interlace.connectors.dataverse.service import DataverseFacts, DataverseService
from interlace.engine.ports import LastChange, Marker, Outcome
from interlace.engine.service import ServiceMismatch

HOST = "https://contoso.crm4.dynamics.com"
MARKERS = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="ilc_epochmarker"><Key><PropertyRef Name="ilc_epochmarkerid"/></Key>
<Property Name="ilc_epochmarkerid" Type="Edm.Guid"/><Property Name="ilc_counter" Type="Edm.Int32"/>
<Property Name="ilc_name" Type="Edm.String"/></EntityType>
<EntityContainer Name="System"><EntitySet Name="ilc_epochmarkers" EntityType="Microsoft.Dynamics.CRM.ilc_epochmarker"/>
</EntityContainer></Schema></edmx:DataServices></edmx:Edmx>"""
CALLER = f'{{"BusinessUnitId":"{SECOND}","UserId":"{FIRST}","OrganizationId":"{SECOND}"}}'


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent."""
    return Wire()


def get(address: str, prefer: str = "") -> str:
    """Return a read as the pages print it."""
    head = (
        f"GET {address}",
        "Accept: application/json",
        "Authorization: Bearer TOKEN",
        "OData-MaxVersion: 4.0",
        "OData-Version: 4.0",
        *([f"Prefer: {prefer}"] if prefer else []),
    )
    return documented("\n".join(head)) + "\r\n\r\n"


async def test_who_we_are_and_the_base_currency_are_asked(wire: Wire) -> None:
    """A function without arguments, then the organization and its currency by their ids."""
    wire.answer(CALLER).answer(f'{{"_basecurrencyid_value":"{FIRST}"}}').answer('{"isocurrencycode":"EUR"}')
    wire.answer(CALLER)
    service = DataverseService(wire.crm())
    assert await service.facts() == DataverseFacts(
        organization_id=SECOND, user_id=FIRST, base_currency_id=FIRST, base_currency_code="EUR"
    )
    assert await service.organization_id() == SECOND
    assert wire.taken() == [
        get(f"{ROOT}WhoAmI"),
        get(f"{ROOT}organizations({SECOND})?$select=_basecurrencyid_value"),
        get(f"{ROOT}transactioncurrencies({FIRST})?$select=isocurrencycode"),
        get(f"{ROOT}WhoAmI"),
    ]


async def test_a_table_is_learned_once(wire: Wire) -> None:
    """Metadata, definition and bulk message; what it can do follows from them, and documents are refused unsent."""
    service = learn(wire)
    assert set(await service.columns("account")) >= {"accountid", "name", "primarycontactid"}
    assert (await service.table("account")).set_name == "accounts"
    assert "account" in await service.tables()
    assert (await service.capabilities(ACCOUNTS)).reports_deletes
    with pytest.raises(ServiceMismatch):
        await service.create_document(ACCOUNTS, "CRM1", {}, ())
    assert wire.taken() == [documented(each) + "\r\n" * 2 for each in LEARNED]


async def test_the_highest_version_that_answers_is_found(wire: Wire) -> None:
    """RetrieveVersion below each version's own root; on premises the organization's name stands before it."""
    wire.answer('{"error":{"code":"0x0","message":"No such version."}}', status=404)
    wire.answer('{"Version":"9.1.17.29"}')
    assert await answering_version(wire.crm(), "/contoso") == "9.1"
    assert wire.taken() == [
        get(f"{HOST}/contoso/api/data/v9.2/RetrieveVersion()"),
        get(f"{HOST}/contoso/api/data/v9.1/RetrieveVersion()"),
    ]


async def test_privileges_are_asked_of_our_user(wire: Wire) -> None:
    """A function bound to the user, by its qualified name; where it tells ids only, their names are listed."""
    held = f'{{"Depth":"Global","PrivilegeId":"{FIRST}","BusinessUnitId":"{SECOND}"}}'
    wire.answer(CALLER).answer(f'{{"RolePrivileges":[{held}]}}')
    wire.answer(f'{{"value":[{{"privilegeid":"{FIRST}","name":"prvReadAccount"}}]}}')
    assert await DataverseService(wire.crm()).privileges() == {"prvReadAccount": "Global"}
    assert wire.taken() == [
        get(f"{ROOT}WhoAmI"),
        get(f"{ROOT}systemusers({FIRST})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"),
        get(f"{ROOT}privileges?$select=name,privilegeid", "odata.maxpagesize=5000"),
    ]


async def test_a_table_is_counted_by_the_services_last_count(wire: Wire) -> None:
    """The names of tables are a JSON list behind a parameter alias; quotes are encoded."""
    wire.answer('{"EntityRecordCountCollection":{"Count":1,"Keys":["account"],"Values":[12345]}}')
    assert await DataverseService(wire.crm()).count(ACCOUNTS) == 12345
    assert wire.taken() == [get(f"{ROOT}RetrieveTotalRecordCount(EntityNames=@names)?@names=[%22account%22]")]


async def test_many_changes_are_compared_with_a_count(wire: Wire) -> None:
    """The number is a text with a mark before it, and never above 5000: then the last count is asked for, too."""
    service = learn(wire)
    delta = f"{ROOT}accounts?$deltatoken=1%21"
    wire.answer(f'{{"value":[],"@odata.deltaLink":"{delta}"}}')
    cursor = (await service.read_changes(ACCOUNTS, None)).cursor
    wire.taken()
    rows = ",".join(f'{{"accountid":"00000000-0000-0000-0000-{place:012}"}}' for place in range(20))
    wire.answer(f'{{"value":[{rows}],"@odata.deltaLink":"{delta}"}}')
    wire.answer("\ufeff5000", content_type="text/plain")
    wire.answer('{"EntityRecordCountCollection":{"Count":1,"Keys":["account"],"Values":[12345]}}')
    assert len((await service.read_changes(ACCOUNTS, cursor)).keys) == 20
    assert wire.taken() == [
        get(delta, "odata.maxpagesize=5000,odata.track-changes"),
        get(f"{ROOT}accounts/$count"),
        get(f"{ROOT}RetrieveTotalRecordCount(EntityNames=@names)?@names=[%22account%22]"),
    ]


async def test_columns_are_described_by_the_metadata(wire: Wire) -> None:
    """Captions are told by every column; lengths and choices by the casts of those that have them."""
    service = learn(wire)
    await service.columns("account")
    wire.taken()
    label = '{"UserLocalizedLabel":{"Label":"Firma","LanguageCode":1031}}'
    wire.answer(f'{{"value":[{{"LogicalName":"name","DisplayName":{label},"IsValidForUpdate":true}}]}}')
    wire.answer('{"value":[{"LogicalName":"name","MaxLength":160}]}')
    wire.answer('{"value":[]}').answer('{"value":[]}')
    told = (await service.fields("account"))["name"]
    assert (told.caption, told.length, told.is_read_only) == ("Firma", 160, False)
    attributes = f"{ROOT}EntityDefinitions(LogicalName='account')/Attributes"
    cast = f"{attributes}/Microsoft.Dynamics.CRM"
    assert wire.taken() == [
        get(f"{attributes}?$select=LogicalName,DisplayName,IsValidForCreate,IsValidForUpdate"),
        get(f"{cast}.StringAttributeMetadata?$select=LogicalName,MaxLength"),
        get(f"{cast}.MemoAttributeMetadata?$select=LogicalName,MaxLength"),
        get(f"{cast}.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet,GlobalOptionSet"),
    ]


async def test_who_changed_a_record_is_asked_by_name(wire: Wire) -> None:
    """The formatted value of the lookup is the user's full name; the annotation is named and quoted."""
    service = learn(wire)
    await service.columns("account")
    wire.taken()
    name = "_modifiedby_value@OData.Community.Display.V1.FormattedValue"
    wire.answer(f'{{"value":[{{"modifiedon":"2026-03-01T12:00:00Z","{name}":"Ann"}}]}}')
    moment = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert await service.read_last_change(ACCOUNTS, FIRST) == LastChange(by="Ann", at=moment)
    assert wire.taken() == [
        get(
            f"{ROOT}accounts?$select=modifiedon&$filter=accountid%20eq%20{FIRST}",
            'odata.include-annotations="OData.Community.Display.V1.FormattedValue"',
        )
    ]


async def test_markers_are_rows_of_our_own_table(wire: Wire) -> None:
    """Read by key; made where there is none, then set under the etag that was read."""
    wire.answer(MARKERS, content_type="application/xml")
    wire.answer(
        '{"LogicalName":"ilc_epochmarker","EntitySetName":"ilc_epochmarkers",'
        '"PrimaryIdAttribute":"ilc_epochmarkerid","ChangeTrackingEnabled":false}'
    )
    wire.answer('{"value":[{"sdkmessagefilterid":"1"}]}')
    service = DataverseService(wire.crm())
    row = f'{{"@odata.etag":"W/\\"7\\"","ilc_epochmarkerid":"{FIRST}","ilc_counter":1,"ilc_name":"{FIRST}"}}'
    wire.answer(f'{{"value":[{row}]}}').answer("x").answer("x")
    assert await service.read_marker(FIRST) == Marker(value=1, tag='W/"7"')
    for tag in (None, 'W/"7"'):
        assert await service.advance_marker(FIRST, 2, tag) is Outcome.UNKNOWN
    part = (
        f"PATCH /api/data/v9.2/ilc_epochmarkers({FIRST}) HTTP/1.1\nContent-Type: application/json\n"
        "Accept: application/json\n{0}\n\n{1}\n"
    )
    body = f'{{"ilc_counter":2,"ilc_name":"{FIRST}"}}'
    assert wire.taken()[3:] == [
        get(
            f"{ROOT}ilc_epochmarkers?$select=ilc_epochmarkerid,ilc_counter,ilc_name&$filter=Microsoft.Dynamics.CRM.In"
            f"(PropertyName='ilc_epochmarkerid',PropertyValues=%5B%22{FIRST}%22%5D)",
            "odata.maxpagesize=5000",
        ),
        batch(part.replace("{0}", "If-None-Match: *").replace("{1}", body)),
        batch(part.replace("{0}", 'If-Match: W/"7"').replace("{1}", '{"ilc_counter":2}')),
    ]
