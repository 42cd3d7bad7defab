"""Webhook subscriptions against the embedded ERP, and the receiver of their notices."""

import asyncio
import json
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.cli.both_ends import served

from interlace.connectors.business_central.notice_receiver import (
    BODY_BYTES_MAX,
    NoticeReceiver,
    new_path_secret,
)
from interlace.connectors.business_central.subscriptions import SubscriptionKeeper, Upkeep
from interlace.connectors.collection import CollectionReader
from interlace.connectors.http import HttpChannel
from interlace.connectors.sign_in import BasicSignIn
from interlace.sandbox.erp.application_server import ErpSandbox, ErpSandboxOptions, create_erp_sandbox

STATE = "state of the connection"


@contextmanager
def _erp(now: list[datetime]) -> Iterator[ErpSandbox]:
    erp = create_erp_sandbox(None, ErpSandboxOptions(now=lambda: now[0], notice_delay_seconds=0.05))
    yield erp
    erp.close()


class _Mounted:
    """A server's application with the receiver mounted at its root."""

    def __init__(self, receiver: NoticeReceiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._receiver(scope, receive, send)
            return
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})


def _request(receiver: NoticeReceiver, path: str, body: bytes = b"", query: bytes = b"") -> tuple[int, bytes]:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": query}
    asyncio.run(receiver(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


def test_security_o7_receiver_answers_at_once_and_trusts_no_stranger() -> None:
    """Right path and state wake the named sets; a wrong path, a wrong state and odd bodies wake nobody."""
    woken: list[frozenset[str]] = []
    secret = new_path_secret()
    assert len(secret) >= 43
    receiver = NoticeReceiver(secret, STATE, woken.append)
    company = "companies(2ee2b4a8-5d5f-4ab1-8a4a-0d4b0b3c1e11)"
    notices = [
        {"clientState": STATE, "resource": f"api/v2.0/{company}/customers(1)", "changeType": "updated"},
        {
            "clientState": STATE,
            "resource": f"api/v2.0/{company}/items?$filter=lastDateTimeModified gt 2026/1",
        },
        {"clientState": "another", "resource": f"api/v2.0/{company}/vendors(1)", "changeType": "updated"},
    ]
    body = json.dumps({"value": notices}).encode()
    assert _request(receiver, f"/{secret}", body) == (202, b"")
    assert woken == [frozenset({"customers", "items"})]
    assert _request(receiver, "/guessed", body)[0] == 404
    assert _request(receiver, f"/{secret}", b"{" + b" " * BODY_BYTES_MAX)[0] == 413
    for odd in (b"", b"[]", b'{"value":[1]}', b'{"value":null}', b"[" * 100_000):
        assert _request(receiver, f"/{secret}", odd)[0] == 202
    assert len(woken) == 1


def test_security_o7_receiver_echoes_a_safe_token() -> None:
    """The handshake gets its token back as plain text; what could be markup is refused."""
    receiver = NoticeReceiver("path", STATE, lambda _sets: None)
    assert _request(receiver, "/path", query=b"validationToken=abc-123") == (200, b"abc-123")
    assert _request(receiver, "/path", query=b"validationToken=%3Cscript%3E") == (400, b"")


def test_subscriptions_are_made_renewed_and_removed() -> None:
    """Missing ones are made, ends come never nearer than a day, unwanted ones go; a refused set is told."""
    now = [datetime(2026, 5, 4, 8, 0, tzinfo=UTC)]
    woken: list[frozenset[str]] = []
    receiver = NoticeReceiver("path", STATE, woken.append)
    with _erp(now) as erp, served(erp) as address, served(_Mounted(receiver)) as listener:
        url = f"{listener}/path"

        async def keep(*api_sets: str) -> Upkeep:
            """Keep the subscriptions of these API sets."""
            async with HttpChannel(address, BasicSignIn("INTERLACE", erp.access_key)) as channel:
                keeper = SubscriptionKeeper(
                    CollectionReader(channel, "the ERP"), "/BC/api/v2.0/", erp.company.id
                )
                return await keeper.keep(api_sets, url, STATE, now[0])

        first = asyncio.run(keep("customers", "items", "itemLedgerEntries"))
        assert (first.made, list(first.refused)) == (["customers", "items"], ["itemLedgerEntries"])
        assert "polling" in first.refused["itemLedgerEntries"]
        assert asyncio.run(keep("customers", "items")) == Upkeep()
        now[0] += timedelta(days=2, hours=1)
        assert asyncio.run(keep("customers", "items")).renewed == ["customers", "items"]
        assert asyncio.run(keep("customers")).removed == ["items"]


def test_what_can_be_subscribed_to_is_asked_of_the_service() -> None:
    """Its list, where it has one."""
    now = [datetime(2026, 5, 4, 8, 0, tzinfo=UTC)]
    with _erp(now) as erp, served(erp) as address:

        async def supported(path: str) -> frozenset[str] | None:
            """Ask for the list at a path."""
            async with HttpChannel(address, BasicSignIn("INTERLACE", erp.access_key)) as channel:
                reader = CollectionReader(channel, "the ERP")
                keeper = SubscriptionKeeper(reader, "/BC/api/v2.0/", erp.company.id)
                return await keeper.supported(path)

        beta = f"/BC/api/microsoft/runtime/beta/companies({erp.company.id})/"
        found = asyncio.run(supported(f"{beta}webhookSupportedResources"))
        assert found is not None
        assert "customers" in found
        assert "itemLedgerEntries" not in found
        assert asyncio.run(supported(f"{beta}somethingElse")) is None
