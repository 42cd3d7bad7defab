"""Requests and answers as the services' documentation and recorded clients show them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from interlace.odata import json_batch, multipart_batch
from interlace.odata.batch import BatchRequest, BatchResponse, ChangeSet, ChangeSetResponse
from interlace.odata.entity import parse_deleted_entry, parse_page
from interlace.odata.error_response import parse_error_body
from interlace.odata.filter_evaluation import resolve_aliases
from interlace.odata.filter_expression import (
    Constant,
    Expression,
    Field,
    Member,
    NamedCall,
    ValueList,
    all_of,
)
from interlace.odata.keys import JsonArgument
from interlace.odata.literals import EnumLiteral
from interlace.odata.query_options import CRM_QUERY_POLICY, ERP_QUERY_POLICY, parse_query
from interlace.odata.resource_path import parse_path


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (
            "EntityDefinitions(LogicalName='account')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata",
            ["EntityDefinitions", "Attributes", "Microsoft.Dynamics.CRM.PicklistAttributeMetadata"],
        ),
        ("companies(5f0e2d4c-0000-4000-8000-00000000000a)/customers", ["companies", "customers"]),
        ("companies(name='CRONUS%20International%20Ltd.')/items", ["companies", "items"]),
        (
            "salesOrders(5f0e2d4c-0000-4000-8000-00000000000a)/Microsoft.NAV.shipAndInvoice",
            ["salesOrders", "Microsoft.NAV.shipAndInvoice"],
        ),
        (
            "Company('CRONUS')/SalesOrder(Document_Type='Order',No='101005')/SalesOrderSalesLines",
            ["Company", "SalesOrder", "SalesOrderSalesLines"],
        ),
        (
            "systemusers(5f0e2d4c-0000-4000-8000-00000000000a)/systemuserroles_association/$ref",
            ["systemusers", "systemuserroles_association", "$ref"],
        ),
        ("accounts/$count", ["accounts", "$count"]),
        ("WhoAmI()", ["WhoAmI"]),
        ("accounts(accountnumber='A''1')", ["accounts"]),
    ],
)
def test_addresses_of_both_services(raw: str, names: list[str]) -> None:
    """Documented and recorded addresses are taken apart."""
    assert [segment.name for segment in parse_path(raw)] == names


def test_function_parameters_of_the_crm() -> None:
    """A function's parameter may be an alias or a JSON array in place."""
    call = parse_path('RetrieveTotalRecordCount(EntityNames=["account"])')[0]
    assert call.predicate is not None
    assert call.predicate.single == JsonArgument('["account"]')
    options = parse_query("@p1=Microsoft.Dynamics.CRM.EndpointAccessType'Default'", CRM_QUERY_POLICY)
    assert options.aliases == {"p1": "Microsoft.Dynamics.CRM.EndpointAccessType'Default'"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("%24select=name&%24filter=name+eq+%27x%27", Field("name").eq("x")),
        ("$filter=IsPrivate eq false", Field("IsPrivate").eq(value=False)),
        (
            '$filter=Microsoft.Dynamics.CRM.In(PropertyName=\'c\',PropertyValues=["a","b"])',
            NamedCall(
                "Microsoft.Dynamics.CRM.In",
                (
                    ("PropertyName", Constant("c")),
                    ("PropertyValues", ValueList((Constant("a"), Constant("b")))),
                ),
            ),
        ),
        (
            "$filter=AttributeType%20eq%20Microsoft.Dynamics.CRM.AttributeTypeCode'Picklist'",
            Field("AttributeType").eq(EnumLiteral("Microsoft.Dynamics.CRM.AttributeTypeCode", "Picklist")),
        ),
        (
            "$filter=CanChangeTrackingBeEnabled/Value eq true",
            Field("CanChangeTrackingBeEnabled/Value").eq(value=True),
        ),
        (
            "$filter=_ownerid_value eq 5f0e2d4c-0000-4000-8000-00000000000a",
            Field("_ownerid_value").eq(UUID("5f0e2d4c-0000-4000-8000-00000000000a")),
        ),
        (
            "$filter=lastModifiedDateTime gt 2026-01-01T00:00:00Z&$orderby=lastModifiedDateTime",
            Field("lastModifiedDateTime").gt(datetime(2026, 1, 1, tzinfo=UTC)),
        ),
        (
            "$filter=status eq 'Draft' or status eq 'In_x0020_Review'",
            Field("status").any_equal(["Draft", "In_x0020_Review"]),
        ),
    ],
)
def test_filters_of_recorded_clients(query: str, expected: Expression) -> None:
    """Filters mean what their senders meant."""
    assert parse_query(query, ERP_QUERY_POLICY).filter == expected


