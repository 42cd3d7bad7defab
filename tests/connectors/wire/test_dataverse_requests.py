"""Every request of the Dataverse connector as Microsoft's pages print it, byte by byte; written by hand.

Pages: compose-http-requests-handle-errors, query/page-results, use-change-tracking, perform-conditional-operations,
execute-batch-operations, bulk-operations, webapi/web-api-functions and actions of the sales tables.
"""

import pytest
from tests.connectors.wire.capture import Wire, documented

from interlace.connectors.dataverse.administration import Administration
from interlace.connectors.dataverse.service import DataverseService
from interlace.connectors.dataverse.tracking import ChangeTracking
from interlace.domain.side import Side
from interlace.engine.ports import Deletion, Outcome, Precondition, TableView, Write
from interlace.odata.batch import BatchRequest, ChangeSet
from interlace.odata.multipart_batch import build_batch

ROOT = "https://contoso.crm4.dynamics.com/api/data/v9.2/"
FIRST, SECOND = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"
ACCOUNTS = TableView(
    side=Side.CRM,
    table="account",
    fields=("name", "primarycontactid"),
    lookup_targets=(("primarycontactid", "contact"),),
)
METADATA = """<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="Microsoft.Dynamics.CRM" Alias="mscrm" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="account"><Key><PropertyRef Name="accountid"/></Key>
<Property Name="accountid" Type="Edm.Guid"/><Property Name="name" Type="Edm.String"/>
<Property Name="versionnumber" Type="Edm.Int64"/><Property Name="modifiedon" Type="Edm.DateTimeOffset"/>
<Property Name="_primarycontactid_value" Type="Edm.Guid"/>
<NavigationProperty Name="primarycontactid" Type="mscrm.contact">
<ReferentialConstraint Property="_primarycontactid_value" ReferencedProperty="contactid"/></NavigationProperty>
</EntityType>
<EntityType Name="contact"><Key><PropertyRef Name="contactid"/></Key>
<Property Name="contactid" Type="Edm.Guid"/></EntityType>
<EntityContainer Name="System"><EntitySet Name="accounts" EntityType="Microsoft.Dynamics.CRM.account"/>
<EntitySet Name="contacts" EntityType="Microsoft.Dynamics.CRM.contact"/></EntityContainer>
</Schema></edmx:DataServices></edmx:Edmx>"""
LEARNED = [
    f"""
GET {ROOT}$metadata
Accept: application/xml
Authorization: Bearer TOKEN
OData-MaxVersion: 4.0
OData-Version: 4.0

""",
    f"""
GET {ROOT}EntityDefinitions(LogicalName='account')?\
$select=LogicalName,EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled
Accept: application/json
Authorization: Bearer TOKEN
OData-MaxVersion: 4.0
OData-Version: 4.0

""",
    f"""
GET {ROOT}sdkmessagefilters?$select=sdkmessagefilterid\
&$filter=sdkmessageid/name%20eq%20@m%20and%20primaryobjecttypecode%20eq%20@t&@m='CreateMultiple'&@t='account'
Accept: application/json
Authorization: Bearer TOKEN
OData-MaxVersion: 4.0
OData-Version: 4.0

""",
]


@pytest.fixture
def wire() -> Wire:
    """A wire on which nothing has been sent."""
    return Wire()


def learn(wire: Wire, *, tracked: bool = True, in_bulk: bool = True) -> DataverseService:
    """Return a service; its first request about the table learns it."""
    wire.answer(METADATA, content_type="application/xml")
    wire.answer(
        '{"LogicalName":"account","EntitySetName":"accounts","PrimaryIdAttribute":"accountid",'
        f'"ChangeTrackingEnabled":{str(tracked).lower()}}}'
    )
    wire.answer('{"value":[{"sdkmessagefilterid":"1"}]}' if in_bulk else '{"value":[]}')
    return DataverseService(wire.crm())


@pytest.fixture
async def service(wire: Wire) -> DataverseService:
    """A service that has learned its table."""
    service = learn(wire)
    await service.columns("account")
    assert wire.taken() == [documented(each) + "\r\n" * 2 for each in LEARNED]
    return service


def get(address: str, prefer: str) -> str:
    """Return a read as the pages print it."""
    return (
        documented(
            f"""
GET {ROOT}{address}
Accept: application/json
Authorization: Bearer TOKEN
OData-MaxVersion: 4.0
OData-Version: 4.0
Prefer: {prefer}
"""
        )
        + "\r\n\r\n"
    )


def create(key: str, name: str) -> Write:
    """Return a create under our key, bound to a contact."""
    return Write(key=key, precondition=Precondition.ABSENT, values={"name": name, "primarycontactid": SECOND})


def update(key: str, name: str) -> Write:
    """Return an update of what was read."""
    return Write(key=key, precondition=Precondition.UNCHANGED, values={"name": name}, tag='W/"7"')


