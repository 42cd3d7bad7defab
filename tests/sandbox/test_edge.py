"""The HTTP edge over a socket and without one: routing, bodies, dropped answers; ids and JSON."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import aiohttp
import pytest
import uvicorn
from tests.ready_crm import ready_crm

from interlace.sandbox.crm import CrmSandbox
from interlace.sandbox.exchange import Request, Response
from interlace.sandbox.faults import Fault, FaultMoment
from interlace.sandbox.json_codec import decode, encode
from interlace.sandbox.record_ids import TimeOrderedIds
from interlace.sandbox.service import EdgeOptions, SandboxApplication


@pytest.fixture
async def served() -> AsyncIterator[tuple[CrmSandbox, str]]:
    """A CRM sandbox behind uvicorn on a free port."""
    app = ready_crm()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield app, f"http://127.0.0.1:{port}/api/data/v9.2/"
    server.should_exit = True
    await task
    app.close()


async def test_links_are_built_from_the_host_header(served: tuple[CrmSandbox, str]) -> None:
    """A client that knows the service by another name gets links with that name."""
    app, base = served
    headers = {"Authorization": f"Bearer {app.access_token()}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(
            f"{base}accounts", json={"name": "A" * 150, "description": "x" * 2_000}
        ) as answer:
            assert answer.status == 204
            assert answer.headers["OData-EntityId"].startswith(base)
        async with session.get(f"{base}accounts?$select=name", headers={"Host": "crm.example:81"}) as answer:
            found = await answer.json()
            assert found["@odata.context"].startswith("http://crm.example:81/api/data/v9.2/$metadata")


async def test_a_dropped_answer_breaks_the_connection(served: tuple[CrmSandbox, str]) -> None:
    """The client sees a broken answer; the effect is there."""
    app, base = served
    headers = {"Authorization": f"Bearer {app.access_token()}"}
    app.faults.faults.append(Fault(method="POST", moment=FaultMoment.AFTER))
    async with aiohttp.ClientSession(headers=headers) as session:
        with pytest.raises(aiohttp.ClientError):
            async with session.post(f"{base}accounts", json={"name": "A"}) as answer:
                await answer.read()
        async with session.get(f"{base}accounts/$count") as answer:
            assert (await answer.read()).endswith(b"1")


async def test_a_large_body_arrives_whole_and_a_too_large_one_is_refused() -> None:
    """Bodies come in chunks; the limit holds."""

    def echo(request: Request) -> Response:
        """Answer with the body's length."""
        return Response(status=200, body=str(len(request.body)).encode())

    app = SandboxApplication([], pages={"/echo/": echo}, options=EdgeOptions(body_bytes_max=1_000_000))
    sent: list[dict[str, object]] = []

    async def run(chunks: list[bytes]) -> None:
        """Send a body in chunks."""
        messages = [
            {"type": "http.request", "body": chunk, "more_body": place + 1 < len(chunks)}
            for place, chunk in enumerate(chunks)
        ]

        async def receive() -> dict[str, object]:
            """Give the next chunk."""
            return messages.pop(0)

        async def send(message: dict[str, object]) -> None:
            """Keep what is answered."""
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/echo/x", "query_string": b"", "headers": []}
        await app(scope, receive, send)  # type: ignore[arg-type]

    await run([b"x" * 400_000, b"y" * 400_000])
    assert sent[-1]["body"] == b"800000"
    await run([b"x" * 600_000, b"y" * 600_000])
    assert sent[-2]["status"] == 413
    assert app.call("GET", "/nowhere").status == 404


def test_ids_are_ordered_and_unique_at_one_moment() -> None:
    """Ids of the same millisecond and of a clock that steps back still grow."""
    moments = iter([datetime(2026, 1, 1, tzinfo=UTC)] * 500 + [datetime(2025, 1, 1, tzinfo=UTC)] * 500)
    ids = TimeOrderedIds(lambda: next(moments), random.Random(1))
    made = [ids.next_id() for _ in range(1_000)]
    assert made == sorted(set(made))
    assert all(each[14] == "7" and each[19] in "89ab" for each in made)


@pytest.mark.parametrize("text", [b"1.10", b"0.1", b"12345678901234567.1234", b"-0.00"])
def test_decimals_keep_their_digits(text: bytes) -> None:
    """What is read is written again, digit for digit."""
    value = decode(text)
    assert isinstance(value, Decimal)
    assert encode(value) == text
