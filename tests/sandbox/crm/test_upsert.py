"""Upserts, preconditions and alternate keys: the table of answers, cell by cell."""

from __future__ import annotations

import json

import pytest
from tests.sandbox.crm.conftest import Client, refusal

KEY = "11111111-2222-4333-8444-555555555555"
ERP_KEY = "ilc_companyid='c0ffee',ilc_erptable='Customer',ilc_erpkey='10000'"


@pytest.fixture
def existing(client: Client) -> str:
    """The id of an account that exists."""
    return client.create("accounts", {"name": "Old"})


def test_patch_of_an_existing_record_updates(client: Client, existing: str) -> None:
    """PATCH without condition changes the record and echoes its address."""
    response = client.patch(f"accounts({existing})", {"name": "New"})
    assert response.status == 204
    assert response.header("OData-EntityId") == f"http://127.0.0.1/api/data/v9.2/accounts({existing})"
    assert client.get(f"accounts({existing})")["name"] == "New"


def test_patch_of_an_unknown_id_creates(client: Client) -> None:
    """PATCH is upsert: the record gets the id of the address."""
    response = client.patch(f"accounts({KEY})", {"name": "New"}, Prefer="return=representation")
    assert response.status == 201
    assert json.loads(response.body)["accountid"] == KEY


def test_if_match_any_updates_only(client: Client, existing: str) -> None:
    """If-Match: * turns an upsert into an update."""
    assert client.patch(f"accounts({existing})", {"name": "New"}, If_Match="*").status == 204
    assert refusal(client.patch(f"accounts({KEY})", {"name": "N"}, If_Match="*")) == (404, "0x80040217")


def test_if_none_match_any_creates_only(client: Client, existing: str) -> None:
    """If-None-Match: * turns an upsert into a create."""
    answer = client.patch(f"accounts({existing})", {"name": "N"}, If_None_Match="*")
    assert refusal(answer) == (412, "0x80040237")
    assert client.patch(f"accounts({KEY})", {"name": "N"}, If_None_Match="*").status == 204
    assert client.get(f"accounts({existing})")["name"] == "Old"


def test_if_none_match_null_means_nothing(client: Client, existing: str) -> None:
    """Clients send it against caching; it is no condition."""
    assert client.patch(f"accounts({existing})", {"name": "N"}, If_None_Match="null").status == 204


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_stale_etag_is_refused(client: Client, existing: str, method: str) -> None:
    """A write with an old version changes nothing."""
    tag = client.get(f"accounts({existing})")["@odata.etag"]
    client.patch(f"accounts({existing})", {"name": "Newer"})
    answer = client.send(method, f"accounts({existing})", {"name": "Lost"}, {"If-Match": tag})
    assert refusal(answer) == (412, "0x80060882")
    assert client.get(f"accounts({existing})")["name"] == "Newer"
    tag = client.get(f"accounts({existing})")["@odata.etag"]
    assert client.send(method, f"accounts({existing})", {"name": "Won"}, {"If-Match": tag}).status == 204


def test_an_etag_for_a_missing_record_answers_404(client: Client) -> None:
    """There is nothing to compare the version with."""
    assert refusal(client.patch(f"accounts({KEY})", {"name": "N"}, If_Match='W/"5"')) == (404, "0x80040217")
    assert refusal(client.send("DELETE", f"accounts({KEY})")) == (404, "0x80040217")


def test_an_unchanged_record_answers_304(client: Client, existing: str) -> None:
    """GET with the current etag needs no body."""
    tag = client.get(f"accounts({existing})")["@odata.etag"]
    assert client.send("GET", f"accounts({existing})", headers={"If-None-Match": tag}).status == 304


def test_upsert_by_alternate_key(client: Client) -> None:
    """The key columns of the address are copied into the new record, later calls find it."""
    assert client.patch(f"accounts({ERP_KEY})", {"name": "A"}).status == 204
    row = client.get(f"accounts({ERP_KEY})?$select=name,ilc_erpkey,ilc_erptable")
    assert (row["ilc_erpkey"], row["ilc_erptable"]) == ("10000", "Customer")
    response = client.patch(f"accounts({ERP_KEY})", {"name": "B", "ilc_erpkey": "ignored"})
    assert response.header("OData-EntityId") == f"http://127.0.0.1/api/data/v9.2/accounts({ERP_KEY})"
    assert client.get(f"accounts({row['accountid']})")["ilc_erpkey"] == "10000"


def test_an_alternate_key_is_unique(client: Client) -> None:
    """A second record with the same key columns is refused; nulls are exempt."""
    client.patch(f"accounts({ERP_KEY})", {"name": "A"})
    columns = {"ilc_companyid": "c0ffee", "ilc_erptable": "Customer", "ilc_erpkey": "10000"}
    assert refusal(client.send("POST", "accounts", columns)) == (412, "0x80060892")
    client.create("accounts", {"ilc_companyid": "c0ffee", "ilc_erptable": "Customer"})
    client.create("accounts", {"ilc_companyid": "c0ffee", "ilc_erptable": "Customer"})


def test_alternate_key_errors(client: Client) -> None:
    """Columns that are no key answer 400, a key without record 404."""
    assert refusal(client.send("GET", "accounts(name='A')")) == (400, "0x80060890")
    assert refusal(client.send("GET", f"accounts({ERP_KEY})")) == (404, "0x80060891")
    answer = client.patch(f"accounts({ERP_KEY})", {"name": "A"}, If_Match="*")
    assert refusal(answer) == (404, "0x80060891")


def test_quotes_in_keys_are_doubled(client: Client) -> None:
    """An apostrophe belongs to the value."""
    key = "ilc_companyid='c',ilc_erptable='Customer',ilc_erpkey='A''1'"
    client.patch(f"accounts({key})", {"name": "A"})
    assert client.get(f"accounts({key})")["ilc_erpkey"] == "A'1"


def test_the_primary_key_may_be_named(client: Client, existing: str) -> None:
    """accounts(accountid=<guid>) is the same record; users go by ownerid."""
    assert client.get(f"accounts(accountid={existing})")["name"] == "Old"
    user = client.get("WhoAmI")["UserId"]
    assert client.get(f"systemusers(ownerid={user})")["systemuserid"] == user
    assert refusal(client.send("GET", f"systemusers(systemuserid={user})")) == (400, "0x80060890")


def test_users_are_never_deleted(client: Client) -> None:
    """The table has no DELETE."""
    user = client.get("WhoAmI")["UserId"]
    assert client.send("DELETE", f"systemusers({user})").status == 405