def batch(*parts: str) -> str:
    """Return a batch as the page prints it; each part ends with an empty line or a body."""
    name = "batch_interlace_N"
    head = f"""
POST {ROOT}$batch
Accept: multipart/mixed
Authorization: Bearer TOKEN
Content-Type: multipart/mixed; boundary={name}
OData-MaxVersion: 4.0
OData-Version: 4.0
Prefer: odata.continue-on-error

"""
    outer = "Content-Type: application/http\nContent-Transfer-Encoding: binary\n"
    body = "".join(
        f"--{name}\n{outer}Content-ID: {place}\n\n{part.strip(chr(10))}\n"
        for place, part in enumerate(parts, start=1)
    )
    return documented(head) + "\r\n" * 2 + documented(f"{body}--{name}--") + "\r\n"


async def test_pages_are_read_and_followed(service: DataverseService, wire: Wire) -> None:
    """The first page names its columns; the following ones are the service's own link, untouched."""
    link = f"{ROOT}accounts?$select=accountid&$skiptoken=%3Ccookie%20pagenumber=%222%22%20/%3E"
    wire.answer(f'{{"value":[],"@odata.nextLink":"{link}"}}').answer('{"value":[]}')
    page = await service.read_page(ACCOUNTS, None)
    await service.read_page(ACCOUNTS, page.next)
    assert wire.taken() == [
        get("accounts?$select=accountid,name,_primarycontactid_value", "odata.maxpagesize=5000"),
        get(link.removeprefix(ROOT), "odata.maxpagesize=5000"),
    ]


async def test_records_are_read_by_key_and_by_value(service: DataverseService, wire: Wire) -> None:
    """Keys and values go as lists of Microsoft's own function; quotes of JSON and umlauts are encoded."""
    wire.answer('{"value":[]}').answer('{"value":[]}')
    await service.read_keys(ACCOUNTS, (FIRST, SECOND))
    await service.find_records(ACCOUNTS, "name", ('Größe "O\'Hara" & Co',))
    columns = "accounts?$select=accountid,name,_primarycontactid_value&$filter=Microsoft.Dynamics.CRM.In"
    values = "%5B%22Gr%C3%B6%C3%9Fe%20%5C%22O'Hara%5C%22%20%26%20Co%22%5D"
    assert wire.taken() == [
        get(
            f"{columns}(PropertyName='accountid',PropertyValues=%5B%22{FIRST}%22,%22{SECOND}%22%5D)",
            "odata.maxpagesize=5000",
        ),
        get(f"{columns}(PropertyName='name',PropertyValues={values})", "odata.maxpagesize=5000"),
    ]


async def test_records_are_searched_in_one_request(service: DataverseService, wire: Wire) -> None:
    """A number that begins so, or a name that has every word; quotes are doubled, signs are encoded."""
    wire.answer('{"value":[]}')
    assert await service.search_records(ACCOUNTS, "O'Hara & Co", ("name",), ("name",), count=5) == []
    words = "%20and%20".join(f"(contains(name,'{each}'))" for each in ("O''Hara", "%26", "Co"))
    either = f"(startswith(name,'O''Hara%20%26%20Co'))%20or%20({words})"
    columns = "accounts?$select=accountid,name,_primarycontactid_value"
    assert wire.taken() == [get(f"{columns}&$filter={either}&$top=5", "odata.maxpagesize=5")]


async def test_changes_are_read_by_delta_links(service: DataverseService, wire: Wire) -> None:
    """Tracking begins with the preference, without any filter; the delta link is followed as it came."""
    delta = f"{ROOT}accounts?$select=accountid&$deltatoken=919042%2108%2f22%2f2017%2008%3a10%3a44"
    wire.answer(f'{{"value":[],"@odata.deltaLink":"{delta}"}}')
    wire.answer(f'{{"value":[],"@odata.deltaLink":"{delta}"}}')
    started = await service.read_changes(ACCOUNTS, None)
    await service.read_changes(ACCOUNTS, started.cursor)
    prefer = "odata.maxpagesize=5000,odata.track-changes"
    assert wire.taken() == [get("accounts?$select=accountid", prefer), get(delta.removeprefix(ROOT), prefer)]


async def test_changes_are_read_by_row_versions(wire: Wire) -> None:
    """Without tracking the newest row version is asked for, then what is above it, five minutes back as well."""
    service = learn(wire, tracked=False)
    row = f'{{"accountid":"{FIRST}","versionnumber":7,"modifiedon":"2026-03-01T12:00:00Z"}}'
    wire.answer(f'{{"value":[{row}]}}').answer(f'{{"value":[{row}]}}')
    started = await service.read_changes(ACCOUNTS, None)
    await service.read_changes(ACCOUNTS, started.cursor)
    assert wire.taken()[3:] == [
        get("accounts?$select=versionnumber,modifiedon&$orderby=versionnumber%20desc", "odata.maxpagesize=1"),
        get(
            "accounts?$select=accountid,versionnumber,modifiedon"
            "&$filter=versionnumber%20gt%207%20or%20modifiedon%20ge%202026-03-01T11:55:00Z"
            "&$orderby=versionnumber",
            "odata.maxpagesize=5000",
        ),
    ]


