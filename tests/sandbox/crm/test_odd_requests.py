"""Requests that make no sense: each gets a refusal in the service's form, and nothing is changed."""

from __future__ import annotations

import json

import pytest
from tests.sandbox.crm.conftest import ROOT, Client

ACCOUNT = "11111111-2222-4333-8444-555555555555"
ONE = f"accounts({ACCOUNT})"
_JSON = {"Content-Type": "application/json"}
BIND = f'{{"ownerid@odata.bind":"/accounts({ACCOUNT})"}}'


@pytest.mark.parametrize(
    ("method", "address", "body", "status"),
    [
        ("GET", "accounts(xyz)", b"", 400),
        ("GET", "accounts()", b"", 400),
        ("GET", "accounts(1,2)", b"", 400),
        ("GET", "accounts('x", b"", 400),
        ("GET", "%ff", b"", 400),
        ("GET", "$batch", b"", 404),
        ("GET", f"{ONE}/nosuch", b"", 404),
        ("GET", f"{ONE}/name/$ref", b"", 404),
        ("GET", f"{ONE}?$expand=nosuch", b"", 400),
        ("GET", "accounts?$filter=statecode eq 'a'", b"", 400),
        ("GET", "accounts?$apply=aggregate($count as n)", b"", 400),
        ("GET", "accounts?fetchXml=<fetch/>", b"", 400),
        ("GET", "accounts?$deltatoken=abc", b"", 400),
        ("GET", "accounts/Microsoft.Dynamics.CRM.Nope", b"", 404),
        ("GET", "RetrieveTotalRecordCount", b"", 400),
        ("GET", "RetrieveTotalRecordCount(EntityNames=@p)?@p=[", b"", 400),
        ("GET", "InsertOptionValue", b"", 405),
        ("GET", "EntityDefinitions(5)", b"", 404),
        ("GET", "EntityDefinitions(LogicalName='account')/Attributes(LogicalName='nope')", b"", 404),
        ("GET", "EntityDefinitions(LogicalName='account')/Nope", b"", 404),
        ("POST", "EntityDefinitions", b"{}", 403),
        ("POST", "WhoAmI", b"", 405),
        ("POST", "accounts", b"", 400),
        ("POST", "accounts", b"[]", 400),
        ("POST", "accounts", b"{bad", 400),
        ("POST", "accounts", b'{"name":"\xff"}', 400),
        ("POST", "accounts", b'{"accountid":"zz"}', 400),
        ("POST", "accounts", b'{"creditlimit":1e400}', 400),
        ("POST", "accounts", b'{"primarycontactid":5}', 400),
        ("POST", "accounts", b'{"primarycontactid@odata.bind":5}', 400),
        ("POST", "accounts", b'{"contact_customer_accounts":{}}', 400),
        ("POST", "accounts", b'{"contact_customer_accounts":[5]}', 400),
        ("POST", "accounts", BIND.encode(), 400),
        ("POST", ONE, b"{}", 405),
        ("POST", "organizations", b"{}", 405),
        ("POST", f"{ONE}/contact_customer_accounts/$ref", b"{}", 400),
        ("POST", "accounts/Microsoft.Dynamics.CRM.UpsertMultiple", b'{"Targets":5}', 400),
        ("POST", "InsertOptionValue", b"{}", 400),
        ("POST", "FulfillSalesOrder", b"{}", 400),
        ("POST", "BulkDelete", b"{}", 400),
        ("POST", "$batch", b"{}", 400),
        ("PATCH", ONE, b'{"statecode":null}', 400),
        ("PATCH", ONE, b'{"statuscode":null}', 400),
        ("PUT", ONE, b"{}", 405),
        ("PUT", f"{ONE}/nosuch", b"{}", 404),
        ("DELETE", f"{ONE}/statecode", b"", 400),
        ("DELETE", "accounts", b"", 405),
    ],
)
def test_an_odd_request_is_refused(
    client: Client, method: str, address: str, body: bytes, status: int
) -> None:
    """The refusal has code and message; the one record there is stays as it was."""
    client.create("accounts", {"accountid": ACCOUNT, "name": "A"})
    before = client.get("accounts")["value"]
    response = client.send(method, address, body, {"Content-Type": "application/json"})
    assert response.status == status, response.body
    error = json.loads(response.body)["error"]
    assert error["code"].startswith("0x")
    assert error["message"]
    assert client.get("accounts")["value"] == before


def test_security_i2_queries_and_batches_have_an_end(client: Client) -> None:
    """What is longer, deeper or more than any client of ours asks is refused, and what is just short of it answered."""
    parties = ("primarycontactid", "parentcustomerid_account") * 2
    for asked, status in (
        (f"accounts?$filter={' or '.join(['statecode eq 0'] * 500)}", 200),
        (f"accounts?$filter={' or '.join(['statecode eq 0'] * 501)}", 400),
        (f"accounts?$filter={'(' * 40}statecode eq 0{')' * 40}", 200),
        (f"accounts?$filter={'(' * 60}statecode eq 0{')' * 60}", 400),
        (f"accounts?$filter={'not (' * 5000}statecode eq 0{')' * 5000}", 400),
        (f"accounts?$expand={'($expand='.join(parties[:3])}{')' * 2}", 200),
        (f"accounts?$expand={'($expand='.join(parties)}{')' * 3}", 400),
    ):
        answer = client.send("GET", asked)
        assert answer.status == status, (asked[:80], answer.body[:300])
    one = {"method": "GET", "url": f"{ROOT}accounts?$top=1"}
    for number, status in ((2, 200), (1_001, 400)):
        requests = [{"id": str(each), **one} for each in range(number)]
        answer = client.send("POST", "$batch", {"requests": requests}, _JSON)
        assert answer.status == status, answer.body[:300]
    inner = {"id": "1", "method": "POST", "url": f"{ROOT}$batch", "headers": _JSON, "body": {"requests": []}}
    answer = client.send("POST", "$batch", {"requests": [inner]}, _JSON)
    assert json.loads(answer.body)["responses"][0]["status"] >= 400