def test_bulk_message_lookup_of_the_crm() -> None:
    """Aliases in a filter take their values from the query string."""
    options = parse_query(
        "$select=sdkmessagefilterid&$filter=sdkmessageid/name eq @m and primaryobjecttypecode eq @t"
        "&@m='CreateMultiple'&@t='account'",
        CRM_QUERY_POLICY,
    )
    assert options.filter is not None
    assert resolve_aliases(options.filter, options.aliases) == all_of(
        Field("sdkmessageid/name").eq("CreateMultiple"), Field("primaryobjecttypecode").eq("account")
    )
    assert Member(("sdkmessageid", "name")) == Field("sdkmessageid/name").member


def test_delta_token_of_a_client_that_encodes_anew() -> None:
    """The token arrives with other letter case of digits and a plus for the blank."""
    first = parse_query("$select=name&$deltatoken=919042%2108%2f22%2f2017%2008%3a10%3a44", CRM_QUERY_POLICY)
    again = parse_query("%24deltatoken=919042%2108%2F22%2F2017+08%3A10%3A44", CRM_QUERY_POLICY)
    assert first.delta_token == again.delta_token == "919042!08/22/2017 08:10:44"


def test_paging_cookie_survives() -> None:
    """The CRM's paging cookie is percent-encoded XML; it comes out as it went in."""
    inner = "%253ccookie%2520page%253d%25221%2522%253e"
    cookie = f'<cookie pagenumber="2" pagingcookie="{inner}" istracking="False" />'
    options = parse_query(
        "$select=name&$skiptoken=%3Ccookie%20pagenumber=%222%22%20pagingcookie="
        "%22%25253ccookie%252520page%25253d%2525221%252522%25253e%22%20istracking=%22False%22%20/%3E"
    )
    assert options.skip_token == cookie
    assert parse_query(options.to_query()) == options


def test_collections_of_both_services() -> None:
    """Pages as the documentation shows them."""
    crm = parse_page(
        b'{"@odata.context":"https://h/api/data/v9.2/$metadata#accounts(name)","@odata.count":5000,'
        b'"@Microsoft.Dynamics.CRM.totalrecordcount":5000,"value":[{"@odata.etag":"W/\\"536530\\"","name":"A"}],'
        b'"@odata.nextLink":"https://h/api/data/v9.2/accounts?$select=name&$skiptoken=x"}'
    )
    assert (len(crm.records), crm.total, crm.delta_link) == (1, 5000, None)
    erp = parse_page(
        b'{"@odata.context":"http://h/ODataV4/$metadata#Company(\'CRONUS\')/Customer","value":[]}'
    )
    assert (erp.records, erp.next_link) == ([], None)
    entry = parse_deleted_entry(
        b'{"@odata.context":"https://h/api/data/v9.2/$metadata#accounts/$deletedEntity",'
        b'"id":"5f0e","reason":"deleted"}'
    )
    assert entry is not None
    assert entry.id == "5f0e"