async def test_records_are_created_in_bulk_under_our_keys(service: DataverseService, wire: Wire) -> None:
    """CreateMultiple is bound to the set; each target tells its type and is bound by the navigation property."""
    wire.answer(f'{{"Ids":["{FIRST}","{SECOND}"]}}')
    results = await service.write(ACCOUNTS, (create(FIRST, "A"), create(SECOND, "B")))
    assert [each.outcome for each in results] == [Outcome.DONE] * 2
    target = (
        '{{"@odata.type":"Microsoft.Dynamics.CRM.account","accountid":"{0}","name":"{1}",'
        f'"primarycontactid@odata.bind":"/contacts({SECOND})"}}}}'
    )
    assert wire.taken() == [
        documented(
            f"""
POST {ROOT}accounts/Microsoft.Dynamics.CRM.CreateMultiple
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
OData-MaxVersion: 4.0
OData-Version: 4.0

{{"Targets":[{target.format(FIRST, "A")},{target.format(SECOND, "B")}]}}
"""
        )
    ]


async def test_table_without_bulk_messages_is_written_in_batches(wire: Wire) -> None:
    """The message is looked for once; then creates are single ones that no record may stand in the way of."""
    service = learn(wire, in_bulk=False)
    for _ in range(2):
        wire.answer("x")
        await service.write(ACCOUNTS, (create(FIRST, "A"), create(SECOND, "B")))
    part = """
PATCH /api/data/v9.2/accounts({0}) HTTP/1.1
Content-Type: application/json
Accept: application/json
If-None-Match: *

{{"name":"{1}","primarycontactid@odata.bind":"/contacts({2})"}}
"""
    parts = (part.format(FIRST, "A", SECOND), part.format(SECOND, "B", SECOND))
    sent = wire.taken()
    assert len(sent) == 5
    assert sent[3:] == [batch(*parts)] * 2


async def test_updates_and_deletions_are_conditional(service: DataverseService, wire: Wire) -> None:
    """What was read must be there still: If-Match carries its etag; without one only that it exists."""
    wire.answer("x").answer("x")
    await service.write(ACCOUNTS, (update(FIRST, "A"),))
    await service.delete(ACCOUNTS, (Deletion(key=FIRST, tag='W/"7"'), Deletion(key=SECOND)))
    patch = f"""
PATCH /api/data/v9.2/accounts({FIRST}) HTTP/1.1
Content-Type: application/json
Accept: application/json
If-Match: W/"7"

{{"name":"A"}}
"""
    remove = "DELETE /api/data/v9.2/accounts({0}) HTTP/1.1\nIf-Match: {1}\n\n"
    sent = wire.taken()
    assert sent[0] == batch(patch)
    assert sent[1].partition("\r\n\r\n")[2] == (
        "--batch_interlace_N\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
        "Content-ID: 1\r\n\r\n" + remove.format(FIRST, 'W/"7"').replace("\n", "\r\n") + "\r\n"
        "--batch_interlace_N\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"
        "Content-ID: 2\r\n\r\n" + remove.format(SECOND, "*").replace("\n", "\r\n") + "\r\n"
        "--batch_interlace_N--\r\n"
    )


async def test_messages_are_bound_as_they_are_declared(service: DataverseService, wire: Wire) -> None:
    """A message on one record is a POST below it, in the namespace of the CRM; an empty body is an object."""
    wire.answer()
    await service.perform(ACCOUNTS, FIRST, None, "LockSalesOrderPricing", {})
    assert wire.taken() == [
        documented(
            f"""
POST {ROOT}accounts({FIRST})/Microsoft.Dynamics.CRM.LockSalesOrderPricing
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
OData-MaxVersion: 4.0
OData-Version: 4.0

{{}}
"""
        )
    ]


