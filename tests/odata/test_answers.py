"""Envelopes, paging tokens, next links, errors and metadata: written by one role, read by the other."""

from __future__ import annotations

import json
import string
from urllib.parse import quote_plus, unquote_plus

import msgspec
import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from interlace.odata import edm
from interlace.odata.entity import (
    collection_body,
    deleted_entry_body,
    entity_body,
    parse_deleted_entry,
    parse_page,
    value_body,
    with_etag,
    with_members,
)
from interlace.odata.error_response import (
    ErrorBody,
    ErrorDetail,
    crm_error_body,
    erp_error_body,
    parse_error_body,
)
from interlace.odata.metadata import (
    parse_metadata,
    parse_service_document,
    render_metadata,
    service_document_body,
)
from interlace.odata.paging import NextLinks, TokenValue, decode_token, encode_token
from interlace.odata.protocol_error import AnswerSyntaxError, TokenError

SECRET = b"a secret of the service"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=4).map(msgspec.json.encode), max_size=5)


@given(
    RECORDS,
    st.none() | st.integers(0, 10**9),
    st.none() | st.text(),
    st.none() | st.text(),
    st.none() | st.text(),
)
def test_pages_survive_a_round_trip(
    records: list[bytes], count: int | None, context: str | None, following: str | None, delta: str | None
) -> None:
    """Records come back byte for byte, and the whole is what a plain JSON parser reads."""
    body = collection_body(
        records, context=context, count=count, next_link=following, delta_link=delta, annotations={"@a.b": -1}
    )
    page = parse_page(body)
    assert page.records == records
    assert (page.total, page.context, page.next_link, page.delta_link) == (count, context, following, delta)
    plain = json.loads(body)
    assert plain["value"] == [json.loads(record) for record in records]
    assert plain["@a.b"] == -1


def test_count_is_read_from_a_text_too() -> None:
    """IEEE754Compatible answers carry the count as a text."""
    assert parse_page(b'{"@odata.count":"12","value":[]}').total == 12
    assert collection_body([]) == b'{"value":[]}'


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"a":1}', b'{"value":5}', b'{"value":[{]}', b"\xff\xfe"]
)
def test_anything_else_is_not_a_page(body: bytes) -> None:
    """A proxy's error page or a truncated body is reported as such."""
    with pytest.raises(AnswerSyntaxError):
        parse_page(body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            entity_body(b'{"a":1}', context="c#x/$entity", etag='W/"1"'),
            '{"@odata.context":"c#x/$entity","@odata.etag":"W/\\"1\\"","a":1}',
        ),
        (entity_body(b"{}", context="c"), '{"@odata.context":"c"}'),
        (entity_body(b" { } ", context="c"), '{"@odata.context":"c" } '),
        (entity_body(b'{"a":1}'), '{"a":1}'),
        (with_members(b'{"a":1}', {"b": None, "c": 2}), '{"c":2,"a":1}'),
        (with_etag(b'{"a":1}', 'W/"1"'), '{"@odata.etag":"W/\\"1\\"","a":1}'),
        (value_body("x", context="c"), '{"@odata.context":"c","value":"x"}'),
        (value_body(None), '{"value":null}'),
    ],
)
def test_single_envelopes(body: bytes, expected: str) -> None:
    """Members are put in front of a ready record."""
    assert body.decode() == expected
    json.loads(body)


def test_deleted_entries_of_a_delta_page() -> None:
    """A deletion is told from a changed record, also from one that merely quotes the words."""
    body = deleted_entry_body(context="http://h/$metadata#accounts/$deletedEntity", id="5")
    entry = parse_deleted_entry(body)
    assert entry is not None
    assert (entry.id, entry.reason) == ("5", "deleted")
    assert parse_deleted_entry(b'{"name":"a"}') is None
    assert parse_deleted_entry(b'{"name":"/$deletedEntity"}') is None
    assert parse_deleted_entry(b'["/$deletedEntity"]') is None


# --- paging

