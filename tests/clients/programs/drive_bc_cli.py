"""Drives bc-cli: its command line as a person types it, and its SDK."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bcli import AsyncBCClient
from bcli.errors import BCLIError

CONFIG = """
[defaults]
profile = "sandbox"
format = "json"

[profiles.sandbox]
tenant_id = "{tenant}"
environment = "BC"
company_id = "{company}"
client_id = "{client}"
auth_method = "client_credentials"
client_secret_env = "CLIENT_SECRET"
"""


def settings() -> dict[str, str]:
    """How the SDK is told where to go; the host is its own."""
    return {
        "tenant_id": os.environ["TENANT"],
        "client_id": os.environ["CLIENT_ID"],
        "client_secret": os.environ["CLIENT_SECRET"],
        "environment": "BC",
    }


async def company() -> str:
    """The id of the company, as the SDK finds it."""
    async with AsyncBCClient(**settings(), company_id="00000000-0000-4000-8000-000000000001") as client:
        (found,) = await client.list_companies()
        return str(found["id"])


async def sdk(company_id: str) -> None:
    """Queries, paging, writes through the gate, refusals."""
    async with AsyncBCClient(**settings(), company_id=company_id) as client:
        assert await client.test_connection()
        customers = await client.query("customers").select("number", "displayName").top(3).get()
        assert len(customers) == 3
        counted = (
            await client.query("customers")
            .filter("blocked eq ' '")
            .orderby("number desc")
            .count()
            .top(2)
            .get()
        )
        assert counted[0]["number"] > counted[1]["number"]
        item = (await client.query("items").top(1).get())[0]
        async with client.safe_write("BC", company_id, confirm_production=True) as write:
            made = await write.post(
                "customers", body={"displayName": "Möbel Ærø", "city": "Oslo"}, domain="standard"
            )
            assert made["displayName"] == "Möbel Ærø"
            changed = await write.patch("customers", made["id"], body={"city": "Bergen"}, domain="standard")
            assert changed["city"] == "Bergen"
            order = await write.post(
                "salesOrders", body={"customerNumber": customers[0]["number"]}, domain="standard"
            )
            line = await client.post(
                "salesOrderLines",
                {
                    "documentId": order["id"],
                    "lineType": "Item",
                    "lineObjectNumber": item["number"],
                    "quantity": 2,
                },
            )
            assert line["quantity"] == 2
            read = (
                await client.query("salesOrders")
                .filter(f"id eq {order['id']}")
                .expand("salesOrderLines")
                .get()
            )
            assert len(read[0]["salesOrderLines"]) == 1
            await write.delete("salesOrders", order["id"], domain="standard")
            await write.delete("customers", made["id"], domain="standard")
        for wrong in (
            client.get("customers", "00000000-0000-4000-8000-000000000001"),
            client.query("customers").filter("nosuchfield eq 1").get(),
        ):
            try:
                await wrong
            except BCLIError as refusal:
                assert str(refusal)
            else:
                raise AssertionError("no refusal")


def bcli(*words: str) -> Any:
    """A command's output, which must be JSON."""
    ended = subprocess.run(
        [str(Path(sys.executable).parent / "bcli"), *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, (words, ended.stdout, ended.stderr)
    return json.loads(ended.stdout) if ended.stdout.strip().startswith(("[", "{")) else ended.stdout


def command_line(company_id: str) -> None:
    """The commands of the client's own tutorial."""
    home = Path.home() / ".config" / "bcli"
    home.mkdir(parents=True, exist_ok=True)
    text = CONFIG.format(tenant=os.environ["TENANT"], company=company_id, client=os.environ["CLIENT_ID"])
    (home / "config.toml").write_text(text, encoding="utf-8")
    assert len(bcli("get", "customers", "--top", "5", "-f", "json")) == 5
    everything = bcli("get", "customers", "--all", "--select", "number", "-f", "json")
    assert len(everything) == len({each["number"] for each in everything}) >= 25
    assert bcli(
        "get", "salesInvoices", "--select", "number,totalAmountIncludingTax", "--top", "2", "-f", "json"
    )
    assert bcli("company", "list")
    assert bcli("registry", "list") is not None


PARTS = (sdk, command_line)


def main() -> None:
    """The SDK first, as it is signed in by arguments only."""
    company_id = asyncio.run(company())
    asyncio.run(sdk(company_id))
    command_line(company_id)


if __name__ == "__main__":
    main()
