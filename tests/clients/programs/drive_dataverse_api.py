"""Drives dataverse-api, whose calls take the session of requests that a person signed in."""

import os

import msal
from dataverse_api import DataverseClient
from requests import Session


def session() -> Session:
    """Signed in by Microsoft's library."""
    application = msal.ConfidentialClientApplication(
        os.environ["CLIENT_ID"],
        client_credential=os.environ["CLIENT_SECRET"],
        authority=f"{os.environ['ADDRESS']}/{os.environ['TENANT']}",
        instance_discovery=False,
    )
    answer = application.acquire_token_for_client(scopes=[f"{os.environ['ADDRESS']}/.default"])
    held = Session()
    held.headers["Authorization"] = f"Bearer {answer['access_token']}"
    return held


def main() -> None:
    """Rows one by one, in batches and in bulk; keys, columns and relations of a table."""
    client = DataverseClient(session=session(), environment_url=os.environ["ADDRESS"])
    assert 1033 in client.get_language_codes()
    account = client.entity(logical_name="account")
    assert account.entity_set_name == "accounts"
    assert account.primary_id_attr == "accountid"
    assert account.supports_create_multiple
    assert account.alternate_keys["ilc_erprecord"] == ["ilc_companyid", "ilc_erptable", "ilc_erpkey"]
    account.create([{"name": "One"}, {"name": "Two"}], mode="individual", return_created=True)
    account.create([{"name": f"Batch {number}"} for number in range(5)], mode="batch")
    account.create([{"name": f"Multiple {number}"} for number in range(5)], mode="multiple")
    rows = account.read(select=["name"], order_by="name asc", page_size=4)
    assert len(rows) == 12
    assert rows[0]["name"] == "Batch 0"
    key = {"ilc_companyid": "c", "ilc_erptable": "Customer"}
    for mode in ("individual", "batch"):
        account.upsert(
            [{**key, "ilc_erpkey": f"K{number}", "name": mode} for number in range(2)],
            mode=mode,
            altkey_name="ilc_erprecord",
        )
    keyed = account.read(select=["name"], filter="ilc_companyid eq 'c'")
    assert [each["name"] for each in keyed] == ["batch", "batch"]
    account.delete(mode="individual", filter="startswith(name,'Batch')")
    account.delete(mode="batch", filter="startswith(name,'Multiple')")
    assert {each["name"] for each in account.read(select=["name"])} == {"One", "Two"}
    definition = client.get_entity_definition("account")
    assert definition.schema_name == "Account"


if __name__ == "__main__":
    main()