TOKEN_VALUES: st.SearchStrategy[list[TokenValue]] = st.lists(
    st.none() | st.text() | st.integers(-(2**63), 2**63 - 1) | st.binary(), max_size=5
)


@given(TOKEN_VALUES, st.text())
def test_tokens_survive_clients_that_decode_and_encode(values: list[TokenValue], context: str) -> None:
    """A token is the same after a client took it apart and wrote it anew."""
    token = encode_token(tuple(values), secret=SECRET, context=context)
    assert quote_plus(unquote_plus(token)) == token
    assert decode_token(token, secret=SECRET, context=context) == tuple(values)


@given(st.data())
def test_altered_tokens_are_refused(data: st.DataObject) -> None:
    """No other text passes as a token."""
    token = encode_token(("10000", 5), secret=SECRET)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCabc019-_ ä").filter(lambda character: character != token[place]))
    with pytest.raises(TokenError):
        decode_token(token[:place] + other + token[place + 1 :], secret=SECRET)


@pytest.mark.parametrize("token", ["", "x", "####", "AAAA"])
def test_foreign_tokens_are_refused(token: str) -> None:
    """What this service never wrote is an error."""
    with pytest.raises(TokenError):
        decode_token(token, secret=SECRET)


def test_unused_bits_of_a_token_are_checked_too() -> None:
    """A token has one spelling only: its last letter cannot be changed unnoticed."""
    token = encode_token((12,), secret=SECRET)
    assert len(token) % 4 != 0
    for letter in f"{string.ascii_letters}{string.digits}-_":
        if letter != token[-1]:
            with pytest.raises(TokenError):
                decode_token(token[:-1] + letter, secret=SECRET)


def test_tokens_belong_to_one_query_and_one_service() -> None:
    """A token of another query or secret is refused."""
    token = encode_token((1,), secret=SECRET, context="accounts?$orderby=name")
    with pytest.raises(TokenError):
        decode_token(token, secret=SECRET, context="accounts")
    with pytest.raises(TokenError):
        decode_token(token, secret=b"other", context="accounts?$orderby=name")


def test_next_links_are_followed_once() -> None:
    """Relative links are completed; a repeated one ends the reading with an error."""
    links = NextLinks("http://h:80/api/customers?$top=5")
    assert links.follow("http://h/api/customers?$skiptoken=a") == "http://h/api/customers?$skiptoken=a"
    assert links.follow("customers?$skiptoken=b") == "http://h:80/api/customers?$skiptoken=b"
    with pytest.raises(AnswerSyntaxError, match="never end"):
        links.follow("customers?$skiptoken=b")


@pytest.mark.parametrize("link", ["http://evil/api", "https://h/api", "http://h:81/x", "http://h:x/"])
def test_next_links_to_other_servers_are_not_followed(link: str) -> None:
    """The credential is not carried to another origin."""
    with pytest.raises(AnswerSyntaxError):
        NextLinks("http://h/api").follow(link)


# --- errors


def test_errors_of_both_services() -> None:
    """Each dialect is read back; the ERP's correlation id stands in the message."""
    crm = ErrorBody(
        code="0x80040217", message="Not there.", annotations={"@Microsoft.PowerApps.CDS.HelpLink": "x"}
    )
    assert parse_error_body(crm_error_body(crm)) == crm
    erp = ErrorBody(
        code="Request_EntityChanged",
        message="Changed by another user.",
        correlation_id="5f0e",
        target="No",
        details=(ErrorDetail(code="a", message="b", target="c"), ErrorDetail(code="d", message="e")),
    )
    body = erp_error_body(erp)
    assert json.loads(body)["error"]["message"] == "Changed by another user.  CorrelationId:  5f0e."
    assert parse_error_body(body) == erp
    assert parse_error_body(erp_error_body(ErrorBody(code="a", message="b"))) == ErrorBody(
        code="a", message="b"
    )
    inner = parse_error_body(crm_error_body(ErrorBody(code="0x0", message="", inner_message="why")))
    assert inner is not None
    assert inner.message == "why"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error":"x"}', b'{"error_description":"x"}'])
