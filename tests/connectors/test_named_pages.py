"""Fields that a page calls otherwise than we do: renamed on the wire, literal by literal."""

import asyncio
import json

import pytest
from tests.connectors.stub_channel import StubChannel

from interlace.connectors.business_central.field_names import names_in, reduced
from interlace.connectors.business_central.named_pages import NamedPagesChannel
from interlace.connectors.http_message import HttpAnswer, HttpRequest
from interlace.odata.metadata_reader import parse_metadata

ROOT = "/NAV/ODataV4/"
COMPANY = f"{ROOT}Company('Nordlicht')/"
METADATA = b"""<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
<Schema Namespace="NAV" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<EntityType Name="CustomerCard"><Key><PropertyRef Name="Nr"/></Key><Property Name="Nr" Type="Edm.String"/>
<Property Name="Name" Type="Edm.String"/><Property Name="L\xc3\xa4nder_Regionscode" Type="Edm.String"/>
<Property Name="Kreditlimit_MW" Type="Edm.Decimal"/><Property Name="ContactName" Type="Edm.String"/>
<Property Name="MobilePhoneNo" Type="Edm.String"/></EntityType>
<EntityType Name="UnitsOfMeasure"><Key><PropertyRef Name="Code"/></Key><Property Name="Code" Type="Edm.String"/>
</EntityType>
<EntityContainer Name="NAV"><EntitySet Name="CustomerCard" EntityType="NAV.CustomerCard"/>
<EntitySet Name="UnitsOfMeasure" EntityType="NAV.UnitsOfMeasure"/></EntityContainer></Schema>
</edmx:DataServices></edmx:Edmx>"""


class NamedStub(NamedPagesChannel, StubChannel):
    """The channel under test over prepared answers."""


class AskingStub(NamedStub):
    """The same for NAV."""

    asks_first = True


def _answer(body: object) -> HttpAnswer:
    return HttpAnswer(status=200, body=json.dumps(body).encode())


def _sent(channel: StubChannel, request: HttpRequest) -> HttpAnswer:
    return asyncio.run(channel.send(request))


def _get(url: str) -> HttpRequest:
    return HttpRequest(method="GET", url=url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Länder-/Regionscode", "Länder_Regionscode"),
        ("Line Discount %", "Line_Discount_Percent"),
        ("Line Discount %", "Line_Discount__x0025_"),
        ("Credit Limit (LCY)", "Credit_Limit_LCY"),
        ("Mobile Phone No.", "MobilePhoneNo"),
    ],
)
def test_manglings_of_one_caption_meet(one: str, other: str) -> None:
    """Whatever a version makes of punctuation, the letters and digits tell the field."""
    assert reduced(one) == reduced(other)


def test_names_are_found_in_metadata() -> None:
    """Captions, controls and run-together names lead to the field; services that agree are left alone."""
    found = names_in(parse_metadata(METADATA))
    assert dict(found["CustomerCard"].shown) == {
        "No": "Nr",
        "Country_Region_Code": "Länder_Regionscode",
        "Credit_Limit_LCY": "Kreditlimit_MW",
        "Contact": "ContactName",
        "Mobile_Phone_No": "MobilePhoneNo",
    }
    assert "UnitsOfMeasure" not in found


def test_read_is_renamed_both_ways() -> None:
    """Selection and filter go out in the page's names, records come back in ours, literals stay."""
    page = {
        "value": [{"@odata.etag": "W/1", "Nr": "C1", "Kreditlimit_MW": 1.10}],
        "@odata.nextLink": "https://x/?n",
    }
    channel = AskingStub(HttpAnswer(status=200, body=METADATA), _answer(page))
    answer = _sent(channel, _get(f"{COMPANY}CustomerCard?$select=No,Credit_Limit_LCY&$filter=No%20eq%20'No'"))
    assert [each.url for each in channel.sent] == [
        f"{ROOT}$metadata",
        f"{COMPANY}CustomerCard?$select=Nr,Kreditlimit_MW&$filter=Nr%20eq%20'No'",
    ]
    assert json.loads(answer.body)["value"] == [{"@odata.etag": "W/1", "No": "C1", "Credit_Limit_LCY": 1.1}]
    assert b"1.1" in answer.body


def test_write_is_renamed_both_ways() -> None:
    """Key and body go out in the page's names, the answer comes back in ours."""
    channel = AskingStub(
        HttpAnswer(status=200, body=METADATA), _answer({"Nr": "C1", "Länder_Regionscode": "DE"})
    )
    url = f"{COMPANY}CustomerCard(No='C1')"
    request = HttpRequest(method="PATCH", url=url, body=b'{"Country_Region_Code":"DE","Name":"No"}')
    answer = _sent(channel, request)
    sent = channel.sent[-1]
    assert sent.url == f"{COMPANY}CustomerCard(Nr='C1')"
    assert json.loads(sent.body or b"") == {"Länder_Regionscode": "DE", "Name": "No"}
    assert json.loads(answer.body) == {"No": "C1", "Country_Region_Code": "DE"}


def test_metadata_and_continuations() -> None:
    """Metadata is shown in our names; a continuation of the service passes as it is."""
    channel = NamedStub(HttpAnswer(status=200, body=METADATA), _answer({"value": [{"Nr": "C2"}]}))
    model = parse_metadata(_sent(channel, _get(f"{ROOT}$metadata")).body)
    entity_type = model.type_of_set("CustomerCard")
    assert entity_type is not None
    assert entity_type.key == ("No",)
    assert {each.name for each in entity_type.properties} >= {"No", "Country_Region_Code", "Contact"}
    link = f"{COMPANY}CustomerCard?$select=Nr&$skiptoken='C1'"
    assert json.loads(_sent(channel, _get(link)).body)["value"] == [{"No": "C2"}]
    assert channel.sent[-1].url == link


def test_batch_is_renamed_part_by_part() -> None:
    """Each part of a JSON batch is renamed by its own service."""
    responses = {"responses": [{"id": "1", "status": 200, "body": {"Nr": "C1"}}, {"id": "2", "status": 204}]}
    channel = NamedStub(HttpAnswer(status=200, body=METADATA), _answer(responses))
    _sent(channel, _get(f"{ROOT}$metadata"))
    parts = [
        {"id": "1", "method": "PATCH", "url": "Company('X')/CustomerCard(No='C1')", "body": {"Contact": "A"}},
        {"id": "2", "method": "DELETE", "url": "Company('X')/UnitsOfMeasure(Code='No')"},
    ]
    body = json.dumps({"requests": parts}).encode()
    answer = _sent(channel, HttpRequest(method="POST", url=f"{ROOT}$batch", body=body))
    sent = json.loads(channel.sent[-1].body or b"")["requests"]
    assert sent[0]["url"] == "Company('X')/CustomerCard(Nr='C1')"
    assert sent[0]["body"] == {"ContactName": "A"}
    assert sent[1] == parts[1]
    assert json.loads(answer.body)["responses"][0]["body"] == {"No": "C1"}
