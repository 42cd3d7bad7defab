"""Request and response pairs that the public documentation of the Web API prints, replayed.

Facts of the pages `create-entity-web-api`, `retrieve-entity-using-web-api`,
`update-delete-entities-using-web-api`, `perform-conditional-operations-using-web-api`,
`associate-disassociate-entities-using-web-api`, `execute-batch-operations-using-web-api`, `use-upsert`,
`bulk-operations`, `use-change-tracking` and `query/page-results`. `[org]` stands for the service root;
versions and times of this service take the place of the printed ones.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.sandbox.crm.conftest import Client

ORG = "http://127.0.0.1/api/data/v9.2/"
ACCOUNT = "7eb682f1-ca75-e511-80d4-00155d2a68d1"
CONTACT = "b3ef4b1d-4c2f-4f2b-9c0f-6c7a1c3a4e11"
ACTION = "Microsoft.Dynamics.CRM."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One printed exchange; `given` is created first, `shows` are members the answer must hold exactly."""

    name: str
    method: str
    address: str
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    given: tuple[tuple[str, dict[str, Any]], ...] = ()
    status: int = 204
    answers: dict[str, str] = field(default_factory=dict)
    shows: dict[str, Any] = field(default_factory=dict)
    members: tuple[str, ...] | None = None
    empty: bool = False


SAMPLE = {
    "name": "Sample Account",
    "creditonhold": False,
    "address1_latitude": 47.639583,
    "description": "This is the description of the sample account",
    "revenue": 5_000_000,
    "accountcategorycode": 1,
}
EXISTING = ("accounts", {"accountid": ACCOUNT, "name": "Fourth Coffee", "revenue": 20_000_000})
PERSON = ("contacts", {"contactid": CONTACT, "firstname": "John", "lastname": "Smith"})
REPRESENTATION = {"Prefer": "return=representation"}