def test_anything_else_is_no_error_body(body: bytes) -> None:
    """Bodies without an error object give none."""
    assert parse_error_body(body) is None


def test_odd_error_bodies_are_read_as_far_as_they_go() -> None:
    """Older spellings: language objects, numeric codes, missing members, details of any kind."""
    error = parse_error_body(
        b'{"error":{"code":5,"message":{"lang":"en","value":"m"},"details":[1,{"code":true}],"target":null}}'
    )
    assert error == ErrorBody(code="5", message="m", details=(ErrorDetail(code="", message=""),))


# --- metadata

MODEL = edm.Model(
    schemas=(
        edm.Schema(
            namespace="Microsoft.Dynamics.CRM",
            alias="mscrm",
            entity_types=(
                edm.EntityType(name="crmbaseentity", abstract=True),
                edm.EntityType(
                    name="principal",
                    base="mscrm.crmbaseentity",
                    key=("ownerid",),
                    properties=(edm.Property(name="ownerid", type="Edm.Guid", nullable=False),),
                ),
                edm.EntityType(
                    name="systemuser",
                    base="mscrm.principal",
                    open=True,
                    has_stream=True,
                    properties=(
                        edm.Property(name="fullname", max_length=200, unicode=False, default="x"),
                        edm.Property(name="rate", type="Edm.Decimal", precision=23, scale="Variable"),
                        edm.Property(name="amount", type="Edm.Decimal", scale=2),
                        edm.Property(name="tags", type="Collection(Edm.String)"),
                        edm.Property(name="mode", type="mscrm.Mode"),
                    ),
                    navigation=(
                        edm.NavigationProperty(
                            name="parent",
                            target="mscrm.systemuser",
                            nullable=False,
                            partner="children",
                            constraints=(
                                edm.ReferentialConstraint(
                                    property="_parent_value", referenced_property="ownerid"
                                ),
                            ),
                        ),
                        edm.NavigationProperty(
                            name="children", target="mscrm.systemuser", collection=True, contains_target=True
                        ),
                    ),
                    alternate_keys=(("fullname",), ("fullname", "rate")),
                ),
            ),
            complex_types=(edm.ComplexType(name="Label", properties=(edm.Property(name="Text"),)),),
            enum_types=(
                edm.EnumType(
                    name="Mode",
                    members=(edm.EnumMember(name="A", value=1), edm.EnumMember(name="B", value=2)),
                    is_flags=True,
                    underlying="Edm.Int64",
                ),
                edm.EnumType(name="Plain", members=(edm.EnumMember(name="A", value=0),)),
            ),
            operations=(
                edm.Operation(name="WhoAmI", is_function=True, return_type="mscrm.Label", composable=True),
                edm.Operation(
                    name="Win",
                    bound=True,
                    parameters=(edm.Parameter(name="entity", type="mscrm.systemuser", nullable=False),),
                ),
                edm.Operation(name="Win", parameters=(edm.Parameter(name="Status", type="Edm.Int32"),)),
            ),
            container=edm.EntityContainer(
                name="System",
                sets=(
                    edm.EntitySet(
                        name="systemusers",
                        type="Microsoft.Dynamics.CRM.systemuser",
                        bindings=(edm.NavigationBinding(path="parent", target="systemusers"),),
                    ),
                    edm.EntitySet(name="hidden", type="mscrm.principal", in_service_document=False),
                ),
                imports=(
                    edm.OperationImport(name="WhoAmI", operation="mscrm.WhoAmI", is_function=True),
                    edm.OperationImport(name="Win", operation="mscrm.Win"),
                ),
            ),
        ),
        edm.Schema(namespace="Other"),
    )
)


def test_metadata_survives_a_round_trip() -> None:
    """A rendered model is read back, functions before actions."""
    assert parse_metadata(render_metadata(MODEL)) == MODEL
    assert fromstring(render_metadata(MODEL)).tag == "{http://docs.oasis-open.org/odata/ns/edmx}Edmx"


