"""$batch: order, change sets, references, failures, as clients write and parse them."""

from __future__ import annotations

import json

import pytest
from tests.sandbox.crm.conftest import Client, refusal

from interlace.odata.batch import BatchRequest, BatchResponse, ChangeSet, ChangeSetResponse
from interlace.odata.multipart_batch import build_batch, parse_batch_response

BASE = "http://127.0.0.1/api/data/v9.2/"
KEY = "11111111-2222-4333-8444-555555555555"


def post(name: object, content_id: str | None = None, url: str = "accounts", **extra: object) -> BatchRequest:
    """A create as one part of a batch."""
    body = json.dumps({"name": name, **extra}).encode()
    return BatchRequest(
        method="POST",
        url=url,
        headers={"content-type": "application/json; type=entry"},
        body=body,
        content_id=content_id,
    )


def send(
    client: Client, *items: BatchRequest | ChangeSet, prefer: str = ""
) -> tuple[int, tuple[object, ...]]:
    """Outer status and parsed answers."""
    built = build_batch(items, boundary="batch_1")
    headers = {"Content-Type": built.content_type, **({"Prefer": prefer} if prefer else {})}
    response = client.send("POST", "$batch", built.body, headers)
    return response.status, parse_batch_response(response.header("Content-Type") or "", response.body)


@pytest.mark.parametrize("url", ["accounts", f"{BASE}accounts", "/api/data/v9.2/accounts"])
def test_addresses_in_every_form(client: Client, url: str) -> None:
    """Relative, absolute and server-relative addresses are accepted."""
    status, (answer,) = send(client, post("A", url=url))
    assert status == 200
    assert isinstance(answer, BatchResponse)
    assert answer.status == 204
    assert str(answer.header("OData-EntityId")).startswith(f"{BASE}accounts(")


def test_the_answer_begins_with_its_boundary(client: Client) -> None:
    """Strict clients look at the first bytes."""
    built = build_batch([post("A")], boundary="batch_1")
    response = client.send("POST", "$batch", built.body, {"Content-Type": built.content_type})
    assert response.body.startswith(b"--batchresponse_")


def test_a_change_set_is_all_or_nothing(client: Client) -> None:
    """One failing member undoes its siblings and answers alone."""
    items = ChangeSet(requests=(post("A", "1"), post("x" * 161, "2"), post("C", "3")))
    status, answers = send(client, items, prefer="odata.continue-on-error")
    assert status == 200
    assert len(answers) == 1
    assert isinstance(answers[0], BatchResponse)
    assert answers[0].status == 400
    assert client.get("accounts")["value"] == []


def test_references_inside_a_change_set(client: Client) -> None:
    """$1 stands for the record just created: in addresses and in binds."""
    contact = BatchRequest(
        method="POST",
        url="contacts",
        body=b'{"lastname":"L","parentcustomerid_account@odata.bind":"$1"}',
        content_id="2",
    )
    rename = BatchRequest(method="PATCH", url="$1", body=b'{"name":"Renamed"}', content_id="3")
    status, (answer,) = send(client, ChangeSet(requests=(post("A", "1"), contact, rename)))
    assert status == 200
    assert isinstance(answer, ChangeSetResponse)
    assert [each.content_id for each in answer.responses] == ["1", "2", "3"]
    row = client.get("contacts?$expand=parentcustomerid_account($select=name)")["value"][0]
    assert row["parentcustomerid_account"]["name"] == "Renamed"


def test_the_first_failure_ends_the_batch(client: Client) -> None:
    """Without continue-on-error the outer status is an error and only the failure is answered."""
    status, answers = send(client, post("A"), post("x" * 161), post("C"))
    assert status == 400
    assert len(answers) == 1
    assert [row["name"] for row in client.get("accounts")["value"]] == ["A"]


def test_continue_on_error_answers_each(client: Client) -> None:
    """Every request has its answer, in order; reads may stand beside writes."""
    read = BatchRequest(method="GET", url="accounts?$select=name&$filter=name eq 'A'")
    status, answers = send(client, post("A"), post("x" * 161), read, prefer="odata.continue-on-error")
    assert status == 200
    assert [each.status for each in answers if isinstance(each, BatchResponse)] == [204, 400, 200]


def test_conditional_patches_report_each_stale_record(client: Client) -> None:
    """The bulk update with preconditions: one answer a record."""
    ids = [client.create("accounts", {"name": str(number)}) for number in range(3)]
    tags = [client.get(f"accounts({each})")["@odata.etag"] for each in ids]
    client.patch(f"accounts({ids[1]})", {"name": "moved"})
    parts = [
        BatchRequest(
            method="PATCH", url=f"accounts({each})", headers={"if-match": tag}, body=b'{"name":"new"}'
        )
        for each, tag in zip(ids, tags, strict=True)
    ]
    _, answers = send(client, *parts, prefer="odata.continue-on-error")
    assert [each.status for each in answers if isinstance(each, BatchResponse)] == [204, 412, 204]


def test_limits_of_a_batch(client: Client) -> None:
    """More than 1000 requests, an unknown reference and a read in a change set are refused."""
    built = build_batch([BatchRequest(method="GET", url="WhoAmI")] * 1001, boundary="b")
    assert client.send("POST", "$batch", built.body, {"Content-Type": built.content_type}).status == 400
    assert send(client, BatchRequest(method="PATCH", url="$9", body=b"{}"))[0] == 400
    read = BatchRequest(method="GET", url="WhoAmI", content_id="1")
    assert send(client, ChangeSet(requests=(read,)))[0] == 400
    answer = client.send("POST", "$batch", b"nonsense", {"Content-Type": "multipart/mixed; boundary=b"})
    assert refusal(answer)[0] == 400


def test_batch_parts_are_counted_one_by_one(client: Client) -> None:
    """The log tells writes inside a batch from the envelope."""
    client.app.requests.clear()
    send(client, BatchRequest(method="GET", url="WhoAmI"))
    assert client.app.requests.writes() == []
    send(client, post("A"))
    assert [line.path for line in client.app.requests.writes()] == ["accounts"]


def test_json_batches(client: Client) -> None:
    """The JSON spelling works too."""
    body = {
        "requests": [
            {
                "id": "1",
                "method": "POST",
                "url": "accounts",
                "body": {"name": "A", "accountid": KEY},
                "headers": {"content-type": "application/json"},
            },
            {"id": "2", "method": "GET", "url": f"accounts({KEY})?$select=name", "dependsOn": ["1"]},
        ]
    }
    response = client.send("POST", "$batch", body, {"Content-Type": "application/json"})
    answers = json.loads(response.body)["responses"]
    assert [each["status"] for each in answers] == [204, 200]
    assert answers[1]["body"]["name"] == "A"