PAIRS = [
    Pair(
        name="basic create",
        method="POST",
        address="accounts",
        body=SAMPLE,
        answers={"OData-Version": "4.0", "OData-EntityId": rf"{re.escape(ORG)}accounts\([0-9a-f-]{{36}}\)"},
        empty=True,
    ),
    Pair(
        name="create with data returned",
        method="POST",
        body=SAMPLE,
        headers=REPRESENTATION,
        status=201,
        address="accounts?$select=name,creditonhold,address1_latitude,description,revenue,accountcategorycode,createdon",
        answers={
            "Preference-Applied": "return=representation",
            "Content-Type": r"application/json; odata.metadata=minimal.*",
        },
        shows=SAMPLE,
        members=(
            "@odata.context",
            "@odata.etag",
            "accountid",
            "name",
            "creditonhold",
            "address1_latitude",
            "description",
            "revenue",
            "accountcategorycode",
            "createdon",
            "_transactioncurrencyid_value",
        ),
    ),
    Pair(
        name="create related rows in one operation",
        method="POST",
        address="accounts",
        empty=True,
        body={
            "name": "Sample Account",
            "primarycontactid": {"firstname": "John", "lastname": "Smith"},
            "opportunity_customer_accounts": [{"name": "Opportunity associated to Sample Account"}],
        },
    ),
    Pair(
        name="associate on create",
        method="POST",
        address="accounts",
        given=(PERSON,),
        empty=True,
        body={"name": "Sample Account", "primarycontactid@odata.bind": f"/contacts({CONTACT})"},
    ),
    Pair(
        name="retrieve with select",
        method="GET",
        given=(EXISTING,),
        status=200,
        address=f"accounts({ACCOUNT})?$select=name,revenue",
        shows={
            "@odata.context": f"{ORG}$metadata#accounts(name,revenue)/$entity",
            "accountid": ACCOUNT,
            "name": "Fourth Coffee",
            "revenue": 20_000_000,
        },
        answers={"ETag": r'W/"\d+"'},
    ),
    Pair(
        name="retrieve a single property",
        method="GET",
        address=f"accounts({ACCOUNT})/name",
        given=(EXISTING,),
        status=200,
        shows={"@odata.context": f"{ORG}$metadata#accounts({ACCOUNT})/name", "value": "Fourth Coffee"},
        members=("@odata.context", "value"),
    ),
    Pair(
        name="retrieve the raw value of a property",
        method="GET",
        address=f"accounts({ACCOUNT})/name/$value",
        given=(EXISTING,),
        status=200,
        answers={"Content-Type": "text/plain.*"},
    ),
    Pair(
        name="retrieve a single-valued navigation property by reference",
        method="GET",
        status=200,
        address=f"accounts({ACCOUNT})/primarycontactid/$ref",
        given=(
            PERSON,
            ("accounts", {"accountid": ACCOUNT, "primarycontactid@odata.bind": f"/contacts({CONTACT})"}),
        ),
        shows={"@odata.context": f"{ORG}$metadata#$ref", "@odata.id": f"{ORG}contacts({CONTACT})"},
        members=("@odata.context", "@odata.id"),
    ),
    Pair(
        name="basic update",
        method="PATCH",
        address=f"accounts({ACCOUNT})",
        given=(EXISTING,),
        body={"name": "Updated Sample Account", "creditonhold": True, "revenue": 6_000_000},
        answers={"OData-EntityId": rf"{re.escape(ORG)}accounts\({ACCOUNT}\)"},
        empty=True,
    ),
    Pair(
        name="update with data returned",
        method="PATCH",
        address=f"accounts({ACCOUNT})?$select=name",
        status=200,
        given=(EXISTING,),
        headers=REPRESENTATION,
        body={"name": "Updated Sample Account"},
        shows={
            "@odata.context": f"{ORG}$metadata#accounts(name)/$entity",
            "accountid": ACCOUNT,
            "name": "Updated Sample Account",
        },
        members=("@odata.context", "@odata.etag", "accountid", "name"),
    ),
    Pair(
        name="update a single property",
        method="PUT",
        address=f"accounts({ACCOUNT})/name",
        given=(EXISTING,),
        body={"value": "Updated Sample Account Name"},
        empty=True,
    ),
    Pair(
        name="delete a property value",
        method="DELETE",
        address=f"accounts({ACCOUNT})/description",
        given=(EXISTING,),
    ),
    Pair(name="basic delete", method="DELETE", address=f"accounts({ACCOUNT})", given=(EXISTING,), empty=True),
    Pair(
        name="delete of a row that does not exist",
        method="DELETE",
        address=f"accounts({ACCOUNT})",
        status=404,
        shows={"error": {"code": "0x80040217", "message": f"account With Id = {ACCOUNT} Does Not Exist"}},
    ),
    Pair(
        name="prevent create in upsert",
        method="PATCH",
        address=f"accounts({ACCOUNT})",
        headers={"If-Match": "*"},
        body={"name": "Updated Sample Account"},
        status=404,
        shows={"error": {"code": "0x80040217", "message": f"account With Id = {ACCOUNT} Does Not Exist"}},
    ),
    Pair(
        name="prevent update in upsert",
        method="PATCH",
        address=f"accounts({ACCOUNT})",
        given=(EXISTING,),
        headers={"If-None-Match": "*"},
        body={"name": "Updated Sample Account"},
        status=412,
        shows={
            "error": {"code": "0x80040237", "message": "A record with matching key values already exists."}
        },
    ),
    Pair(
        name="optimistic concurrency on delete",
        method="DELETE",
        address=f"accounts({ACCOUNT})",
        given=(EXISTING,),
        headers={"If-Match": 'W/"1"'},
        status=412,
        shows={
            "error": {
                "code": "0x80060882",
                "message": "The version of the existing record doesn't match the RowVersion "
                "property provided.",
            }
        },
    ),
    Pair(
        name="add a reference to a collection",
        method="POST",
        given=(EXISTING, PERSON),
        empty=True,
        address=f"accounts({ACCOUNT})/contact_customer_accounts/$ref",
        body={"@odata.id": f"{ORG}contacts({CONTACT})"},
    ),
    Pair(
        name="change a single-valued reference",
        method="PUT",
        given=(EXISTING, PERSON),
        empty=True,
        address=f"accounts({ACCOUNT})/primarycontactid/$ref",
        body={"@odata.id": f"{ORG}contacts({CONTACT})"},
    ),
    Pair(
        name="remove a single-valued reference",
        method="DELETE",
        given=(EXISTING,),
        empty=True,
        address=f"accounts({ACCOUNT})/primarycontactid/$ref",
    ),
    Pair(
        name="CreateMultiple",
        method="POST",
        address=f"accounts/{ACTION}CreateMultiple",
        status=200,
        body={
            "Targets": [
                {"name": "sample record 0000001", "@odata.type": f"{ACTION}account"},
                {"name": "sample record 0000002", "@odata.type": f"{ACTION}account"},
            ]
        },
        shows={"@odata.context": f"{ORG}$metadata#{ACTION}CreateMultipleResponse"},
        members=("@odata.context", "Ids"),
    ),
    Pair(
        name="UpdateMultiple",
        method="POST",
        address=f"accounts/{ACTION}UpdateMultiple",
        given=(EXISTING,),
        empty=True,
        body={"Targets": [{"name": "new", "accountid": ACCOUNT, "@odata.type": f"{ACTION}account"}]},
    ),
    Pair(
        name="WhoAmI",
        method="GET",
        address="WhoAmI",
        status=200,
        shows={"@odata.context": f"{ORG}$metadata#{ACTION}WhoAmIResponse"},
        members=("@odata.context", "BusinessUnitId", "UserId", "OrganizationId"),
    ),
    Pair(
        name="page of a collection",
        method="GET",
        address="accounts?$select=name",
        status=200,
        given=(EXISTING, ("accounts", {})),
        headers={"Prefer": "odata.maxpagesize=1"},
        answers={"Preference-Applied": "odata.maxpagesize=1"},
        shows={"@odata.context": f"{ORG}$metadata#accounts(name)"},
        members=("@odata.context", "value", "@odata.nextLink"),
    ),
    Pair(
        name="initial request with change tracking",
        method="GET",
        address="accounts?$select=name",
        status=200,
        headers={"Prefer": "odata.track-changes"},
        answers={"Preference-Applied": "odata.track-changes"},
        members=("@odata.context", "value", "@odata.deltaLink"),
    ),
    Pair(
        name="unknown property",
        method="POST",
        address="accounts",
        body={"nosuchproperty": 1},
        status=400,
    ),
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_published_pair(client: Client, pair: Pair) -> None:
    """The printed request gets the printed answer."""
    for set_name, body in pair.given:
        client.create(set_name, body)
    response = client.send(pair.method, pair.address, pair.body, pair.headers)
    assert response.status == pair.status, response.body
    assert response.header("OData-Version") == "4.0"
    for name, pattern in pair.answers.items():
        assert re.fullmatch(pattern, response.header(name) or ""), (name, response.header(name))
    if pair.empty:
        assert response.body == b""
    if pair.shows or pair.members:
        shown = json.loads(response.body)
        assert {name: shown[name] for name in pair.shows} == pair.shows
        if pair.members is not None:
            assert set(shown) == set(pair.members)


BATCH = """
--batch_AAA123\r
Content-Type: multipart/mixed; boundary=changeset_BBB456\r
\r
--changeset_BBB456\r
Content-Type: application/http\r
Content-Transfer-Encoding: binary\r
Content-ID: 1\r
\r
POST [org]accounts HTTP/1.1\r
Content-Type: application/json; type=entry\r
\r
{"name":"Account created by a batch"}\r
--changeset_BBB456\r
Content-Type: application/http\r
Content-Transfer-Encoding: binary\r
Content-ID: 2\r
\r
POST [org]contacts HTTP/1.1\r
Content-Type: application/json; type=entry\r
\r
{"lastname":"Smith","parentcustomerid_account@odata.bind":"$1"}\r
--changeset_BBB456--\r
\r
--batch_AAA123\r
Content-Type: application/http\r
Content-Transfer-Encoding: binary\r
\r
GET [org]accounts?$select=name&$filter=name eq 'Account created by a batch' HTTP/1.1\r
Accept: application/json\r
\r
--batch_AAA123--\r
"""


@pytest.mark.parametrize("boundary", ['"batch_AAA123"', "batch_AAA123"])
def test_published_batch(client: Client, boundary: str) -> None:
    """A change set with a reference and a read with blanks in its address, as the documentation prints it."""
    body = BATCH.replace("[org]", ORG).encode()
    response = client.send("POST", "$batch", body, {"Content-Type": f"multipart/mixed; boundary={boundary}"})
    text = response.body.decode()
    assert response.status == 200
    assert text.startswith("--batchresponse_")
    assert "--changesetresponse_" in text
    assert re.search(r"Content-ID: 1\r\n\r\nHTTP/1.1 204 No Content\r\n", text)
    assert re.search(rf"OData-EntityId: {re.escape(ORG)}contacts\([0-9a-f-]{{36}}\)\r\n", text)
    assert '"name":"Account created by a batch"' in text.rpartition("HTTP/1.1 200 OK")[2]