def test_model_is_looked_up_by_namespace_alias_and_set() -> None:
    """Types by both names, keys and properties through the ancestors."""
    user = MODEL.type_of_set("systemusers")
    assert user is not None
    assert user is MODEL.entity_type("mscrm.systemuser")
    assert MODEL.type_of_set("nothing") is None
    assert [each.name for each in MODEL.lineage(user)] == ["systemuser", "principal", "crmbaseentity"]
    assert MODEL.key_of(user) == ("ownerid",)
    assert MODEL.properties_of(user)[0].name == "ownerid"
    assert MODEL.properties_of(user)[0].primitive_type is edm.PrimitiveType.GUID
    assert [each.name for each in MODEL.navigation_of(user)] == ["parent", "children"]
    assert user.property("fullname") is not None
    assert user.property("nothing") is None
    assert user.navigation_property("parent") is not None
    assert user.navigation_property("nothing") is None
    tags, mode = user.property("tags"), user.property("mode")
    assert tags is not None
    assert tags.is_collection
    assert mode is not None
    assert mode.primitive_type is None
    assert MODEL.enum_type("mscrm.Mode") is not None
    assert MODEL.enum_type("mscrm.systemuser") is None
    assert MODEL.complex_type("mscrm.Label") is not None
    assert MODEL.complex_type("mscrm.systemuser") is None
    assert len(MODEL.operations["Microsoft.Dynamics.CRM.Win"]) == 2
    assert MODEL.imports["WhoAmI"].is_function


def test_lineage_of_a_circle_ends() -> None:
    """A broken document cannot keep a client busy."""
    first, second = edm.EntityType(name="A", base="N.B"), edm.EntityType(name="B", base="N.A")
    model = edm.Model(schemas=(edm.Schema(namespace="N", entity_types=(first, second)),))
    assert model.lineage(first) == (first, second)
    assert model.key_of(first) == ()


def test_foreign_metadata_is_read_tolerantly() -> None:
    """Unknown elements are skipped, words for no limit and missing enumeration values understood."""
    document = b"""<?xml version="1.0"?>
    <edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:Reference Uri="x"/>
    <edmx:DataServices><Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="NAV">
    <Annotations Target="x"/><EntityType Name="c"><Annotation Term="other"/>
    <Annotation Term="OData.Community.Keys.V1.AlternateKeys"><Other/></Annotation>
    <Property Name="No" Type="Edm.String" MaxLength="max"/></EntityType>
    <EnumType Name="E"><Member Name="a"/><Member Name="b"/></EnumType></Schema>
    </edmx:DataServices></edmx:Edmx>"""
    model = parse_metadata(document)
    kind = model.entity_type("NAV.c")
    assert kind is not None
    assert kind.properties[0].max_length is None
    assert kind.alternate_keys == ()
    numbers = model.enum_type("NAV.E")
    assert numbers is not None
    assert [each.value for each in numbers.members] == [0, 1]


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<a>",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><Edmx>&x;</Edmx>',
        b"<Edmx><DataServices><Schema/></DataServices></Edmx>",
        (
            b'<Edmx><DataServices><Schema Namespace="N"><EnumType Name="E"><Member Name="a" Value="x"/>'
            b"</EnumType></Schema></DataServices></Edmx>"
        ),
    ],
)
def test_broken_or_hostile_metadata_is_refused(document: bytes) -> None:
    """No metadata, an incomplete one, or one with entities is an error."""
    with pytest.raises(AnswerSyntaxError):
        parse_metadata(document)


def test_service_document_lists_the_sets() -> None:
    """The root lists what is meant to be listed."""
    body = service_document_body(MODEL, context="http://h/$metadata")
    assert json.loads(body)["value"] == [{"name": "systemusers", "kind": "EntitySet", "url": "systemusers"}]
    assert parse_service_document(body) == {"systemusers": "systemusers"}
    with pytest.raises(AnswerSyntaxError):
        parse_service_document(b"<html>")
