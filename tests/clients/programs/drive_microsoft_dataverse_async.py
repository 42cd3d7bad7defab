"""Drives the asynchronous half of Microsoft's Dataverse client, signed in by Microsoft's own library."""

import asyncio
import os
from typing import Any

from azure.identity.aio import ClientSecretCredential
from PowerPlatform.Dataverse.aio.async_client import AsyncDataverseClient
from PowerPlatform.Dataverse.core.errors import HttpError
from PowerPlatform.Dataverse.models.filters import col


async def main() -> None:
    """Sign in."""
    address = os.environ["ADDRESS"]
    credential = ClientSecretCredential(
        os.environ["TENANT"],
        os.environ["CLIENT_ID"],
        os.environ["CLIENT_SECRET"],
        authority=address,
        disable_instance_discovery=True,
    )
    async with credential, AsyncDataverseClient(address, credential) as client:
        await use(client)


async def use(client: Any) -> None:
    """Records, pages, batches, metadata, a refusal."""
    account = await client.records.create("account", {"name": "Möbel Ærø", "numberofemployees": 12})
    await client.records.update("account", account, {"telephone1": "+49 1"})
    read = await client.records.retrieve("account", account, select=["name", "telephone1"])
    assert (read["name"], read["telephone1"]) == ("Möbel Ærø", "+49 1")
    many = await client.records.create("account", [{"name": f"Many {number}"} for number in range(7)])
    await client.records.update("account", many, {"address1_city": "Oslo"})
    pages = [
        len(list(page))
        async for page in client.records.list_pages(
            "account", filter="address1_city eq 'Oslo'", select=["name"], page_size=3
        )
    ]
    assert pages == [3, 3, 1]
    found = await client.query.builder("account").select("name").where(col("name") == "Many 3").execute()
    assert [each["name"] for each in found] == ["Many 3"]
    batch = client.batch.new()
    batch.records.create("account", {"name": "In a batch"})
    batch.records.list("account", filter="name eq 'In a batch'", select=["name"])
    result = await batch.execute()
    assert [each.status_code for each in result.responses] == [204, 200]
    table = await client.tables.get("account")
    assert table["entity_set_name"] == "accounts"
    await client.records.delete("account", account)
    assert await client.records.retrieve("account", account, select=["name"]) is None
    try:
        await client.records.create("account", {"name": "x" * 200})
    except HttpError as refusal:
        assert (refusal.status_code, refusal.details["service_error_code"]) == (400, "0x80044331")
    else:
        raise AssertionError("too long a name was taken")


if __name__ == "__main__":
    asyncio.run(main())
