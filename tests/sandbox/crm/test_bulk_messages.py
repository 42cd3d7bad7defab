"""CreateMultiple, UpdateMultiple and UpsertMultiple: one transaction each, on the tables that have them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.sandbox.crm.conftest import Client, refusal

MESSAGE = "Microsoft.Dynamics.CRM."
KEYS = [f"00000000-0000-4000-8000-00000000000{digit}" for digit in range(4)]


def send(
    client: Client, message: str, targets: list[Any], set_name: str = "accounts", kind: str = "account"
) -> Any:
    """One bulk message."""
    typed = [{"@odata.type": f"Microsoft.Dynamics.CRM.{kind}", **target} for target in targets]
    return client.send("POST", f"{set_name}/{MESSAGE}{message}", {"Targets": typed})


def test_create_multiple_returns_ids_in_order(client: Client) -> None:
    """Given keys are used, missing ones are made."""
    response = send(client, "CreateMultiple", [{"accountid": KEYS[1], "name": "B"}, {"name": "A"}])
    ids = json.loads(response.body)["Ids"]
    assert response.status == 200
    assert ids[0] == KEYS[1]
    assert [client.get(f"accounts({each})")["name"] for each in ids] == ["B", "A"]


def test_one_bad_target_undoes_all(client: Client) -> None:
    """A key that exists refuses the whole request."""
    client.create("accounts", {"accountid": KEYS[2], "name": "Old"})
    targets = [{"accountid": key, "name": "New"} for key in KEYS]
    assert refusal(send(client, "CreateMultiple", targets)) == (412, "0x80040237")
    assert refusal(send(client, "CreateMultiple", [{"name": "A"}, {"name": "x" * 161}])) == (
        400,
        "0x80044331",
    )
    assert [row["name"] for row in client.get("accounts")["value"]] == ["Old"]


def test_upsert_multiple_creates_and_updates(client: Client) -> None:
    """Targets go by primary key, by @odata.id, or are new."""
    key = "ilc_companyid='c',ilc_erptable='Customer',ilc_erpkey='{}'"
    client.create("accounts", {"accountid": KEYS[0], "name": "Old", "fax": "1"})
    client.patch(f"accounts({key.format(1)})", {"name": "Keyed"})
    response = send(
        client,
        "UpsertMultiple",
        [
            {"accountid": KEYS[0], "name": "Changed"},
            {"accountid": KEYS[1], "name": "New"},
            {"@odata.id": f"accounts({key.format(1)})", "name": "Keyed again"},
            {"@odata.id": f"accounts({key.format(2)})", "name": "Keyed new"},
            {"name": "Without key"},
        ],
    )
    assert response.status == 204
    assert response.body == b""
    rows = client.get("accounts?$select=name,fax,ilc_erpkey&$orderby=name")["value"]
    assert [(row["name"], row["ilc_erpkey"]) for row in rows] == [
        ("Changed", None),
        ("Keyed again", "1"),
        ("Keyed new", "2"),
        ("New", None),
        ("Without key", None),
    ]
    assert rows[0]["fax"] == "1"


def test_upsert_multiple_takes_the_same_record_twice(client: Client) -> None:
    """The second target sees what the first did."""
    send(client, "UpsertMultiple", [{"accountid": KEYS[0], "name": "A"}, {"accountid": KEYS[0], "fax": "2"}])
    row = client.get(f"accounts({KEYS[0]})")
    assert (row["name"], row["fax"]) == ("A", "2")


def test_update_multiple_needs_existing_records(client: Client) -> None:
    """A missing record undoes the whole request."""
    client.create("accounts", {"accountid": KEYS[0], "name": "Old"})
    targets = [{"accountid": KEYS[0], "name": "New"}, {"accountid": KEYS[1], "name": "New"}]
    assert refusal(send(client, "UpdateMultiple", targets)) == (404, "0x80040217")
    assert client.get(f"accounts({KEYS[0]})")["name"] == "Old"
    assert send(client, "UpdateMultiple", targets[:1]).status == 204


def test_targets_may_refer_to_records_of_the_same_request(client: Client) -> None:
    """A parent created earlier in the request exists for its children."""
    parent = {"parentaccountid@odata.bind": f"/accounts({KEYS[0]})"}
    assert (
        send(client, "CreateMultiple", [{"accountid": KEYS[0]}, {"accountid": KEYS[1], **parent}]).status
        == 200
    )


def test_unit_groups_in_bulk_get_their_base_units(client: Client) -> None:
    """What follows a creation follows a bulk creation too."""
    targets = [{"name": name, "baseuomname": name} for name in ("PCS", "BOX")]
    assert send(client, "CreateMultiple", targets, "uomschedules", "uomschedule").status == 200
    assert [row["name"] for row in client.get("uoms?$orderby=name")["value"]] == ["BOX", "PCS"]


@pytest.mark.parametrize(
    ("table", "set_name"),
    [
        ("contact", "contacts"),
        ("productpricelevel", "productpricelevels"),
        ("uom", "uoms"),
        ("transactioncurrency", "transactioncurrencies"),
    ],
)
def test_tables_without_bulk_messages_say_so(client: Client, table: str, set_name: str) -> None:
    """The message is refused and the message filters answer truthfully."""
    assert send(client, "CreateMultiple", [{"name": "A"}], set_name, table).status == 400
    query = (
        "sdkmessagefilters?$select=sdkmessagefilterid&$filter=sdkmessageid/name eq @m and "
        f"primaryobjecttypecode eq @t&@m='CreateMultiple'&@t='{table}'"
    )
    assert client.get(query)["value"] == []
    assert len(client.get(query.replace(f"'{table}'", "'account'"))["value"]) == 1


def test_every_target_needs_its_type(client: Client) -> None:
    """@odata.type is compulsory and names the table of the address."""
    response = client.send("POST", f"accounts/{MESSAGE}CreateMultiple", {"Targets": [{"name": "A"}]})
    assert refusal(response) == (400, "0x80048d19")
