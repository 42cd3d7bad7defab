"""Exchanges as the documentation of both services prints them, byte by byte in and by shape out.

Pages `use-change-tracking`, `query/select-columns` (annotations) and `use-odata-batch`, `dynamics_customer_update`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tests.ready_crm import ready_crm

from interlace.sandbox.crm.sandbox import CrmSandbox
from interlace.sandbox.erp import ErpSandbox, ErpSandboxOptions, create_erp_sandbox

ROOT = "http://127.0.0.1/api/data/v9.2/"
ACCOUNT = "60c4e274-0d87-e711-80e5-00155db19e6d"
BASIC = "Basic SU5URVJMQUNFOmtleQ=="
"""User INTERLACE, access key `key`."""


@pytest.fixture
def crm() -> Iterator[CrmSandbox]:
    """An organization with one account."""
    held = ready_crm()
    body = b'{"accountid":"%s","name":"Monte Orton","revenue":20000.00}' % ACCOUNT.encode()
    assert _crm(held, "POST", "accounts", body)[0] == 204
    yield held
    held.close()


def _crm(
    crm: CrmSandbox, method: str, address: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], Any]:
    sent = {
        "Authorization": f"Bearer {crm.access_token()}",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
        "Accept": "application/json",
        "Content-Type": "application/json; charset=utf-8",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    url = address if address.startswith("http") else ROOT + address
    answer = crm.call(method, url, headers=sent, body=body)
    return answer.status, dict(answer.headers), json.loads(answer.body) if answer.body else None


def test_changes_hold_new_and_deleted_records(crm: CrmSandbox) -> None:
    """A delta link gives the changed record, and for a deleted one context, id and the reason."""
    query = "accounts?$select=name,accountnumber,telephone1,fax"
    status, headers, first = _crm(crm, "GET", query, Prefer="odata.track-changes")
    assert (status, headers["Preference-Applied"]) == (200, "odata.track-changes")
    context = f"{ROOT}$metadata#accounts(name,accountnumber,telephone1,fax)"
    assert first["@odata.context"] == context
    assert re.fullmatch(re.escape(ROOT) + r"accounts\?.*\$deltatoken=.+", first["@odata.deltaLink"])
    assert _crm(crm, "POST", "accounts", b'{"name":"New"}')[0] == 204
    assert _crm(crm, "DELETE", f"accounts({ACCOUNT})")[0] == 204
    status, _, changes = _crm(crm, "GET", first["@odata.deltaLink"])
    assert (status, changes["@odata.context"]) == (200, f"{context}/$delta")
    deleted = [each for each in changes["value"] if "reason" in each]
    assert deleted == [
        {"@odata.context": f"{ROOT}$metadata#accounts/$deletedEntity", "id": ACCOUNT, "reason": "deleted"}
    ]
    assert [each["name"] for each in changes["value"] if "name" in each] == ["New"]
    assert changes["@odata.deltaLink"] != first["@odata.deltaLink"]


def test_annotations_come_on_demand_only(crm: CrmSandbox) -> None:
    """Formatted values and lookup names stand beside their columns when they are asked for."""
    query = f"accounts({ACCOUNT})?$select=name,revenue,statecode,_ownerid_value"
    _, _, plain = _crm(crm, "GET", query)
    assert not [name for name in plain if "@OData.Community" in name or "@Microsoft" in name]
    _, headers, shown = _crm(crm, "GET", query, Prefer='odata.include-annotations="*"')
    assert headers["Preference-Applied"] == 'odata.include-annotations="*"'
    assert shown["statecode@OData.Community.Display.V1.FormattedValue"] == "Active"
    assert shown["_ownerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "systemuser"
    assert "_ownerid_value@OData.Community.Display.V1.FormattedValue" in shown


@pytest.fixture
def erp() -> Iterator[ErpSandbox]:
    """An empty company."""
    held = create_erp_sandbox(None, ErpSandboxOptions(company="CRONUS", access_key="key"))
    yield held
    held.close()


def _erp(
    erp: ErpSandbox, method: str, address: str, body: bytes = b"", **headers: str
) -> tuple[int, dict[str, str], Any]:
    sent = {
        "Authorization": BASIC,
        "Content-Type": "application/json",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    answer = erp.call(method, f"/BC/api/v2.0/{address}", headers=sent, body=body)
    return answer.status, dict(answer.headers), json.loads(answer.body) if answer.body else None


def test_a_change_needs_the_tag_that_was_read(erp: ErpSandbox) -> None:
    """Without If-Match 400, with a stale tag 409, with the present one 200 and a new tag."""
    company = f"companies({erp.company.id})"
    _, _, created = _erp(erp, "POST", f"{company}/customers", b'{"displayName":"Adatum Corporation"}')
    where, change = f"{company}/customers({created['id']})", b'{"displayName":"Coho Winery Inc."}'
    status, _, refused = _erp(erp, "PATCH", where, change)
    assert (status, refused["error"]["code"]) == (400, "BadRequest_InvalidToken")
    status, _, changed = _erp(erp, "PATCH", where, change, If_Match=created["@odata.etag"])
    assert (status, changed["displayName"]) == (200, "Coho Winery Inc.")
    assert changed["@odata.etag"] != created["@odata.etag"]
    status, _, stale = _erp(erp, "PATCH", where, change, If_Match=created["@odata.etag"])
    assert (status, stale["error"]["code"]) == (409, "Request_EntityChanged")


def test_or_over_two_fields_is_not_implemented(erp: ErpSandbox) -> None:
    """The service knows OR over one field only."""
    where = f"companies({erp.company.id})/customers?$filter=number%20eq%20'1'%20or%20displayName%20eq%20'A'"
    status, _, refused = _erp(erp, "GET", where)
    assert (status, refused["error"]["code"]) == (501, "BadRequest_MethodNotImplemented")


def test_a_json_batch_answers_each_request_by_its_id(erp: ErpSandbox) -> None:
    """Two requests, two answers with id, status, headers and body."""
    body = json.dumps(
        {
            "requests": [
                {
                    "id": "r1",
                    "method": "POST",
                    "url": f"companies({erp.company.id})/customers",
                    "headers": {"Content-Type": "application/json"},
                    "body": {"displayName": "Adatum Corporation"},
                },
                {"id": "r2", "method": "GET", "url": f"companies({erp.company.id})/customers?$top=1"},
            ]
        }
    ).encode()
    status, _, answer = _erp(erp, "POST", "$batch", body, Accept="application/json")
    assert status == 200
    assert [(each["id"], each["status"]) for each in answer["responses"]] == [("r1", 201), ("r2", 200)]
    assert answer["responses"][0]["body"]["displayName"] == "Adatum Corporation"
    assert len(answer["responses"][1]["body"]["value"]) == 1