def test_errors_of_both_services() -> None:
    """Error bodies as the documentation and measured services show them."""
    crm = parse_error_body(
        b'{"error":{"code":"0x80060882","message":"The version of the existing record differs."}}'
    )
    assert crm is not None
    assert crm.code == "0x80060882"
    erp = parse_error_body(
        b'{"error":{"code":"Request_EntityChanged","message":"Another user changed the record.'
        b'  CorrelationId:  5f0e2d4c-0000-4000-8000-00000000000a."}}'
    )
    assert erp is not None
    assert erp.message == "Another user changed the record."
    assert erp.correlation_id == "5f0e2d4c-0000-4000-8000-00000000000a"


def test_change_set_of_the_microsoft_client() -> None:
    """Quoted boundaries, absolute addresses, a reference to the first result."""
    lines = [
        "--batch_a",
        'Content-Type: multipart/mixed; boundary="changeset_b"',
        "",
        "--changeset_b",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "Content-ID: 1",
        "",
        "POST https://h/api/data/v9.2/accounts HTTP/1.1",
        "Content-Type: application/json; type=entry",
        "",
        '{"name":"A"}',
        "--changeset_b",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "Content-ID: 2",
        "",
        "PATCH $1 HTTP/1.1",
        "If-Match: *",
        "Content-Type: application/json; type=entry",
        "",
        '{"telephone1":"5"}',
        "--changeset_b--",
        "--batch_a--",
        "",
    ]
    (changes,) = multipart_batch.parse_batch(
        'multipart/mixed; boundary="batch_a"', "\r\n".join(lines).encode()
    )
    assert isinstance(changes, ChangeSet)
    assert [(each.method, each.url, each.content_id) for each in changes.requests] == [
        ("POST", "https://h/api/data/v9.2/accounts", "1"),
        ("PATCH", "$1", "2"),
    ]


def test_batch_answer_of_the_crm() -> None:
    """A change set's answer and a failed part, as the documentation shows them."""
    lines = [
        "--batchresponse_a",
        "Content-Type: multipart/mixed; boundary=changesetresponse_b",
        "",
        "--changesetresponse_b",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "Content-ID: 1",
        "",
        "HTTP/1.1 204 No Content",
        "OData-Version: 4.0",
        "Location: https://h/api/data/v9.2/accounts(5f0e)",
        "OData-EntityId: https://h/api/data/v9.2/accounts(5f0e)",
        "",
        "",
        "--changesetresponse_b--",
        "--batchresponse_a",
        "Content-Type: application/http",
        "Content-Transfer-Encoding: binary",
        "",
        "HTTP/1.1 404 Not Found",
        "REQ_ID: 5",
        "Content-Type: application/json; odata.metadata=minimal",
        "OData-Version: 4.0",
        "",
        '{"error":{"code":"0x80040217","message":"Does Not Exist"}}',
        "--batchresponse_a--",
        "",
    ]
    body = "\r\n".join(lines).encode()
    changes, failed = multipart_batch.parse_batch_response("multipart/mixed; boundary=batchresponse_a", body)
    assert isinstance(changes, ChangeSetResponse)
    assert changes.responses[0].header("odata-entityid") == "https://h/api/data/v9.2/accounts(5f0e)"
    assert isinstance(failed, BatchResponse)
    error = parse_error_body(failed.body)
    assert error is not None
    assert (failed.status, error.code) == (404, "0x80040217")


def test_json_batch_of_the_erp() -> None:
    """A batch of the ERP: addresses relative to the root, the answer in any order."""
    (request,) = json_batch.parse_batch(
        b'{"requests":[{"method":"POST","id":"r1","url":"companies(5f0e)/items?$select=number",'
        b'"headers":{"Content-Type":"application/json"},"body":{"displayName":"Desk"}}]}'
    )
    assert isinstance(request, BatchRequest)
    assert (request.content_id, request.headers) == ("r1", {"content-type": "application/json"})
    (answer,) = json_batch.parse_batch_response(
        b'{"responses":[{"id":"r1","status":201,"headers":{"location":"http://h/x","odata-version":"4.0"},'
        b'"body":{"number":"1000","unitPrice":0.10}}]}'
    )
    assert isinstance(answer, BatchResponse)
    assert answer.body == b'{"number":"1000","unitPrice":0.10}'
