"""Drives Microsoft's Dataverse client for Python, signed in by Microsoft's own library."""

import os
from enum import IntEnum
from typing import Any

from azure.identity import ClientSecretCredential
from PowerPlatform.Dataverse.client import DataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError, MetadataError
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
    fetch = (
        '<fetch count="1"><entity name="account"><attribute name="name"/><order attribute="name"/>'
        '<filter><condition attribute="numberofemployees" operator="ge" value="5"/></filter></entity></fetch>'
    )
    assert [each["name"] for each in client.query.fetchxml(fetch).execute()] == ["O'Hara", "Smith & Sons"]
    rows = client.query.sql("SELECT TOP 2 name FROM account WHERE numberofemployees >= 5 ORDER BY name")
    assert [each["name"] for each in rows] == ["O'Hara", "Smith & Sons"]
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


class Shape(IntEnum):
    """A choice of the table that is made."""

    ROUND = 100000000
    SQUARE = 100000001


def own_tables(client: Any) -> None:
    """A table of one's own, with columns, a key, a relationship and records; and all of it removed again."""
    columns = {
        "new_Size": {"type": "int", "min_value": 1, "max_value": 5},
        "new_Weight": "decimal",
        "new_Comment": "memo",
        "new_Made": "datetime",
        "new_Sold": "bool",
        "new_Shape": Shape,
    }
    made = client.tables.create("new_Gadget", columns, display_name="Gadget")
    assert (made.logical_name, made.entity_set_name) == ("new_gadget", "new_gadgets")
    try:
        client.tables.create("new_Gadget", columns)
    except MetadataError as refusal:
        assert "already exists" in str(refusal)
    else:
        raise AssertionError("made twice")
    client.tables.add_columns("new_Gadget", {"new_Code": "string"})
    client.tables.create_alternate_key("new_Gadget", "new_GadgetCode", ["new_code"])
    assert {each.schema_name.lower() for each in client.tables.get_alternate_keys("new_Gadget")} == {
        "new_gadgetcode"
    }
    relation = client.tables.create_lookup_field(
        referencing_table="new_gadget", lookup_field_name="new_AccountId", referenced_table="account"
    )
    assert client.tables.get_relationship(relation.relationship_schema_name) is not None
    account = client.records.create("account", {"name": "Owner of gadgets"})
    gadget = client.records.create(
        "new_gadget",
        {
            "new_name": "One",
            "new_size": 3,
            "new_shape": "SQUARE",
            "new_code": "G1",
            "new_AccountId@odata.bind": f"/accounts({account})",
        },
    )
    read = client.records.retrieve(
        "new_gadget", gadget, select=["new_name", "new_size", "new_shape", "_new_accountid_value"]
    )
    assert (read["new_size"], read["new_shape"], read["_new_accountid_value"]) == (3, Shape.SQUARE, account)
    try:
        client.records.create("new_gadget", {"new_name": "Two", "new_size": 9})
    except HttpError as refusal:
        assert refusal.status_code == 400
    else:
        raise AssertionError("a number above its limit was taken")
    client.records.delete("new_gadget", gadget)
    client.tables.delete_relationship(relation.relationship_id)
    (key,) = client.tables.get_alternate_keys("new_Gadget")
    client.tables.delete_alternate_key("new_Gadget", key.metadata_id)
    client.tables.remove_columns("new_Gadget", ["new_Code", "new_Shape"])
    client.tables.delete("new_Gadget")
    assert client.tables.get("new_Gadget") is None


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


PARTS = (records, upserts, queries, batches, tables, own_tables, refusals)


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