async def test_change_tracking_is_switched_on_by_a_whole_definition(wire: Wire) -> None:
    """A PUT of the whole definition that keeps labels of other languages, then the table is published."""
    wire.answer('{"value":[{"LogicalName":"account","ChangeTrackingEnabled":false}]}')
    wire.answer(f'{{"@odata.context":"x","MetadataId":"{FIRST}","SchemaName":"Account"}}')
    wire.answer().answer()
    assert await ChangeTracking(Administration(wire.crm())).switch_on(["account"]) == ("account",)
    assert wire.taken()[2:] == [
        documented(
            f"""
PUT {ROOT}EntityDefinitions({FIRST})
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
MSCRM.MergeLabels: true
OData-MaxVersion: 4.0
OData-Version: 4.0

{{"@odata.type":"Microsoft.Dynamics.CRM.EntityMetadata","MetadataId":"{FIRST}","SchemaName":"Account",\
"ChangeTrackingEnabled":true}}
"""
        ),
        documented(
            f"""
POST {ROOT}PublishXml
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
OData-MaxVersion: 4.0
OData-Version: 4.0

{{"ParameterXml":"<importexportxml><entities><entity>account</entity></entities></importexportxml>"}}
"""
        ),
    ]


CHOICES = TableView(
    side=Side.CRM, table="account", fields=("value", "label"), choice_column="paymenttermscode"
)
TERMS = (
    '{{"LogicalName":"paymenttermscode","{0}":{{"Name":"terms","IsGlobal":{1},"Options":[{{"Value":1,"Label":'
    '{{"LocalizedLabels":[{{"Label":"Net 30","LanguageCode":1033}},{{"Label":"30 Tage","LanguageCode":1031}}],'
    '"UserLocalizedLabel":{{"Label":"Net 30","LanguageCode":1033}}}}}}]}}}}'
)


def change(action: str, place: str, value: str) -> str:
    """Return a change of an option as the actions' pages print it."""
    return documented(
        f"""
POST {ROOT}{action}
Accept: application/json
Authorization: Bearer TOKEN
Content-Type: application/json
OData-MaxVersion: 4.0
OData-Version: 4.0

{{{place},{value}}}
"""
    )


@pytest.mark.parametrize(
    ("options", "place"),
    [
        (
            TERMS.format("OptionSet", "false"),
            '"EntityLogicalName":"account","AttributeLogicalName":"paymenttermscode"',
        ),
        (TERMS.format("GlobalOptionSet", "true"), '"OptionSetName":"terms"'),
    ],
)
async def test_choices_are_read_and_added_in_the_organizations_language(
    wire: Wire, options: str, place: str
) -> None:
    """Labels are those of the organization's language; a new option is published, shared choices by their name."""
    service = DataverseService(wire.crm())
    wire.answer(options).answer('{"value":[{"languagecode":1031}]}')
    [choice] = (await service.read_page(CHOICES, None)).records
    assert choice.values() == (1, "30 Tage")
    wire.taken()
    wire.answer(options).answer('{"NewOptionValue":717480000}').answer().answer()
    new = Write(key="717480000", precondition=Precondition.ABSENT, values={"label": "14 Tage"})
    old = Write(key="1", precondition=Precondition.UNCHANGED, values={"label": "Netto"}, tag=choice.tag)
    results = await service.write(CHOICES, (new, old))
    assert [each.outcome for each in results] == [Outcome.DONE] * 2
    published = "<importexportxml><entities><entity>account</entity></entities></importexportxml>"
    label = '"Label":{{"LocalizedLabels":[{{"Label":"{0}","LanguageCode":1031}}]}}'
    added, renamed = label.format("14 Tage"), label.format("Netto")
    assert wire.taken()[1:] == [
        change("InsertOptionValue", place, f'"Value":717480000,{added}'),
        change("UpdateOptionValue", place, f'"Value":1,{renamed},"MergeLabels":true'),
        change("PublishXml", f'"ParameterXml":"{published}"', "").replace(",}", "}"),
    ]


def test_change_set_is_a_batch_in_a_batch() -> None:
    """A change set is a part with a boundary of its own; each member has a Content-ID and may name another."""
    order = BatchRequest(
        method="POST",
        url="/api/data/v9.2/salesorders",
        headers={"Content-Type": "application/json"},
        body=b'{"name":"A"}',
        content_id="1",
    )
    line = BatchRequest(
        method="POST",
        url="/api/data/v9.2/salesorderdetails",
        headers={"Content-Type": "application/json"},
        body=b'{"salesorderid@odata.bind":"$1"}',
        content_id="2",
    )
    written = build_batch([ChangeSet(requests=(order, line))], boundary="b")
    assert written.content_type == "multipart/mixed; boundary=b"
    assert (
        written.body.decode()
        == documented(
            """
--b
Content-Type: multipart/mixed; boundary=changeset_b_0

--changeset_b_0
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 1

POST /api/data/v9.2/salesorders HTTP/1.1
Content-Type: application/json

{"name":"A"}
--changeset_b_0
Content-Type: application/http
Content-Transfer-Encoding: binary
Content-ID: 2

POST /api/data/v9.2/salesorderdetails HTTP/1.1
Content-Type: application/json

{"salesorderid@odata.bind":"$1"}
--changeset_b_0--
--b--
"""
        )
        + "\r\n"
    )
