"""Drives Microsoft's Dataverse client for Python, signed in by Microsoft's own library."""

import os
from typing import Any

from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col

UNKNOWN_ID = "00000000-0000-4000-8000-000000000001"
FORMATTED = "OData.Community.Display.V1.FormattedValue"


def records(client: Any) -> None:
    """Create, read, change, delete; one and many."""
    account = client.records.create("account", {"name": "Möbel Ærø", "numberofemployees": 12})
    read = client.records.retrieve("account", account, select=["name", "numberofemployees"])
    assert (read["name"], read["numberofemployees"]) == ("Möbel Ærø", 12)
    client.records.update("account", account, {"telephone1": "+49 1", "accountcategorycode": "Standard"})
    client.records.delete("account", account)
    assert client.records.retrieve("account", account, select=["name"]) is None
    many = client.records.create("account", [{"name": f"Account {number:02}"} for number in range(12)])
    client.records.update("account", many, {"address1_city": "Oslo"})
    client.records.update("account", many[:2], [{"name": "First"}, {"name": "Second"}])
    found = client.records.list(
        "account", filter="address1_city eq 'Oslo'", select=["name"], orderby=["name asc"], top=3
    )
    assert [each["name"] for each in found] == ["Account 02", "Account 03", "Account 04"]
    pages = list(client.records.list_pages("account", select=["name"], orderby=["name asc"], page_size=5))
    assert [len(list(page)) for page in pages] == [5, 5, 2]
    client.records.delete("account", many[:2], use_bulk_delete=False)
    assert client.records.delete("account", many[2:]) is not None


def key(text: str, **columns: str) -> dict[str, Any]:
    """A record named by its alternate key."""
    return {
        "alternate_key": {"ilc_companyid": "company", "ilc_erptable": "Customer", "ilc_erpkey": text},
        "record": columns,
    }


def upserts(client: Any) -> None:
    """By alternate key, one and many, twice."""
    client.records.upsert("account", [key("C'1", name="One")])
    client.records.upsert("account", [key("C'1", name="One again"), key("C2", name="Two")])
    found = client.records.list(
        "account", filter="ilc_companyid eq 'company'", select=["name"], orderby=["ilc_erpkey asc"]
    )
    assert [each["name"] for each in found] == ["One again", "Two"]


def queries(client: Any) -> None:
    """The builder, FetchXML and SQL."""
    contact = client.records.create("contact", {"lastname": "Lovelace"})
    client.records.create(
        "account",
        [
            {"name": "O'Hara", "numberofemployees": 5, "address1_city": "Cork"},
            {"name": "Smith & Sons", "numberofemployees": 50, "address1_city": "Leeds"},
        ],
    )
    client.records.create(
        "account", {"name": "With contact", "primarycontactid@odata.bind": f"/contacts({contact})"}
    )
    builder = client.query.builder("account").select("name")
    listed = builder.where(col("name").in_(["Smith & Sons", "none"])).execute()
    assert [each["name"] for each in listed] == ["Smith & Sons"]
    condition = (col("numberofemployees") > 5) & (col("address1_city") == "Leeds")
    found = list(client.query.builder("account").select("name").where(condition).execute())
    assert [each["name"] for each in found] == ["Smith & Sons"]
    expanded = client.query.builder("account").select("name").where(col("name") == "With contact")
    (found_one,) = expanded.expand("primarycontactid").execute()
    assert found_one["primarycontactid"]["lastname"] == "Lovelace"


def batches(client: Any) -> None:
    """A change set with references, and one that is undone."""
    batch = client.batch.new()
    with batch.changeset() as changes:
        contact = changes.records.create("contact", {"lastname": "Byron"})
        changes.records.create("account", {"name": "Joined", "primarycontactid@odata.bind": contact})
    batch.records.list("account", filter="name eq 'Joined'", select=["name"])
    result = batch.execute()
    assert [each.status_code for each in result.responses] == [204, 204, 200]
    batch = client.batch.new()
    with batch.changeset() as changes:
        changes.records.create("account", {"name": "Undone"})
        changes.records.update("account", UNKNOWN_ID, {"name": "Nobody"})
    (failed,) = batch.execute(continue_on_error=True).failed
    assert (failed.status_code, failed.error_code) == (404, "0x80040217")


def tables(client: Any) -> None:
    """What the client asks of the metadata."""
    account = client.tables.get("account")
    assert account["entity_set_name"] == "accounts"
    assert client.tables.get("nosuchtable") is None
    assert "salesorder" in {each["LogicalName"] for each in client.tables.list(select=["LogicalName"])}
    columns = client.tables.list_columns("account", select=["LogicalName"])
    assert {"name", "ilc_erpkey"} <= {each["LogicalName"] for each in columns}
    assert [each.schema_name.lower() for each in client.tables.get_alternate_keys("account")] == [
        "ilc_erprecord"
    ]
    assert client.tables.list_table_relationships("account")


def refusals(client: Any) -> None:
    """How the client maps what the service refuses."""
    for columns, status, code in (
        ({"nosuchcolumn": 1}, 400, None),
        ({"name": "x" * 200}, 400, "0x80044331"),
    ):
        try:
            client.records.create("account", columns)
        except HttpError as refusal:
            assert refusal.status_code == status
            assert code is None or refusal.details["service_error_code"] == code
        else:
            raise AssertionError(columns)


PARTS = (records, upserts, queries, batches, tables, refusals)


def main() -> None:
    """All of it, and then sign out."""
    address = os.environ["ADDRESS"]
    credential = ClientSecretCredential(
        os.environ["TENANT"],
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        authority=address,
        disable_instance_discovery=True,
    )
    with DataverseClient(address, credential) as client:
        for part in PARTS:
            part(client)


if __name__ == "__main__":
    main()
